//! Provenance links: which record came or went by which installation.

use super::{choice, workspace, workspace_connector};
use crate::query::{Kind, Resource, Scope, Table};
use entity::provenance_link::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("provenance_links", "provenance_link", "ProvenanceLink", "The tie between a record and the installation it came or went by.")
        .scope(Scope::Tenant)
        .shown("kind", Column::Kind, Kind::Enum(&choice::PROVENANCE_KIND), "The kind of record.")
        .shown("record_id", Column::RecordId, Kind::Text, "Identifier of the record.")
        .shown("label", Column::Label, Kind::Text, "What to call the record in a list.")
        .shown("direction", Column::Direction, Kind::Enum(&choice::PROVENANCE_DIRECTION), "Which way it went.")
        .asked("workspace_id", Column::WorkspaceId, Kind::Workspace, "The workspace it belongs to.")
        .one("workspace_connector", Column::WorkspaceConnectorId, workspace_connector::resource, "The installation.")
        .one("workspace", Column::WorkspaceId, workspace::resource, "The workspace it belongs to.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
