//! Making, lowering and revoking tokens.

use super::{Made, New, REMEMBERED, make};
use crate::error::{Error, Result};
use crate::service::form::Given;
use crate::service::work::{Work, outcome, same_revision};
use crate::service::write::{in_tree, missing};
use crate::service::{Entry, Outcome, audit, now, workspace};
use entity::api_token::{Column, Entity, Model};
use entity::membership::Role;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable};
use sea_orm::{PaginatorTrait, QueryFilter};
use uuid::Uuid;

/// The kind in sentences and codes.
const KIND: &str = "api_token";

/// The root of records.
const ROOT: &str = "api_tokens";

/// How much a role may do, to compare.
const fn rank(role: Role) -> u8 {
    match role {
        Role::Viewer => 0,
        Role::Member => 1,
        Role::Admin => 2,
        Role::Owner => 3,
    }
}

/// Makes a token.
pub(super) async fn create(work: &mut Work, given: Given) -> Result<Outcome> {
    let role = given.word("role").value().unwrap_or(Role::Viewer);
    let expires_at = given.moment("expires_at").value();
    if expires_at.is_some_and(|end| end <= now()) {
        let issue = "must be a moment to come";
        return Err(Error::Invalid(vec![given.problem("expires_at", issue)]));
    }
    if rank(role) > rank(work.actor.role) {
        let (role, own) = (role.to_value(), work.actor.role.to_value());
        return Err(Error::Forbidden(format!(
            "a token of the role `{own}` makes none of the role `{role}`"
        )));
    }
    let workspace = workspace::place(work, &given, "workspace").await?.id;
    let new = New {
        workspace,
        role,
        name: given.text("name").value().unwrap_or_default(),
        expires_at,
    };
    let made = make(work.tx(), new).await?;
    work.record(entry(&made));
    let mut outcome = outcome(ROOT, made.row.id);
    outcome.extra.push(("token", made.value.into()));
    Ok(outcome)
}

/// What the record keeps of a token: neither its value nor its hash.
fn entry(made: &Made) -> Entry {
    let mut after = Some(audit::snapshot(&made.row));
    let beside = serde_json::json!({
        "person": audit::snapshot(&made.person),
        "membership": audit::snapshot(&made.membership),
    });
    audit::beside(&mut after, beside);
    Entry {
        revision: Some(made.row.revision),
        after,
        ..Entry::of(ROOT, made.row.id).in_workspace(made.row.workspace_id)
    }
}

/// The token of that identifier in the actor's tree.
async fn find(work: &Work, id: Uuid) -> Result<Model> {
    let found = Entity::find()
        .filter(Column::Id.eq(id))
        .one(work.tx())
        .await?;
    found.ok_or_else(|| missing(KIND, id))
}

/// Revokes a token.
pub(super) async fn revoke(work: &mut Work, given: Given) -> Result<Outcome> {
    let id = given.id("id").value().unwrap_or_default();
    work.lock(id).await?;
    let before = find(work, id).await?;
    if !in_tree(work.tx(), &work.actor.viewer, before.workspace_id).await? {
        return Err(missing(KIND, id));
    }
    if before.role == Role::Owner && work.actor.role != Role::Owner {
        let issue = "only owners revoke tokens of owners";
        return Err(Error::Forbidden(issue.into()));
    }
    same_revision(given.whole("revision").value(), before.revision)?;
    if before.revoked_at.is_some() {
        let issue = "names a token that was revoked already";
        return Err(Error::Conflict(given.problem("id", issue)));
    }
    withdraw(work.tx(), Condition::all().add(Column::Id.eq(id))).await?;
    let after = find(work, id).await?;
    let entry = Entry {
        revision: Some(after.revision),
        ..Entry::of(ROOT, id)
            .in_workspace(after.workspace_id)
            .changed(&before, &after)
    };
    work.record(entry);
    wait_until_forgotten(work);
    Ok(outcome(ROOT, id))
}

/// Revokes the tokens that meet a condition; says how many. Who calls it waits until they are
/// forgotten.
pub(in crate::service) async fn withdraw(
    connection: &impl ConnectionTrait,
    which: Condition,
) -> Result<u64> {
    let done = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now()))
        .col_expr(Column::UpdatedAt, Expr::value(now()))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(which)
        .filter(Column::RevokedAt.is_null())
        .exec(connection)
        .await?;
    Ok(done.rows_affected)
}

/// Lowers the tokens that meet a condition and may do more than a role; says how many.
pub(in crate::service) async fn lower(
    connection: &impl ConnectionTrait,
    which: Condition,
    to: Role,
) -> Result<u64> {
    let above: Vec<Role> = Role::iter().filter(|r| rank(*r) > rank(to)).collect();
    let done = Entity::update_many()
        .col_expr(Column::Role, Expr::value(to.to_value()))
        .col_expr(Column::UpdatedAt, Expr::value(now()))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(which)
        .filter(Column::Role.is_in(above))
        .filter(Column::RevokedAt.is_null())
        .exec(connection)
        .await?;
    Ok(done.rows_affected)
}

/// How many tokens of a workspace work now.
pub(in crate::service) async fn working(
    connection: &impl ConnectionTrait,
    workspace: Uuid,
) -> Result<u64> {
    let lasting = Condition::any()
        .add(Column::ExpiresAt.is_null())
        .add(Column::ExpiresAt.gt(now()));
    let working = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::RevokedAt.is_null())
        .filter(lasting);
    Ok(working.count(connection).await?)
}

/// Lets the answer wait until every server has forgotten what it knew of a token.
pub(in crate::service) fn wait_until_forgotten(work: &mut Work) {
    work.afterwards(|| tokio::time::sleep(REMEMBERED));
}
