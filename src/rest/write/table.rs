//! Which operation asks for which use case, and what documents call the attributes of its form.

use super::{Alias, Body, Done, Link, Write};
use crate::resource::{category, connector, connector_filter, media, person, workspace};

const fn write(
    operation_id: &'static str,
    use_case: &'static str,
    body: Body,
    done: Done,
) -> Write {
    Write {
        operation_id,
        use_case,
        body,
        done,
        states: &[],
        included: &[],
        fields: &[],
    }
}

impl Write {
    /// Answers in the dialect's own rendering include these unless the client says otherwise.
    const fn including(
        mut self,
        included: &'static [&'static str],
        fields: &'static [(&'static str, &'static [&'static str])],
    ) -> Self {
        self.included = included;
        self.fields = fields;
        self
    }

    /// `status` is changed by use cases of its own.
    const fn states(mut self, states: &'static [(&'static str, &'static str)]) -> Self {
        self.states = states;
        self
    }
}

/// What a connector's answer includes, and how much of it.
const OF_CONNECTOR: (&[&str], &[(&str, &[&str])]) = (
    &["published_by", "logo"],
    &[
        ("workspace", &["name", "description", "website"]),
        ("organization", &["name", "description", "website"]),
        ("media", &["file_name", "content_type", "file_size"]),
    ],
);

/// Every writing operation.
// One line an operation: the table is read across.
#[rustfmt::skip]
pub static WRITES: &[Write] = &[
    write("createConnector", "connector_create", Body::Document, Done::Created).including(OF_CONNECTOR.0, OF_CONNECTOR.1),
    write("updateConnector", "connector_update", Body::Document, Done::Changed).including(OF_CONNECTOR.0, OF_CONNECTOR.1),
    write("deleteConnector", "connector_delete", Body::Nothing, Done::Gone),
    write("publishConnector", "connector_publish", Body::Nothing, Done::Changed),
    write("withdrawConnector", "connector_withdraw", Body::Nothing, Done::Changed),
    write("restoreConnector", "connector_restore", Body::Nothing, Done::Changed),
    write("installWorkspaceConnector", "workspace_connector_install", Body::Document, Done::Created),
    write("configureWorkspaceConnector", "workspace_connector_configure", Body::Document, Done::Changed)
        .states(&[("active", "workspace_connector_resume"), ("disabled", "workspace_connector_pause")]),
    write("uninstallWorkspaceConnector", "workspace_connector_uninstall", Body::Nothing, Done::Gone),
    write("createMedia", "media_upload", Body::Upload, Done::Created),
    write("updateMedia", "media_update", Body::Document, Done::Changed),
    write("deleteMedia", "media_delete", Body::Nothing, Done::Gone),
    write("createWorkspace", "workspace_create", Body::Document, Done::Created),
    write("updateWorkspace", "workspace_update", Body::Document, Done::Changed),
    write("deleteWorkspace", "workspace_delete", Body::Nothing, Done::Gone),
    write("createApiKey", "api_token_create", Body::Document, Done::Created),
    write("revokeApiKey", "api_token_revoke", Body::Nothing, Done::Gone),
];

/// Relationships that can be sent: of which resource, what they are called, the attribute of the
/// form that takes them, and what they lead to.
#[rustfmt::skip]
pub static LINKS: &[Link] = &[
    Link { of: "connectors", name: "published_by", attribute: "published_by", target: workspace::resource },
    Link { of: "connectors", name: "logo", attribute: "logo", target: media::resource },
    Link { of: "connectors", name: "category", attribute: "category", target: category::resource },
    Link { of: "workspace_connectors", name: "connector", attribute: "connector", target: connector::resource },
    Link { of: "workspace_connectors", name: "workspace", attribute: "workspace", target: workspace::resource },
    Link { of: "workspace_connectors", name: "person", attribute: "person", target: person::resource },
    Link { of: "workspace_connectors", name: "filter", attribute: "connector_filter", target: connector_filter::resource },
    Link { of: "media", name: "workspace", attribute: "workspace", target: workspace::resource },
    Link { of: "media", name: "workspaces", attribute: "workspace", target: workspace::resource },
    Link { of: "workspaces", name: "owner", attribute: "owner", target: person::resource },
    Link { of: "workspaces", name: "parent_workspace", attribute: "parent", target: workspace::resource },
    Link { of: "workspaces", name: "parent", attribute: "parent", target: workspace::resource },
    Link { of: "workspaces", name: "picture", attribute: "media_id", target: media::resource },
    Link { of: "workspaces", name: "media", attribute: "media_id", target: media::resource },
    Link { of: "api_tokens", name: "workspace", attribute: "workspace", target: workspace::resource },
];

/// Other names of attributes in documents about a resource, and the form's name of each.
#[rustfmt::skip]
pub static ALIASES: &[Alias] = &[
    ("connectors", "category_id", "category"),
    // What a workspace calls `external_workspace_id` an organization calls `external_id`.
    ("workspaces", "external_id", "external_workspace_id"),
    ("workspaces", "parent_workspace_id", "parent"),
    ("workspace_connectors", "connector_id", "connector"),
    ("workspace_connectors", "workspace_id", "workspace"),
    ("workspace_connectors", "person_id", "person"),
    ("workspace_connectors", "connector_filter_id", "connector_filter"),
    ("media", "workspace_id", "workspace"),
    ("api_tokens", "expiration_at", "expires_at"),
    ("api_tokens", "workspace_id", "workspace"),
];
