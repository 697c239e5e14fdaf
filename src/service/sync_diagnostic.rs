//! Diagnostics: what syncs noticed. They are of use while a fault is looked for, so those that are
//! older than a month are removed as new ones come in; the record of what happened keeps them.

use super::form::{Attribute as A, Form, Given, Shape as S};
use super::use_case::UseCase;
use super::work::{Work, outcome};
use super::{Capability, Entry, Outcome, new_id, now, workspace_connector};
use crate::error::Result;
use crate::resource::choice;
use chrono::TimeDelta;
use entity::connector_mapping::TargetModel;
use entity::sync_diagnostic::{ActiveModel, Column, Entity, Reason};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

/// The root of records.
const ROOT: &str = "sync_diagnostics";

/// How long diagnostics are kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Old rows are looked for on one write in so many.
const SELDOM: u8 = 20;

static RECORD: Form = Form {
    name: "SyncDiagnosticRecord",
    doc: "Something that a sync noticed.",
    attributes: &[
        A::new("workspace_connector", S::Id, "The installation.").required(),
        A::new(
            "target_model",
            S::Word(&choice::TARGET_MODEL),
            "The kind of record it is about.",
        )
        .required(),
        A::new(
            "reason",
            S::Word(&choice::DIAGNOSTIC_REASON),
            "Why the sync fell short.",
        )
        .required(),
        A::new("tool_name", S::Text(1, 255), "The tool that was called."),
        A::new(
            "detail",
            S::Text(1, 1500),
            "What exactly happened, at most 1500 characters.",
        ),
    ],
};

/// Ways to change diagnostics.
pub static USE_CASES: [UseCase; 1] = [UseCase {
    name: "sync_diagnostic_record",
    doc: "Notes what a sync noticed. Diagnostics are kept for 30 days.",
    capability: Capability::Installations,
    resource: crate::resource::sync_diagnostic::resource,
    form: &RECORD,
    extra: &[],
    ahead: None,
    run: |work, given| Box::pin(record(work, given)),
}];

async fn record(work: &mut Work, given: Given) -> Result<Outcome> {
    let installation = workspace_connector::named(work, &given).await?;
    let row = ActiveModel {
        id: Set(new_id()),
        workspace_connector_id: Set(installation.id),
        workspace_id: Set(installation.workspace_id),
        target_model: Set(given
            .word("target_model")
            .value()
            .unwrap_or(TargetModel::Document)),
        reason: Set(given
            .word("reason")
            .value()
            .unwrap_or(Reason::UpstreamError)),
        tool_name: Set(given.text("tool_name").value()),
        detail: Set(given.text("detail").value()),
        revision: Set(1),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let made = row.insert(work.tx()).await?;
    // The end of the identifier is random.
    if made.id.as_bytes()[15].is_multiple_of(SELDOM) {
        prune(work, made.workspace_id).await?;
    }
    let entry = Entry::of(ROOT, made.id).in_workspace(made.workspace_id);
    work.record(Entry {
        revision: Some(made.revision),
        ..entry.made(&made)
    });
    Ok(outcome(ROOT, made.id))
}

/// Removes the old diagnostics of a workspace.
async fn prune(work: &Work, workspace: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::CreatedAt.lt(now() - KEPT))
        .exec(work.tx())
        .await?;
    Ok(())
}
