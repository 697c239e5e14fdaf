//! What may be sent about tokens.

use crate::resource::choice;
use crate::service::form::{Attribute as A, Form, Shape as S};

/// A token to be made.
pub static CREATE: Form = Form {
    name: "ApiTokenCreate",
    doc: "A token to be made.",
    attributes: &[
        A::new(
            "name",
            S::Text(1, 100),
            "What it is called; also the name of the person it acts as.",
        )
        .required(),
        A::new(
            "role",
            S::Word(&choice::ROLE),
            "What it may do; at most what the actor may.",
        )
        .required(),
        A::new(
            "workspace",
            S::Key,
            "The workspace it acts for, by identifier, slug or external identifier; the token's own if left out.",
        ),
        A::new(
            "expires_at",
            S::Moment,
            "When it stops working, a moment to come; never if left out.",
        ),
    ],
};

/// A token, named.
pub static NAMED: Form = Form {
    name: "ApiTokenName",
    doc: "A token, and the state it was seen in.",
    attributes: &[
        A::new("id", S::Id, "The token, by its identifier.").required(),
        A::REVISION,
    ],
};
