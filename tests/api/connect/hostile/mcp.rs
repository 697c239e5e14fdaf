//! The MCP server of the hostile peer, and how it serves documents.

use super::{get, http, initialize};
use crate::support::hostile::{Document, Door, HUGE, Hostile, Mcp, Running};
use flate2::read::GzDecoder;
use reqwest::Response;
use serde_json::{Value as Json, json};
use std::io::Read;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// An open MCP server of this manner.
async fn open(mcp: Mcp) -> Running {
    let door = Door::Open;
    Hostile {
        door,
        mcp,
        ..Hostile::default()
    }
    .start()
    .await
}

/// Reads this much and no more; fails if the answer ends before.
async fn take(mut answer: Response, wanted: usize) -> Vec<u8> {
    let mut got = Vec::new();
    while got.len() < wanted {
        let chunk = answer.chunk().await.unwrap();
        got.extend(chunk.expect("it goes on"));
    }
    got
}

#[tokio::test]
async fn answers_that_end() {
    let result = "\"serverInfo\"";
    for (mcp, status, kind, part) in [
        (Mcp::Document, 200, "application/json", result),
        (Mcp::Events, 200, "text/event-stream", result),
        (
            Mcp::Status(403, "go away".into()),
            403,
            "text/plain",
            "go away",
        ),
        (Mcp::Status(404, String::new()), 404, "text/plain", ""),
        (Mcp::Status(500, "sorry".into()), 500, "text/plain", "sorry"),
        (Mcp::Html, 200, "text/html", "<h1>"),
        (Mcp::Accepted, 202, "text/plain", ""),
        (
            Mcp::Error,
            200,
            "application/json",
            "\"error\":{\"code\":-32603",
        ),
        (
            Mcp::Garbage,
            200,
            "application/json",
            "{\"jsonrpc\": \"2.0\", ",
        ),
        (Mcp::OtherId, 200, "application/json", "\"id\":\"another\""),
        (Mcp::Parrot(502), 502, "text/plain", "a-secret"),
    ] {
        let peer = open(mcp.clone()).await;
        let answer = initialize(&peer, Some("a-secret")).await.unwrap();
        assert_eq!(answer.status(), status, "{mcp:?}");
        assert_eq!(answer.headers()["content-type"], kind, "{mcp:?}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(part), "{mcp:?}: {text}");
    }
    let to = "http://169.254.169.254/latest/meta-data";
    let peer = open(Mcp::Redirect(307, to.into())).await;
    let answer = initialize(&peer, None).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (307, &to.parse().unwrap())
    );
    let peer = open(Mcp::Gzip).await;
    let answer = initialize(&peer, None).await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let mut text = String::new();
    let packed = answer.bytes().await.unwrap();
    GzDecoder::new(&*packed).read_to_string(&mut text).unwrap();
    assert!(text.contains(result));
}

#[tokio::test]
async fn answers_that_do_not_end() {
    for (mcp, wanted, begin) in [
        (Mcp::OpenEvents, 10_000, "event: message\ndata: {\"id\":7"),
        (
            Mcp::EndlessEvents,
            100_000,
            "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\"",
        ),
        (
            Mcp::EndlessBody,
            5_000_000,
            "{\"jsonrpc\": \"2.0\", \"padding\": \"xxx",
        ),
        (Mcp::Trickle, 3, "   "),
    ] {
        let peer = open(mcp.clone()).await;
        let got = take(initialize(&peer, None).await.unwrap(), wanted).await;
        assert!(got.starts_with(begin.as_bytes()), "{mcp:?}");
    }
    for mcp in [Mcp::Silence, Mcp::EndlessHead] {
        let peer = open(mcp.clone()).await;
        let patience = Duration::from_millis(200);
        let answer = tokio::time::timeout(patience, initialize(&peer, None)).await;
        // The client gives up waiting, or refuses to read that many headers.
        assert!(!matches!(answer, Ok(Ok(_))), "{mcp:?}");
        assert_eq!(peer.asked("/mcp").len(), 1, "{mcp:?}");
    }
    let peer = open(Mcp::Hangup).await;
    assert!(initialize(&peer, None).await.is_err());
}

#[tokio::test]
async fn doors() {
    let named = "resource_metadata=\"";
    for (door, challenge) in [
        (Door::Bearer, Some(named)),
        (Door::Bare, Some("Bearer scope=\"mcp:call\"")),
        (Door::Shut, Some(named)),
        (Door::Silent, None),
        (
            Door::Challenge(vec!["Basic realm=\"x\"".into(), "Bearer a".into()]),
            Some("Basic"),
        ),
    ] {
        let scope = Some("mcp:call");
        let manner = Hostile {
            door: door.clone(),
            scope,
            ..Hostile::default()
        };
        let peer = manner.start().await;
        let answer = initialize(&peer, None).await.unwrap();
        assert_eq!(answer.status(), 401, "{door:?}");
        let given = answer.headers().get("www-authenticate");
        let given = given.map(|v| v.to_str().unwrap());
        assert_eq!(given.is_some(), challenge.is_some(), "{door:?}");
        assert!(
            given.unwrap_or("").contains(challenge.unwrap_or("")),
            "{given:?}"
        );
        let answer = initialize(&peer, Some(&peer.access_token())).await.unwrap();
        let wanted = if matches!(door, Door::Shut) { 401 } else { 200 };
        assert_eq!(answer.status(), wanted, "{door:?}");
    }
}

#[tokio::test]
async fn a_session_is_given_and_ended() {
    let peer = open(Mcp::Document).await;
    let answer = initialize(&peer, None).await.unwrap();
    assert_eq!(answer.headers()["mcp-session-id"], "a-session");
    let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let answer = http().post(&peer.url).json(&note).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let ended = http()
        .delete(&peer.url)
        .header("mcp-session-id", "a-session");
    assert_eq!(ended.send().await.unwrap().status(), 204);
    assert_eq!(get(peer.url.clone()).await.status(), 405);
    let asked = peer.requests();
    let methods: Vec<_> = asked.iter().map(|r| r.method.as_str()).collect();
    assert_eq!(methods, ["POST", "POST", "DELETE", "GET"]);
    assert_eq!(asked[1].json(), note);
    assert_eq!(asked[2].header("mcp-session-id"), Some("a-session"));
}

#[tokio::test]
async fn documents() {
    let path = "/.well-known/oauth-protected-resource/mcp";
    for (document, status, part) in [
        (Document::Right, 200, "\"authorization_servers\""),
        (
            Document::patched(json!({"resource": "https://evil.example/"})),
            200,
            "evil.example",
        ),
        (Document::Missing, 404, ""),
        (Document::Status(500), 500, ""),
        (Document::Html, 200, "<h1>"),
        (Document::Garbage, 200, "{\"issuer\": \"http"),
        (Document::Redirect(path.into()), 302, ""),
    ] {
        let peer = Hostile {
            resource: document.clone(),
            server: document.clone(),
            ..Hostile::default()
        };
        let peer = peer.start().await;
        for path in [path, "/.well-known/oauth-authorization-server"] {
            let answer = get(format!("{}{path}", peer.origin)).await;
            assert_eq!(answer.status(), status, "{document:?}");
            let part = if part.contains("servers") { "" } else { part };
            assert!(answer.text().await.unwrap().contains(part), "{document:?}");
        }
    }
}

#[tokio::test]
async fn a_document_of_50_mb_and_one_without_end() {
    let manner = Hostile {
        resource: Document::Huge,
        server: Document::Endless,
        ..Hostile::default()
    };
    let peer = manner.start().await;
    let place = "/.well-known/oauth-protected-resource/mcp";
    let answer = get(format!("{}{place}", peer.origin)).await;
    let whole: Json = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(whole["resource"], peer.url.as_str());
    assert_eq!(whole["padding"].as_str().unwrap().len(), HUGE);
    assert!(peer.asked(place)[0].sent.load(Ordering::Relaxed) > HUGE as u64);
    // Whoever stops reading is not sent the rest.
    take(get(format!("{}{place}", peer.origin)).await, 1000).await;
    assert!(peer.asked(place)[1].sent.load(Ordering::Relaxed) < HUGE as u64);
    let place = "/.well-known/oauth-authorization-server";
    take(get(format!("{}{place}", peer.origin)).await, 5_000_000).await;
    peer.change(|manner| manner.server = Document::Silence);
    let silent = get(format!("{}{place}", peer.origin));
    let patience = Duration::from_millis(200);
    assert!(tokio::time::timeout(patience, silent).await.is_err());
}
