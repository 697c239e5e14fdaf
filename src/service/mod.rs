//! Use cases that write, and those that read for the server itself. One function per use case,
//! called by every face. Nothing here knows GraphQL or HTTP.

mod actor;
pub mod audit;
mod backing;
pub mod catalogue;
pub mod connector;
pub mod connector_filter;
pub mod connector_mapping;
pub mod form;
pub mod generate;
pub mod housekeeping;
pub mod idempotency;
pub mod media;
pub mod membership;
mod person;
mod reference;
pub mod setting;
mod state;
pub mod sync_diagnostic;
pub mod sync_log;
pub mod sync_target;
pub mod token;
mod use_case;
pub(crate) mod work;
pub mod workspace;
pub mod workspace_connector;
mod write;

pub use actor::{Actor, Capability, may};
pub use audit::Entry;
pub use backing::Backing;
pub use idempotency::Key;
pub use use_case::{
    Ahead, Ask, Before, Extra, ExtraKind, Face, Outcome, Prepared, UseCase, Written, perform,
};
pub(crate) use use_case::{Alone, alone};
pub use work::Work;

use crate::connect;
use crate::error::{Error, Problem};
use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::{DbErr, SqlErr};
use std::sync::LazyLock;
use uuid::Uuid;

/// Every use case that clients can ask for, in the order of the documentation. GraphQL's mutations
/// are these; REST's writing operations name them.
pub static USE_CASES: LazyLock<Vec<&'static UseCase>> = LazyLock::new(|| {
    let modules: [&'static [UseCase]; 12] = [
        &connector::USE_CASES,
        &connector_filter::USE_CASES,
        &media::USE_CASES,
        &workspace::USE_CASES,
        &membership::USE_CASES,
        &token::USE_CASES,
        &workspace_connector::USE_CASES,
        &connect::USE_CASES,
        &sync_target::USE_CASES,
        &connector_mapping::USE_CASES,
        &sync_log::USE_CASES,
        &sync_diagnostic::USE_CASES,
    ];
    modules.into_iter().flatten().collect()
});

/// The use case of that name.
pub fn use_case(name: &str) -> Option<&'static UseCase> {
    USE_CASES.iter().copied().find(|u| u.name == name)
}

/// The current moment, to the millisecond: what answers print is all there is to it, so a moment
/// that was read equals the one that is stored.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}

/// A new identifier; identifiers made later sort later.
pub(crate) fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// A broken uniqueness rule becomes a conflict at `path`; everything else stays what it is.
pub(crate) fn on_unique(error: DbErr, path: &str, issue: &str) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::Conflict(Problem::new(path, issue)),
        _ => error.into(),
    }
}

/// A slug out of a name: ASCII letters and digits, the rest hyphens.
pub fn slugify(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(100);
    slug.trim_end_matches('-').to_owned()
}

/// Whether a slug has the shape the documentation promises.
pub fn is_slug(slug: &str) -> bool {
    !slug.is_empty()
        && slug.len() <= 100
        && slug.split(['-', '_']).all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}
