//! Diagnostics: what syncs noticed.

use super::{choice, workspace, workspace_connector};
use crate::query::{Kind, Resource, Scope, Table};
use entity::sync_diagnostic::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("sync_diagnostics", "sync_diagnostic", "SyncDiagnostic", "A failure or remark of a sync.")
        .scope(Scope::Tenant)
        .default_order(&["-pk"])
        .shown("target_model", Column::TargetModel, Kind::Enum(&choice::TARGET_MODEL), "The kind of record it is about.")
        .shown("reason", Column::Reason, Kind::Enum(&choice::DIAGNOSTIC_REASON), "Why.")
        .shown("tool_name", Column::ToolName, Kind::Text, "The tool that was called.")
        .plain("detail", Column::Detail, Kind::Text, "What exactly happened.")
        .asked("workspace_id", Column::WorkspaceId, Kind::Workspace, "The workspace it belongs to.")
        .one("workspace_connector", Column::WorkspaceConnectorId, workspace_connector::resource, "The installation.")
        .one("workspace", Column::WorkspaceId, workspace::resource, "The workspace it belongs to.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
