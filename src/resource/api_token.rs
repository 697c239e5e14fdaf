//! API tokens: who may act for a workspace. Their values are not known.

use super::{audit_event, choice, person, workspace};
use crate::db::Dialect;
use crate::query::{Kind, Resource, Scope, Table, Writer};
use entity::api_token::{Column, Entity};
use std::fmt::Write;
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("api_tokens", "api_token", "ApiToken", "A token that acts for a person in a workspace; shown to owners and admins. Its value is seen once, when it is made.")
        .scope(Scope::Administration)
        .plain("name", Column::Name, Kind::Text, "What it is called.")
        .plain("role", Column::Role, Kind::Enum(&choice::ROLE), "What it may do.")
        .plain("prefix", Column::Prefix, Kind::Text, "How its value begins, to recognise it by.")
        .plain("expires_at", Column::ExpiresAt, Kind::Date, "When it stops working; null for never.")
        .plain("last_used_at", Column::LastUsedAt, Kind::Date, "When it was last used, to within a few minutes; null for never.")
        .plain("revoked_at", Column::RevokedAt, Kind::Date, "When it was revoked; null while it was not.")
        .flag("is_active", active, "Whether it works now: it was not revoked and has not expired.")
        .asked("workspace_id", Column::WorkspaceId, Kind::Workspace, "The workspace it acts for.")
        .one("workspace", Column::WorkspaceId, workspace::resource, "The workspace it acts for.")
        .one("person", Column::PersonId, person::resource, "The person it acts as.")
        .many("audit_events", audit_event::resource, entity::audit_event::Column::ApiTokenId, "What was done with it.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}

fn active(writer: &mut Writer<'_>, row: &str, out: &mut String) {
    // SQLite keeps moments as text, whose order is that of time.
    let now = match writer.dialect {
        Dialect::Postgres => "now()",
        Dialect::Sqlite => "strftime('%Y-%m-%dT%H:%M:%f', 'now')",
    };
    let _ = write!(
        out,
        "{row}.revoked_at IS NULL AND ({row}.expires_at IS NULL OR {row}.expires_at > {now})"
    );
}
