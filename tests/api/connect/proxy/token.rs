//! Tokens on the way: renewed before they lapse and when they are refused, once for all callers,
//! and a connection that is lost says so.

use super::stage::Stage;
use super::{Desk, refreshes, refusal};
use crate::both;
use crate::support::hostile::{Door, Hostile, Running};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

/// Ten calls at once, by two servers over one database: what the callers get.
async fn ten_calls(desk: &Desk, peer: &Running) -> Vec<u16> {
    let allowed = peer.authority();
    let other = desk
        .server
        .beside(|config| config.egress_allow = vec![allowed])
        .await;
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let calls = (0..10).map(|n| {
        let server = if n % 2 == 0 { &desk.server } else { &other };
        let url = format!("{}/api/v1/connectors/{}/mcp", server.url, desk.id);
        let call = server
            .http
            .post(url)
            .bearer_auth(&desk.token)
            .json(&message);
        async { call.send().await.unwrap().status().as_u16() }
    });
    let statuses = join_all(calls).await;
    other.end().await;
    statuses
}

both! {
    async fn ten_calls_with_a_token_that_was_refused_renew_it_once(t) {
        let peer = Hostile::default().start().await;
        let desk = Desk::open(t, &peer.url, |_| ()).await;
        desk.log_in().await;
        for round in 1..=3 {
            peer.expire_access();
            assert_eq!(ten_calls(&desk, &peer).await, [200; 10]);
            // A refresh token that is used a second time kills the grant.
            assert_eq!(refreshes(&peer), round);
        }
        assert_eq!(desk.state().await, "connected");
        desk.end().await;
    }

    async fn ten_calls_with_a_token_about_to_lapse_renew_it_once(t) {
        let peer = Hostile { expires_in: Some(30), ..Hostile::default() }.start().await;
        let desk = Desk::open(t, &peer.url, |_| ()).await;
        desk.log_in().await;
        let old = peer.asked("/mcp").pop().unwrap();
        peer.change(|manner| manner.expires_in = Some(3600));
        assert_eq!(ten_calls(&desk, &peer).await, [200; 10]);
        assert_eq!(refreshes(&peer), 1);
        let calls = peer.asked("/mcp");
        let late = calls.iter().filter(|r| r.json()["method"] == "tools/list");
        assert!(late.clone().count() == 10);
        for call in late {
            assert_ne!(call.header("authorization"), old.header("authorization"));
        }
        desk.end().await;
    }

    async fn a_server_that_takes_no_token_any_more_ends_the_connection(t) {
        let peer = Hostile::default().start().await;
        let desk = Desk::open(t, &peer.url, |_| ()).await;
        desk.log_in().await;
        peer.change(|manner| manner.door = Door::Shut);
        let answer = desk.list().send().await.unwrap();
        assert_eq!(answer.headers().get("www-authenticate"), None);
        let wanted = json!({"detail": "Connector does not accept its credential",
            "code": "UPSTREAM_ERROR", "state": "disconnected", "upstream": {"status": 401}});
        assert_eq!(refusal(answer).await, (502, wanted));
        assert_eq!(refreshes(&peer), 1, "it was worth a try");
        assert_eq!(desk.column("disconnect_code").await.as_deref(), Some("auth_revoked"));
        assert_eq!(desk.count("connection_credentials", "name = 'tokens'").await, 0);
        let lost = "action = 'workspace_connector.lost'";
        assert_eq!(desk.count("audit_events", lost).await, 1);
        let before = peer.requests().len();
        let (status, body) = refusal(desk.list().send().await.unwrap()).await;
        assert_eq!((status, &body["state"]), (409, &json!("disconnected")));
        assert_eq!(peer.requests().len(), before, "nobody is asked any more");
        desk.end().await;
    }

    async fn a_token_that_cannot_be_renewed_and_is_refused_ends_the_connection(t) {
        let peer = Hostile::default().start().await;
        let desk = Desk::open(t, &peer.url, |_| ()).await;
        desk.connect(json!({"accessToken": peer.access_token()})).await;
        assert_eq!(desk.list().send().await.unwrap().status(), 200);
        peer.expire_access();
        let (status, body) = refusal(desk.list().send().await.unwrap()).await;
        assert_eq!((status, &body["state"]), (502, &json!("disconnected")));
        assert_eq!(desk.count("connection_credentials", "name = 'tokens'").await, 0);
        desk.end().await;
    }

    async fn a_grant_that_is_over_leads_to_a_new_login(t) {
        let peer = Hostile::default().start().await;
        let desk = Desk::open(t, &peer.url, |_| ()).await;
        desk.log_in().await;
        peer.revoke_all();
        let (status, body) = refusal(desk.list().send().await.unwrap()).await;
        assert_eq!((status, &body["state"]), (502, &json!("auth_required")));
        assert_eq!(desk.count("connection_authorizations", "consumed_at IS NULL").await, 1);
        let (status, body) = refusal(desk.list().send().await.unwrap()).await;
        assert_eq!((status, &body["state"]), (409, &json!("auth_required")));
        desk.log_in().await;
        assert_eq!(desk.list().send().await.unwrap().status(), 200);
        desk.end().await;
    }

    async fn an_authorization_server_that_fails_ends_nothing(t) {
        let peer = Hostile::default().start().await;
        let desk = Desk::open(t, &peer.url, |_| ()).await;
        desk.log_in().await;
        peer.expire_access();
        peer.change(|manner| manner.failing = 100);
        let (status, body) = refusal(desk.list().send().await.unwrap()).await;
        assert!([502, 504].contains(&status), "{status} {body}");
        assert_eq!(desk.state().await, "connected");
        peer.change(|manner| manner.failing = 0);
        assert_eq!(desk.list().send().await.unwrap().status(), 200);
        assert_eq!(desk.state().await, "connected");
        desk.end().await;
    }

    async fn a_body_that_is_gone_is_not_sent_again(t) {
        let peer = Hostile::default().start().await;
        let desk = Desk::open(t, &peer.url, |_| ()).await;
        desk.log_in().await;
        peer.expire_access();
        let call = desk.call(Method::POST).body(vec![b' '; 1_500_000]);
        let before = peer.asked("/mcp").len();
        let answer = call.send().await.unwrap();
        assert_eq!(answer.headers()["retry-after"], "1");
        let (status, body) = refusal(answer).await;
        assert_eq!((status, &body["code"]), (503, &json!("UNAVAILABLE")));
        assert_eq!((refreshes(&peer), peer.asked("/mcp").len()), (1, before + 1));
        assert_eq!(desk.list().send().await.unwrap().status(), 200);
        assert_eq!(refreshes(&peer), 1);
        desk.end().await;
    }

    async fn one_call_that_is_refused_for_what_it_says_ends_nothing(t) {
        let stage = Stage::open().await;
        let desk = Desk::connected(t, &stage.url, |_| ()).await;
        let answering = async {
            let challenge = "www-authenticate: Bearer error=\"invalid_token\"\r\n";
            stage.guest().await.answer("401 Unauthorized", challenge, "{}").await;
            // The server is asked once more, in our own words.
            let guest = stage.guest().await;
            let asked = guest.request.json();
            assert_eq!(asked["method"], "initialize");
            let version = &asked["params"]["protocolVersion"];
            let result = json!({"protocolVersion": version, "capabilities": {},
                "serverInfo": {"name": "stage", "version": "1"}});
            let reply = json!({"jsonrpc": "2.0", "id": asked["id"], "result": result});
            let kind = "content-type: application/json\r\n";
            guest.answer("200 OK", kind, reply.to_string()).await;
            stage.guest().await.answer("202 Accepted", "", "").await;
        };
        let (answer, ()) = tokio::join!(desk.list().send(), answering);
        let (status, body) = refusal(answer.unwrap()).await;
        assert_eq!((status, &body["state"]), (502, &json!("connected")));
        assert_eq!(desk.state().await, "connected");
        desk.end().await;
    }
}
