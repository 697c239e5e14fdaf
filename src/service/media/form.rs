//! What may be sent about media.

use crate::resource::choice;
use crate::service::form::{Attribute as A, Form, Shape as S};

const WORKSPACE: A = A::new(
    "workspace",
    S::Key,
    "The workspace that owns it, by identifier, slug or external identifier; the token's own if left out.",
);
const MEDIA_TYPE: A = A::new(
    "media_type",
    S::Word(&choice::MEDIA_TYPE),
    "What it is used as; a logo unless said otherwise.",
);
const LABEL: A = A::new(
    "label",
    S::Text(0, 255),
    "What it shows, for those who cannot see it.",
)
.nullable();
const IS_PRIMARY: A = A::new(
    "is_primary",
    S::Boolean,
    "Whether it is the one to show first; yes unless said otherwise.",
);
const ID: A = A::new("id", S::Id, "The media row.").required();

/// A picture to be kept.
pub static UPLOAD: Form = Form {
    name: "MediaUpload",
    doc: "A picture to be kept.",
    attributes: &[
        A::new("file", S::File, "The picture itself.").required(),
        MEDIA_TYPE,
        LABEL,
        IS_PRIMARY,
        WORKSPACE,
    ],
};

/// A picture to be changed.
pub static UPDATE: Form = Form {
    name: "MediaUpdate",
    doc: "What changes of a picture; what is left out stays, `null` empties.",
    attributes: &[
        ID,
        A::REVISION,
        A {
            doc: "What it is used as.",
            ..MEDIA_TYPE
        },
        LABEL,
        A {
            doc: "Whether it is the one to show first.",
            ..IS_PRIMARY
        },
    ],
};

/// A picture to be deleted.
pub static DELETE: Form = Form {
    name: "MediaDelete",
    doc: "A picture to be deleted, and the state it was seen in.",
    attributes: &[
        ID,
        A::REVISION,
        A::new(
            "force",
            S::Boolean,
            "Whether it is deleted although something shows it; that has no picture then.",
        ),
    ],
};

/// A picture to be sent to an address of its own.
pub static BEGIN: Form = Form {
    name: "MediaUploadBegin",
    doc: "A picture that will be sent to a signed address.",
    attributes: &[
        A::new("file_name", S::Text(1, 255), "Name of the file.").required(),
        A::new(
            "content_type",
            S::Text(1, 100),
            "Media type (RFC 9110) of the file.",
        )
        .required(),
        A::new(
            "file_size",
            S::Whole(1, i32::MAX as i64),
            "Size in bytes; exactly so many must be sent.",
        )
        .required(),
        MEDIA_TYPE,
        LABEL,
        IS_PRIMARY,
        WORKSPACE,
    ],
};

/// A picture that was sent to its address.
pub static COMPLETE: Form = Form {
    name: "MediaUploadComplete",
    doc: "A picture that was sent to its signed address.",
    attributes: &[
        A::new("id", S::Id, "The media row that the upload began with.").required(),
        A::REVISION,
    ],
};
