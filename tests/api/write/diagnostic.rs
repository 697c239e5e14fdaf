//! Diagnostics: noted, and kept for a month.

use super::scene::Scene;
use crate::both;
use serde_json::{Value as Json, json};

const ALL: &str =
    "id revision targetModel reason toolName detail workspaceConnector { id } workspace { id }";
const RECORD: &str = "sync_diagnostic_record";

fn diagnostic(installation: &str, more: Json) -> Json {
    let mut input =
        json!({"workspaceConnector": installation, "targetModel": "DOCUMENT", "reason": "TIMEOUT"});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

both! {
    async fn a_diagnostic_is_what_was_sent(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let more = json!({"toolName": "list", "detail": "took 31 s"});
        let done = s.ask(&s.member, RECORD, diagnostic(&id, more), ALL).await;
        assert_eq!(done.record(), &json!({
            "id": done.id(), "revision": 1, "targetModel": "DOCUMENT", "reason": "TIMEOUT", "toolName": "list", "detail": "took 31 s",
            "workspaceConnector": {"id": id}, "workspace": {"id": s.home},
        }));
        let done = s.ask(&s.member, RECORD, diagnostic(&id, json!({})), ALL).await;
        assert_eq!((&done.record()["toolName"], &done.record()["detail"]), (&json!(null), &json!(null)));
        assert_eq!(s.latest(1).await, ["sync_diagnostic.record done"]);
    }

    async fn what_cannot_be_a_diagnostic_leaves_no_trace(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let nowhere = uuid::Uuid::now_v7().to_string();
        let cases: [(Json, &[&str]); 3] = [
            (diagnostic(&id, json!({"toolName": "x".repeat(256), "detail": "x".repeat(1501)})), &["`input.toolName` has 256 characters", "`input.detail` has 1501 characters"]),
            (diagnostic(&nowhere, json!({})), &["`input.workspaceConnector` names no installation"]),
            (diagnostic(&id, json!({"detail": null})), &["`input.detail` must not be null"]),
        ];
        for (input, says) in cases {
            s.refuse(&s.member, RECORD, input, "bad_request", says).await;
        }
        for token in [&s.sibling, &s.stranger] {
            s.refuse(token, RECORD, diagnostic(&id, json!({})), "bad_request", &["names no installation"]).await;
        }
        s.refuse(&s.colleague, RECORD, diagnostic(&id, json!({})), "forbidden", &["members change their own"]).await;
        s.refuse(&s.viewer, RECORD, diagnostic(&id, json!({})), "forbidden", &["may not change"]).await;
    }

    async fn old_diagnostics_of_the_workspace_are_removed_now_and_then(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let connector = s.connector(json!({})).await;
        let input = json!({"connector": connector, "workspace": "below"});
        let below = s.change(&s.owner, "workspace_connector_install", input).await.id();
        for (of, words) in [(&id, "old"), (&id, "recent"), (&below, "elsewhere")] {
            s.change(&s.owner, RECORD, diagnostic(of, json!({"detail": words}))).await.record();
        }
        let ago = |days| match t.is_sqlite() {
            true => format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '-{days} days')"),
            false => format!("now() - interval '{days} days'"),
        };
        for (words, days) in [("old", 31), ("recent", 29), ("elsewhere", 31)] {
            let moment = ago(days);
            t.execute(&format!("UPDATE connector_sync_diagnostics SET created_at = {moment} WHERE detail = '{words}'")).await;
        }
        let left = |words: &str| format!("SELECT count(*) FROM connector_sync_diagnostics WHERE detail = '{words}'");
        // One write in twenty looks for them: that four hundred do not is out of the question.
        let mut writes = 0;
        while s.count(&left("old")).await > 0 && writes < 400 {
            s.change(&s.member, RECORD, diagnostic(&id, json!({}))).await.record();
            writes += 1;
        }
        assert_eq!(s.count(&left("old")).await, 0, "after {writes} writes");
        assert_eq!(s.count(&left("recent")).await, 1);
        assert_eq!(s.count(&left("elsewhere")).await, 1);
        assert_eq!(s.count("SELECT count(*) FROM connector_sync_diagnostics").await, writes + 2);
    }
}
