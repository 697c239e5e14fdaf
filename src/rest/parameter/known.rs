//! The parameters that operations share.

use super::{In, Parameter, Shape};
use crate::query::Resource;
use crate::resource::{
    api_token, category, choice, connector, media, provider, sync_log, workspace,
    workspace_connector,
};

/// Most rows of a page.
pub const MAX_LIMIT: u64 = 500;

/// A query parameter that need not be sent.
pub const fn query(
    name: &'static str,
    shape: Shape,
    example: &'static str,
    doc: &'static str,
) -> Parameter {
    Parameter {
        name,
        place: In::Query,
        shape,
        required: false,
        doc,
        example,
    }
}

/// A variable of the path.
pub const fn path(name: &'static str, shape: Shape, doc: &'static str) -> Parameter {
    Parameter {
        name,
        place: In::Path,
        shape,
        required: true,
        doc,
        example: "",
    }
}

/// A header that need not be sent.
pub const fn header(name: &'static str, example: &'static str, doc: &'static str) -> Parameter {
    Parameter {
        name,
        place: In::Header,
        shape: Shape::Text,
        required: false,
        doc,
        example,
    }
}

/// `include`, of a resource.
pub const fn include(of: fn() -> &'static Resource) -> Parameter {
    let doc = "Related resources to put into `included`: names of relationships, separated by commas; a dot goes on from a related resource, at most three deep.";
    query("include", Shape::Include(of), "", doc)
}

/// `sort`, of a resource.
pub const fn sort(of: fn() -> &'static Resource, example: &'static str) -> Parameter {
    let doc = "Order: fields separated by commas, `-` in front for descending; a dot goes through a to-one relationship. Rows without a value count as the greatest.";
    query("sort", Shape::Sort(of), example, doc)
}

/// `fields[type]`.
pub const FIELDS: Parameter = query(
    "fields",
    Shape::Fields,
    "",
    "Sparse fieldset: of resources of that type only these attributes and relationships, separated by commas.",
);

/// `filter[…]`, of a resource.
pub const fn filter(of: fn() -> &'static Resource) -> Parameter {
    let doc = "`filter[field]=value` compares a filterable field, several words of an enumeration separated by commas; `filter[field][operator]=value` names the operator. Filters are combined by `and`.";
    query("filter", Shape::Filter(of), "", doc)
}

/// `limit`, with the default of cursor paging.
pub const LIMIT: Parameter = limit(20);

/// `limit`, with the default of numbered pages.
pub const LIMIT_25: Parameter = limit(25);

const fn limit(default: u64) -> Parameter {
    let shape = Shape::Integer {
        least: 1,
        most: MAX_LIMIT,
        default: Some(default),
    };
    query(
        "limit",
        shape,
        "25",
        "Most rows of the page. Also written `page[limit]` or `page[size]`.",
    )
}

/// `cursor`.
pub const CURSOR: Parameter = query(
    "cursor",
    Shape::Text,
    "",
    "Where the page begins: `links.next` of the page before, sent with the same order. Empty or left out for the first page. Also written `page[cursor]`.",
);

/// `before`.
pub const BEFORE: Parameter = query(
    "before",
    Shape::Text,
    "",
    "Where the page ends: a cursor; the page holds the rows before it. Also written `page[before]`.",
);

/// `page`.
pub const PAGE: Parameter = query(
    "page",
    Shape::Integer {
        least: 1,
        most: 1_000_000,
        default: None,
    },
    "1",
    "Number of the page, from 1; not together with `cursor`. Also written `page[number]`.",
);

/// The bounds on creation and change that every list takes.
pub const DATES: &[Parameter] = &[
    query(
        "created_at_from",
        Shape::Moment,
        "2025-01-01T00:00:00Z",
        "Created at this moment or later; a date is its first moment, UTC.",
    ),
    query(
        "created_at_to",
        Shape::Moment,
        "2025-12-31T23:59:59Z",
        "Created at this moment or earlier; a date is its last moment, UTC.",
    ),
    query(
        "updated_at_from",
        Shape::Moment,
        "2025-01-01T00:00:00Z",
        "Changed at this moment or later; a date is its first moment, UTC.",
    ),
    query(
        "updated_at_to",
        Shape::Moment,
        "2025-12-31T23:59:59Z",
        "Changed at this moment or earlier; a date is its last moment, UTC.",
    ),
];

/// What lists of connectors are narrowed by.
pub const OF_CONNECTORS: &[Parameter] = &[
    query(
        "workspace_id",
        Shape::Uuid,
        "550e8400-e29b-41d4-a716-446655440000",
        "Published by this workspace.",
    ),
    query(
        "published_by",
        Shape::Uuid,
        "550e8400-e29b-41d4-a716-446655440000",
        "Published by this workspace; together with `workspace_id` both must hold.",
    ),
    query(
        "category",
        Shape::Text,
        "crm",
        "Of this category, by slug or name.",
    ),
    query(
        "direction",
        Shape::Word(&choice::DIRECTION),
        "import",
        "Which way data flows.",
    ),
    query(
        "status",
        Shape::Word(&choice::CONNECTOR_STATUS),
        "active",
        "Whether it can be installed.",
    ),
    query(
        "name",
        Shape::Text,
        "Salesforce",
        "The name holds this text, whatever the case.",
    ),
];

/// What lists of workspace connectors are narrowed by.
pub const OF_WORKSPACE_CONNECTORS: &[Parameter] = &[
    query(
        "status",
        Shape::Word(&choice::WORKSPACE_CONNECTOR_STATUS),
        "active",
        "Whether it works; `enabled` is `active`.",
    ),
    query(
        "workspace_id",
        Shape::Uuid,
        "550e8400-e29b-41d4-a716-446655440000",
        "Installed in this workspace.",
    ),
    query(
        "connector_id",
        Shape::Uuid,
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "Installations of this connector.",
    ),
];

/// What lists of sync logs are narrowed by.
pub const OF_SYNC_LOGS: &[Parameter] = &[
    query(
        "status",
        Shape::Word(&choice::SYNC_STATUS),
        "success",
        "How far it has come.",
    ),
    query(
        "trigger_type",
        Shape::Word(&choice::SYNC_TRIGGER),
        "manual",
        "What started it.",
    ),
    query(
        "workspace_id",
        Shape::Uuid,
        "550e8400-e29b-41d4-a716-446655440000",
        "Of this workspace.",
    ),
    query(
        "workspace_connector_id",
        Shape::Uuid,
        "7a8b9c0d-1e2f-4304-95a6-b7c8d9e0f1a2",
        "Of this installation.",
    ),
];

/// What lists of media are narrowed by.
pub const OF_MEDIA: &[Parameter] = &[
    query(
        "media_type",
        Shape::Word(&choice::MEDIA_TYPE),
        "logo",
        "What it is used as.",
    ),
    query(
        "workspace_id",
        Shape::Uuid,
        "550e8400-e29b-41d4-a716-446655440000",
        "Owned by this workspace.",
    ),
];

/// What lists of workspaces are narrowed by.
pub const OF_WORKSPACES: &[Parameter] = &[
    query(
        "kind",
        Shape::Word(&choice::WORKSPACE_KIND),
        "workspace",
        "What it is in its tree.",
    ),
    query(
        "stage",
        Shape::Word(&choice::WORKSPACE_STAGE),
        "active",
        "Where it stands in its life.",
    ),
    query(
        "external_workspace_id",
        Shape::Text,
        "airbyte_workspace_001",
        "The client's own identifier.",
    ),
    query(
        "name",
        Shape::Text,
        "Airbyte",
        "The name holds this text, whatever the case.",
    ),
];

/// What lists of providers are narrowed by.
pub const OF_PROVIDERS: &[Parameter] = &[
    query("category", Shape::Text, "Banking", "The field it works in."),
    query(
        "name",
        Shape::Text,
        "Mercury",
        "The name holds this text, whatever the case.",
    ),
];

/// What lists of categories are narrowed by.
pub const OF_CATEGORIES: &[Parameter] = &[query(
    "name",
    Shape::Text,
    "CRM",
    "The name holds this text, whatever the case.",
)];

/// `connector_id` in the path.
pub const CONNECTOR_ID: Parameter = path(
    "connector_id",
    Shape::Key(connector::resource),
    "Identifier or slug of the connector.",
);

/// `workspace_connector_id` in the path.
pub const WORKSPACE_CONNECTOR_ID: Parameter = path(
    "workspace_connector_id",
    Shape::Key(workspace_connector::resource),
    "Identifier of the workspace connector.",
);

/// `workspace_connector_sync_log_id` in the path.
pub const SYNC_LOG_ID: Parameter = path(
    "workspace_connector_sync_log_id",
    Shape::Key(sync_log::resource),
    "Identifier of the sync log.",
);

/// `media_id` in the path.
pub const MEDIA_ID: Parameter = path(
    "media_id",
    Shape::Key(media::resource),
    "Identifier of the media.",
);

/// `workspace_id` in the path.
pub const WORKSPACE_ID: Parameter = path(
    "workspace_id",
    Shape::Key(workspace::resource),
    "Identifier, slug or external identifier of the workspace.",
);

/// `If-None-Match`.
pub const IF_NONE_MATCH: Parameter = header(
    "If-None-Match",
    "\"r3-9f86d081884c7d65\"",
    "Entity tags of copies the client holds; 304 if one is current.",
);

/// `provider_id` in the path.
pub const PROVIDER_ID: Parameter = path(
    "provider_id",
    Shape::Key(provider::resource),
    "Identifier or slug of the provider.",
);

/// `category_id` in the path.
pub const CATEGORY_ID: Parameter = path(
    "category_id",
    Shape::Key(category::resource),
    "Identifier or slug of the category.",
);

/// `{root}` of records.
pub const ROOT: Parameter = path("root", Shape::Text, "The root, e.g. `connectors`.");

/// `fields` of records.
pub const RECORD_FIELDS: Parameter = query(
    "fields",
    Shape::Text,
    "connectors.name,connectors.category.slug",
    "Paths to return, separated by commas, each with its root; all columns of the root if left out.",
);

/// `sort` of records.
pub const RECORD_SORT: Parameter = query(
    "sort",
    Shape::Text,
    "-created_at",
    "Order: fields separated by commas, `-` in front for descending; a dot goes through a to-one relation, `<relation>_aggregate.count` orders by a figure. Rows without a value count as the greatest.",
);

/// `where` of records.
pub const WHERE: Parameter = query(
    "where",
    Shape::Json,
    "{\"status\":{\"_eq\":\"active\"}}",
    "A raw condition as JSON.",
);

/// The workspace that records are narrowed to.
pub const RECORD_WORKSPACE: Parameter = query(
    "workspace_id",
    Shape::Uuid,
    "550e8400-e29b-41d4-a716-446655440000",
    "Only rows of this workspace of the credential's tree and those below it. Also written `workspaceId`.",
);

/// `api_key_id` in the path.
pub const API_KEY_ID: Parameter = path(
    "api_key_id",
    Shape::Key(api_token::resource),
    "Identifier of the API key.",
);

/// `If-Match`.
pub const IF_MATCH: Parameter = header(
    "If-Match",
    "\"r3-9f86d081884c7d65\"",
    "Entity tags of states the change was made against; 412 if the resource is in none of them. Any tag that an answer about the resource had will do, whatever it included.",
);

/// `Idempotency-Key`.
pub const IDEMPOTENCY_KEY: Parameter = header(
    "Idempotency-Key",
    "4f9a6f0e-55f1-4c0e-9d7f-3a1b2c4d5e6f",
    "A name for the request, 1 to 255 characters: sent again within 24 hours it is answered as the first time, with `Idempotency-Replayed: true`, and nothing is done twice. Another request under the same key is refused.",
);

/// `force`.
pub const FORCE: Parameter = query(
    "force",
    Shape::Text,
    "true",
    "`true` or `false`: remove it although other things depend on it, and those with it; without this the request is refused and names them.",
);
