//! The peers themselves: what other tests take for granted about them is shown here, by hand, so
//! that a failure elsewhere is a failure of the server.

mod provider;
mod session;

use crate::support::peer::Mcp;
use reqwest::StatusCode;
use serde_json::{Value as Json, json};

async fn get(url: &str) -> (StatusCode, Json) {
    let answer = reqwest::get(url).await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or_default())
}

/// The first message of a session.
fn hello() -> Json {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "by hand", "version": "1"},
    }})
}

/// `initialize`, and nothing more: the status and the challenge.
async fn knock(mcp: &Mcp, bearer: Option<&str>) -> (StatusCode, Option<String>) {
    let mut request = reqwest::Client::new().post(&mcp.url).json(&hello());
    request = request.header("accept", "application/json, text/event-stream");
    if let Some(bearer) = bearer {
        request = request.bearer_auth(bearer);
    }
    let answer = request.send().await.unwrap();
    let challenge = answer.headers().get("www-authenticate");
    let challenge = challenge.map(|c| c.to_str().unwrap().to_owned());
    (answer.status(), challenge)
}
