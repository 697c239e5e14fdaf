//! Audits of requests that cannot run.

use super::super::GRAPHQL;
use super::JSON;
use super::audit::{Audit, Want, post};
use serde_json::{Value as Json, json};

pub(super) fn failures() -> Vec<Audit> {
    use Want::{Between, NoData, Status};
    let torn = |audit: Audit| Audit {
        body: "{ \"not a JSON".into(),
        ..audit
    };
    let parse = || json!({"query": "{"});
    let validate = || json!({"query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }"});
    let coerce = || json!({"query": "query CoerceFailure($id: ID!){ __typename }", "variables": {"id": null}});
    let (g, j) = (Some(GRAPHQL), Some(JSON));
    vec![
        torn(post(
            "B6DC",
            "MAY use 2xx, 4xx, or 5xx on malformed JSON",
            j,
            Json::Null,
            &[Between(200, 599)],
        )),
        torn(post(
            "BCF8",
            "SHOULD use 400 on malformed JSON",
            j,
            Json::Null,
            &[Status(400)],
        )),
        torn(post(
            "B7N8",
            "SHOULD use 400 on malformed JSON",
            g,
            Json::Null,
            &[Status(400)],
        )),
        post(
            "572B",
            "SHOULD use 200 on parsing failure",
            j,
            parse(),
            &[Status(200)],
        ),
        post(
            "FDE2",
            "SHOULD use 200 on validation failure",
            j,
            validate(),
            &[Status(200)],
        ),
        post(
            "7B9B",
            "SHOULD use 200 on variable coercion failure",
            j,
            coerce(),
            &[Status(200)],
        ),
        post(
            "865D",
            "SHOULD use 4xx or 5xx on parsing failure",
            g,
            parse(),
            &[Between(400, 599)],
        ),
        post(
            "556A",
            "SHOULD use 400 on parsing failure",
            g,
            parse(),
            &[Status(400)],
        ),
        post(
            "D586",
            "SHOULD not contain data on parsing failure",
            g,
            parse(),
            &[NoData],
        ),
        post(
            "51FE",
            "SHOULD use 4xx or 5xx on validation failure",
            g,
            validate(),
            &[Between(400, 599)],
        ),
        post(
            "74FF",
            "SHOULD use 400 on validation failure",
            g,
            validate(),
            &[Status(400)],
        ),
        post(
            "5E5B",
            "SHOULD not contain data on validation failure",
            g,
            validate(),
            &[NoData],
        ),
        post(
            "86EE",
            "SHOULD use 400 on variable coercion failure",
            g,
            coerce(),
            &[Status(400)],
        ),
    ]
}
