//! Hostile requests and what they are made of.

use serde_json::json;

/// A hostile request: what it is, the body, and what the answer says.
pub(super) type Case = (String, Vec<u8>, &'static str);

pub(super) fn case(name: impl Into<String>, document: impl AsRef<str>, says: &'static str) -> Case {
    (
        name.into(),
        json!({"query": document.as_ref()}).to_string().into_bytes(),
        says,
    )
}

pub(super) fn raw(name: &str, body: impl Into<Vec<u8>>, says: &'static str) -> Case {
    (name.to_owned(), body.into(), says)
}

pub(super) fn variable(
    name: &str,
    document: &str,
    value: serde_json::Value,
    says: &'static str,
) -> Case {
    raw(
        name,
        json!({"query": document, "variables": {"v": value}}).to_string(),
        says,
    )
}

pub(super) fn many(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(" ")
}

pub(super) fn nested(open: &str, times: usize, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}
