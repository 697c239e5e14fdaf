//! The published SDK through one whole life of a connector, with each way in. What it checks by
//! itself stands in `tests/peers/agentstack_flow.py`.

use super::TestApp;
use crate::both;
use crate::support::peer::{Mcp, McpOptions, Provider, ProviderOptions, agentstack_flow};
use crate::write::scene::Scene;
use serde_json::{Value as Json, json};

async fn beside(t: &TestApp, peers: Vec<String>) -> TestApp {
    t.beside(|config| config.egress_allow = peers).await
}

/// Runs the SDK, and looks at what every life has in common.
async fn lives(t: &TestApp, mcp: &Mcp, options: Json) -> Json {
    let s = Scene::make(t).await;
    let mut all = json!({"base_url": t.url, "token": s.member, "mcp_url": mcp.url});
    let members = all.as_object_mut().unwrap();
    members.extend(options.as_object().unwrap().clone());
    let seen = agentstack_flow(&all).await.expect("there are peers");
    let seen = seen.unwrap_or_else(|surprise| panic!("{surprise}"));
    let url = &mcp.url;
    assert_eq!(
        seen["refused"]["again"],
        format!("Duplicate connector found: url='{url}' already exists")
    );
    assert_eq!(
        seen["refused"]["early"],
        "Connector must be in connected, disconnected or auth_required state"
    );
    let id = seen["id"].as_str().unwrap();
    assert_eq!(seen["deleted"], format!("connector with id {id} not found"));
    assert_eq!(seen["mcp"]["echo"], "Grüße", "{seen:#}");
    seen
}

both! {
    async fn an_open_server(t) {
        let Some(mcp) = Mcp::start(McpOptions::default()).await else { return };
        let t = &beside(t, vec![mcp.authority()]).await;
        lives(t, &mcp, json!({})).await;
    }

    async fn a_token_that_is_handed_over_and_a_password_that_is_a_token(t) {
        let Some(mcp) = Mcp::start(McpOptions::key("static", "a-long-static-key")).await else { return };
        let t = &beside(t, vec![mcp.authority()]).await;
        lives(t, &mcp, json!({"mode": "token", "auth": "basic", "access_token": "a-long-static-key"})).await;
    }

    async fn a_login_at_the_provider(t) {
        let Some(provider) = Provider::start(ProviderOptions::default()).await else { return };
        let Some(mcp) = Mcp::start(McpOptions::protected_by(&provider)).await else { return };
        let t = &beside(t, vec![mcp.authority(), provider.authority()]).await;
        let seen = lives(t, &mcp, json!({"mode": "oauth"})).await;
        assert_eq!(seen["connect"]["ended"]["status"], 200, "{seen:#}");
    }
}
