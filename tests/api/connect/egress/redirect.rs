//! Redirects: each step judged as the first, and what the next server sees of the request.

use super::peer::{Peer, Reply, answer, ok, to};
use super::{Limits, PATIENT, get, refused, request, towards};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// Headers of a request, the first of which are credentials.
const SENT: &[(&str, &str)] = &[
    ("authorization", "Bearer planted"),
    ("cookie", "session=planted"),
    ("proxy-authorization", "Basic planted"),
    ("x-api-key", "planted"),
    ("mcp-session-id", "planted"),
    ("accept", "text/event-stream"),
    ("mcp-protocol-version", "2025-11-25"),
];

fn headers() -> HeaderMap {
    let pair = |(name, value): &(&'static str, &'static str)| {
        let name = HeaderName::from_static(name);
        (name, HeaderValue::from_static(value))
    };
    SENT.iter().map(pair).collect()
}

#[tokio::test]
async fn a_redirect_to_what_may_not_be_asked_is_refused() {
    let secret = Peer::fine().await;
    let port = secret.port();
    let targets = [
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://169.254.169.254/".to_owned(),
        "https://[fd00:ec2::254]/".to_owned(),
        format!("https://127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://localhost:{port}/"),
        "https://10.0.0.1/".to_owned(),
        "https://metadata.google.internal/".to_owned(),
        "http://mcp.example.com/".to_owned(),
        "ftp://mcp.example.com/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "data:text/plain,x".to_owned(),
        "https://user:password@mcp.example.com/".to_owned(),
        "https://mcp.example.com:22/".to_owned(),
        "https://[not-an-address/".to_owned(),
        "https://mcp.example.com/\u{e9}".to_owned(),
    ];
    for status in ["301 a", "302 a", "303 a", "307 a", "308 a"] {
        for target in targets.clone() {
            let peer = Peer::start(move |_| to(status, &target)).await;
            refused(get(&towards(&[&peer]), &peer.at("/")).await);
            assert_eq!(peer.seen().len(), 1, "{status}");
        }
    }
    assert_eq!(secret.connections().await, 0, "{:?}", secret.seen());
}

#[tokio::test]
async fn a_redirect_with_two_targets_is_refused() {
    let second = "Location: /a\r\nLocation: /b\r\n";
    let peer = Peer::start(move |_| Reply::Bytes(answer("302 Found", second, ""))).await;
    refused(get(&towards(&[&peer]), &peer.at("/")).await);
    assert_eq!(peer.seen().len(), 1);
}

#[tokio::test]
async fn a_loop_ends_at_the_limit() {
    let peer = Peer::start(|_| to("302 Found", "/again")).await;
    let egress = towards(&[&peer]);
    for redirects in 1..4 {
        let before = peer.seen().len();
        let limits = Limits {
            redirects,
            ..PATIENT
        };
        let answer = egress
            .send(request(Method::GET, &peer.at("/")), limits)
            .await;
        let why = format!("the server redirects more than {redirects} times");
        assert_eq!(refused(answer), why);
        assert_eq!(peer.seen().len() - before, redirects + 1);
    }
}

#[tokio::test]
async fn without_redirects_a_redirect_is_an_answer() {
    let peer = Peer::start(|_| to("302 Found", "http://169.254.169.254/")).await;
    let egress = towards(&[&peer]);
    let limits = Limits {
        redirects: 0,
        ..PATIENT
    };
    let answer = egress
        .send(request(Method::GET, &peer.at("/")), limits)
        .await;
    let answer = answer.expect("the redirect itself");
    assert_eq!(
        (answer.status.as_u16(), &*answer.body),
        (302, &b"moved"[..])
    );
    assert_eq!(answer.headers["location"], "http://169.254.169.254/");
    let opened = reqwest::Request::new(Method::GET, peer.at("/").parse().unwrap());
    let answer = egress
        .open(opened, PATIENT.time)
        .await
        .expect("the redirect itself");
    assert_eq!(answer.status(), 302);
    assert_eq!(peer.seen().len(), 2);
}

#[tokio::test]
async fn statuses_that_are_no_redirect_are_answers() {
    for status in ["200 a", "201 a", "300 a", "304 a", "305 a", "401 a"] {
        let peer = Peer::start(move |_| to(status, "/elsewhere")).await;
        let answer = get(&towards(&[&peer]), &peer.at("/")).await.expect(status);
        assert!(status.starts_with(answer.status.as_str()), "{status}");
    }
    let peer = Peer::start(|_| Reply::Bytes(answer("302 Found", "", "no target"))).await;
    let answer = get(&towards(&[&peer]), &peer.at("/"))
        .await
        .expect("an answer");
    assert_eq!(answer.body, b"no target");
}

/// A peer that redirects `/` to `/next` and answers there.
async fn once(status: &'static str) -> Peer {
    Peer::start(move |request| {
        let first = request.split(' ').nth(1) == Some("/");
        if first {
            to(status, "/next")
        } else {
            Reply::Bytes(ok("there"))
        }
    })
    .await
}

#[tokio::test]
async fn method_and_body_follow_the_rules_of_the_status() {
    let cases = [
        ("301 a", Method::POST, "GET", false),
        ("302 a", Method::POST, "GET", false),
        ("303 a", Method::POST, "GET", false),
        ("303 a", Method::PUT, "GET", false),
        ("303 a", Method::HEAD, "HEAD", true),
        ("301 a", Method::PUT, "PUT", true),
        ("302 a", Method::GET, "GET", true),
        ("307 a", Method::POST, "POST", true),
        ("308 a", Method::POST, "POST", true),
        ("308 a", Method::DELETE, "DELETE", true),
    ];
    for (status, method, then, keeps) in cases {
        let peer = once(status).await;
        let mut sent = request(method.clone(), &peer.at("/"));
        sent.headers = headers();
        sent.headers
            .insert("content-type", HeaderValue::from_static("text/plain"));
        if method != Method::HEAD {
            sent.body = b"planted-body".to_vec();
        }
        let body = !sent.body.is_empty();
        let answer = towards(&[&peer])
            .send(sent, PATIENT)
            .await
            .expect("an answer");
        assert_eq!(answer.url.path(), "/next");
        let [_, second] = &peer.seen()[..] else {
            panic!("{status} {method}: {:?}", peer.seen());
        };
        assert!(
            second.starts_with(&format!("{then} /next ")),
            "{status} {method}: {second}"
        );
        assert_eq!(
            second.contains("planted-body"),
            keeps && body,
            "{status} {method}: {second}"
        );
        assert_eq!(
            second.contains("content-type"),
            keeps,
            "{status} {method}: {second}"
        );
        assert!(
            second.contains("authorization: Bearer planted"),
            "the same origin: {second}"
        );
        assert!(
            !second.contains("Basic planted"),
            "a header of the connection: {second}"
        );
    }
}

#[tokio::test]
async fn another_origin_sees_no_credential_whatever_its_header_is_named() {
    let last = Peer::fine().await;
    let at = last.at("/last");
    let middle = Peer::start(move |_| to("302 Found", &at)).await;
    let at = middle.at("/middle");
    let first = Peer::start(move |_| to("307 Temporary Redirect", &at)).await;
    let mut sent = request(Method::GET, &first.at("/first"));
    sent.headers = headers();
    let egress = towards(&[&first, &middle, &last]);
    let answer = egress.send(sent, PATIENT).await.expect("an answer");
    assert_eq!(answer.url.as_str(), last.at("/last"));
    assert!(
        first.seen()[0].contains("x-api-key: planted"),
        "{:?}",
        first.seen()
    );
    for seen in [&middle.seen()[0], &last.seen()[0]] {
        assert!(!seen.contains("planted"), "{seen}");
        assert!(seen.contains("accept: text/event-stream\r\n"), "{seen}");
        assert!(
            seen.contains("mcp-protocol-version: 2025-11-25\r\n"),
            "{seen}"
        );
    }
}

#[tokio::test]
async fn credentials_do_not_come_back_with_the_way_back() {
    let at = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let there = at.clone();
    let first = Peer::start(move |request| match request.split(' ').nth(1) {
        Some("/") => to("302 Found", there.get().expect("the other")),
        _ => Reply::Bytes(ok("back")),
    })
    .await;
    let back = first.at("/back");
    let second = Peer::start(move |_| to("302 Found", &back)).await;
    at.set(second.at("/")).expect("once");
    let mut sent = request(Method::GET, &first.at("/"));
    sent.headers = headers();
    let answer = towards(&[&first, &second]).send(sent, PATIENT).await;
    assert_eq!(answer.expect("an answer").body, b"back");
    assert!(!first.seen()[1].contains("planted"), "{:?}", first.seen());
}

#[tokio::test]
async fn a_body_is_not_sent_on_to_another_origin() {
    for status in ["307 Temporary Redirect", "308 Permanent Redirect"] {
        let other = Peer::fine().await;
        let at = other.at("/");
        let peer = Peer::start(move |_| to(status, &at)).await;
        let mut sent = request(Method::POST, &peer.at("/"));
        sent.body = b"code=planted".to_vec();
        refused(towards(&[&peer, &other]).send(sent, PATIENT).await);
        assert_eq!(other.connections().await, 0, "{:?}", other.seen());
    }
}
