//! What may be sent about connectors.

use crate::resource::choice;
use crate::service::form::{Attribute as A, Form, Shape as S};

/// Bytes of `data_quality` when written.
const QUALITY: usize = 10_000;

const SLUG: A = A::new(
    "slug",
    S::Slug,
    "Short name for addresses, unique in the organization.",
);
const NAME: A = A::new("name", S::Text(1, 255), "Display name.");
const CATEGORY: A = A::new("category", S::Key, "Its category, by slug or identifier.");
const DIRECTION: A = A::new(
    "direction",
    S::Word(&choice::DIRECTION),
    "Which way data flows.",
);
const DESCRIPTION: A = A::new(
    "description",
    S::Text(0, 5000),
    "What it reads or writes, in a sentence or two.",
)
.nullable();
const TAGS: A = A::new(
    "tags",
    S::Texts(50, 64),
    "Words to find it by, at most 50 of 64 characters.",
);
const STATUS: A = A::new(
    "status",
    S::Word(&choice::CONNECTOR_STATUS),
    "Whether it can be installed; active unless said otherwise.",
);
const STATE: A = A::new("state", S::Text(0, 64), "A word of the client's own.").nullable();
const VERSION: A = A::new(
    "version",
    S::Text(0, 64),
    "Version of the connector, e.g. `2.1.0`.",
)
.nullable();
const DATA_QUALITY: A = A::new(
    "data_quality",
    S::Object(QUALITY),
    "What is imported and when it last was.",
)
.nullable();
const REDIRECT_URL: A = A::new(
    "redirect_url",
    S::Url,
    "Where a browser goes after an installation.",
)
.nullable();
const WEBSITE: A = A::new("website", S::Url, "Web site of the service.").nullable();
const ENDPOINT_URL: A = A::new(
    "endpoint_url",
    S::Url,
    "Address of the service, for connectors that are remote servers.",
)
.nullable();
const PROVIDER: A = A::new(
    "provider",
    S::Word(&choice::CONNECTOR_PROVIDER),
    "The aggregator through which it is reached.",
)
.nullable();
const FLOW: A = A::new(
    "authorization_flow",
    S::Word(&choice::AUTHORIZATION_FLOW),
    "How a connection is authorized.",
)
.nullable();
const TRANSPORT: A = A::new(
    "transport",
    S::Word(&choice::TRANSPORT),
    "How the service is spoken to.",
)
.nullable();
const EXTERNAL: A = A::new(
    "external_connector_id",
    S::Text(1, 255),
    "Its identifier at the aggregator or in the catalogue it came from.",
)
.nullable();
const SERVICE: A = A::new(
    "service_id",
    S::Text(1, 255),
    "Stable identifier of the service behind it.",
)
.nullable();
const CONFIG_KEYS: A = A::new(
    "public_config_keys",
    S::Texts(64, 64),
    "Keys of an installation's `config` that may be shown; all others are kept to the server.",
);
const PUBLISHED_BY: A = A::new(
    "published_by",
    S::Nested(&PUBLISHER),
    "The workspace that publishes it, found by identifier, external identifier or slug, or made; the token's own if left out.",
);
const LOGO: A = A::new(
    "logo",
    S::Nested(&PICTURE),
    "Its logo, found by identifier or made; `null` takes it away.",
)
.nullable();

/// A connector to be made.
pub static CREATE: Form = Form {
    name: "ConnectorCreate",
    doc: "A connector to be added to the organization's catalogue.",
    attributes: &[
        SLUG.required(),
        NAME.required(),
        CATEGORY.required(),
        DIRECTION.required(),
        DESCRIPTION,
        TAGS,
        STATUS,
        STATE,
        VERSION,
        DATA_QUALITY,
        REDIRECT_URL,
        WEBSITE,
        ENDPOINT_URL,
        PROVIDER,
        FLOW,
        TRANSPORT,
        EXTERNAL,
        SERVICE,
        CONFIG_KEYS,
        PUBLISHED_BY,
        LOGO,
    ],
};

const ID: A = A::new("id", S::Key, "The connector, by identifier or slug.").required();

/// A connector to be changed.
pub static UPDATE: Form = Form {
    name: "ConnectorUpdate",
    doc: "What changes of a connector; what is left out stays, `null` empties.",
    attributes: &[
        ID,
        A::REVISION,
        SLUG,
        NAME,
        CATEGORY,
        DIRECTION,
        DESCRIPTION,
        TAGS,
        STATUS,
        STATE,
        VERSION,
        DATA_QUALITY,
        REDIRECT_URL,
        WEBSITE,
        ENDPOINT_URL,
        PROVIDER,
        FLOW,
        TRANSPORT,
        EXTERNAL,
        SERVICE,
        CONFIG_KEYS,
        PUBLISHED_BY,
        LOGO,
    ],
};

/// A connector, named.
pub static NAMED: Form = Form {
    name: "ConnectorName",
    doc: "A connector, and the state it was seen in.",
    attributes: &[ID, A::REVISION],
};

/// The publisher of a connector.
pub static PUBLISHER: Form = Form {
    name: "ConnectorPublisher",
    doc: "The workspace that publishes a connector: one that is there, or one to be made below the token's own.",
    attributes: &[
        A::new("id", S::Id, "Its identifier, if it is there."),
        A::new(
            "external_workspace_id",
            S::Text(1, 255),
            "The client's own identifier.",
        ),
        A::new(
            "slug",
            S::Slug,
            "Short name; made from the name for a new one.",
        ),
        A::new(
            "name",
            S::Text(1, 100),
            "Display name; needed for a new one.",
        ),
        A::new("description", S::Text(0, 500), "What the workspace is for.").nullable(),
        A::new("website", S::Url, "Web site.").nullable(),
    ],
};

/// The logo of a connector.
pub static PICTURE: Form = Form {
    name: "ConnectorLogo",
    doc: "The logo of a connector: a media row that is there, or one to be made.",
    attributes: &[
        A::new("id", S::Id, "Its identifier, if it is there."),
        A::new("file", S::File, "The picture itself."),
        A::new(
            "label",
            S::Text(0, 255),
            "What it shows, for those who cannot see it.",
        ),
        A::new("file_name", S::Text(1, 255), "Name of the file."),
        A::new(
            "content_type",
            S::Text(1, 100),
            "Media type (RFC 9110) of the file.",
        ),
        A::new("file_size", S::Whole(0, i32::MAX as i64), "Size in bytes."),
        A::new(
            "media_type",
            S::Word(&choice::MEDIA_TYPE),
            "What it is used as; a logo unless said otherwise.",
        ),
        A::new("url", S::Url, "Address to show it from."),
        A::new("upload_url", S::Url, "Where it was uploaded from."),
    ],
};
