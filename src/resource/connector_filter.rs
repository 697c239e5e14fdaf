//! Rules that choose what is sent through a connector.

use super::{connector, workspace, workspace_connector};
use crate::query::{Kind, Resource, Scope, Table};
use entity::connector_filter::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("connector_filters", "connector_filter", "ConnectorFilterRule", "A rule that chooses which documents go out through a connector: a template for all, or one workspace's own.")
        .scope(Scope::TenantOrPublic)
        .shown("template", Column::Template, Kind::Boolean, "Whether it is a template for all workspaces.")
        .plain("config", Column::Config, Kind::Json, "The rule, a condition on documents.")
        .plain("natural_language", Column::NaturalLanguage, Kind::Text, "The rule in words.")
        .asked("workspace_id", Column::WorkspaceId, Kind::Workspace, "The workspace it belongs to.")
        .one("connector", Column::ConnectorId, connector::resource, "The connector it is for.")
        .one("workspace", Column::WorkspaceId, workspace::resource, "The workspace it belongs to; null for templates.")
        .many("workspace_connectors", workspace_connector::resource, entity::workspace_connector::Column::ConnectorFilterId, "Installations that use it.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
