//! Memberships: who belongs to a workspace, and as what. A workspace always keeps an owner, and
//! only owners make or unmake owners.

mod form;

use super::form::{Given, Sent};
use super::use_case::UseCase;
use super::work::{Work, outcome, same_revision, taken};
use super::write::{in_tree, missing};
use super::{Capability, Entry, Outcome, audit, new_id, now, person, token, workspace};
use crate::error::{Error, Problem, Result};
use crate::touch;
use entity::api_token;
use entity::membership::{ActiveModel, Column, Entity, Model, Role};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, ModelTrait,
    PaginatorTrait, QueryFilter,
};
use serde_json::json;
use uuid::Uuid;

/// The kind in sentences and codes.
const KIND: &str = "membership";

/// The root of records.
const ROOT: &str = "memberships";

/// Ways to change memberships.
pub static USE_CASES: [UseCase; 3] = [
    UseCase {
        name: "membership_create",
        doc: "Makes somebody a member of a workspace. Only owners make owners.",
        capability: Capability::Administration,
        resource: crate::resource::membership::resource,
        form: &form::CREATE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(create(work, given)),
    },
    UseCase {
        name: "membership_update",
        doc: "Gives a member another role. Tokens that act as the member in the workspace and may do more are lowered to it.",
        capability: Capability::Administration,
        resource: crate::resource::membership::resource,
        form: &form::UPDATE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(update(work, given)),
    },
    UseCase {
        name: "membership_delete",
        doc: "Ends a membership, and revokes the tokens that act as the member in the workspace.",
        capability: Capability::Administration,
        resource: crate::resource::membership::resource,
        form: &form::NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(delete(work, given)),
    },
];

/// Refuses actors that are no owners where ownership is given or taken.
fn only_owners(work: &Work, roles: &[Role]) -> Result<()> {
    if work.actor.role == Role::Owner || !roles.contains(&Role::Owner) {
        return Ok(());
    }
    let issue = "only owners make or unmake owners";
    Err(Error::Forbidden(issue.into()))
}

/// Makes a person a member of a workspace that the caller has locked or just made.
pub(super) async fn add(work: &Work, workspace: Uuid, person: Uuid, role: Role) -> Result<Model> {
    Ok(row(workspace, person, role).insert(work.tx()).await?)
}

/// The row of a new membership.
pub(super) fn row(workspace: Uuid, person: Uuid, role: Role) -> ActiveModel {
    ActiveModel {
        id: Set(new_id()),
        workspace_id: Set(workspace),
        person_id: Set(person),
        role: Set(role),
        revision: Set(1),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    }
}

async fn create(work: &mut Work, given: Given) -> Result<Outcome> {
    said_once(&given)?;
    let role = given.word("role").value().unwrap_or(Role::Viewer);
    only_owners(work, &[role])?;
    let workspace = workspace::place(work, &given, "workspace").await?;
    let named = who(work, &given).await?;
    let made = row(workspace.id, named.id, role).insert(work.tx()).await;
    let made = made.map_err(|e| {
        taken(e, KIND, || {
            let issue = "is a member of the workspace already; change that membership";
            given.problem("person", issue)
        })
    })?;
    let entry = Entry {
        revision: Some(made.revision),
        after: Some(workspace::with_person(audit::snapshot(&made), &named)),
        ..Entry::of(ROOT, made.id).in_workspace(workspace.id)
    };
    work.record(entry);
    Ok(outcome(ROOT, made.id))
}

/// What is wrong with the two ways to say who; exactly one must be used.
fn said_once(given: &Given) -> Result<()> {
    let problem = match (given.nested("person"), given.id("person_id")) {
        (Sent::Value(_), Sent::Value(_)) => {
            given.problem("person_id", "says the same as `person`; send one of them")
        }
        (Sent::Absent, Sent::Absent) => {
            given.problem("person", "is missing; say who, by `person` or `person_id`")
        }
        _ => return Ok(()),
    };
    Err(Error::Invalid(vec![problem]))
}

/// The person of the input, in either of the two ways to write it.
async fn who(work: &Work, given: &Given) -> Result<person::Named> {
    match given.id("person_id") {
        Sent::Value(id) => person::by_id(work, id, given.at("person_id")).await,
        _ => person::named(work, given.nested("person").value()).await,
    }
}

/// The membership that the input names, its workspace locked, and the actor's to change.
async fn to_change(work: &Work, given: &Given) -> Result<Model> {
    let id = given.id("id").value().unwrap_or_default();
    let find = || Entity::find().filter(Column::Id.eq(id)).one(work.tx());
    let found = find().await?.ok_or_else(|| missing(KIND, id))?;
    // All changes of the members of a workspace wait for each other: one must not take the last
    // owner away while another takes the one before.
    work.lock(found.workspace_id).await?;
    work.lock(id).await?;
    let model = find().await?.ok_or_else(|| missing(KIND, id))?;
    if !in_tree(work.tx(), &work.actor.viewer, model.workspace_id).await? {
        return Err(missing(KIND, id));
    }
    same_revision(given.whole("revision").value(), model.revision)?;
    Ok(model)
}

/// Refuses to leave a workspace without an owner.
async fn keep_an_owner(work: &Work, model: &Model, problem: Problem) -> Result<()> {
    if model.role != Role::Owner {
        return Ok(());
    }
    let others = Entity::find()
        .filter(Column::WorkspaceId.eq(model.workspace_id))
        .filter(Column::Role.eq(Role::Owner))
        .filter(Column::Id.ne(model.id))
        .count(work.tx())
        .await?;
    if others > 0 {
        return Ok(());
    }
    Err(Error::Conflict(problem))
}

/// The tokens that act as a member in the member's workspace.
fn tokens_of(model: &Model) -> Condition {
    Condition::all()
        .add(api_token::Column::WorkspaceId.eq(model.workspace_id))
        .add(api_token::Column::PersonId.eq(model.person_id))
}

async fn update(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    let role = given.word("role").value().unwrap_or(before.role);
    if role != before.role {
        only_owners(work, &[role, before.role])?;
        let last = given.problem(
            "role",
            "takes the last owner from the workspace; make somebody else an owner first",
        );
        keep_an_owner(work, &before, last).await?;
    }
    let mut active = before.clone().into_active_model();
    active.role = Set(role);
    touch!(active, before);
    let after = active.update(work.tx()).await?;
    let lowered = token::lower(work.tx(), tokens_of(&before), role).await?;
    let mut entry = Entry::of(ROOT, after.id)
        .in_workspace(after.workspace_id)
        .changed(&before, &after);
    entry.revision = Some(after.revision);
    if lowered > 0 {
        audit::beside(&mut entry.after, json!({"tokens_lowered": lowered}));
        token::wait_until_forgotten(work);
    }
    work.record(entry);
    Ok(outcome(ROOT, after.id))
}

async fn delete(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    only_owners(work, &[before.role])?;
    let last = given.problem(
        "id",
        "names the last owner of the workspace; make somebody else an owner first",
    );
    keep_an_owner(work, &before, last).await?;
    let revoked = token::withdraw(work.tx(), tokens_of(&before)).await?;
    before.clone().delete(work.tx()).await?;
    let mut entry = Entry {
        before: Some(audit::snapshot(&before)),
        ..Entry::of(ROOT, before.id).in_workspace(before.workspace_id)
    };
    if revoked > 0 {
        audit::beside(&mut entry.before, json!({"tokens_revoked": revoked}));
        token::wait_until_forgotten(work);
    }
    work.record(entry);
    Ok(outcome(ROOT, before.id))
}
