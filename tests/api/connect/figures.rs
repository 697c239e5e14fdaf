//! The figures of a process at `/metrics`.

use crate::both;
use crate::connect::lifecycle::{connect, install, logged_in};
use crate::support::TestApp;
use crate::support::hostile::{Hostile, Mcp};
use crate::write::scene::Scene;
use connectory::config::Config;
use connectory::secret::Secret;
use serde_json::json;
use std::collections::BTreeMap;

/// Status and figures.
async fn figures(t: &TestApp, token: Option<&str>) -> (u16, BTreeMap<String, f64>, String) {
    let mut request = t.http.get(format!("{}/metrics", t.url));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let read = |line: &str| {
        let (name, value) = line.rsplit_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    (status, lines.filter_map(read).collect(), text)
}

both! {
    async fn states_questions_and_renewals_are_counted(t) {
        let peer = Hostile::default().start().await;
        let t = &crate::connect::lifecycle::beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = logged_in(&s, &peer).await;
        let waiting = install(&s, json!({"url": peer.url, "label": "waiting"})).await.id();
        connect(&s, json!({"id": waiting})).await;
        install(&s, json!({"url": peer.url, "label": "new"})).await.id();
        let gone = install(&s, json!({"url": peer.url, "label": "gone"})).await.id();
        s.change(&s.member, "workspace_connector_uninstall", json!({"id": gone})).await.id();
        s.change(&s.member, "workspace_connector_refresh", json!({"id": id})).await.id();
        peer.change(|p| p.failing = 1);
        s.change(&s.member, "workspace_connector_refresh", json!({"id": id})).await;
        peer.change(|p| p.mcp = Mcp::Html);
        s.change(&s.member, "workspace_connector_test", json!({"id": id})).await.id();
        let (status, found, text) = figures(t, None).await;
        assert_eq!(status, 200);
        for (name, value) in [
            ("connectory_connections{state=\"connected\"}", 0.0),
            ("connectory_connections{state=\"disconnected\"}", 1.0),
            ("connectory_connections{state=\"auth_required\"}", 1.0),
            ("connectory_connections{state=\"created\"}", 1.0),
            ("connectory_probes_total{verdict=\"open\"}", 1.0),
            ("connectory_probes_total{verdict=\"challenged\"}", 2.0),
            ("connectory_probes_total{verdict=\"protocol\"}", 1.0),
            ("connectory_probe_seconds_count", 4.0),
            ("connectory_token_refreshes_total{outcome=\"renewed\"}", 1.0),
            ("connectory_token_refreshes_total{outcome=\"failed\"}", 1.0),
            ("connectory_keeper_claims_total", 0.0),
        ] {
            assert_eq!(found.get(name), Some(&value), "{name} in\n{text}");
        }
        assert!(found["connectory_http_requests_total{route=\"graphql\",status=\"2xx\"}"] >= 9.0, "{text}");
        for tenant in [&*id, "waiting", &*peer.authority(), "home"] {
            assert!(!text.contains(tenant), "{tenant} stands in\n{text}");
        }
    }

    async fn connections_are_not_counted_for_every_question(t) {
        let s = Scene::make(t).await;
        figures(t, None).await;
        install(&s, json!({"url": "https://mcp.example.com/"})).await.id();
        let before = t.db().statements();
        let (_, found, _) = figures(t, None).await;
        assert_eq!((found["connectory_connections{state=\"created\"}"], t.db().statements()), (0.0, before));
    }

    async fn a_token_can_be_asked_for(t) {
        let t = &t.beside(|config| config.metrics_token = Some(Secret::new("only for prometheus"))).await;
        for wrong in [None, Some("only for prometheu"), Some("")] {
            let (status, found, _) = figures(t, wrong).await;
            assert_eq!((status, found.len()), (401, 0));
        }
        assert_eq!(figures(t, Some("only for prometheus")).await.0, 200);
    }

    async fn they_can_be_switched_off(t) {
        let t = &t.beside(|config| config.metrics = Some(false)).await;
        assert_eq!(figures(t, None).await.0, 404);
    }
}

#[test]
fn figures_are_told_on_loopback_or_to_who_has_the_token() {
    let config = |listen: &str, metrics, token: Option<&str>| Config {
        listen: listen.parse().unwrap(),
        metrics,
        metrics_token: token.map(Secret::new),
        ..Config::default()
    };
    for (listen, metrics, token, told) in [
        ("127.0.0.1:1", None, None, true),
        ("127.0.0.1:1", Some(false), Some("t"), false),
        ("0.0.0.0:1", None, None, false),
        ("0.0.0.0:1", None, Some("t"), true),
        ("0.0.0.0:1", Some(true), None, true),
    ] {
        assert_eq!(
            config(listen, metrics, token).tells_metrics(),
            told,
            "{listen} {metrics:?} {token:?}"
        );
    }
}
