//! The whole life of a connection at a certified OpenID provider, with a server made with the
//! official MCP SDK behind it.

use super::lifecycle::{connect, install, returned};
use crate::both;
use crate::support::TestApp;
use crate::support::peer::{Mcp, McpOptions, Provider, ProviderOptions};
use crate::write::scene::Scene;
use serde_json::{Value as Json, json};

const STATE: &str = "connectionState disconnectCode tokenExpiresAt";

/// A provider, a server that it protects, and one of ours that may ask both; `None` in a run
/// without peers.
async fn start(t: &TestApp, options: ProviderOptions) -> Option<(Provider, Mcp, TestApp)> {
    let provider = Provider::start(options).await?;
    let mcp = Mcp::start(McpOptions::protected_by(&provider)).await?;
    let allow = vec![provider.authority(), mcp.authority()];
    let ours = t.beside(|config| config.egress_allow = allow).await;
    Some((provider, mcp, ours))
}

async fn state(s: &Scene<'_>, id: &str) -> Json {
    let query = format!("{{ node(id: \"{id}\") {{ ... on WorkspaceConnector {{ {STATE} }} }} }}");
    s.t.data(&s.member, &query).await["node"].clone()
}

both! {
    async fn a_person_logs_in_stays_connected_and_leaves(t) {
        let Some((provider, mcp, t)) = start(t, ProviderOptions::default()).await else { return };
        let s = Scene::make(&t).await;
        let id = install(&s, json!({"url": mcp.url})).await.id();
        let (payload, url) = connect(&s, json!({"id": id})).await;
        let url = url.unwrap_or_else(|| panic!("{payload:#}"));
        let denied = provider.deny(&url, "ada").await;
        let landing = t.app.connect.complete(returned(&denied)).await.unwrap();
        assert_eq!(landing.error.map(|(word, _)| word), Some("access_denied".into()));
        let (_, url) = connect(&s, json!({"id": id})).await;
        let back = provider.login(&url.unwrap(), "ada").await;
        let landing = t.app.connect.complete(returned(&back)).await.unwrap();
        assert_eq!(landing.error, None);
        assert_eq!(state(&s, &id).await["connectionState"], "CONNECTED");
        let done = s.change(&s.member, "workspace_connector_refresh", json!({"id": id})).await;
        done.record();
        let tested = s.change(&s.member, "workspace_connector_test", json!({"id": id})).await;
        tested.record();
        assert_eq!(state(&s, &id).await["connectionState"], "CONNECTED");
        let grants = provider.log_of("token").await;
        let grants: Vec<_> = grants.iter().map(|g| g["grant_type"].as_str().unwrap()).collect();
        assert_eq!(grants, ["authorization_code", "refresh_token"]);
        let gone = s.change(&s.member, "workspace_connector_disconnect", json!({"id": id})).await;
        gone.record();
        let after = state(&s, &id).await;
        assert_eq!((&after["connectionState"], &after["disconnectCode"]), (&json!("DISCONNECTED"), &json!("CLIENT_REQUEST")));
        assert_eq!(provider.log_of("revocation").await.len(), 2, "both tokens are given back");
    }

    async fn a_grant_that_the_provider_ends_leads_back_to_a_login(t) {
        let Some((provider, mcp, t)) = start(t, ProviderOptions::default()).await else { return };
        let s = Scene::make(&t).await;
        let id = install(&s, json!({"url": mcp.url})).await.id();
        let (_, url) = connect(&s, json!({"id": id})).await;
        let back = provider.login(&url.unwrap(), "ada").await;
        assert_eq!(t.app.connect.complete(returned(&back)).await.unwrap().error, None);
        provider.revoke_all().await;
        let (payload, url) = connect(&s, json!({"id": id})).await;
        assert_eq!(payload["workspaceConnector"]["connectionState"], "AUTH_REQUIRED", "{payload:#}");
        let back = provider.login(&url.unwrap(), "ada").await;
        assert_eq!(t.app.connect.complete(returned(&back)).await.unwrap().error, None);
        assert_eq!(state(&s, &id).await["connectionState"], "CONNECTED");
    }

    async fn the_client_itself_is_let_in_and_its_token_renewed(t) {
        let options = ProviderOptions { client_credentials: true, ..ProviderOptions::default() };
        let Some((provider, mcp, t)) = start(t, options).await else { return };
        let s = Scene::make(&t).await;
        let input = json!({"url": mcp.url, "clientId": "machine", "clientSecret": Provider::secret("machine")});
        let id = install(&s, input).await.id();
        let (payload, url) = connect(&s, json!({"id": id, "clientCredentials": true})).await;
        assert_eq!(payload["workspaceConnector"]["connectionState"], "CONNECTED", "{payload:#}");
        assert_eq!(url, None);
        let done = s.change(&s.member, "workspace_connector_refresh", json!({"id": id})).await;
        done.record();
        let grants = provider.log_of("token").await;
        let grants: Vec<_> = grants.iter().map(|g| g["grant_type"].as_str().unwrap()).collect();
        assert_eq!(grants, ["client_credentials", "client_credentials"]);
    }

    async fn a_key_in_a_header_of_its_own_is_sent(t) {
        let Some(mcp) = Mcp::start(McpOptions::key("header", "an-api-key")).await else { return };
        let allow = vec![mcp.authority()];
        let t = t.beside(|config| config.egress_allow = allow).await;
        let s = Scene::make(&t).await;
        let id = install(&s, json!({"url": mcp.url})).await.id();
        let (payload, _) = connect(&s, json!({"id": id, "apiKey": "an-api-key"})).await;
        assert_eq!(payload["workspaceConnector"]["connectionState"], "CONNECTED", "{payload:#}");
    }
}
