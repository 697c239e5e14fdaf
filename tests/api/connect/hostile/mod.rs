//! The hostile peer itself: each of its manners does what it says, seen over a bare client, so that
//! tests of the server can take that for granted.

mod authorization;
mod mcp;

use crate::support::hostile::Running;
use reqwest::{Client, Response, redirect};
use serde_json::json;

fn http() -> Client {
    let builder = Client::builder().redirect(redirect::Policy::none());
    builder.no_proxy().build().unwrap()
}

async fn initialize(peer: &Running, bearer: Option<&str>) -> reqwest::Result<Response> {
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18"}});
    let request = http().post(&peer.url).json(&message);
    match bearer {
        Some(bearer) => request.bearer_auth(bearer),
        None => request,
    }
    .send()
    .await
}

async fn get(url: String) -> Response {
    http().get(url).send().await.unwrap()
}
