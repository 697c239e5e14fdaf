//! The MCP server, and the clients that talk to it or to a server under test.

use super::{get, hello, knock};
use crate::support::hostile::Hostile;
use crate::support::peer::{
    Mcp, McpOptions, Provider, ProviderOptions, agentstack_flow, mcp_client,
};
use serde_json::{Value as Json, json};

#[tokio::test]
async fn the_metadata_of_a_resource_is_where_it_was_asked_to_be() {
    let Some(provider) = Provider::start(ProviderOptions::default()).await else {
        return;
    };
    for (metadata, named, path, root) in [
        ("header", true, 200, 404),
        ("well-known", false, 200, 404),
        ("root", false, 404, 200),
        ("none", false, 404, 404),
    ] {
        let options = McpOptions {
            metadata,
            ..McpOptions::protected_by(&provider)
        };
        let mcp = Mcp::start(options).await.unwrap();
        let (_, challenge) = knock(&mcp, None).await;
        assert_eq!(challenge.unwrap().contains("resource_metadata"), named);
        let place = format!("{}/.well-known/oauth-protected-resource", mcp.origin);
        assert_eq!(get(&format!("{place}/mcp")).await.0, path, "{metadata}");
        assert_eq!(get(&place).await.0, root, "{metadata}");
    }
}

#[tokio::test]
async fn a_client_in_a_whole_session_with_each_kind_of_server() {
    let open = McpOptions::default();
    let gzip = McpOptions {
        gzip: true,
        ..open.clone()
    };
    let document = McpOptions {
        json: true,
        ..open.clone()
    };
    let key = McpOptions::key("static", "a-token");
    for (name, options) in [
        ("open", open),
        ("gzip", gzip),
        ("json", document),
        ("key", key),
    ] {
        let Some(mcp) = Mcp::start(options).await else {
            return;
        };
        let asked = json!({"url": mcp.url, "token": "a-token", "progress": name != "json"});
        let seen = mcp_client(&asked).await.unwrap();
        let seen = seen.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(seen["heard"], json!(["welcome", "news"]), "{name}");
        assert_eq!(mcp.sessions().await, Vec::<Json>::new(), "{name}");
        let log = mcp.log().await;
        assert_eq!(log.last().unwrap()["method"], "DELETE", "{name}");
        assert!(!json!(log).to_string().contains("a-token"), "{name}");
    }
    let mcp = Mcp::start(McpOptions::key("static", "a-token"))
        .await
        .unwrap();
    let asked = json!({"url": mcp.url, "token": "another"});
    let refused = mcp_client(&asked).await.unwrap().unwrap_err();
    assert!(refused.contains("invalid_token"), "{refused}");
}

#[tokio::test]
async fn a_broken_stream_is_taken_up_where_it_ended() {
    let Some(mcp) = Mcp::start(McpOptions::default()).await else {
        return;
    };
    assert!(mcp.url.contains(&mcp.authority()));
    let http = reqwest::Client::new();
    let send = |session: Option<String>, message: Json| {
        let request = http.post(&mcp.url).json(&message);
        let request = request.header("accept", "application/json, text/event-stream");
        match session {
            Some(id) => request.header("mcp-session-id", id),
            None => request,
        }
    };
    let answer = send(None, hello()).send().await.unwrap();
    let session = answer.headers()["mcp-session-id"]
        .to_str()
        .unwrap()
        .to_owned();
    answer.text().await.unwrap();
    let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
        "name": "slow_count", "arguments": {"to": 4, "delay_ms": 100},
        "_meta": {"progressToken": "p"},
    }});
    let mut broken = send(Some(session.clone()), call).send().await.unwrap();
    let mut begun = String::new();
    // As far as the last whole event: only such a one was received.
    let whole = |text: &str| text.rfind("\n\n").map_or(0, |end| end + 2);
    while !begun[..whole(&begun)].contains("1 of 4") {
        let chunk = broken.chunk().await.unwrap().expect("the stream goes on");
        begun.push_str(&String::from_utf8_lossy(&chunk));
    }
    drop(broken);
    let begun = &begun[..whole(&begun)];
    let last = begun
        .lines()
        .filter_map(|l| l.strip_prefix("id: "))
        .next_back();
    let mut resumed = http
        .get(&mcp.url)
        .header("accept", "text/event-stream")
        .header("mcp-session-id", session)
        .header("last-event-id", last.unwrap())
        .send()
        .await
        .unwrap();
    let mut rest = String::new();
    while !rest.contains("counted to 4") {
        let chunk = resumed.chunk().await.unwrap().expect("the stream goes on");
        rest.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert!(!rest.contains("1 of 4"), "{rest}");
    for told in ["2 of 4", "3 of 4", "4 of 4"] {
        assert_eq!(rest.matches(told).count(), 1, "{rest}");
    }
}

#[tokio::test]
async fn the_sdk_says_what_surprises_it() {
    let peer = Hostile::default().start().await;
    for (auth, header) in [
        ("bearer", "Bearer a-token"),
        ("basic", "Basic YXBpOmEtdG9rZW4="),
    ] {
        let options = json!({"base_url": peer.origin, "token": "a-token", "mcp_url": peer.url,
            "auth": auth});
        let Some(seen) = agentstack_flow(&options).await else {
            return;
        };
        let refused = seen.unwrap_err();
        assert!(
            refused.contains("/api/v1/connectors/presets: 404 not found"),
            "{refused}"
        );
        let asked = peer.requests();
        assert_eq!(asked.last().unwrap().header("authorization"), Some(header));
    }
    let seen = agentstack_flow(&json!({"base": peer.origin}))
        .await
        .unwrap();
    assert!(seen.unwrap_err().contains("there is no option `base`"));
}
