//! What may be sent about memberships.

use crate::resource::choice;
use crate::service::form::{Attribute as A, Form, Shape as S};
use crate::service::person;

const ROLE: A = A::new(
    "role",
    S::Word(&choice::ROLE),
    "What the person may do there.",
)
.required();
const ID: A = A::new("id", S::Id, "The membership.").required();

/// A membership to be made.
pub static CREATE: Form = Form {
    name: "MembershipCreate",
    doc: "Somebody who becomes a member of a workspace.",
    attributes: &[
        A::new(
            "workspace",
            S::Key,
            "The workspace, by identifier, slug or external identifier; the token's own if left out.",
        ),
        A::new(
            "person",
            S::Nested(&person::NAMED),
            "Who: somebody who is there, or somebody new.",
        ),
        A::new(
            "person_id",
            S::Id,
            "Who, by identifier; instead of `person`.",
        ),
        ROLE,
    ],
};

/// A membership to be changed.
pub static UPDATE: Form = Form {
    name: "MembershipUpdate",
    doc: "Another role for a member.",
    attributes: &[ID, A::REVISION, ROLE],
};

/// A membership, named.
pub static NAMED: Form = Form {
    name: "MembershipName",
    doc: "A membership, and the state it was seen in.",
    attributes: &[ID, A::REVISION],
};
