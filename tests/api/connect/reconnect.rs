//! Connecting again where the token turns out to be no good: a login follows at once.

use crate::both;
use crate::connect::lifecycle::{beside, browse, connect, logged_in};
use crate::support::TestApp;
use crate::support::hostile::{Door, Hostile, Token};
use crate::write::scene::Scene;
use serde_json::json;

/// Connects, which must lead to a login, and finishes that.
async fn logs_in_again(t: &TestApp, s: &Scene<'_>, id: &str) {
    let (payload, url) = connect(s, json!({"id": id})).await;
    let record = &payload["workspaceConnector"];
    assert_eq!(record["connectionState"], "AUTH_REQUIRED", "{payload:#}");
    let back = browse(&url.expect("a login")).await;
    let landing = t.app.connect.complete(back).await.expect("a landing");
    assert_eq!(landing.error, None);
}

both! {
    async fn after_the_grant_was_ended(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = logged_in(&s, &peer).await;
        peer.revoke_all();
        logs_in_again(t, &s, &id).await;
    }

    async fn after_the_grant_was_ended_and_the_token_is_due(t) {
        let peer = Hostile { expires_in: Some(20), ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = logged_in(&s, &peer).await;
        peer.revoke_all();
        logs_in_again(t, &s, &id).await;
    }

    async fn after_a_renewed_token_was_refused_too(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = logged_in(&s, &peer).await;
        peer.change(|p| p.door = Door::Shut);
        let (payload, url) = connect(&s, json!({"id": id})).await;
        assert!(url.is_some(), "{payload:#}");
        peer.change(|p| p.door = Door::Bearer);
        logs_in_again(t, &s, &id).await;
    }

    async fn while_the_authorization_server_renews_nothing(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = logged_in(&s, &peer).await;
        peer.expire_access();
        peer.change(|p| p.token = Token::Status(503, "later"));
        let (payload, url) = connect(&s, json!({"id": id})).await;
        assert!(url.is_some(), "{payload:#}");
        peer.change(|p| p.token = Token::Right);
        logs_in_again(t, &s, &id).await;
    }
}
