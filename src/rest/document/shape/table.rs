//! The table of shapes. A name that the registry does not know is left out, which a test notices.

use crate::query::Resource;
use crate::resource::{
    api_token, audit_event, category, connector, connector_filter, connector_mapping, media,
    membership, person, provenance_link, provider, provider_connector, sync_diagnostic, sync_log,
    sync_target, workspace, workspace_connector,
};

/// A row of the table.
pub struct Row {
    pub resource: fn() -> &'static Resource,
    pub address: Option<&'static str>,
    /// `name`, `key=name` or `key=relation.name`.
    pub attributes: &'static [&'static str],
    /// Empty: the same.
    pub included: &'static [&'static str],
    pub links: &'static [LinkRow],
}

/// A relationship of a row.
pub struct LinkRow {
    pub name: &'static str,
    pub key: &'static str,
    pub relation: &'static str,
    pub class: bool,
    pub always: bool,
    pub only: Option<(&'static str, &'static str)>,
}

/// A relationship that is always printed, called as the registry calls it.
const fn link(name: &'static str) -> LinkRow {
    LinkRow {
        name,
        key: name,
        relation: name,
        class: false,
        always: true,
        only: None,
    }
}

impl LinkRow {
    /// Printed only if it was asked for.
    const fn on_demand(mut self) -> Self {
        self.always = false;
        self
    }

    /// Linkage names the class.
    const fn class(mut self) -> Self {
        self.class = true;
        self
    }

    /// Called otherwise in the dialect's own documents.
    const fn key(mut self, key: &'static str) -> Self {
        self.key = key;
        self
    }

    /// Reads another relation, of whose rows only those with a word take part.
    const fn part_of(
        mut self,
        relation: &'static str,
        field: &'static str,
        word: &'static str,
    ) -> Self {
        self.relation = relation;
        self.only = Some((field, word));
        self
    }
}

/// Other names of relationships in `include`: resource, alias, name.
pub const ALIASES: &[(&str, &str, &str)] = &[
    // The documentation of a single connector calls them by what they are.
    ("connectors", "organization", "published_by"),
    ("connectors", "workspace", "published_by"),
    ("connectors", "media", "logo"),
    ("workspace_connectors", "people", "person"),
    ("workspace_connectors", "connector_filter", "filter"),
];

const TENANT: &[LinkRow] = &[
    link("workspace_connector").key("workspaceConnector"),
    link("workspace").on_demand(),
];

// One line a list: the table is read across.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    Row {
        resource: connector::resource,
        address: Some("/v1/connectors/"),
        attributes: &["slug", "name", "description", "category=category.slug", "direction", "tags", "status", "version", "data_quality", "redirect_url", "state", "created_at", "updated_at"],
        included: &[],
        links: &[
            link("published_by"), link("logo"), link("category").on_demand(),
            link("provider_connector").on_demand().class(), link("connector_filters").on_demand().class(), link("workspace_connectors").on_demand().class(),
        ],
    },
    Row {
        resource: category::resource,
        address: Some("/v1/categories/"),
        attributes: &["slug", "name", "description", "created_at", "updated_at"],
        included: &["name", "slug"],
        links: &[link("connectors").on_demand()],
    },
    Row {
        resource: provider::resource,
        address: Some("/v1/providers/"),
        attributes: &["name", "slug", "description", "url", "logo_url=logo.url", "category", "countries", "searchable_terms", "blueprint_json=blueprint", "skill_status", "skill_version", "skill_metadata", "skill_body", "created_at", "updated_at"],
        included: &[],
        links: &[link("logo"), link("provider_connectors").on_demand()],
    },
    Row {
        resource: provider_connector::resource,
        address: None,
        attributes: &["created_at", "updated_at", "deleted_at"],
        included: &[],
        links: &[link("provider"), link("connector")],
    },
    Row {
        resource: connector_filter::resource,
        address: None,
        attributes: &["template", "config", "natural_language", "created_at", "updated_at"],
        included: &[],
        links: &[link("connector"), link("workspace"), link("workspace_connectors").on_demand()],
    },
    Row {
        resource: workspace::resource,
        address: Some("/v1/workspaces/"),
        attributes: &["name", "slug", "description", "kind", "stage", "external_workspace_id", "website", "avatar_image", "avatar_color", "trusted", "auto_extract_enabled", "timezone", "created_at", "updated_at"],
        included: &["name", "description", "website", "external_workspace_id"],
        links: &[
            link("parent_workspace"), link("organization").on_demand(), link("picture").on_demand(), link("child_workspaces").on_demand(), link("memberships").on_demand(),
            link("connectors").on_demand(), link("media").on_demand(), link("workspace_connectors").on_demand(), link("connector_filters").on_demand(),
        ],
    },
    Row {
        resource: membership::resource,
        address: None,
        attributes: &["role", "created_at", "updated_at"],
        included: &[],
        links: &[link("person"), link("workspace")],
    },
    Row {
        resource: person::resource,
        address: None,
        attributes: &["full_name", "first_name", "last_name", "email", "job_title", "avatar_image", "created_at", "updated_at"],
        included: &[],
        links: &[link("picture"), link("memberships").on_demand(), link("workspace_connectors").on_demand()],
    },
    Row {
        resource: media::resource,
        address: Some("/v1/media/"),
        attributes: &["media_type", "label", "url", "path", "file_name", "content_type", "file_size", "upload_url", "is_primary", "uploaded_at", "processed_at", "created_at", "updated_at"],
        included: &["file_name", "content_type", "file_size", "media_type", "upload_url"],
        links: &[link("workspace"), link("connectors").on_demand(), link("providers").on_demand(), link("people").on_demand(), link("workspaces").on_demand()],
    },
    Row {
        resource: workspace_connector::resource,
        address: Some("/v1/workspace-connectors/"),
        attributes: &["status", "config", "created_at", "updated_at"],
        included: &[],
        links: &[
            link("connector").class(), link("person").class(), link("filter").class(), link("workspace").on_demand().class(),
            link("sync_targets").key("syncTargets").class(), link("connector_mappings").key("connectorMappings").class(), link("sync_diagnostics").key("syncDiagnostics").class(),
            link("sync_logs").key("syncLogs").class(), link("document_workspace_connectors").key("documentWorkspaceConnectors").class().part_of("provenance_links", "kind", "document"),
        ],
    },
    Row { resource: sync_target::resource, address: None, attributes: &["created_at", "updated_at"], included: &[], links: TENANT },
    Row { resource: connector_mapping::resource, address: None, attributes: &["target_model", "tool_name", "expression", "created_at", "updated_at"], included: &[], links: TENANT },
    Row { resource: sync_diagnostic::resource, address: None, attributes: &["target_model", "tool_name", "reason", "detail", "created_at", "updated_at"], included: &[], links: TENANT },
    Row {
        resource: sync_log::resource,
        address: Some("/v1/workspace-connector-sync-logs/"),
        attributes: &["status", "trigger_type", "started_at", "completed_at", "duration_ms", "error", "cloud_task_id", "metadata", "created_at", "updated_at"],
        included: &[],
        links: TENANT,
    },
    Row {
        resource: api_token::resource,
        address: Some("/v1/api-key/"),
        attributes: &["name", "role", "is_active", "value=prefix", "created_at", "last_used_at", "expiration_at=expires_at"],
        included: &[],
        links: &[link("person").key("people"), link("workspace")],
    },
    Row { resource: provenance_link::resource, address: None, attributes: &["direction", "label", "record_id", "created_at"], included: &[], links: TENANT },
    Row {
        resource: audit_event::resource,
        address: None,
        attributes: &["action", "outcome", "resource", "record_id", "before", "after", "address", "trace_id", "created_at"],
        included: &[],
        links: &[link("person"), link("workspace"), link("api_token")],
    },
];
