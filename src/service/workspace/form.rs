//! What may be sent about workspaces.

use crate::service::form::{Attribute as A, Form, Shape as S};
use crate::service::person;

const NAME: A = A::new("name", S::Text(1, 100), "Display name.");
const SLUG: A = A::new(
    "slug",
    S::Slug,
    "Short name for addresses, unique; made from the name for a new workspace, with something behind it if that is taken.",
);
const DESCRIPTION: A =
    A::new("description", S::Text(0, 500), "What the workspace is for.").nullable();
const WEBSITE: A = A::new("website", S::Url, "Web site.").nullable();
const EXTERNAL: A = A::new(
    "external_workspace_id",
    S::Text(1, 255),
    "The client's own identifier, unique in the organization.",
)
.nullable();
const AVATAR_IMAGE: A = A::new("avatar_image", S::Url, "Address of a picture.").nullable();
const AVATAR_COLOR: A = A::new(
    "avatar_color",
    S::Colour,
    "Colour behind the initials: `#RRGGBB` or a colour word of style sheets.",
)
.nullable();
const AUTO_EXTRACT: A = A::new(
    "auto_extract_enabled",
    S::Boolean,
    "Whether documents are read without being asked; yes unless said otherwise.",
);
const TIMEZONE: A = A::new(
    "timezone",
    S::Timezone,
    "IANA time zone, e.g. `Europe/Paris`.",
)
.nullable();

/// A workspace to be made.
pub static CREATE: Form = Form {
    name: "WorkspaceCreate",
    doc: "A workspace to be made.",
    attributes: &[
        A::new(
            "parent",
            S::Key,
            "The workspace above, by identifier, slug or external identifier; the token's own if left out.",
        ),
        NAME.required(),
        SLUG,
        DESCRIPTION,
        WEBSITE,
        EXTERNAL,
        AVATAR_IMAGE,
        AVATAR_COLOR,
        AUTO_EXTRACT,
        TIMEZONE,
        A::new(
            "owner",
            S::Nested(&person::NAMED),
            "Who owns it; the person the token acts as if left out.",
        ),
    ],
};

const ID: A = A::new(
    "id",
    S::Key,
    "The workspace, by identifier, slug or external identifier.",
)
.required();

/// A workspace to be changed.
pub static UPDATE: Form = Form {
    name: "WorkspaceUpdate",
    doc: "What changes of a workspace; what is left out stays, `null` empties.",
    attributes: &[
        ID,
        A::REVISION,
        NAME,
        SLUG,
        DESCRIPTION,
        WEBSITE,
        EXTERNAL,
        AVATAR_IMAGE,
        AVATAR_COLOR,
        AUTO_EXTRACT,
        TIMEZONE,
        A::new(
            "media_id",
            S::Id,
            "Its picture, a media row of the organization or everyone's.",
        )
        .nullable(),
    ],
};

/// A workspace to be deleted.
pub static DELETE: Form = Form {
    name: "WorkspaceDelete",
    doc: "A workspace to be deleted, and the state it was seen in.",
    attributes: &[
        ID,
        A::REVISION,
        A::new(
            "force",
            S::Boolean,
            "Whether its installations are taken away and its tokens revoked; otherwise a workspace that has some is refused.",
        ),
    ],
};
