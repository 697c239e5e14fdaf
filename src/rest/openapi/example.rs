//! Examples of values: a sample of each field, the same in every example of the document.

use super::node::{Node, list};
use crate::db::Storage;
use crate::query::{Field, Kind, Resource};
use crate::resource::RESOURCES;
use crate::service::form::{Attribute, Shape};
use serde_json::json;

/// Texts that say more than the name of their field: type, field, sample.
const TEXTS: &[(&str, &str, &str)] = &[
    ("Category", "slug", "crm"),
    ("Category", "name", "CRM"),
    ("Category", "description", "Customers and deals."),
    ("Connector", "slug", "salesforce"),
    ("Connector", "name", "Salesforce"),
    (
        "Connector",
        "description",
        "Connects to Salesforce CRM for sync.",
    ),
    ("Connector", "category", "crm"),
    ("Connector", "version", "2.1.0"),
    ("Connector", "state", "active"),
    (
        "Connector",
        "redirect_url",
        "https://app.example.com/connectors/salesforce/success",
    ),
    ("Connector", "website", "https://www.salesforce.com"),
    (
        "Connector",
        "endpoint_url",
        "https://api.example.com/salesforce/mcp",
    ),
    ("Connector", "external_connector_id", "salesforce"),
    ("Connector", "service_id", "salesforce"),
    ("Media", "label", "Salesforce"),
    ("Media", "file_name", "salesforce_logo.png"),
    ("Media", "content_type", "image/png"),
    ("Media", "path", "1f/3a/1f3a9c0d.png"),
    (
        "Media",
        "url",
        "/media/f47ac10b-58cc-4372-a567-0e02b2c3d481",
    ),
    (
        "Media",
        "upload_url",
        "https://storage.example.com/media/salesforce_logo.png",
    ),
    ("Person", "full_name", "Ada Lovelace"),
    ("Person", "first_name", "Ada"),
    ("Person", "last_name", "Lovelace"),
    ("Person", "email", "ada@example.com"),
    ("Person", "job_title", "Analyst"),
    ("Person", "avatar_image", "https://example.com/ada.png"),
    ("Provider", "slug", "salesforce"),
    ("Provider", "name", "Salesforce"),
    ("Provider", "description", "Makes software for sales."),
    ("Provider", "url", "https://www.salesforce.com"),
    (
        "Provider",
        "logo_url",
        "/media/f47ac10b-58cc-4372-a567-0e02b2c3d481",
    ),
    ("Provider", "category", "CRM"),
    ("Provider", "skill_status", "green"),
    ("Provider", "skill_body", "Log in, then allow access."),
    ("SyncLog", "error", "the service did not answer in time"),
    ("SyncLog", "cloud_task_id", "sync-7a8b9c0d"),
    ("Workspace", "slug", "airbyte"),
    ("Workspace", "name", "Airbyte"),
    (
        "Workspace",
        "description",
        "Open-source data integration platform",
    ),
    (
        "Workspace",
        "external_workspace_id",
        "airbyte_workspace_001",
    ),
    ("Workspace", "external_id", "airbyte_workspace_001"),
    ("Workspace", "website", "https://airbyte.com"),
    (
        "Workspace",
        "avatar_image",
        "https://example.com/airbyte.png",
    ),
    ("Workspace", "avatar_color", "#5B8DEF"),
    ("Workspace", "timezone", "Europe/Paris"),
    (
        "WorkspaceConnector",
        "label",
        "Salesforce of the sales team",
    ),
    ("ConnectorMapping", "tool_name", "list_contacts"),
    (
        "ConnectorMapping",
        "expression",
        "contacts.{\"name\": full_name}",
    ),
    ("SyncDiagnostic", "tool_name", "list_contacts"),
    ("SyncDiagnostic", "detail", "2 of 40 contacts had no name"),
    (
        "ConnectorFilter",
        "natural_language",
        "Invoices of this year",
    ),
    ("ProvenanceLink", "record_id", "inv_1042"),
    ("ProvenanceLink", "label", "Invoice 1042"),
];

/// A moment.
pub const MOMENT: &str = "2025-10-07T14:30:00.000Z";

/// The trace id of every example.
pub const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A cursor, as it looks.
pub const CURSOR: &str = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_";

/// The identifier of the sample of a resource.
pub fn id(resource: &Resource) -> String {
    let number = RESOURCES.iter().position(|r| std::ptr::eq(*r, resource));
    format!(
        "f47ac10b-58cc-4372-a567-0e02b2c3d4{:02x}",
        0x79 + number.unwrap_or_default()
    )
}

/// A sample of a field.
pub fn field(resource: &Resource, field: &Field) -> Node {
    match field.kind {
        Kind::Text if field.name == "id" => id(resource).into(),
        Kind::Text if field.storage == Storage::Uuid => related(resource, field.name).into(),
        Kind::Text => text(resource.type_name, field.name).into(),
        Kind::Workspace => id(crate::resource::workspace::resource()).into(),
        Kind::Number => number(field.name).into(),
        Kind::Date if field.name == "deleted_at" => Node::Json(json!(null)),
        Kind::Date => MOMENT.into(),
        Kind::Boolean => true.into(),
        Kind::Enum(choice) => choice.values.first().map_or("", |(word, _)| word).into(),
        Kind::Texts if field.name == "countries" => list!["FR", "DE"],
        Kind::Texts => list!["crm", "cloud", "sync"],
        Kind::Json => object_of(field.name),
    }
}

/// The sample of an attribute of a form: of those whose field has one, and of those that must be
/// sent.
pub fn attribute(resource: &Resource, attribute: &Attribute) -> Option<Node> {
    let known = text(resource.type_name, attribute.name);
    match (attribute.shape, attribute.name) {
        (Shape::Key, "connector") => Some(id(crate::resource::connector::resource()).into()),
        (Shape::Word(choice), _) => choice.values.first().map(|(word, _)| (*word).into()),
        (Shape::Texts(..), "tags") => Some(list!["crm", "cloud", "sync"]),
        (Shape::Text(..) | Shape::Slug | Shape::Url | Shape::Key, _) if known != "text" => {
            Some(known.into())
        }
        (Shape::Text(..), _) if attribute.required => Some(known.into()),
        _ => None,
    }
}

/// The sample of a text.
pub fn text(type_name: &str, field: &str) -> &'static str {
    let found = TEXTS
        .iter()
        .find(|(ty, name, _)| *ty == type_name && *name == field);
    found.map_or("text", |(_, _, sample)| sample)
}

/// The identifier of the row that `connector_id` names.
fn related(resource: &Resource, name: &str) -> String {
    let relation = name
        .strip_suffix("_id")
        .and_then(|r| resource.find_relation(r));
    relation.map_or_else(|| id(resource), |r| id((r.target)()))
}

fn number(name: &str) -> i64 {
    match name {
        "file_size" => 15_420,
        "duration_ms" => 1_250,
        _ => 1,
    }
}

fn object_of(name: &str) -> Node {
    Node::Json(match name {
        "data_quality" => {
            json!({"imported_fields": ["invoice", "company", "people"], "last_synced": "2025-06-20T09:00:00Z"})
        }
        "blueprint" | "blueprint_json" => {
            json!({"version": 1, "steps": [{"action": "open", "url": "https://example.com"}]})
        }
        "metadata" => json!({"records_synced": 12}),
        "config" => json!({"account_label": "Mercury operating"}),
        _ => json!({}),
    })
}
