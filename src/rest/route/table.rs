//! The operations, one after another: what several of them share stands here.

mod read;
mod records;
mod write;

use super::{Content, Outcome, Paging, Route, error};
use crate::query::Resource;
use read::READ;
use records::RECORDS_OF_ROOTS;
use write::WRITE;

const fn one(of: fn() -> &'static Resource, doc: &'static str) -> Outcome {
    Outcome {
        status: 200,
        doc,
        content: Content::One(of),
    }
}

const fn page(of: fn() -> &'static Resource, paging: Paging, doc: &'static str) -> Outcome {
    Outcome {
        status: 200,
        doc,
        content: Content::Page(of, paging),
    }
}

/// Rows of records.
const RECORDS: Outcome = Outcome {
    status: 200,
    doc: "The rows, and what their columns are.",
    content: Content::Records,
};

const OUTSIDE: Outcome = error(
    403,
    "The credential does not reach the workspace that was named.",
);

/// A single resource the client holds a current copy of.
const CURRENT: Outcome = Outcome {
    status: 304,
    doc: "The copy the client holds is current.",
    content: Content::Empty,
};

const MISSING: Outcome = error(
    404,
    "There is no such resource, or none that the caller may see.",
);

const fn made(of: fn() -> &'static Resource, doc: &'static str) -> Outcome {
    Outcome {
        status: 201,
        doc,
        content: Content::One(of),
    }
}

const GONE: Outcome = Outcome {
    status: 204,
    doc: "It is done; there is nothing to say.",
    content: Content::Empty,
};

const NOT_ALLOWED: Outcome = error(403, "The role of the credential does not allow it.");

const TAKEN: Outcome = error(
    409,
    "A name is taken, the state of the resource does not allow it, or the idempotency key was used for another request.",
);

const CHANGED: Outcome = error(
    412,
    "The resource is in none of the states that `If-Match` or `revision` names.",
);

const UNRESOLVED: Outcome = error(
    422,
    "A relationship names what is neither there nor in `included`; JSON:API documents say 404.",
);

/// Every operation.
pub static ROUTES: &[Route] = &joined::<{ READ.len() + RECORDS_OF_ROOTS.len() + WRITE.len() }>(&[
    READ,
    RECORDS_OF_ROOTS,
    WRITE,
]);

/// The parts of the table as one.
const fn joined<const N: usize>(parts: &[&[Route]]) -> [Route; N] {
    let mut all = [parts[0][0]; N];
    let (mut part, mut at) = (0, 0);
    while part < parts.len() {
        let mut i = 0;
        while i < parts[part].len() {
            all[at] = parts[part][i];
            (i, at) = (i + 1, at + 1);
        }
        part += 1;
    }
    all
}
