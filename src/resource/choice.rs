//! Enumerations as clients see them. The stored words are the entities' (a test compares).

use crate::query::Choice;

/// What a workspace is in its tree.
pub static WORKSPACE_KIND: Choice = Choice {
    name: "WorkspaceKind",
    doc: "What a workspace is in its tree.",
    values: &[
        (
            "organization",
            "The root of a tree; it may publish connectors.",
        ),
        ("workspace", "A workspace of its own or below another."),
    ],
    aliases: &[],
};

/// Where a workspace stands in its life.
pub static WORKSPACE_STAGE: Choice = Choice {
    name: "WorkspaceStage",
    doc: "Where a workspace stands in its life.",
    values: &[
        ("active", "In use."),
        ("suspended", "Stopped for the time being."),
        ("archived", "Kept for its records only."),
    ],
    aliases: &[],
};

/// Where the connection to a remote server stands.
pub static CONNECTION_STATE: Choice = Choice {
    name: "ConnectionState",
    doc: "Where the connection to a remote server stands.",
    values: &[
        ("created", "It was never connected."),
        (
            "auth_required",
            "A login was begun and waits for a person; `authorizationExpiresAt` says until when.",
        ),
        ("connected", "The server was reached last time."),
        (
            "disconnected",
            "It was ended, or the server cannot be reached; `disconnectCode` and `disconnectReason` say why.",
        ),
    ],
    aliases: &[],
};

/// Why a connection is disconnected.
pub static DISCONNECT_CODE: Choice = Choice {
    name: "DisconnectCode",
    doc: "Why a connection is disconnected.",
    values: &[
        ("client_request", "Somebody asked for it."),
        (
            "auth_expired",
            "A login was not finished in time, or a token has lapsed and cannot be renewed.",
        ),
        ("auth_revoked", "The server takes the credential no longer."),
        ("upstream_4xx", "The server refuses requests."),
        ("upstream_5xx", "The server fails; it is asked again."),
        (
            "network",
            "The server cannot be reached; it is asked again.",
        ),
        (
            "protocol",
            "The server does not speak the protocol; it is asked again.",
        ),
        ("policy_blocked", "The address may not be asked."),
    ],
    aliases: &[],
};

/// What a person may do in a workspace.
pub static ROLE: Choice = Choice {
    name: "Role",
    doc: "What a person may do in a workspace.",
    values: &[
        ("owner", "Everything, ownership included."),
        (
            "admin",
            "Everything but ownership: the catalogue, members, installations.",
        ),
        (
            "member",
            "Reads everything and manages the own installations.",
        ),
        ("viewer", "Reads only."),
    ],
    aliases: &[],
};

/// What a media file is used as.
pub static MEDIA_TYPE: Choice = Choice {
    name: "MediaType",
    doc: "What a media file is used as.",
    values: &[
        ("avatar", "The picture of a person or a workspace."),
        ("logo", "The mark of a connector or a provider."),
        ("banner", "A wide picture for a page."),
    ],
    aliases: &[],
};

/// Which way data flows.
pub static DIRECTION: Choice = Choice {
    name: "ConnectorDirection",
    doc: "Which way data flows, seen from the workspace.",
    values: &[
        ("import", "Data comes in."),
        ("export", "Data goes out."),
        ("both", "Data flows both ways."),
    ],
    aliases: &[
        ("input", "import"),
        ("source", "import"),
        ("output", "export"),
        ("destination", "export"),
    ],
};

/// Whether a catalogue entry can be installed.
pub static CONNECTOR_STATUS: Choice = Choice {
    name: "ConnectorStatus",
    doc: "Whether a catalogue entry can be installed.",
    values: &[
        ("active", "Can be installed."),
        ("inactive", "Cannot be installed at present."),
        ("coming_soon", "Announced, not yet to be installed."),
        ("maintenance", "Paused while it is repaired."),
        (
            "deprecated",
            "Works where installed; should not be installed any more.",
        ),
    ],
    aliases: &[],
};

/// Through whom a connector is reached.
pub static CONNECTOR_PROVIDER: Choice = Choice {
    name: "ConnectorProvider",
    doc: "The aggregator through which a connector is reached.",
    values: &[
        ("apideck", "Apideck."),
        ("chift", "Chift."),
        ("well", "Reached directly."),
        ("plaid_eu", "Plaid, Europe."),
        ("plaid_us", "Plaid, United States."),
    ],
    aliases: &[],
};

/// How a connection is authorized.
pub static AUTHORIZATION_FLOW: Choice = Choice {
    name: "AuthorizationFlow",
    doc: "How a connection is authorized.",
    values: &[
        ("oauth2", "OAuth 2 with a client registered beforehand."),
        (
            "oauth2_dcr",
            "OAuth 2 with dynamic client registration (RFC 7591).",
        ),
        ("api_key", "A key issued by the service."),
        ("basic", "A user name and a password."),
        ("link", "A hosted page of the aggregator."),
        ("none", "Nothing is asked."),
    ],
    aliases: &[],
};

/// How the service is spoken to.
pub static TRANSPORT: Choice = Choice {
    name: "ConnectorTransport",
    doc: "How the service is spoken to.",
    values: &[
        ("rest", "An HTTP API."),
        ("graphql", "A GraphQL API."),
        ("mcp", "A server of the Model Context Protocol."),
        ("webhook", "Calls that the service makes."),
        ("file", "Files, uploaded or fetched."),
        ("email", "Mail."),
        ("database", "The wire protocol of a database."),
    ],
    aliases: &[],
};

/// Whether an installed connector works.
pub static WORKSPACE_CONNECTOR_STATUS: Choice = Choice {
    name: "WorkspaceConnectorStatus",
    doc: "Whether an installed connector works.",
    values: &[
        ("active", "Connected and working."),
        ("disabled", "Switched off by a member."),
        ("to_configure", "Installed, not yet configured."),
        ("processing", "A change is under way."),
        ("error", "The last attempt failed."),
        ("need_reconnect", "Someone must log in again."),
        ("suspended", "Stopped by the service or the operator."),
        ("degraded", "Works in part."),
    ],
    aliases: &[("enabled", "active")],
};

/// What kind of record a mapping or diagnostic is about.
pub static TARGET_MODEL: Choice = Choice {
    name: "TargetModel",
    doc: "The kind of record that a sync fills.",
    values: &[
        ("company", "A company."),
        ("people", "A person."),
        ("invoice", "An invoice."),
        ("transaction", "A bank transaction."),
        ("account", "A bank account."),
        ("ledger_account", "An account of the general ledger."),
        ("journal", "A journal of the books."),
        ("journal_entry", "An entry of a journal."),
        ("email", "A mail."),
        ("payment_means", "A means of payment."),
        (
            "invoice_transaction",
            "The match of an invoice and a transaction.",
        ),
        ("document", "A document."),
    ],
    aliases: &[],
};

/// Why a sync fell short.
pub static DIAGNOSTIC_REASON: Choice = Choice {
    name: "DiagnosticReason",
    doc: "Why a sync fell short, or what it noticed.",
    values: &[
        (
            "authorization_failed",
            "The service refused the credential.",
        ),
        ("rate_limited", "The service asked to slow down."),
        ("timeout", "The service did not answer in time."),
        ("upstream_error", "The service failed."),
        (
            "tool_missing",
            "The tool that the mapping names does not exist.",
        ),
        (
            "schema_mismatch",
            "The answer has another shape than expected.",
        ),
        ("mapping_failed", "The mapping could not be evaluated."),
        ("empty_result", "The answer held no record."),
        ("partial_result", "Only some records could be read."),
    ],
    aliases: &[],
};

/// How far a sync has come.
pub static SYNC_STATUS: Choice = Choice {
    name: "SyncStatus",
    doc: "How far a sync has come.",
    values: &[
        ("scheduled", "Waits for its turn."),
        ("in_progress", "Runs."),
        ("success", "Finished."),
        ("error", "Failed."),
    ],
    aliases: &[],
};

/// What started a sync.
pub static SYNC_TRIGGER: Choice = Choice {
    name: "SyncTrigger",
    doc: "What started a sync.",
    values: &[
        ("manual", "A member."),
        ("scheduled", "The timetable."),
        ("webhook", "A call of the service."),
        ("initial", "The installation."),
    ],
    aliases: &[],
};

/// What kind of record a provenance link points at.
pub static PROVENANCE_KIND: Choice = Choice {
    name: "ProvenanceKind",
    doc: "The kind of record that a provenance link points at.",
    values: &[
        ("document", "A document."),
        ("people", "A person."),
        ("company", "A company."),
        ("account", "A bank account."),
        ("invoice", "An invoice."),
        ("transaction", "A bank transaction."),
        ("journal", "A journal of the books."),
        ("journal_entry", "An entry of a journal."),
        ("ledger_account", "An account of the general ledger."),
        ("payment_means", "A means of payment."),
    ],
    aliases: &[],
};

/// Which way a record went.
pub static PROVENANCE_DIRECTION: Choice = Choice {
    name: "ProvenanceDirection",
    doc: "Which way the record went.",
    values: &[
        ("input", "It came in by the connector."),
        ("output", "It went out by the connector."),
    ],
    aliases: &[],
};

/// How an attempt ended.
pub static AUDIT_OUTCOME: Choice = Choice {
    name: "AuditOutcome",
    doc: "How an attempt ended.",
    values: &[
        ("done", "It was done."),
        ("refused", "The role did not allow it."),
    ],
    aliases: &[],
};
