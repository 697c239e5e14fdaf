//! GraphQL over HTTP: the audits of the reference implementation (`graphql-http` 1.23.1, 61 of
//! them, by their identifiers), and what they leave out.

mod audit;
mod failure;
mod parameter;

use super::{GRAPHQL, Got, owner, send};
use crate::both;
use crate::support::TestApp;
use audit::{Audit, Want, media_types};
use failure::failures;
use parameter::{parameters, shapes};

const JSON: &str = "application/json";

fn fails(got: &Got, want: Want) -> bool {
    !match want {
        Want::Status(status) => got.status == status,
        Want::Between(from, to) => (from..=to).contains(&got.status),
        Want::Type(media_type) => got
            .header("content-type")
            .is_some_and(|h| h.starts_with(media_type)),
        Want::Utf8 => std::str::from_utf8(&got.body).is_ok(),
        Want::NoErrors => got.json().get("errors").is_none(),
        Want::NoData => got.json().get("data").is_none(),
    }
}

async fn run(t: &TestApp, bearer: &str, audit: &Audit) -> Got {
    let mut headers = vec![("authorization", bearer)];
    headers.extend(audit.accept.map(|a| ("accept", a)));
    headers.extend(audit.content.map(|c| ("content-type", c)));
    send(
        t,
        audit.method,
        &audit.target,
        &headers,
        audit.body.as_bytes(),
    )
    .await
}

both! {
    async fn every_audit_of_graphql_over_http_passes(t) {
        let bearer = format!("Bearer {}", owner(t).await);
        let lists = [media_types(), shapes(), parameters(), failures()];
        let audits: Vec<Audit> = lists.into_iter().flatten().collect();
        assert_eq!(audits.len(), 61);
        let mut wrong = Vec::new();
        for audit in &audits {
            let got = run(t, &bearer, audit).await;
            if audit.wants.iter().any(|want| fails(&got, *want)) {
                wrong.push(format!("{} {}: {} {}", audit.id, audit.what, got.status, got.text()));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    async fn accept_is_negotiated(t) {
        let token = owner(t).await;
        let cases = [
            ("application/graphql-response+json, application/json;q=0.9", 200, GRAPHQL),
            ("application/json;q=0.4, application/graphql-response+json;q=0.5", 200, GRAPHQL),
            ("application/graphql-response+json;q=0.4, application/json;q=0.5", 200, JSON),
            ("application/graphql-response+json;q=0, */*;q=0.1", 200, JSON),
            ("Application/GraphQL-Response+JSON", 200, GRAPHQL),
            ("application/*", 200, JSON),
            ("text/html, */*;q=0.8", 200, JSON),
            ("text/csv", 406, JSON),
            ("application/json;q=0", 406, JSON),
        ];
        for (accept, status, media_type) in cases {
            let bearer = format!("Bearer {token}");
            let headers = [("authorization", bearer.as_str()), ("accept", accept), ("content-type", JSON)];
            let got = send(t, "POST", "/graphql", &headers, br#"{"query":"{__typename}"}"#).await;
            let expected = format!("{media_type}; charset=utf-8");
            assert_eq!((got.status, got.header("content-type")), (status, Some(expected.as_str())), "{accept}");
        }
    }

    async fn bodies_are_json_and_nothing_else(t) {
        let bearer = format!("Bearer {}", owner(t).await);
        let q = br#"{"query":"{__typename}"}"#;
        let cases: &[(Option<&str>, &[u8], u16)] = &[
            (Some("application/json"), q, 200),
            (Some("application/json;charset=UTF-8"), q, 200),
            (Some("Application/JSON"), q, 200),
            (Some("application/json; charset=\"utf-8\""), q, 200),
            (Some("application/json; charset=iso-8859-1"), q, 415),
            (Some("text/plain"), q, 415),
            (Some("application/x-www-form-urlencoded"), b"query=%7B__typename%7D", 415),
            // Without the header that no form of another site can send.
            (Some("multipart/form-data; boundary=x"), b"--x--", 400),
            (Some("application/graphql"), b"{__typename}", 415),
            (Some("application/json-seq"), q, 415),
            (None, q, 415),
            (Some("application/json"), b"", 400),
            (Some("application/json"), b"null", 400),
            (Some("application/json"), b"\"{__typename}\"", 400),
            (Some("application/json"), br#"[{"query":"{__typename}"}]"#, 400),
            (Some("application/json"), b"[]", 400),
            (Some("application/json"), br#"{"query":"{__typename}"} {}"#, 400),
            (Some("application/json"), br#"{"query":"{__typename}","query":"{__typename}"}"#, 400),
            (Some("application/json"), b"{\"query\":\"\xff\"}", 400),
        ];
        for (content, body, status) in cases {
            let mut headers = vec![("authorization", bearer.as_str()), ("accept", GRAPHQL)];
            headers.extend(content.map(|c| ("content-type", c)));
            let got = send(t, "POST", "/graphql", &headers, body).await;
            assert_eq!(got.status, *status, "{content:?} {}", String::from_utf8_lossy(body));
            assert_eq!(got.json()["errors"].is_array(), *status != 200, "{}", got.text());
        }
    }

    async fn get_takes_queries_with_parameters_that_are_given_once(t) {
        let bearer = format!("Bearer {}", owner(t).await);
        let cases = [
            ("query=%7B__typename%7D&unknown=1", 200),
            ("query=query+A%7B__typename%7D+query+B%7B__typename%7D&operationName=B", 200),
            ("query=query+A%7B__typename%7D&operationName=", 200),
            ("query=%7B__typename%7D&variables=&extensions=%7B%7D", 200),
            ("query=query+A%7B__typename%7D+query+B%7B__typename%7D&operationName=C", 400),
            ("query=query+A%7B__typename%7D+mutation+B%7B__typename%7D&operationName=B", 405),
            ("query=subscription%7B__typename%7D", 405),
            ("query=%7B__typename%7D&query=%7B__typename%7D", 400),
            ("query=%7B__typename%7D&variables=%7B%7D&variables=%7B%7D", 400),
            ("query=%7B__typename%7D&variables=%5B%5D", 400),
            ("query=%7B__typename%7D&variables=%7B", 400),
            ("variables=%7B%7D", 400),
            ("", 400),
        ];
        for (query, status) in cases {
            let headers = [("authorization", bearer.as_str()), ("accept", GRAPHQL)];
            let got = send(t, "GET", &format!("/graphql?{query}"), &headers, b"").await;
            assert_eq!(got.status, status, "{query}: {}", got.text());
        }
    }

    async fn other_methods_are_told_which_there_are(t) {
        let bearer = format!("Bearer {}", owner(t).await);
        for method in ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"] {
            let got = send(t, method, "/graphql?query=%7B__typename%7D", &[("authorization", &bearer)], b"").await;
            assert_eq!((got.status, got.header("allow")), (405, Some("GET, POST")), "{method}");
        }
    }

    async fn a_body_over_the_limit_is_refused_however_it_is_sent(t) {
        let bearer = format!("Bearer {}", owner(t).await);
        let limit = t.app.config.body_limit;
        let frame = br#"{"query":"{__typename}","extensions":{"x":""}}"#.len();
        for (size, status) in [(limit, 200), (limit + 1, 413)] {
            let body = format!(r#"{{"query":"{{__typename}}","extensions":{{"x":"{}"}}}}"#, "x".repeat(size - frame));
            let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
            let head = [("authorization", bearer.as_str()), ("accept", GRAPHQL), ("content-type", JSON)];
            let sent = send(t, "POST", "/graphql", &head, body.as_bytes()).await;
            let headers = [&head[..], &[("transfer-encoding", "chunked")]].concat();
            let streamed = send(t, "POST", "/graphql", &headers, chunked.as_bytes()).await;
            assert_eq!((sent.status, streamed.status), (status, status));
            if status == 413 {
                assert!(sent.text().contains(&limit.to_string()), "{}", sent.text());
            }
        }
    }
}
