//! What an audit is, and those of media types and methods.

use super::super::GRAPHQL;
use super::JSON;
use serde_json::{Value as Json, json};

pub(super) const TYPENAME: &str = "{ __typename }";

/// What an answer must be.
#[derive(Clone, Copy)]
pub(super) enum Want {
    Status(u16),
    Between(u16, u16),
    Type(&'static str),
    Utf8,
    NoErrors,
    NoData,
}

/// One audit: identifier, level and what, then the request and what must come of it.
pub(super) struct Audit {
    pub(super) id: String,
    pub(super) what: String,
    pub(super) method: &'static str,
    pub(super) target: String,
    pub(super) accept: Option<&'static str>,
    pub(super) content: Option<&'static str>,
    pub(super) body: String,
    pub(super) wants: Vec<Want>,
}

pub(super) fn post(
    id: impl Into<String>,
    what: impl Into<String>,
    accept: Option<&'static str>,
    body: Json,
    wants: &[Want],
) -> Audit {
    Audit {
        id: id.into(),
        what: what.into(),
        method: "POST",
        target: "/graphql".into(),
        accept,
        content: Some(JSON),
        body: body.to_string(),
        wants: wants.to_vec(),
    }
}

pub(super) fn get(
    id: &str,
    what: &str,
    accept: Option<&'static str>,
    parameters: &[(&str, &str)],
    wants: &[Want],
) -> Audit {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    let target = format!("/graphql?{query}");
    Audit {
        method: "GET",
        target,
        content: None,
        body: String::new(),
        ..post(id, what, accept, Json::Null, wants)
    }
}

pub(super) fn media_types() -> Vec<Audit> {
    use Want::{NoErrors, Status, Type, Utf8};
    let q = || json!({"query": TYPENAME});
    let ok = Status(200);
    let utf8 = json!({"query": "{ __type(name: \"Run🏃Swim🏊\") { name } }"});
    vec![
        post(
            "22EB",
            "SHOULD accept application/graphql-response+json and match the content-type",
            Some(GRAPHQL),
            q(),
            &[ok, Type(GRAPHQL)],
        ),
        post(
            "4655",
            "MUST accept application/json and match the content-type",
            Some(JSON),
            q(),
            &[ok, Type(JSON)],
        ),
        post(
            "47DE",
            "SHOULD accept */* and use application/json",
            Some("*/*"),
            q(),
            &[ok, Type(JSON)],
        ),
        post(
            "80D8",
            "SHOULD assume application/json when accept is missing",
            None,
            q(),
            &[ok, Type(JSON)],
        ),
        post(
            "82A3",
            "MUST use utf-8 when responding",
            None,
            q(),
            &[ok, Utf8],
        ),
        Audit {
            content: Some("application/json; charset=utf-8"),
            ..post("BF61", "MUST accept utf-8 requests", None, utf8, &[ok])
        },
        post(
            "78D5",
            "MUST assume utf-8 if the encoding is unspecified",
            None,
            q(),
            &[ok],
        ),
        post("2C94", "MUST accept POST requests", None, q(), &[ok]),
        get(
            "5A70",
            "MAY accept GET requests",
            None,
            &[("query", TYPENAME)],
            &[ok],
        ),
        get(
            "9C48",
            "MAY NOT execute mutations on GET",
            Some(GRAPHQL),
            &[("query", "mutation { __typename }")],
            &[Status(405)],
        ),
        Audit {
            content: None,
            ..post(
                "9ABE",
                "SHOULD refuse POST without content-type",
                None,
                q(),
                &[Status(415)],
            )
        },
        post(
            "03D4",
            "MUST accept application/json POST requests",
            None,
            q(),
            &[ok],
        ),
        Audit {
            body: String::new(),
            ..post(
                "A5BF",
                "MAY use 400 when the body is missing",
                None,
                Json::Null,
                &[Status(400)],
            )
        },
        post(
            "34A2",
            "SHOULD allow a string {query}",
            Some(GRAPHQL),
            q(),
            &[ok],
        ),
        post(
            "13EE",
            "MUST allow a string {query}",
            Some(JSON),
            q(),
            &[ok, NoErrors],
        ),
    ]
}
