//! Entity tags: `"r<moment>-<hash>"`. The moment is when the row last changed, in microseconds, so
//! that a change can ask for the row it was read from whatever rendering and fieldset was read;
//! the hash is of the body, so that a copy is current only if the same bytes would be sent.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// The tag of a body about a row.
pub fn of(changed: Option<DateTime<Utc>>, body: &[u8]) -> String {
    let moment = changed.map_or(0, |m| m.timestamp_micros());
    let hash = Sha256::digest(body);
    let short: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
    format!("\"r{moment}-{short}\"")
}

/// Whether a list of `If-None-Match` holds the tag; the comparison is weak (RFC 9110, 13.1.2).
pub fn holds(list: &str, tag: &str) -> bool {
    let same = |sent: &str| {
        let sent = sent.trim();
        sent == "*" || sent.strip_prefix("W/").unwrap_or(sent) == tag
    };
    list.split(',').any(same)
}
