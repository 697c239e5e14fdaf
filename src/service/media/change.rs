//! Uploading, changing and deleting media. Those of the shared catalogue are the operator's and
//! read-only here.

use super::{KIND, ROOT, write};
use crate::db::Arg;
use crate::error::{Error, Result};
use crate::query::Viewer;
use crate::service::form::Given;
use crate::service::work::{Work, live, outcome, same_revision};
use crate::service::write::{deleted, in_tree, missing, put, put_or_empty};
use crate::service::{Entry, Outcome, workspace};
use crate::touch;
use entity::media::{ActiveModel, Column, Entity, Model};
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};

/// Where media are shown: the table and its column, and what its rows are called.
const USES: [(&str, &str, &str); 4] = [
    ("connectors", "logo_id", "connector"),
    ("providers", "logo_id", "provider"),
    ("people", "media_id", "person"),
    ("workspaces", "media_id", "workspace"),
];

/// Keeps a picture that came with the request.
pub(super) async fn upload(work: &mut Work, given: Given) -> Result<Outcome> {
    let owner = workspace::place(work, &given, "workspace").await?.id;
    let made = write::row(work, &given, Some(owner))
        .insert(work.tx())
        .await?;
    work.record(made_entry(&made));
    Ok(outcome(ROOT, made.id))
}

/// What the record keeps of a new row.
pub(super) fn made_entry(made: &Model) -> Entry {
    Entry {
        revision: Some(made.revision),
        ..Entry::of(ROOT, made.id)
            .in_workspace(made.workspace_id)
            .made(made)
    }
}

/// Refuses media that the actor sees and may not change; those of others do not exist.
pub(super) async fn own(
    connection: &impl ConnectionTrait,
    viewer: &Viewer,
    model: &Model,
) -> Result<()> {
    match model.organization_id {
        None => Err(Error::Forbidden(
            "media of the shared catalogue are read-only".into(),
        )),
        Some(id) if id != viewer.organization_id => Err(missing(KIND, model.id)),
        Some(_) => match model.workspace_id {
            Some(by) if in_tree(connection, viewer, by).await? => Ok(()),
            _ => Err(Error::Forbidden(
                "the picture belongs to a workspace that this token does not reach".into(),
            )),
        },
    }
}

/// The media row that the input names, locked, and the actor's to change.
pub(super) async fn to_change(work: &Work, given: &Given) -> Result<Model> {
    let id = given.id("id").value().unwrap_or_default();
    work.lock(id).await?;
    let model = live::<Entity>(work.tx(), Column::Id, Column::DeletedAt, id, KIND).await?;
    own(work.tx(), &work.actor.viewer, &model).await?;
    same_revision(given.whole("revision").value(), model.revision)?;
    Ok(model)
}

/// Saves a change, notes it, and answers it.
pub(super) async fn save(
    work: &mut Work,
    before: Model,
    mut active: ActiveModel,
) -> Result<Outcome> {
    touch!(active, before);
    let after = active.update(work.tx()).await?;
    let entry = Entry {
        revision: Some(after.revision),
        ..Entry::of(ROOT, after.id)
            .in_workspace(after.workspace_id)
            .changed(&before, &after)
    };
    work.record(entry);
    Ok(outcome(ROOT, after.id))
}

/// Changes what is said about a picture; the picture itself never changes.
pub(super) async fn update(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    let mut active = before.clone().into_active_model();
    put(&mut active.media_type, given.word("media_type"));
    put_or_empty(&mut active.label, given.text("label"));
    put(&mut active.is_primary, given.boolean("is_primary"));
    save(work, before, active).await
}

/// Deletes a picture that nothing shows, or with `force` any.
pub(super) async fn delete(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    let uses = uses(work, &before).await?;
    if !uses.is_empty() && !given.boolean("force").value().unwrap_or(false) {
        let issue = format!(
            "is the picture of {}; send `force` to delete it nevertheless",
            uses.join(" and ")
        );
        return Err(Error::Conflict(given.problem("id", issue)));
    }
    let mut active = before.clone().into_active_model();
    active.deleted_at = deleted();
    save(work, before, active).await
}

/// What shows a picture, counted by kind: `2 of kind connector`.
async fn uses(work: &Work, model: &Model) -> Result<Vec<String>> {
    let count = |(table, column, _): &(&str, &str, &str)| {
        format!(
            "(SELECT CAST(count(*) AS BIGINT) FROM {table} WHERE {column} = $1 AND deleted_at IS NULL)"
        )
    };
    let counts: Vec<_> = USES.iter().map(count).collect();
    let sql = format!("SELECT {}", counts.join(", "));
    let rows = work.db.rows(sql, vec![Arg::Uuid(model.id)]).await?;
    let row = rows.first();
    let used = |(i, (_, _, what)): (usize, &(&str, &str, &str))| {
        let count = row.and_then(|r| r.int(i)).filter(|n| *n > 0)?;
        Some(format!("{count} of kind {what}"))
    };
    Ok(USES.iter().enumerate().filter_map(used).collect())
}
