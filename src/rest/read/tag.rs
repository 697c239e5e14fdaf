//! Entity tags: `"r<revision>-<hash>"`. The revision is the row's, so that a change can ask for
//! the state it was made against whatever rendering and fieldset was read; the hash is of the
//! body, so that a copy is current only if the same bytes would be sent. A row that is never
//! changed here has no revision, and its tag begins with when it last changed.

use crate::query::{Resource, Select, View};
use sha2::{Digest, Sha256};

/// What of a row tells its states apart: slots of its revision and of when it last changed.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    revision: Option<usize>,
    changed: Option<usize>,
}

impl Mark {
    /// Adds what it needs to a projection.
    pub fn plan(resource: &'static Resource, select: &mut Select) -> Mark {
        let revision = resource.find_field("revision").map(|f| select.field(f));
        let changed = resource
            .find_field("updated_at")
            .filter(|_| revision.is_none());
        Mark {
            revision,
            changed: changed.map(|f| select.field(f)),
        }
    }

    /// The tag of a body about a row.
    pub fn tag(&self, view: View<'_>, body: &[u8]) -> String {
        let hash = Sha256::digest(body);
        let short: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
        let row = view.row();
        let revision = self.revision.and_then(|slot| row?.small(view.column(slot)));
        let changed = self.changed.and_then(|slot| row?.time(view.column(slot)));
        match (revision, changed) {
            (Some(revision), _) => format!("\"r{revision}-{short}\""),
            (None, Some(changed)) => format!("\"t{}-{short}\"", changed.timestamp_micros()),
            (None, None) => format!("\"{short}\""),
        }
    }
}

/// The tags of a list. None of ours holds a comma, so a foreign one that does is none either way.
pub fn split(list: &str) -> Vec<&str> {
    list.split(',')
        .map(str::trim)
        .filter(|t| !t.is_empty())
        .collect()
}

/// Whether a list of `If-None-Match` holds the tag; the comparison is weak (RFC 9110, 13.1.2).
pub fn holds(list: &str, tag: &str) -> bool {
    let same = |sent: &&str| *sent == "*" || sent.strip_prefix("W/").unwrap_or(sent) == tag;
    split(list).iter().any(same)
}

/// The revision that a tag names. One that is marked weak names none: `If-Match` compares strongly
/// (RFC 9110, 13.1.1).
pub fn revision(tag: &str) -> Option<i64> {
    let inner = tag.strip_prefix("\"r")?.strip_suffix('"')?;
    let (revision, hash) = inner.split_once('-')?;
    let digits = !revision.is_empty() && revision.bytes().all(|b| b.is_ascii_digit());
    let ours = hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let number = revision.parse().ok().filter(|n| *n < i64::from(i32::MAX));
    number.filter(|_| digits && ours)
}
