//! Names of resources on the wire, in one table: type words, classes, roots and identifier
//! columns. Filters, records, documents and the OpenAPI document all read it.

use crate::query::Resource;
use crate::resource::{
    api_token, audit_event, category, connector, connector_filter, connector_mapping, media,
    membership, person, provenance_link, provider, provider_connector, sync_diagnostic, sync_log,
    sync_target, workspace, workspace_connector,
};
use std::borrow::Cow;

/// How a resource is called.
pub struct Name {
    /// The resource.
    pub resource: fn() -> &'static Resource,
    /// `type` of its objects, singular snake case: the form in which the dialect answers.
    pub word: &'static str,
    /// The class name that linkage of workspace connectors prints in the dialect's own documents.
    pub class: &'static str,
    /// The root under which records know it; `None` where it is none.
    pub root: Option<&'static str>,
    /// Further words that are accepted as its type, beside `word` and its plural.
    pub accepted: &'static [&'static str],
    /// The names of its identifier in filters and records, beside `id`.
    pub id: &'static [&'static str],
}

/// Every resource that has a name.
// One line a resource: the table is read across.
#[rustfmt::skip]
pub static NAMES: &[Name] = &[
    Name { resource: connector::resource, word: "connector", class: "Connector", root: Some("connectors"), accepted: &["connectors"], id: &["connector_id"] },
    Name { resource: category::resource, word: "category", class: "Category", root: Some("categories"), accepted: &["categories"], id: &["category_id"] },
    Name { resource: provider::resource, word: "providers", class: "Provider", root: None, accepted: &["provider"], id: &["provider_id"] },
    Name { resource: provider_connector::resource, word: "provider_connector", class: "ProviderConnector", root: None, accepted: &["provider_connectors"], id: &["provider_connector_id"] },
    Name { resource: connector_filter::resource, word: "connector_filter", class: "ConnectorFilter", root: None, accepted: &["connector_filters"], id: &["connector_filter_id"] },
    Name { resource: workspace::resource, word: "workspace", class: "Workspace", root: Some("workspaces"), accepted: &["workspaces", ORGANIZATION, "organizations"], id: &["workspace_id"] },
    Name { resource: membership::resource, word: "membership", class: "Membership", root: Some("memberships"), accepted: &["memberships"], id: &["membership_id"] },
    Name { resource: person::resource, word: "people", class: "People", root: Some("people"), accepted: &["person", "peoples"], id: &["person_id", "people_id"] },
    Name { resource: media::resource, word: "media", class: "Media", root: Some("media"), accepted: &["medias"], id: &["media_id"] },
    Name { resource: workspace_connector::resource, word: "workspace_connector", class: "WorkspaceConnector", root: Some("workspace_connectors"), accepted: &["workspace_connectors"], id: &["workspace_connector_id"] },
    Name { resource: sync_target::resource, word: "workspace_connector_sync_target", class: "WorkspaceConnectorSyncTarget", root: None, accepted: &["workspace_connector_sync_targets"], id: &["workspace_connector_sync_target_id"] },
    Name { resource: connector_mapping::resource, word: "connector_mapping", class: "ConnectorMapping", root: None, accepted: &["connector_mappings"], id: &["connector_mapping_id"] },
    Name { resource: sync_diagnostic::resource, word: "connector_sync_diagnostic", class: "ConnectorSyncDiagnostic", root: None, accepted: &["connector_sync_diagnostics"], id: &["connector_sync_diagnostic_id", "diagnostic_id"] },
    Name { resource: sync_log::resource, word: "workspace_connector_sync_log", class: "WorkspaceConnectorSyncLog", root: Some("workspace_connector_sync_logs"), accepted: &["workspace_connector_sync_logs"], id: &["workspace_connector_sync_log_id"] },
    Name { resource: provenance_link::resource, word: "document_workspace_connector", class: "DocumentWorkspaceConnector", root: None, accepted: &["document_workspace_connectors"], id: &["document_workspace_connector_id"] },
    Name { resource: api_token::resource, word: "api_key", class: "ApiKey", root: None, accepted: &["api_keys", "api_token", "api_tokens"], id: &["api_key_id"] },
    Name { resource: audit_event::resource, word: "audit_event", class: "AuditEvent", root: None, accepted: &["audit_events"], id: &["audit_event_id"] },
];

/// `type` of a workspace that is the root of its tree.
pub const ORGANIZATION: &str = "organization";

/// How `resource` is called.
pub fn of(resource: &Resource) -> Option<&'static Name> {
    NAMES
        .iter()
        .find(|name| std::ptr::eq((name.resource)(), resource))
}

/// The resource that a client calls by a type: any case, `-` and `_` alike, singular or plural.
pub fn by_type(word: &str) -> Option<&'static Name> {
    let word = word.to_ascii_lowercase().replace('-', "_");
    NAMES
        .iter()
        .find(|name| name.word == word || name.accepted.contains(&word.as_str()))
}

/// The resource of a root of records.
pub fn by_root(root: &str) -> Option<&'static Resource> {
    let root = root.replace('-', "_");
    let found = NAMES.iter().find(|name| name.root == Some(root.as_str()));
    found.map(|name| (name.resource)())
}

/// `createdAt` to `created_at`; what is snake case already stays. Dots and `-` are kept.
pub fn snake(name: &str) -> Cow<'_, str> {
    if !name.bytes().any(|b| b.is_ascii_uppercase()) {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            if !out.is_empty() && !out.ends_with(['.', '_', '-', '[']) {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The name in the registry of a field or relation of `resource`, in any spelling: the resource's
/// own `<singular>_id` is its `id`.
pub fn member<'a>(resource: &Resource, spelled: &'a str) -> Cow<'a, str> {
    let name = snake(spelled);
    let own = of(resource).is_some_and(|n| n.id.contains(&&*name));
    if own && resource.find_field(&name).is_none() {
        return Cow::Borrowed("id");
    }
    name
}
