//! Sync logs: the runs of installations.

use super::{choice, workspace, workspace_connector};
use crate::query::{Kind, Resource, Scope, Table};
use entity::sync_log::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("sync_logs", "sync_log", "SyncLog", "One run of an installation.")
        .scope(Scope::Tenant)
        .default_order(&["-created_at"])
        .shown("status", Column::Status, Kind::Enum(&choice::SYNC_STATUS), "How far it has come.")
        .shown("trigger_type", Column::TriggerType, Kind::Enum(&choice::SYNC_TRIGGER), "What started it.")
        .shown("started_at", Column::StartedAt, Kind::Date, "When it began.")
        .shown("completed_at", Column::CompletedAt, Kind::Date, "When it ended.")
        .shown("duration_ms", Column::DurationMs, Kind::Number, "How long it took, in milliseconds.")
        .shown("error", Column::Error, Kind::Text, "What went wrong.")
        .shown("cloud_task_id", Column::CloudTaskId, Kind::Text, "Identifier of the task that ran it.")
        .plain("metadata", Column::Metadata, Kind::Json, "Counts and facts, e.g. `{\"records_synced\": 12}`.")
        .asked("workspace_id", Column::WorkspaceId, Kind::Workspace, "The workspace it belongs to.")
        .one("workspace_connector", Column::WorkspaceConnectorId, workspace_connector::resource, "The installation.")
        .one("workspace", Column::WorkspaceId, workspace::resource, "The workspace it belongs to.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
