//! Every operation with every answer it has.

use super::script::Script;
use super::{Got, ask, beside, log_in, login};
use crate::both;
use crate::support::hostile::{Door, Hostile};
use crate::write::scene::Scene;
use serde_json::{Value as Json, json};

const NOWHERE: &str = "00000000-0000-4000-8000-00000000dead";

/// The requests that name a connector, with the body they need.
fn of_one() -> [(&'static str, Option<Json>); 8] {
    [
        ("GET /{id}", None),
        ("PATCH /{id}", Some(json!({"label": "mine"}))),
        ("POST /{id}/connect", Some(json!({}))),
        ("POST /{id}/disconnect", None),
        ("POST /{id}/refresh", None),
        ("POST /{id}/test", None),
        ("GET /{id}/events", None),
        ("DELETE /{id}", None),
    ]
}

async fn refused(script: &mut Script<'_>, what: &str, token: &str, id: &str) {
    for (line, body) in of_one() {
        let line = line.replace("{id}", id);
        script
            .ask(&format!("{what}: {line}"), token, &line, body)
            .await;
    }
}

fn assert_keys(got: &Got) {
    let document = got.json();
    let keys: Vec<_> = document.as_object().expect("an object").keys().collect();
    let first = [
        "id",
        "url",
        "state",
        "auth_request",
        "disconnect_reason",
        "metadata",
        "created_at",
        "updated_at",
        "created_by",
    ];
    assert!(
        first.iter().all(|key| keys.iter().any(|k| k == key)),
        "{keys:?}"
    );
    assert_eq!(got.header("cache-control"), "no-store");
}

both! {
    async fn every_operation_answers_as_written_down(t) {
        let peer = Hostile { door: Door::Open, ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let mut script = Script::new(t, "endpoints");
        script.name(&peer.origin, "http://peer");
        let new = json!({"url": peer.url, "client_id": null, "client_secret": null, "metadata": {"name": "Mine"}, "match_preset": true});
        let made = script.ask("create", &s.member, "POST ", Some(new.clone())).await;
        assert_keys(&made);
        let id = made.id();
        script.ask("create with a slash at the end", &s.member, "POST /", Some(json!({"url": "https://mcp.example.com"}))).await;
        script.ask("list", &s.member, "GET ", None).await;
        script.ask("list of another person", &s.colleague, "GET /", None).await;
        script.ask("presets", &s.member, "GET /presets", None).await;
        script.ask("get", &s.viewer, &format!("GET /{id}"), None).await;
        script.ask("get", &s.member, &format!("GET /{id}"), None).await;
        script.ask("disconnect what was never connected", &s.member, &format!("POST /{id}/disconnect"), None).await;
        script.ask("refresh what has no token", &s.member, &format!("POST /{id}/refresh"), None).await;
        script.ask("connect", &s.member, &format!("POST /{id}/connect"), Some(json!({"redirect_url": null, "access_token": null}))).await;
        script.ask("test", &s.member, &format!("POST /{id}/test"), None).await;
        script.ask("change", &s.member, &format!("PATCH /{id}"), Some(json!({"metadata": {"team": "blue"}, "label": "mine", "shared": true, "client_id": "abc", "client_secret": "hidden"}))).await;
        script.ask("empty", &s.member, &format!("PATCH /{id}"), Some(json!({"metadata": null, "label": null, "shared": false}))).await;
        script.ask("disconnect", &s.member, &format!("POST /{id}/disconnect"), None).await;
        script.ask("disconnect again", &s.member, &format!("POST /{id}/disconnect"), None).await;
        script.ask("events", &s.member, &format!("GET /{id}/events"), None).await;
        refused(&mut script, "foreign", &s.colleague, &id).await;
        script.ask("delete", &s.member, &format!("DELETE /{id}"), None).await;
        script.ask("deleted", &s.member, &format!("GET /{id}"), None).await;
        refused(&mut script, "unknown", &s.member, NOWHERE).await;
        refused(&mut script, "no identifier", &s.member, "nope").await;
        refused(&mut script, "no credential", "", NOWHERE).await;
        refused(&mut script, "a viewer", &s.viewer, NOWHERE).await;
        script.ask("a viewer creates", &s.viewer, "POST ", Some(new)).await;
        script.ask("no credential", "", "GET ", None).await;
        script.ask("no credential", "", "GET /presets", None).await;
        script.ask("a bad credential", "cty_wrong", "POST ", Some(json!({}))).await;
        script.ask("a bad password", "basic cty_wrong", "GET ", None).await;
        script.ask("another method", &s.member, "PUT /presets", None).await;
        script.ask("another address", &s.member, "GET /a/b/c", None).await;
        script.ask("what the server is", "", "GET ../.well-known/oauth-protected-resource", None).await;
        script.end();
    }

    async fn a_token_is_renewed_when_somebody_asks(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = ask(t, &s.member, "POST ").body(&json!({"url": peer.url})).send().await.id();
        let connect = format!("POST /{id}/connect");
        let waiting = ask(t, &s.member, &connect).body(&json!({})).send().await.ok(200);
        assert_eq!(log_in(t, &login(&waiting)).await.status, 200);
        let before = ask(t, &s.member, &format!("GET /{id}")).send().await.ok(200);
        assert_eq!(before["state"], "connected");
        assert!(before["token_expires_at"].is_string() && before["auth_request"].is_null(), "{before:#}");
        let after = ask(t, &s.member, &format!("POST /{id}/refresh")).send().await.ok(200);
        assert_eq!(after["state"], "connected");
        assert!(after["version"].as_i64() > before["version"].as_i64());
        let tokens = peer.asked("/token").len();
        assert_eq!(tokens, 2, "one code and one refresh token");
        let report = ask(t, &s.member, &format!("POST /{id}/test")).send().await.ok(200)["report"].clone();
        assert_eq!(report["healthy"], true, "{report}");
    }
}
