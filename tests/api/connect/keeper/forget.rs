//! Nothing of a connection outlives its installation.

use super::{connected, keeping, number};
use crate::both;
use crate::connect::lifecycle::{connect, install, logged_in};
use crate::support::TestApp;
use crate::support::hostile::{Hostile, Revocation};
use crate::write::scene::Scene;
use serde_json::json;

async fn kept(t: &TestApp) -> i64 {
    let sql = "SELECT (SELECT count(*) FROM connections) + (SELECT count(*) FROM connection_credentials) \
        + (SELECT count(*) FROM connection_authorizations)";
    number(t, sql).await
}

both! {
    async fn removing_an_installation_erases_its_secrets_and_takes_its_tokens_back(t) {
        let peer = Hostile::default().start().await;
        let t = &keeping(t, &peer.authority(), 0).await;
        let s = Scene::make(t).await;
        let id = logged_in(&s, &peer).await;
        assert!(kept(t).await >= 4, "client, server, tokens, bookkeeping");
        let token = peer.asked("/mcp").last().unwrap().header("authorization").unwrap().to_owned();
        s.ask(&s.member, "workspace_connector_uninstall", json!({"id": id}), "id").await.id();
        assert_eq!((kept(t).await, peer.asked("/revoke").len()), (0, 2));
        assert!(!peer.knows(token.trim_start_matches("Bearer ")));
        // The address is free again.
        logged_in(&s, &peer).await;
    }

    async fn removing_one_with_a_pending_login_ends_that(t) {
        let peer = Hostile::default().start().await;
        let t = &keeping(t, &peer.authority(), 0).await;
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": peer.url, "clientId": "mine", "clientSecret": "hidden"})).await.id();
        let (_, url) = connect(&s, json!({"id": id})).await;
        assert!(url.is_some() && kept(t).await >= 3);
        s.ask(&s.member, "workspace_connector_uninstall", json!({"id": id}), "id").await.id();
        assert_eq!((kept(t).await, peer.asked("/revoke").len()), (0, 0));
    }

    async fn an_authorization_server_that_is_away_keeps_nobody_from_removing(t) {
        let peer = Hostile { revocation: Revocation::Failing, ..Hostile::default() }.start().await;
        let t = &keeping(t, &peer.authority(), 0).await;
        let s = Scene::make(t).await;
        let id = logged_in(&s, &peer).await;
        let broken = if t.is_sqlite() { "x'00'" } else { "'\\x00'::bytea" };
        s.ask(&s.member, "workspace_connector_uninstall", json!({"id": id}), "id").await.id();
        assert_eq!(kept(t).await, 0);
        // Nor does a secret that cannot be read.
        let id = logged_in(&s, &peer).await;
        t.execute(&format!("UPDATE connection_credentials SET ciphertext = {broken}")).await;
        s.ask(&s.member, "workspace_connector_uninstall", json!({"id": id}), "id").await.id();
        assert_eq!(kept(t).await, 0);
    }

    async fn removing_a_workspace_does_the_same_for_all_its_installations(t) {
        let peer = Hostile::default().start().await;
        let t = &keeping(t, &peer.authority(), 0).await;
        let s = Scene::make(t).await;
        logged_in(&s, &peer).await;
        let other = install(&s, json!({"url": peer.url, "label": "b"})).await.id();
        let (_, url) = connect(&s, json!({"id": other})).await;
        assert!(url.is_some());
        peer.change(|p| p.door = crate::support::hostile::Door::Open);
        connected(&s, &peer.url, "c").await;
        let below = json!({"id": s.below});
        s.ask(&s.root, "workspace_delete", below, "id").await.id();
        s.ask(&s.root, "workspace_delete", json!({"id": s.home, "force": true}), "id").await.id();
        assert_eq!((kept(t).await, peer.asked("/revoke").len()), (0, 2));
    }
}
