//! Audit events: who did what, and when.

use super::{api_token, choice, person, workspace};
use crate::query::{Kind, Resource, Scope, Table};
use entity::audit_event::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("audit_events", "audit_event", "AuditEvent", "One thing that was done, or refused because of a role; shown to owners and admins. Events are never changed.")
        .scope(Scope::Administration)
        .default_order(&["-pk"])
        .shown("action", Column::Action, Kind::Text, "What was done, e.g. `connector.create`.")
        .plain("outcome", Column::Outcome, Kind::Enum(&choice::AUDIT_OUTCOME), "Whether it was done.")
        .shown("resource", Column::Resource, Kind::Text, "The kind of record it was done to, e.g. `connectors`.")
        .shown("record_id", Column::RecordId, Kind::Text, "Identifier of the record.")
        .plain("before", Column::Before, Kind::Json, "What changed, as it was; null for a creation. Secrets are left out.")
        .plain("after", Column::After, Kind::Json, "What changed, as it became. Secrets are left out.")
        .plain("address", Column::Address, Kind::Text, "The network address it came from.")
        .plain("trace_id", Column::TraceId, Kind::Text, "The request it was part of, as the log calls it.")
        .asked("workspace_id", Column::WorkspaceId, Kind::Workspace, "The workspace it happened in.")
        .one("workspace", Column::WorkspaceId, workspace::resource, "The workspace it happened in.")
        .one("person", Column::PersonId, person::resource, "Who did it.")
        .one("api_token", Column::ApiTokenId, api_token::resource, "The token it was done with.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
