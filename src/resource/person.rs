//! People: who acts in workspaces.

use super::{api_token, audit_event, media, membership, workspace_connector};
use crate::query::{Kind, Resource, Scope, Table};
use entity::person::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("people", "person", "Person", "Someone who belongs to workspaces.")
        .scope(Scope::Person)
        .shown("full_name", Column::FullName, Kind::Text, "The whole name.")
        .shown("first_name", Column::FirstName, Kind::Text, "First name.")
        .shown("last_name", Column::LastName, Kind::Text, "Last name.")
        .shown("email", Column::Email, Kind::Text, "Mail address.")
        .shown("job_title", Column::JobTitle, Kind::Text, "What they do.")
        .plain("avatar_image", Column::AvatarImage, Kind::Text, "Address of a picture.")
        .one("picture", Column::MediaId, media::resource, "Their picture.")
        .many("memberships", membership::resource, entity::membership::Column::PersonId, "Where they belong.")
        .many("workspace_connectors", workspace_connector::resource, entity::workspace_connector::Column::PersonId, "Connections they own.")
        .many("api_tokens", api_token::resource, entity::api_token::Column::PersonId, "Tokens that act as them; empty for members and viewers.")
        .many("audit_events", audit_event::resource, entity::audit_event::Column::PersonId, "What they did; empty for members and viewers.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
