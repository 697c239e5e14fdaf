//! Conditional and partial requests (RFC 9110, sections 13 and 14) for what has a strong ETag.
//! Knows headers and sizes, and nothing of what is sent.

use poem::http::header::{self, HeaderName};
use poem::http::{HeaderMap, Method};
use std::ops::Range;

/// Why a request is answered without the file.
#[derive(Debug, PartialEq, Eq)]
pub enum Unmet {
    /// 304: the client has it.
    NotModified,
    /// 412: the client wanted something else.
    PreconditionFailed,
}

/// How much is to be sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Extent {
    /// 200 with all of it.
    Whole,
    /// 206 with these bytes.
    Part(Range<u64>),
    /// 416: the range begins behind the end.
    Unsatisfiable,
}

/// Judges the preconditions, in the order of RFC 9110, section 13.2.2. Dates are not among them:
/// what has no modification date ignores those.
pub fn precondition(headers: &HeaderMap, tag: &str) -> Result<(), Unmet> {
    if list(headers, header::IF_MATCH).is_some_and(|sent| !names(&sent, tag, false)) {
        return Err(Unmet::PreconditionFailed);
    }
    if list(headers, header::IF_NONE_MATCH).is_some_and(|sent| names(&sent, tag, true)) {
        return Err(Unmet::NotModified);
    }
    Ok(())
}

/// Judges what part is wanted of something with `size` bytes.
pub fn extent(method: &Method, headers: &HeaderMap, tag: &str, size: u64) -> Extent {
    let wanted = list(headers, header::RANGE).filter(|_| *method == Method::GET);
    // If-Range names the one strong tag for which a part is wanted; a date is never ours.
    let still = list(headers, header::IF_RANGE).is_none_or(|sent| sent.trim() == tag);
    match wanted {
        Some(sent) if still => range(&sent, size),
        _ => Extent::Whole,
    }
}

/// A header as one line, however many it was sent in.
fn list(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let lines: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// Whether a list of tags holds `tag`; `weakly` a tag that is marked weak counts as well.
fn names(sent: &str, tag: &str, weakly: bool) -> bool {
    if sent.trim() == "*" {
        return true;
    }
    // No tag of ours holds a comma, so a foreign one that does is none of ours either way.
    sent.split(',').map(str::trim).any(|one| {
        let strong = if weakly {
            one.strip_prefix("W/").unwrap_or(one)
        } else {
            one
        };
        strong == tag
    })
}

/// A single range of bytes. What is malformed, of another unit, or more than one range is
/// answered with all of it, as the specification allows.
fn range(sent: &str, size: u64) -> Extent {
    let Some(spec) = sent
        .trim()
        .split_once('=')
        .filter(|(unit, _)| unit.trim().eq_ignore_ascii_case("bytes"))
        .map(|(_, spec)| spec.trim())
    else {
        return Extent::Whole;
    };
    let Some((first, last)) = spec.split_once('-') else {
        return Extent::Whole;
    };
    let bounds = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Some(first), None) if last.is_empty() => first..size,
        (None, Some(last)) if first.is_empty() => size.saturating_sub(last)..size,
        _ => return Extent::Whole,
    };
    if bounds.start < bounds.end {
        Extent::Part(bounds)
    } else {
        Extent::Unsatisfiable
    }
}

/// Digits and nothing else. More of them than fit mean a place behind every end.
fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().unwrap_or(u64::MAX))
}
