//! What may be sent about installations.

use crate::service::form::{Attribute as A, Form, Shape as S};

/// Bytes of `config` when written.
const CONFIG: usize = 10_000;

const ID: A = A::new("id", S::Id, "The installation.").required();
const LABEL: A = A::new(
    "label",
    S::Text(1, 100),
    "What members call it, to tell two accounts of one service apart.",
)
.nullable();
const SETTINGS: A = A::new(
    "config",
    S::Settings(CONFIG),
    "Its settings, replaced as a whole; credentials are refused.",
)
.nullable();
const RULE: A = A::new(
    "connector_filter",
    S::Id,
    "The rule that chooses what goes out: a template for the connector, or the workspace's own; `null` takes it away.",
)
.nullable();

const METADATA: A = A::new(
    "metadata",
    S::Labels(16, 64, 512),
    "Texts to be kept with it: at most 16, names of at most 64 and values of at most 512 characters.",
)
.nullable();
const SHARED: A = A::new(
    "shared",
    S::Boolean,
    "Whether all members of the workspace may use the connection; otherwise its owner alone.",
);
const CLIENT_ID: A = A::new(
    "client_id",
    S::Text(1, 1_000),
    "The OAuth client to log in with, where one was registered beforehand. It is not shown again.",
)
.nullable();
const CLIENT_SECRET: A = A::new(
    "client_secret",
    S::Secret(2_000),
    "The secret of that client. It is not shown again.",
)
.nullable();

/// A connector to be installed.
pub static INSTALL: Form = Form {
    name: "WorkspaceConnectorInstall",
    doc: "A connector to be installed in a workspace.",
    attributes: &[
        A::new(
            "connector",
            S::Key,
            "The connector, by identifier or slug; its status must be active. Needed unless `url` is sent.",
        ),
        A::new(
            "url",
            S::Url,
            "The address of a remote MCP server, for one that the catalogue has no connector for, or that has several addresses.",
        ),
        A::new(
            "match_preset",
            S::Boolean,
            "Whether a server that is known beforehand at this address lends its connector, client and metadata; it does unless `false`.",
        ),
        CLIENT_ID,
        CLIENT_SECRET,
        METADATA,
        SHARED,
        A::new(
            "workspace",
            S::Key,
            "The workspace, by identifier, external identifier or slug; the token's own if left out.",
        ),
        LABEL,
        SETTINGS,
        A::new(
            "person",
            S::Key,
            "Who owns the connection, by identifier or mail address; who acts if left out. Only who administers may name another.",
        ),
        RULE,
    ],
};

/// An installation to be changed.
pub static CONFIGURE: Form = Form {
    name: "WorkspaceConnectorConfigure",
    doc: "What changes of an installation; what is left out stays, `null` empties.",
    attributes: &[
        ID,
        A::REVISION,
        CLIENT_ID,
        CLIENT_SECRET,
        METADATA,
        SHARED,
        LABEL,
        SETTINGS,
        A::new(
            "person",
            S::Key,
            "Who owns the connection, by identifier or mail address; `null` leaves it to those who administer. Only they may name another.",
        )
        .nullable(),
        RULE,
    ],
};

/// An installation, named.
pub static NAMED: Form = Form {
    name: "WorkspaceConnectorName",
    doc: "An installation, and the state it was seen in.",
    attributes: &[ID, A::REVISION],
};
