//! The life of a connection through GraphQL, against a peer that behaves or does not.

use crate::both;
use crate::support::TestApp;
use crate::support::hostile::{Authorize, Door, Hostile, Mcp, Revocation, Running, Token};
use crate::write::scene::{Done, Scene};
use connectory::connect::callback::{Landing, Returned};
use connectory::secret::Secret;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use url::Url;

const STATE: &str = "id url status connectionState disconnectCode disconnectReason disconnectPermanent \
    tokenExpiresAt authorizationExpiresAt lastConnectedAt metadata shared revision label";

/// A server beside `t` that may ask a peer.
pub async fn beside(t: &TestApp, peer: &Running) -> TestApp {
    let authority = peer.authority();
    t.beside(|config| config.egress_allow = vec![authority])
        .await
}

/// Installs a remote server.
pub async fn install(s: &Scene<'_>, input: Json) -> Done {
    s.ask(&s.member, "workspace_connector_install", input, STATE)
        .await
}

/// Connects, and answers the record and the authorization URL.
pub(super) async fn connect(s: &Scene<'_>, input: Json) -> (Json, Option<String>) {
    let query = format!(
        "mutation($input: WorkspaceConnectorConnectInput!) {{ workspaceConnectorConnect(input: $input) {{ \
         workspaceConnector {{ {STATE} }} authorizationUrl userErrors {{ field code message }} }} }}"
    );
    let answer = s.t.ask(&s.member, &query, json!({ "input": input })).await;
    let payload = &answer.data()["workspaceConnectorConnect"];
    let url = payload["authorizationUrl"].as_str().map(str::to_owned);
    (payload.clone(), url)
}

/// Follows the authorization URL as a browser would; the parameters that it brings back.
pub(super) async fn browse(url: &str) -> Returned {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let answer = http.get(url).send().await.unwrap();
    let back = answer.headers()["location"].to_str().unwrap();
    returned(&Url::parse(back).unwrap())
}

/// The parameters of a callback.
pub(super) fn returned(url: &Url) -> Returned {
    let mut pairs: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    Returned {
        state: pairs.remove("state").unwrap_or_default(),
        code: pairs.remove("code").map(Secret::new),
        error: pairs.remove("error"),
        error_description: pairs.remove("error_description"),
        iss: pairs.remove("iss"),
        browser: None,
    }
}

async fn complete(t: &TestApp, returned: Returned) -> Landing {
    t.app.connect.complete(returned).await.expect("a landing")
}

async fn read(s: &Scene<'_>, id: &str) -> Json {
    let query = format!("{{ node(id: \"{id}\") {{ ... on WorkspaceConnector {{ {STATE} }} }} }}");
    s.t.data(&s.member, &query).await["node"].clone()
}

/// Finishes the pending login of a connection.
pub async fn log_in(t: &TestApp, id: &str) {
    let id = id.parse().expect("an identifier");
    let url = t
        .app
        .connect
        .authorization_url(id)
        .await
        .expect("a database");
    let landing = complete(t, browse(&url.expect("a pending login")).await).await;
    assert_eq!(landing.error, None);
}

/// Installs and logs in; the identifier.
pub(super) async fn logged_in(s: &Scene<'_>, peer: &Running) -> String {
    let id = install(s, json!({"url": peer.url})).await.id();
    connect(s, json!({"id": id})).await;
    log_in(s.t, &id).await;
    id
}

fn word<'a>(record: &'a Json, name: &str) -> &'a str {
    record[name].as_str().unwrap_or("null")
}

both! {
    async fn an_open_server_is_connected_at_once(t) {
        let peer = Hostile { door: Door::Open, ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let made = install(&s, json!({"url": peer.url, "metadata": {"name": "Mine"}})).await;
        let record = made.record();
        assert_eq!((word(record, "connectionState"), word(record, "status"), word(record, "url")), ("CREATED", "TO_CONFIGURE", peer.url.as_str()));
        assert_eq!(record["metadata"], json!({"name": "Mine"}));
        let (payload, url) = connect(&s, json!({"id": record["id"]})).await;
        let after = &payload["workspaceConnector"];
        assert_eq!((word(after, "connectionState"), word(after, "status"), url), ("CONNECTED", "ACTIVE", None), "{payload:#}");
        assert!(after["lastConnectedAt"].is_string() && after["disconnectReason"].is_null());
        assert_eq!(s.latest(1).await, ["workspace_connector.connect done"]);
    }

    async fn a_login_ends_in_a_connection_and_a_disconnection_gives_both_tokens_back(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": peer.url})).await.id();
        let (payload, url) = connect(&s, json!({"id": id})).await;
        let waiting = &payload["workspaceConnector"];
        assert_eq!((word(waiting, "connectionState"), word(waiting, "status")), ("AUTH_REQUIRED", "NEED_RECONNECT"), "{payload:#}");
        assert!(waiting["authorizationExpiresAt"].is_string());
        let url = url.expect("a login");
        let (_, again) = connect(&s, json!({"id": id})).await;
        assert_eq!(again.as_ref(), Some(&url), "a pending login is answered again");
        let landing = complete(t, browse(&url).await).await;
        assert_eq!(landing.error, None);
        let record = read(&s, &id).await;
        assert_eq!((word(&record, "connectionState"), word(&record, "status")), ("CONNECTED", "ACTIVE"));
        assert!(record["tokenExpiresAt"].is_string() && record["authorizationExpiresAt"].is_null());
        assert_eq!(s.latest(1).await, ["workspace_connector.authorized done"]);
        let token = peer.asked("/mcp").last().unwrap().header("authorization").unwrap().to_owned();
        let gone = s.ask(&s.member, "workspace_connector_disconnect", json!({"id": id}), STATE).await;
        let gone = gone.record();
        assert_eq!((word(gone, "connectionState"), word(gone, "status"), word(gone, "disconnectCode"), word(gone, "disconnectReason")),
            ("DISCONNECTED", "DISABLED", "CLIENT_REQUEST", "Client request"));
        assert_eq!((&gone["disconnectPermanent"], &gone["tokenExpiresAt"]), (&json!(true), &Json::Null));
        assert!(!peer.knows(token.trim_start_matches("Bearer ")));
        assert_eq!(s.count("SELECT count(*) FROM connection_credentials WHERE name = 'tokens'").await, 0);
        assert_eq!(peer.asked("/revoke").len(), 2, "both tokens are given back");
    }

    async fn a_state_is_good_once(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": peer.url})).await.id();
        let (_, url) = connect(&s, json!({"id": id})).await;
        let back = browse(&url.unwrap()).await;
        assert_eq!(complete(t, back.clone()).await.error, None);
        let replay = complete(t, back).await;
        assert_eq!(replay.error, Some(("invalid_request".into(), Some("Invalid or expired login attempt.".into()))));
        assert_eq!(word(&read(&s, &id).await, "connectionState"), "CONNECTED");
    }

    async fn a_login_that_is_denied_can_be_tried_again_with_another_state(t) {
        let peer = Hostile { authorize: Authorize::Error("access_denied"), ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": peer.url})).await.id();
        let (_, first) = connect(&s, json!({"id": id})).await;
        let first = first.unwrap();
        let denied = complete(t, browse(&first).await).await;
        assert_eq!(denied.error.as_ref().map(|(word, _)| word.as_str()), Some("access_denied"));
        assert_eq!(word(&read(&s, &id).await, "connectionState"), "AUTH_REQUIRED");
        let (_, second) = connect(&s, json!({"id": id})).await;
        let second = second.unwrap();
        assert_ne!(first, second, "the state was used up");
        peer.change(|p| p.authorize = Authorize::Grant);
        assert!(complete(t, browse(&first).await).await.error.is_some(), "the first state is dead");
        assert_eq!(complete(t, browse(&second).await).await.error, None);
        assert_eq!(word(&read(&s, &id).await, "connectionState"), "CONNECTED");
    }

    async fn a_code_that_cannot_be_exchanged_leaves_another_login(t) {
        let peer = Hostile { token: Token::Error("invalid_grant"), ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": peer.url})).await.id();
        let (_, url) = connect(&s, json!({"id": id})).await;
        let landing = complete(t, browse(&url.unwrap()).await).await;
        assert_eq!(landing.error.map(|(word, _)| word), Some("server_error".into()));
        assert_eq!(word(&read(&s, &id).await, "connectionState"), "AUTH_REQUIRED");
        peer.change(|p| p.token = Token::Right);
        let (_, url) = connect(&s, json!({"id": id})).await;
        assert_eq!(complete(t, browse(&url.unwrap()).await).await.error, None);
    }

    async fn a_server_that_refuses_what_was_granted_is_disconnected_for_good(t) {
        let peer = Hostile { mcp: Mcp::Status(403, "no".into()), ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": peer.url})).await.id();
        let (_, url) = connect(&s, json!({"id": id})).await;
        let landing = complete(t, browse(&url.unwrap()).await).await;
        assert_eq!(landing.error.map(|(word, _)| word), Some("server_error".into()));
        let record = read(&s, &id).await;
        assert_eq!((word(&record, "connectionState"), word(&record, "status"), word(&record, "disconnectCode"), &record["disconnectPermanent"]),
            ("DISCONNECTED", "ERROR", "UPSTREAM_4XX", &json!(true)));
        assert!(record["disconnectReason"].is_string());
    }

    async fn a_token_that_is_handed_over_is_used_and_kept(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": peer.url})).await.id();
        let token = peer.access_token();
        let (payload, _) = connect(&s, json!({"id": id, "accessToken": token})).await;
        assert_eq!(word(&payload["workspaceConnector"], "connectionState"), "CONNECTED", "{payload:#}");
        let (payload, _) = connect(&s, json!({"id": id})).await;
        assert_eq!(word(&payload["workspaceConnector"], "connectionState"), "CONNECTED");
        peer.revoke_all();
        let (payload, url) = connect(&s, json!({"id": id})).await;
        assert_eq!(word(&payload["workspaceConnector"], "connectionState"), "AUTH_REQUIRED", "{payload:#}");
        assert!(url.is_some());
    }

    async fn what_stands_in_the_way_is_said_and_changes_nothing(t) {
        let peer = Hostile { door: Door::Open, ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": peer.url})).await.id();
        for (mcp, code) in [
            (Mcp::Status(500, "oops".into()), "UPSTREAM_ERROR"),
            (Mcp::Status(404, "gone".into()), "UPSTREAM_ERROR"),
            (Mcp::Html, "UPSTREAM_ERROR"),
            (Mcp::Accepted, "UPSTREAM_ERROR"),
            (Mcp::Hangup, "UPSTREAM_UNREACHABLE"),
            (Mcp::Redirect(302, "http://169.254.169.254/".into()), "UPSTREAM_ERROR"),
        ] {
            let what = format!("{mcp:?}");
            peer.change(|p| p.mcp = mcp);
            let (payload, _) = connect(&s, json!({"id": id})).await;
            assert_eq!(payload["userErrors"][0]["code"], code, "{what}: {payload:#}");
            assert_eq!(word(&read(&s, &id).await, "connectionState"), "CREATED", "{what}");
        }
        let blocked = install(&s, json!({"url": "http://169.254.169.254/latest"})).await.id();
        let (payload, _) = connect(&s, json!({"id": blocked})).await;
        assert_eq!(payload["userErrors"][0]["code"], "ADDRESS_REFUSED", "{payload:#}");
    }

    async fn a_refresh_is_made_once_for_many_at_once_on_two_servers(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let other = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = logged_in(&s, &peer).await;
        let before = read(&s, &id).await;
        peer.expire_access();
        let key: uuid::Uuid = id.parse().unwrap();
        let asked = (0..10).map(|n| {
            let connect = [&t.app.connect, &other.app.connect][n % 2].clone();
            async move { connect.refresh(key, 1).await }
        });
        for fresh in futures_util::future::join_all(asked).await {
            assert!(matches!(fresh.expect("a token"), connectory::connect::Fresh::Renewed(_)));
        }
        let refreshed = peer.asked("/token").iter().filter(|r| r.text().contains("refresh_token")).count();
        assert_eq!(refreshed, 1);
        let after = read(&s, &id).await;
        assert_eq!(word(&after, "connectionState"), "CONNECTED");
        assert!(after["revision"].as_i64() > before["revision"].as_i64());
    }

    async fn a_grant_that_is_over_leads_back_to_a_login(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = logged_in(&s, &peer).await;
        peer.revoke_all();
        let done = s.ask(&s.member, "workspace_connector_refresh", json!({"id": id}), STATE).await;
        let record = done.record();
        assert_eq!((word(record, "connectionState"), word(record, "status")), ("AUTH_REQUIRED", "NEED_RECONNECT"));
        let (_, url) = connect(&s, json!({"id": id})).await;
        assert_eq!(complete(t, browse(&url.expect("a login")).await).await.error, None);
        assert_eq!(word(&read(&s, &id).await, "connectionState"), "CONNECTED");
    }

    async fn a_refresh_that_fails_for_now_changes_nothing(t) {
        let peer = Hostile { revocation: Revocation::Off, ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = logged_in(&s, &peer).await;
        peer.change(|p| p.failing = 1);
        let done = s.ask(&s.member, "workspace_connector_refresh", json!({"id": id}), STATE).await;
        assert_eq!(done.word(), "upstream_error");
        assert_eq!(word(&read(&s, &id).await, "connectionState"), "CONNECTED");
        let done = s.ask(&s.member, "workspace_connector_refresh", json!({"id": id}), STATE).await;
        assert_eq!(word(done.record(), "connectionState"), "CONNECTED");
    }

    async fn one_owner_has_one_connection_to_a_server_under_a_label(t) {
        let s = Scene::make(t).await;
        let url = "https://mcp.example.com/mcp";
        install(&s, json!({"url": url})).await.id();
        let again = install(&s, json!({"url": "HTTPS://MCP.example.com:443/mcp"})).await;
        assert_eq!(again.word(), "conflict", "{:?}", again.mistakes());
        install(&s, json!({"url": url, "label": "Second"})).await.id();
        let other = s.ask(&s.colleague, "workspace_connector_install", json!({"url": url}), STATE).await;
        assert_eq!(word(other.record(), "url"), url);
        for input in [
            json!({"url": url, "clientSecret": "s3cret"}),
            json!({"url": format!("https://mcp.example.com/{}", "x".repeat(256))}),
            json!({"url": "https://user:pw@mcp.example.com/"}),
            json!({"url": "ftp://mcp.example.com/"}),
            json!({}),
        ] {
            assert_eq!(install(&s, input.clone()).await.word(), "bad_request", "{input}");
        }
    }
}
