//! Mappings: how an answer of a tool becomes records.

use super::{choice, workspace, workspace_connector};
use crate::query::{Kind, Resource, Scope, Table};
use entity::connector_mapping::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("connector_mappings", "connector_mapping", "ConnectorMapping", "How the answer of one tool becomes records of one kind.")
        .scope(Scope::Tenant)
        .shown("target_model", Column::TargetModel, Kind::Enum(&choice::TARGET_MODEL), "The kind of record it makes.")
        .shown("tool_name", Column::ToolName, Kind::Text, "The tool whose answer it reads.")
        .plain("expression", Column::Expression, Kind::Text, "The mapping, a JSONata expression.")
        .asked("workspace_id", Column::WorkspaceId, Kind::Workspace, "The workspace it belongs to.")
        .one("workspace_connector", Column::WorkspaceConnectorId, workspace_connector::resource, "The installation.")
        .one("workspace", Column::WorkspaceId, workspace::resource, "The workspace it belongs to.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
