//! Bodies: from bytes to JSON, and the findings of those that are none.

use super::check::{Finding, Place};
use super::{Fault, Operation, Request};
use serde_json::{Value as Json, json};

/// The body of a request; `None` where the operation reads none or nothing was sent.
pub fn body(operation: Operation, request: &Request) -> Result<Option<Json>, Fault> {
    if !operation.reads_body() || request.body.is_empty() {
        return Ok(None);
    }
    if !is_json(request.header("content-type").as_deref()) {
        // Another format is taken for one long text, which is no object.
        return Ok(Some(Json::String(String::new())));
    }
    match serde_json::from_slice(&request.body) {
        Ok(body) => Ok(Some(body)),
        Err(error) => Err(Fault::Invalid(vec![unreadable(&request.body, &error)])),
    }
}

/// Mistakes as the parser calls them, and as clients of the dialect know them.
const WORDS: [(&str, &str); 10] = [
    ("EOF while parsing a value", "Expecting value"),
    ("EOF while parsing a list", "Expecting value"),
    ("EOF while parsing an object", PROPERTY),
    (
        "EOF while parsing a string",
        "Unterminated string starting at",
    ),
    ("expected value", "Expecting value"),
    ("expected ident", "Expecting value"),
    ("key must be a string", PROPERTY),
    ("expected `:`", "Expecting ':' delimiter"),
    ("expected `,`", "Expecting ',' delimiter"),
    ("trailing characters", "Extra data"),
];

const PROPERTY: &str = "Expecting property name enclosed in double quotes";

/// Whether a body is to be read as JSON; one that does not say what it is, is.
fn is_json(content_type: Option<&str>) -> bool {
    let Some(sent) = content_type else {
        return true;
    };
    let essence = sent.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || essence
            .strip_prefix("application/")
            .is_some_and(|rest| rest.ends_with("+json"))
}

fn unreadable(body: &[u8], error: &serde_json::Error) -> Finding {
    let text = error.to_string();
    // The place is told by `loc`.
    let issue = text.split(" at line ").next().unwrap_or_default();
    let known = WORDS.iter().find(|(ours, _)| issue.starts_with(ours));
    let issue = known.map_or(issue, |(_, theirs)| theirs);
    let at = vec![position(body, error).into()];
    let finding = Finding::new(
        "json_invalid",
        Place::Body,
        at,
        "JSON decode error",
        json!({}),
    );
    finding.with(json!({ "error": issue }))
}

/// How many characters were read before the mistake.
fn position(body: &[u8], error: &serde_json::Error) -> usize {
    let lines = body.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let end = (before + error.column().saturating_sub(1)).min(body.len());
    let read = body.get(..end).unwrap_or_default();
    String::from_utf8_lossy(read).chars().count()
}
