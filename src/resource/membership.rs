//! Memberships: who belongs to which workspace.

use super::{choice, person, workspace};
use crate::query::{Kind, Resource, Scope, Table};
use entity::membership::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("memberships", "membership", "Membership", "A person's place in a workspace.")
        .scope(Scope::Tenant)
        .shown("role", Column::Role, Kind::Enum(&choice::ROLE), "What the person may do there.")
        .asked("workspace_id", Column::WorkspaceId, Kind::Workspace, "The workspace.")
        .one("workspace", Column::WorkspaceId, workspace::resource, "The workspace.")
        .one("person", Column::PersonId, person::resource, "The person.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
