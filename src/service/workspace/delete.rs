//! Deleting a workspace, and with `force` what hangs on it.

use super::{Column, Entity, Model, ROOT, to_change};
use crate::connect;
use crate::error::{Error, Result};
use crate::service::form::Given;
use crate::service::work::{Work, outcome};
use crate::service::write::deleted;
use crate::service::{Entry, Outcome, audit, now, token};
use crate::touch;
use entity::{connector_mapping, sync_target, workspace_connector};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

/// Deletes a workspace.
pub(super) async fn run(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    let refused = |issue: String| Error::Conflict(given.problem("id", issue));
    if before.id == work.actor.viewer.workspace_id {
        return Err(refused(
            "names the workspace that this token belongs to; use a token of one above".into(),
        ));
    }
    let children = children(work, before.id).await?;
    if children > 0 {
        let what = many(children, "workspace");
        return Err(refused(format!("has {what} below it; delete those first")));
    }
    let installations = installations(work, before.id).await?;
    let tokens = token::working(work.tx(), before.id).await?;
    let forced = given.boolean("force").value().unwrap_or(false);
    if !forced && installations + tokens > 0 {
        let (installations, tokens) = (many(installations, "installation"), many(tokens, "token"));
        return Err(refused(format!(
            "has {installations} and {tokens}; send `force` to take them away with it"
        )));
    }
    clear(work, before.id).await?;
    let after = mark(work, &before).await?;
    let mut entry = Entry::of(ROOT, after.id)
        .in_workspace(after.id)
        .changed(&before, &after);
    entry.revision = Some(after.revision);
    if installations + tokens > 0 {
        let ended = json!({"installations_removed": installations, "tokens_revoked": tokens});
        audit::beside(&mut entry.after, ended);
    }
    work.record(entry);
    work.replant();
    token::wait_until_forgotten(work);
    Ok(outcome(ROOT, after.id))
}

async fn mark(work: &Work, before: &Model) -> Result<Model> {
    let mut active = before.clone().into_active_model();
    active.deleted_at = deleted();
    touch!(active, before);
    Ok(active.update(work.tx()).await?)
}

async fn children(work: &Work, id: Uuid) -> Result<u64> {
    let below = Entity::find()
        .filter(Column::ParentWorkspaceId.eq(id))
        .filter(Column::DeletedAt.is_null());
    Ok(below.count(work.tx()).await?)
}

async fn installations(work: &Work, id: Uuid) -> Result<u64> {
    use workspace_connector::{Column, Entity};
    let there = Entity::find()
        .filter(Column::WorkspaceId.eq(id))
        .filter(Column::DeletedAt.is_null());
    Ok(there.count(work.tx()).await?)
}

/// The installations that connect to a server, in the order in which they are locked.
async fn connected(work: &Work, id: Uuid) -> Result<Vec<Uuid>> {
    use workspace_connector::{Column, Entity};
    let there = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::WorkspaceId.eq(id))
        .filter(Column::Url.is_not_null())
        .filter(Column::DeletedAt.is_null())
        .order_by_asc(Column::Id);
    Ok(there.into_tuple().all(work.tx()).await?)
}

/// Soft-deletes the installations with what belongs to them, and revokes the tokens.
async fn clear(work: &mut Work, id: Uuid) -> Result<()> {
    let connected = connected(work, id).await?;
    // Whoever stores a secret of one at this moment is waited for, and finds it gone afterwards.
    for installation in &connected {
        work.lock(*installation).await?;
    }
    macro_rules! bury {
        ($table:ident) => {{
            use $table::{Column, Entity};
            Entity::update_many()
                .col_expr(Column::DeletedAt, Expr::value(now()))
                .col_expr(Column::UpdatedAt, Expr::value(now()))
                .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
                .filter(Column::WorkspaceId.eq(id))
                .filter(Column::DeletedAt.is_null())
                .exec(work.tx())
                .await?;
        }};
    }
    bury!(connector_mapping);
    bury!(sync_target);
    bury!(workspace_connector);
    connect::forget(work, &connected).await?;
    let all = entity::api_token::Column::WorkspaceId.eq(id);
    token::withdraw(work.tx(), all.into()).await?;
    Ok(())
}

/// `1 token`, `2 tokens`, `no tokens`.
fn many(count: u64, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
