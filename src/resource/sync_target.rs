//! Sync targets: other workspaces that an installation also feeds.

use super::{workspace, workspace_connector};
use crate::query::{Kind, Resource, Scope, Table};
use entity::sync_target::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("sync_targets", "sync_target", "SyncTarget", "Another workspace that an installation also feeds.")
        .scope(Scope::Tenant)
        .asked("workspace_id", Column::WorkspaceId, Kind::Workspace, "The workspace that is fed.")
        .one("workspace_connector", Column::WorkspaceConnectorId, workspace_connector::resource, "The installation.")
        .one("workspace", Column::WorkspaceId, workspace::resource, "The workspace that is fed.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
