//! Sync targets: other workspaces that an installation also feeds.

use super::form::{Attribute as A, Form, Given, Shape as S};
use super::use_case::UseCase;
use super::work::{Work, live, outcome, same_revision, taken};
use super::write::{deleted, in_tree, missing};
use super::{Capability, Entry, Outcome, new_id, now, reference, workspace_connector};
use crate::error::{Error, Result};
use crate::touch;
use entity::sync_target::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};

/// The kind in sentences and codes.
const KIND: &str = "sync_target";

/// The root of records.
const ROOT: &str = "sync_targets";

static ADD: Form = Form {
    name: "SyncTargetAdd",
    doc: "Another workspace that an installation is to feed.",
    attributes: &[
        A::new("workspace_connector", S::Id, "The installation.").required(),
        A::new(
            "workspace",
            S::Key,
            "The workspace that is fed, by identifier, external identifier or slug.",
        )
        .required(),
    ],
};

static NAMED: Form = Form {
    name: "SyncTargetName",
    doc: "A sync target, and the state it was seen in.",
    attributes: &[
        A::new("id", S::Id, "The sync target.").required(),
        A::REVISION,
    ],
};

/// Ways to change sync targets.
pub static USE_CASES: [UseCase; 2] = [
    UseCase {
        name: "sync_target_add",
        doc: "Lets an installation feed another workspace of the tree as well.",
        capability: Capability::Installations,
        resource: crate::resource::sync_target::resource,
        form: &ADD,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(add(work, given)),
    },
    UseCase {
        name: "sync_target_remove",
        doc: "Lets an installation no longer feed a workspace.",
        capability: Capability::Installations,
        resource: crate::resource::sync_target::resource,
        form: &NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(remove(work, given)),
    },
];

async fn add(work: &mut Work, given: Given) -> Result<Outcome> {
    // The workspace is locked first here as it is where one is deleted with its installations.
    let workspace = reference::workspace(work, &given).await?;
    let installation = reference::found(workspace_connector::named(work, &given).await)?;
    let (workspace, installation) = match (workspace, installation) {
        (Ok(workspace), Ok(installation)) => (workspace, installation),
        (workspace, installation) => {
            let problems = [installation.err(), workspace.err()];
            return Err(Error::Invalid(problems.into_iter().flatten().collect()));
        }
    };
    if workspace == installation.workspace_id {
        let issue =
            "names the installation's own workspace, which is fed already; name another one";
        return Err(Error::Invalid(vec![given.problem("workspace", issue)]));
    }
    let row = ActiveModel {
        id: Set(new_id()),
        workspace_connector_id: Set(installation.id),
        workspace_id: Set(workspace),
        revision: Set(1),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let made = row.insert(work.tx()).await.map_err(|e| {
        taken(e, KIND, || {
            given.problem("workspace", "is fed by the installation already")
        })
    })?;
    let entry = Entry::of(ROOT, made.id).in_workspace(workspace).made(&made);
    work.record(Entry {
        revision: Some(made.revision),
        ..entry
    });
    Ok(outcome(ROOT, made.id))
}

async fn remove(work: &mut Work, given: Given) -> Result<Outcome> {
    let id = given.id("id").value().unwrap_or_default();
    let seen = live::<Entity>(work.tx(), Column::Id, Column::DeletedAt, id, KIND).await?;
    work.lock(seen.workspace_connector_id).await?;
    let before = live::<Entity>(work.tx(), Column::Id, Column::DeletedAt, id, KIND).await?;
    if !in_tree(work.tx(), &work.actor.viewer, before.workspace_id).await? {
        return Err(missing(KIND, id));
    }
    workspace_connector::permit(work, before.workspace_connector_id).await?;
    same_revision(given.whole("revision").value(), before.revision)?;
    let mut active = before.clone().into_active_model();
    active.deleted_at = deleted();
    touch!(active, before);
    let after = active.update(work.tx()).await?;
    let entry = Entry::of(ROOT, id).in_workspace(after.workspace_id);
    work.record(Entry {
        revision: Some(after.revision),
        ..entry.changed(&before, &after)
    });
    Ok(outcome(ROOT, id))
}
