//! The official MCP client talks to a server of the official SDK through this one, in whole
//! sessions: initialize, tools, progress, the stream of a GET, the end by DELETE.

use super::Desk;
use crate::both;
use crate::support::TestApp;
use crate::support::peer::{Mcp, McpOptions, Provider, ProviderOptions, mcp_client};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

/// How the peer's log shows a credential.
fn shown(credential: &str) -> String {
    let hash = format!("{:x}", Sha256::digest(credential));
    hash[..16].to_owned()
}

/// A whole session through the desk; what the client saw.
async fn session(desk: &Desk) -> Json {
    let asked = json!({"url": desk.url(), "token": desk.token});
    let seen = mcp_client(&asked).await.expect("the peers are there");
    let seen = seen.unwrap_or_else(|surprise| panic!("{surprise}"));
    assert_eq!(seen["heard"], json!(["welcome", "news"]));
    assert_eq!(seen["progress"], json!([1, 2, 3, 4, 5]));
    assert_eq!(seen["big"], 1_048_576);
    seen
}

/// The server knows nothing of who called, and the session is over.
async fn check(desk: &Desk, mcp: &Mcp, credential: Option<(&str, &str)>) {
    assert_eq!(mcp.sessions().await, Vec::<Json>::new());
    let log = mcp.log().await;
    assert_eq!(log.last().unwrap()["method"], "DELETE");
    let text = json!(log).to_string();
    assert!(!text.contains(&desk.token) && !text.contains(&shown(&desk.token)));
    let known = [
        "accept",
        "accept-encoding",
        "authorization-sha256",
        "connection",
        "content-length",
        "content-type",
        "host",
        "last-event-id",
        "mcp-protocol-version",
        "mcp-session-id",
        "transfer-encoding",
        "user-agent",
        "x-api-key-sha256",
    ];
    for entry in &log {
        let headers = entry["headers"].as_object().unwrap();
        for name in headers.keys() {
            assert!(known.contains(&name.as_str()), "{name} in {entry}");
        }
        let wanted = credential.map(|(_, value)| json!(shown(value)));
        let name = credential.map_or("authorization-sha256", |(name, _)| name);
        assert_eq!(headers.get(name), wanted.as_ref(), "{entry}");
        let agent = headers["user-agent"].as_str().unwrap();
        assert!(agent.starts_with("connectory/"), "{agent}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_and_each_kind_of_server() {
    let t = TestApp::sqlite().await;
    let open = McpOptions::default();
    let (token, key) = ("authorization-sha256", "x-api-key-sha256");
    for (name, options, how, credential) in [
        ("open", open.clone(), json!({}), None),
        (
            "gzip",
            McpOptions {
                gzip: true,
                ..open.clone()
            },
            json!({}),
            None,
        ),
        (
            "json",
            McpOptions {
                gzip: true,
                ..McpOptions::key("static", "ours")
            },
            json!({"accessToken": "ours"}),
            Some((token, "ours")),
        ),
        (
            "key",
            McpOptions::key("header", "our-key"),
            json!({"apiKey": "our-key"}),
            Some((key, "our-key")),
        ),
    ] {
        let Some(mcp) = Mcp::start(options).await else {
            break;
        };
        let desk = Desk::open(&t, &mcp.url, |_| ()).await;
        desk.connect(how).await;
        eprintln!("{name}");
        session(&desk).await;
        check_after_probe(&desk, &mcp, credential).await;
        desk.end().await;
    }
    t.end().await;
}

/// As [`check`]: connecting asked the server as well, and ended that session too.
async fn check_after_probe(desk: &Desk, mcp: &Mcp, credential: Option<(&str, &str)>) {
    check(desk, mcp, credential).await;
    let log = mcp.log().await;
    let deleted = log.iter().filter(|entry| entry["method"] == "DELETE");
    assert_eq!(deleted.count(), 2);
}

both! {
    async fn a_client_and_a_server_behind_a_login(t) {
        let Some(provider) = Provider::start(ProviderOptions::default()).await else {
            return;
        };
        let mcp = Mcp::start(McpOptions::protected_by(&provider)).await.unwrap();
        let authority = provider.authority();
        let desk = Desk::open(t, &mcp.url, |config| config.egress_allow.push(authority)).await;
        let begun = desk.connect(json!({})).await;
        let back = provider.login(begun["authorizationUrl"].as_str().unwrap(), "anna").await;
        desk.come_back(&back).await;
        assert_eq!(session(&desk).await["whoami"]["sub"], "anna");
        let renewed = async || {
            let log = provider.log_of("token").await;
            log.iter().filter(|e| e["grant_type"] == "refresh_token").count()
        };
        assert_eq!(renewed().await, 0);
        // The next session begins with a token that is refused, and its client never hears of it.
        provider.expire_access().await;
        assert_eq!(session(&desk).await["whoami"]["sub"], "anna");
        assert_eq!(renewed().await, 1);
        assert_eq!(desk.state().await, "connected");
        desk.end().await;
    }
}
