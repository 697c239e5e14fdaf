//! `Idempotency-Key` on every POST.

use super::super::JSON_API;
use super::{Got, Site, ask, connector, made, number, paths, recorded, rows, text};
use crate::both;
use crate::support::TestApp;
use serde_json::json;

async fn keyed(t: &TestApp, token: &str, target: &str, key: &str, body: &str) -> Got {
    ask(t, token, "POST", target, &[("idempotency-key", key)], body).await
}

/// What of two answers must be the same.
fn same(a: &Got, b: &Got) {
    let text = |got: &Got| String::from_utf8_lossy(&got.body).into_owned();
    assert_eq!((a.status, text(a)), (b.status, text(b)));
    for name in ["content-type", "location", "etag"] {
        assert_eq!(a.header(name), b.header(name), "{name}");
    }
}

both! {
    async fn a_repeated_request_is_answered_as_the_first_one(t) {
        let site = Site::make(t).await;
        let body = connector("a", json!({})).to_string();
        let first = keyed(t, &site.owner, "/v1/connectors", "k1", &body).await;
        assert_eq!((first.status, first.header("idempotency-replayed")), (201, None));
        let before = (rows(t).await, recorded(t).await);
        for _ in 0..3 {
            let again = keyed(t, &site.owner, "/v1/connectors", "k1", &body).await;
            same(&first, &again);
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
        }
        // Also where the slash at the end is the only difference.
        assert_eq!(keyed(t, &site.owner, "/v1/connectors/", "k1", &body).await.header("idempotency-replayed"), Some("true"));
        assert_eq!((rows(t).await, recorded(t).await), before);
    }

    async fn mistakes_are_kept_as_well(t) {
        let site = Site::make(t).await;
        let taken = connector("a", json!({})).to_string();
        assert_eq!(keyed(t, &site.owner, "/v1/connectors", "k1", &taken).await.status, 201);
        let wrong = connector("b", json!({"category": "none"})).to_string();
        for (key, token, body, status) in [
            ("k2", &site.owner, &taken, 409),
            ("k3", &site.owner, &wrong, 400),
            ("k4", &site.viewer, &taken, 403),
        ] {
            let first = keyed(t, token, "/v1/connectors", key, body).await;
            assert_eq!((first.status, first.header("idempotency-replayed")), (status, None), "{:#}", first.json());
            let again = keyed(t, token, "/v1/connectors", key, body).await;
            same(&first, &again);
            assert_eq!(again.header("idempotency-replayed"), Some("true"), "{key}");
        }
        // What was refused then is refused now, though it would be possible.
        t.execute("UPDATE categories SET slug = 'none' WHERE slug = 'crm'").await;
        assert_eq!(keyed(t, &site.owner, "/v1/connectors", "k3", &wrong).await.status, 400);
        assert_eq!(keyed(t, &site.owner, "/v1/connectors", "k5", &wrong).await.status, 201);
    }

    async fn another_request_under_a_used_key_is_refused(t) {
        let site = Site::make(t).await;
        let body = connector("a", json!({})).to_string();
        assert_eq!(keyed(t, &site.owner, "/v1/connectors", "k", &body).await.status, 201);
        let before = rows(t).await;
        let other = connector("b", json!({})).to_string();
        let reused = async |token: &str, target: &str, headers: &[(&str, &str)], body: &str| {
            let mut all = vec![("idempotency-key", "k")];
            all.extend(headers);
            let got = ask(t, token, "POST", target, &all, body).await;
            (got.status, got.json())
        };
        for (target, headers, body) in [
            ("/v1/connectors", vec![], other.as_str()),
            ("/v1/connectors?include=logo", vec![], body.as_str()),
            ("/v1/connectors", vec![("content-type", JSON_API)], body.as_str()),
            ("/v1/connectors/a/withdraw", vec![], ""),
        ] {
            let (status, error) = reused(&site.owner, target, &headers, body).await;
            assert_eq!((status, &error["code"]), (409, &"IDEMPOTENCY_KEY_REUSED".into()), "{target}");
        }
        assert_eq!(rows(t).await, before);
        // Keys belong to a workspace: another one has its own.
        assert_eq!(reused(&site.other, "/v1/connectors", &[], &other).await.0, 201);
        // An answer that is no longer kept is none.
        t.execute("UPDATE idempotency_keys SET expires_at = created_at").await;
        assert_eq!(reused(&site.owner, "/v1/connectors", &[], &other).await.0, 201);
    }

    async fn keys_have_1_to_255_characters(t) {
        let site = Site::make(t).await;
        let before = rows(t).await;
        let body = connector("a", json!({})).to_string();
        for key in [String::new(), "  ".into(), "x".repeat(256)] {
            let got = keyed(t, &site.owner, "/v1/connectors", &key, &body).await;
            assert_eq!((got.status, paths(&got), &got.json()["code"]), (400, vec!["Idempotency-Key".into()], &"BAD_REQUEST".into()), "{key}");
        }
        assert_eq!(rows(t).await, before);
        let got = ask(t, &site.owner, "POST", "/v1/connectors", &[("idempotency-key", ""), ("accept", JSON_API)], body.as_str()).await;
        assert_eq!(text(&got.json(), "/errors/0/source/header"), "Idempotency-Key");
        assert_eq!(keyed(t, &site.owner, "/v1/connectors", &"x".repeat(255), &body).await.status, 201);
    }

    async fn twenty_requests_at_once_make_one_row_and_get_one_answer(t) {
        let site = Site::make(t).await;
        let body = connector("a", json!({})).to_string();
        let (token, body) = (&*site.owner, &*body);
        let all = (0..20).map(|_| keyed(t, token, "/v1/connectors", "k", body));
        let all = futures_util::future::join_all(all).await;
        for got in &all {
            same(&all[0], got);
        }
        assert_eq!(all[0].status, 201, "{:#}", all[0].json());
        assert_eq!(all.iter().filter(|got| got.header("idempotency-replayed").is_none()).count(), 1);
        assert_eq!(number(t, "SELECT count(*) FROM connectors").await, 1);
        assert_eq!(recorded(t).await, 1);
    }

    async fn actions_and_deletes(t) {
        let site = Site::make(t).await;
        made(t, &site.owner, &connector("a", json!({}))).await;
        let first = keyed(t, &site.owner, "/v1/connectors/a/withdraw", "k", "").await;
        let again = keyed(t, &site.owner, "/v1/connectors/a/withdraw", "k", "").await;
        assert_eq!(first.status, 200);
        same(&first, &again);
        // A DELETE is idempotent by itself; the header is of no consequence.
        let send = async || ask(t, &site.owner, "DELETE", "/v1/connectors/a", &[("idempotency-key", "k")], "").await.status;
        assert_eq!((send().await, send().await), (204, 404));
    }
}
