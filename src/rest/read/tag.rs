//! Entity tags: `"r<revision>-<hash>"`. The revision is the row's, so that a change can ask for the
//! row it was read from whatever rendering and fieldset was read; rows that count no changes have
//! the moment of the last one there, in microseconds. The hash is of the body, so that a copy is
//! current only if the same bytes would be sent.

use crate::db::Storage;
use crate::query::{Field, Resource, View};
use sha2::{Digest, Sha256};

/// The field that tells one state of a row from the next.
pub fn marker(resource: &'static Resource) -> Option<&'static Field> {
    let counted = resource.find_field("revision");
    counted.or_else(|| resource.find_field("updated_at"))
}

/// What the marker says of a row, held in a slot.
pub fn state(field: &Field, slot: usize, view: View<'_>) -> Option<i64> {
    let (row, column) = (view.row()?, view.column(slot));
    match field.storage {
        Storage::Time => row.time(column).map(|m| m.timestamp_micros()),
        _ => row.number(column, field.storage),
    }
}

/// The tag of a body about a row in a state.
pub fn of(state: Option<i64>, body: &[u8]) -> String {
    let state = state.unwrap_or_default();
    let hash = Sha256::digest(body);
    let short: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
    format!("\"r{state}-{short}\"")
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
