//! Requests at once, requests again, and changes that were made against another state.

use super::{Got, ask};
use crate::both;
use crate::write::scene::Scene;
use futures_util::future::join_all;
use serde_json::json;

fn statuses(all: &[Got]) -> Vec<u16> {
    let mut statuses: Vec<_> = all.iter().map(|got| got.status).collect();
    statuses.sort_unstable();
    statuses
}

both! {
    async fn of_the_same_connector_made_at_once_there_is_one(t) {
        let s = Scene::make(t).await;
        for round in 0..5 {
            let new = json!({"url": format!("https://r{round}.example")});
            let both = (0..4).map(|_| ask(t, &s.member, "POST ").body(&new).send());
            assert_eq!(statuses(&join_all(both).await), [201, 409, 409, 409]);
        }
        assert_eq!(ask(t, &s.member, "GET ").send().await.ok(200)["total_count"], 5);
    }

    async fn a_repeated_request_is_answered_as_the_first_one(t) {
        let s = Scene::make(t).await;
        let new = json!({"url": "https://h.example"});
        let create = |key: &str| ask(t, &s.member, "POST ").body(&new).header("idempotency-key", key);
        let both = join_all((0..3).map(|_| create("k").send())).await;
        assert_eq!(statuses(&both), [201, 201, 201]);
        assert!(both.iter().all(|got| got.text == both[0].text), "one answer");
        let replayed = both.iter().filter(|got| got.header("idempotency-replayed") == "true");
        assert_eq!(replayed.count(), 2);
        let other = create("other").send().await;
        assert_eq!((other.status, create("other").send().await.text), (409, other.text));
        let reused = ask(t, &s.member, "POST ").body(&json!({"url": "https://i.example"})).header("idempotency-key", "k").send().await;
        assert_eq!((reused.status, &reused.json()["code"]), (409, &json!("IDEMPOTENCY_KEY_REUSED")));
        let bad = create("ö").send().await;
        assert_eq!(bad.status, 422, "{}", bad.text);
    }

    async fn a_change_against_another_state_is_refused(t) {
        let s = Scene::make(t).await;
        let made = ask(t, &s.member, "POST ").body(&json!({"url": "https://h.example"})).send().await;
        let (id, tag) = (made.id(), made.header("etag").to_owned());
        assert_eq!(ask(t, &s.member, &format!("GET /{id}")).send().await.header("etag"), tag);
        let patch = |tag: &str, label: &str| {
            ask(t, &s.member, &format!("PATCH /{id}")).body(&json!({"label": label})).header("if-match", tag)
        };
        let changed = patch(&tag, "one").send().await;
        assert_eq!(changed.ok(200)["label"], "one");
        let stale = patch(&tag, "two").send().await;
        assert_eq!((stale.status, &stale.json()["code"]), (412, &json!("PRECONDITION_FAILED")));
        assert_eq!(patch("W/\"r2\"", "two").send().await.status, 412, "a weak tag names no state");
        assert_eq!(patch("*", "two").send().await.status, 200);
        let tag = ask(t, &s.member, &format!("GET /{id}")).send().await.header("etag").to_owned();
        let at_once = join_all((0..3).map(|i| patch(&tag, ["a", "b", "c"][i]).send())).await;
        assert_eq!(statuses(&at_once), [200, 412, 412]);
        let delete = ask(t, &s.member, &format!("DELETE /{id}")).header("if-match", tag).send().await;
        assert_eq!(delete.status, 412);
    }
}
