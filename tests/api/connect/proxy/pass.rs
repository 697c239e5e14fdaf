//! What passes and what does not: headers, statuses and bodies, in both directions.

use super::stage::Stage;
use super::{Desk, refusal};
use crate::both;
use crate::support::hostile::{Door, Hostile, Mcp};
use flate2::{Compression, write::GzEncoder};
use reqwest::{Method, Response};
use serde_json::json;
use std::io::Write;

const PASSES: &[(&str, &str)] = &[
    ("accept", "application/json, text/event-stream"),
    ("accept-encoding", "gzip;q=0.5"),
    ("content-type", "application/json; charset=utf-8"),
    ("last-event-id", "17"),
    ("mcp-method", "tools/call"),
    ("mcp-name", "echo"),
    ("mcp-protocol-version", "2025-06-18"),
    ("mcp-session-id", "a-session"),
];

const STAYS: &[(&str, &str)] = &[
    ("cookie", "sid=callers-cookie"),
    ("forwarded", "for=10.9.8.7"),
    ("origin", "https://callers.example"),
    ("proxy-authorization", "Basic Y2FsbGVycw=="),
    ("referer", "https://callers.example/page"),
    ("te", "trailers"),
    (
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ),
    ("user-agent", "callers-agent/1"),
    ("x-api-key", "callers-key"),
    ("x-forwarded-for", "10.9.8.7"),
    ("x-real-ip", "10.9.8.7"),
];

both! {
    async fn a_server_gets_what_describes_the_call_and_our_credential(t) {
        let peer = Hostile::default().start().await;
        let desk = Desk::open(t, &peer.url, |_| ()).await;
        let granted = peer.access_token();
        desk.connect(json!({"accessToken": granted})).await;
        for method in [Method::POST, Method::GET, Method::DELETE] {
            let mut call = desk.call(method.clone());
            for (name, value) in PASSES.iter().chain(STAYS) {
                call = call.header(*name, *value);
            }
            if method == Method::POST {
                call = call.body(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
            }
            call.send().await.unwrap();
            let seen = peer.asked("/mcp").pop().unwrap();
            assert_eq!(seen.method, method.as_str());
            let credential = format!("Bearer {granted}");
            let mut wanted: Vec<(&str, &str)> = PASSES.to_vec();
            wanted.push(("authorization", &credential));
            if method == Method::POST {
                wanted.push(("content-length", "40"));
            }
            wanted.sort_unstable();
            let own = ["host", "user-agent"];
            let mut got: Vec<(&str, &str)> = seen.headers.iter().map(|(n, v)| (&**n, &**v)).collect();
            got.retain(|(name, _)| !own.contains(name));
            got.sort_unstable();
            assert_eq!(got, wanted, "{method}");
            assert!(!seen.text().contains("callers"), "{seen:?}");
            assert!(!seen.text().contains(&desk.token));
        }
        desk.end().await;
    }

    async fn a_key_is_shown_in_its_own_header(t) {
        let peer = Hostile { door: Door::Open, ..Hostile::default() }.start().await;
        let desk = Desk::open(t, &peer.url, |_| ()).await;
        desk.connect(json!({"apiKey": "a-key-of-ours", "apiKeyHeader": "X-Key"})).await;
        let answer = desk.list().header("x-key", "callers").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let seen = peer.asked("/mcp").pop().unwrap();
        let keys: Vec<_> = seen.headers.iter().filter(|(n, _)| n == "x-key").collect();
        assert_eq!(keys, [&("x-key".to_owned(), "a-key-of-ours".to_owned())]);
        assert_eq!(seen.header("authorization"), None);
        desk.end().await;
    }
}

const ANSWERED: &str = "\
content-type: application/json\r\n\
content-encoding: gzip\r\n\
content-language: en\r\n\
mcp-session-id: a-session\r\n\
retry-after: 7\r\n\
x-ratelimit-remaining: 3\r\n\
set-cookie: theirs=1\r\n\
www-authenticate: Bearer realm=\"theirs\"\r\n\
proxy-authenticate: Basic\r\n\
access-control-allow-origin: *\r\n\
access-control-allow-credentials: true\r\n\
content-security-policy: script-src *\r\n\
strict-transport-security: max-age=0\r\n\
clear-site-data: \"*\"\r\n\
cache-control: public, max-age=600\r\n\
location: https://elsewhere.example\r\n\
refresh: 0; url=https://elsewhere.example\r\n\
service-worker-allowed: /\r\n\
x-accel-redirect: /secret\r\n\
alt-svc: h3=\":443\"\r\n\
keep-alive: timeout=5\r\n\
x-hop: theirs\r\n\
x-trace-id: theirs\r\n\
server: theirs\r\n";

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Names and values, without the date and what differs each time.
fn headers(answer: &Response) -> Vec<String> {
    let mut lines: Vec<String> = answer
        .headers()
        .iter()
        .filter(|(name, _)| !["date", "x-trace-id"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    lines
}

both! {
    async fn a_caller_gets_what_describes_the_answer_and_its_bytes_untouched(t) {
        let stage = Stage::open().await;
        let desk = Desk::connected(t, &stage.url, |_| ()).await;
        let packed = gzip(&"{\"result\": \"Grüße, 世界\"}".repeat(100));
        let answering = async {
            let guest = stage.guest().await;
            guest.answer("200 OK", ANSWERED, &packed).await;
        };
        let (answer, ()) = tokio::join!(desk.list().send(), answering);
        let answer = answer.unwrap();
        let length = format!("content-length: {}", packed.len());
        let wanted = [
            "cache-control: no-store, no-transform",
            "content-encoding: gzip",
            "content-language: en",
            &length,
            "content-security-policy: default-src 'none'; sandbox",
            "content-type: application/json",
            "mcp-session-id: a-session",
            "retry-after: 7",
            "x-accel-buffering: no",
            "x-content-type-options: nosniff",
            "x-ratelimit-remaining: 3",
        ];
        assert_eq!(headers(&answer), wanted);
        assert_ne!(answer.headers()["x-trace-id"], "theirs");
        assert_eq!(answer.bytes().await.unwrap(), packed);
        desk.end().await;
    }
}

/// What comes of one answer of the server.
async fn passed(desk: &Desk, stage: &Stage, status: &str, body: &str) -> Response {
    let answering = async {
        let guest = stage.guest().await;
        let kind = "content-type: text/plain\r\nlocation: https://elsewhere.example\r\n";
        guest.answer(status, kind, body).await;
    };
    tokio::join!(desk.list().send(), answering).0.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_passes_unless_it_is_for_us() {
    let t = crate::support::TestApp::sqlite().await;
    let stage = Stage::open().await;
    let desk = Desk::connected(&t, &stage.url, |_| ()).await;
    for status in [200, 201, 202, 400, 403, 404, 405, 429, 500, 503] {
        let answer = passed(&desk, &stage, &format!("{status} So"), "said").await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.text().await.unwrap(), "said", "{status}");
    }
    let answering = async {
        let mut guest = stage.guest().await;
        guest.say("HTTP/1.1 204 No Content\r\n\r\n").await;
    };
    let (answer, ()) = tokio::join!(desk.call(Method::DELETE).send(), answering);
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers().get("content-length"), None);
    for status in [300, 301, 302, 303, 304, 307, 308, 407] {
        let body = if status == 304 { "" } else { "said" };
        let answer = passed(&desk, &stage, &format!("{status} So"), body).await;
        assert_eq!(answer.headers().get("location"), None);
        let wanted = json!({"detail": "Connector has returned an error",
            "code": "UPSTREAM_ERROR", "upstream": {"status": status}});
        assert_eq!(refusal(answer).await, (502, wanted));
    }
    assert_eq!(desk.state().await, "connected");
    desk.end().await;
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_answer_is_not_the_callers_fault() {
    let t = crate::support::TestApp::sqlite().await;
    let peer = Hostile {
        door: Door::Open,
        ..Hostile::default()
    };
    let peer = peer.start().await;
    let desk = Desk::open(&t, &peer.url, |config| config.proxy_timeout = 1).await;
    desk.connect(json!({})).await;
    let wanted = json!({"detail": "Unable to establish connection with the connector",
        "code": "UPSTREAM_UNREACHABLE",
        "upstream": {"status": null, "issue": "the connector's server cannot be reached"}});
    for mcp in [Mcp::Hangup, Mcp::Silence, Mcp::EndlessHead] {
        peer.change(|manner| manner.mcp = mcp.clone());
        let answer = desk.list().send().await.unwrap();
        assert_eq!(refusal(answer).await, (504, wanted.clone()), "{mcp:?}");
    }
    drop(peer);
    let answer = desk.list().send().await.unwrap();
    assert_eq!(refusal(answer).await, (504, wanted));
    assert_eq!(
        desk.state().await,
        "connected",
        "the keeper judges, not one call"
    );
    desk.end().await;
    t.end().await;
}
