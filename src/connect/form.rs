//! What may be sent about connections.

use crate::service::form::{Attribute as A, Form, Shape as S};

/// Longest credential that is handed over, in characters.
const CREDENTIAL: usize = 8_000;

const ID: A = A::new("id", S::Id, "The installation.").required();
const REDIRECT: A = A::new(
    "redirect_url",
    S::Url,
    "Where the browser goes after the login; its origin must be allowed. A page of this server if left out.",
)
.nullable();

/// An installation to be connected.
pub(super) static CONNECT: Form = Form {
    name: "WorkspaceConnectorConnect",
    doc: "An installation to be connected to its server, and how.",
    attributes: &[
        ID,
        A::REVISION,
        REDIRECT,
        A::new(
            "access_token",
            S::Secret(CREDENTIAL),
            "A bearer token to be used instead of a login; it is never renewed.",
        )
        .nullable(),
        A::new(
            "api_key",
            S::Secret(CREDENTIAL),
            "An API key to be used instead of a login.",
        )
        .nullable(),
        A::new(
            "api_key_header",
            S::Text(1, 64),
            "The header in which the API key is sent; `X-API-Key` if left out.",
        ),
        A::new(
            "client_credentials",
            S::Boolean,
            "Whether the client itself is to be let in (RFC 6749 section 4.4), without a person.",
        ),
        A::new(
            "force",
            S::Boolean,
            "Whether a pending login is thrown away and another begun; otherwise it is answered again.",
        ),
    ],
};

/// A page on which a person connects an installation.
pub(super) static LINK: Form = Form {
    name: "WorkspaceConnectorLink",
    doc: "An installation that a person is to connect in a browser.",
    attributes: &[ID, A::REVISION, REDIRECT],
};

/// An installation, named.
pub(super) static NAMED: Form = Form {
    name: "WorkspaceConnectorConnection",
    doc: "An installation with a connection, and the state it was seen in.",
    attributes: &[ID, A::REVISION],
};
