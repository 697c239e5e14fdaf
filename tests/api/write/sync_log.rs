//! Sync logs: from the start of a run to its end, and no other way.

use super::scene::Scene;
use crate::both;
use serde_json::{Value as Json, json};

const ALL: &str = "id status triggerType startedAt completedAt durationMs error cloudTaskId metadata revision workspaceConnector { id } workspace { id }";
const START: &str = "sync_log_start";
const PROGRESS: &str = "sync_log_progress";
const FINISH: &str = "sync_log_finish";
const FAIL: &str = "sync_log_fail";

fn pick(record: &Json, names: &[&str]) -> Json {
    let members = names.iter().map(|n| ((*n).to_owned(), record[*n].clone()));
    Json::Object(members.collect())
}

both! {
    async fn a_run_starts_goes_on_and_ends_well(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let input = json!({"workspaceConnector": id, "triggerType": "WEBHOOK", "cloudTaskId": "task-1", "metadata": {"seen": 0}});
        let done = s.ask(&s.member, START, input, ALL).await;
        let started = done.record().clone();
        assert_eq!(pick(&started, &["status", "triggerType", "cloudTaskId", "completedAt", "durationMs", "error", "metadata", "revision", "workspaceConnector", "workspace"]), json!({
            "status": "IN_PROGRESS", "triggerType": "WEBHOOK", "cloudTaskId": "task-1", "completedAt": null, "durationMs": null,
            "error": null, "metadata": {"seen": 0}, "revision": 1, "workspaceConnector": {"id": id}, "workspace": {"id": s.home},
        }));
        assert!(started["startedAt"].is_string());
        let log = &started["id"];
        let input = json!({"id": log, "metadata": {"seen": 5, "page": 2}, "revision": 1});
        let done = s.ask(&s.member, PROGRESS, input, ALL).await;
        assert_eq!(pick(done.record(), &["status", "metadata", "revision"]), json!({"status": "IN_PROGRESS", "metadata": {"seen": 5, "page": 2}, "revision": 2}));
        let input = json!({"id": log, "metadata": {"page": null, "made": 5}});
        let done = s.ask(&s.member, FINISH, input, ALL).await;
        let ended = done.record();
        assert_eq!(pick(ended, &["status", "metadata", "revision", "startedAt", "error"]), json!({
            "status": "SUCCESS", "metadata": {"seen": 5, "made": 5}, "revision": 3, "startedAt": started["startedAt"], "error": null,
        }));
        let moment = |name: &str| chrono::DateTime::parse_from_rfc3339(ended[name].as_str().unwrap()).unwrap();
        let passed = (moment("completedAt") - moment("startedAt")).num_milliseconds();
        assert_eq!(ended["durationMs"], json!(passed));
        assert_eq!(s.latest(3).await, ["sync_log.start done", "sync_log.progress done", "sync_log.finish done"]);
    }

    async fn a_scheduled_run_starts_later_and_can_fail(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let done = s.ask(&s.member, START, json!({"workspaceConnector": id, "scheduled": true}), ALL).await;
        let log = done.id();
        assert_eq!(pick(done.record(), &["status", "startedAt"]), json!({"status": "SCHEDULED", "startedAt": null}));
        for (name, input) in [(PROGRESS, json!({"id": log, "metadata": {}})), (FINISH, json!({"id": log})), (FAIL, json!({"id": log, "error": "no"}))] {
            s.refuse(&s.member, name, input, "conflict", &["`input.id` is `scheduled`; only what is `in_progress` can be"]).await;
        }
        let done = s.ask(&s.member, START, json!({"id": log, "triggerType": "SCHEDULED", "cloudTaskId": "t", "revision": 1}), ALL).await;
        assert_eq!(pick(done.record(), &["status", "triggerType", "cloudTaskId", "revision"]), json!({
            "status": "IN_PROGRESS", "triggerType": "SCHEDULED", "cloudTaskId": "t", "revision": 2,
        }));
        s.refuse(&s.member, START, json!({"id": log}), "conflict", &["is `in_progress`; only what is `scheduled` can be started"]).await;
        let reason = "é".repeat(1000);
        let done = s.ask(&s.member, FAIL, json!({"id": log, "error": reason}), ALL).await;
        assert_eq!(pick(done.record(), &["status", "error"]), json!({"status": "ERROR", "error": reason}));
        assert!(done.record()["durationMs"].is_number() && done.record()["completedAt"].is_string());
        for (name, input) in [(START, json!({"id": log})), (PROGRESS, json!({"id": log, "metadata": {}})), (FINISH, json!({"id": log})), (FAIL, json!({"id": log, "error": "no"}))] {
            s.refuse(&s.member, name, input, "conflict", &["`input.id` is `error`; only what is"]).await;
        }
    }

    async fn what_cannot_be_a_run_leaves_no_trace(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let log = s.change(&s.member, START, json!({"workspaceConnector": id, "metadata": {"a": "x".repeat(6000)}})).await.id();
        let nowhere = uuid::Uuid::now_v7();
        let cases: [(&str, Json, &str); 11] = [
            (START, json!({}), "`input.workspaceConnector` is missing"),
            (START, json!({"workspaceConnector": id, "id": log}), "`input.id` names a scheduled run, which has its installation"),
            (START, json!({"id": log, "scheduled": true}), "`input.scheduled` cannot be true"),
            (START, json!({"workspaceConnector": id, "revision": 1}), "`input.revision` is of a scheduled run"),
            (START, json!({"workspaceConnector": nowhere}), "`input.workspaceConnector` names no installation"),
            (START, json!({"workspaceConnector": id, "cloudTaskId": ""}), "`input.cloudTaskId` must not be empty"),
            (START, json!({"workspaceConnector": id, "metadata": {"a": "x".repeat(10_000)}}), "`input.metadata` is 10008 bytes long"),
            (PROGRESS, json!({"id": log, "metadata": {"b": "x".repeat(6000)}}), "`input.metadata` makes the metadata 12015 bytes long"),
            (PROGRESS, json!({"id": log, "metadata": [1]}), "`input.metadata` must be an object"),
            (FAIL, json!({"id": log, "error": "x".repeat(1501)}), "`input.error` has 1501 characters"),
            (FAIL, json!({"id": log, "error": "é".repeat(1500)}), "`input.error` is 3000 bytes long in UTF-8"),
        ];
        for (name, input, says) in cases {
            s.refuse(&s.member, name, input, "bad_request", &[says]).await;
        }
        s.refuse(&s.member, FINISH, json!({"id": nowhere}), "not_found", &["there is no sync_log"]).await;
        s.refuse(&s.member, FINISH, json!({"id": log, "revision": 2}), "precondition_failed", &["at revision 1, not 2"]).await;
        for token in [&s.sibling, &s.stranger] {
            s.refuse(token, FINISH, json!({"id": log}), "not_found", &["there is no sync_log"]).await;
            s.refuse(token, START, json!({"workspaceConnector": id}), "bad_request", &["names no installation"]).await;
        }
        for name in [START, FINISH] {
            let input = if name == START { json!({"workspaceConnector": id}) } else { json!({"id": log}) };
            s.refuse(&s.colleague, name, input.clone(), "forbidden", &["members change their own installations only"]).await;
            s.refuse(&s.viewer, name, input, "forbidden", &["may not change installations"]).await;
        }
    }

    async fn nothing_runs_while_an_installation_is_off(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let log = s.change(&s.member, START, json!({"workspaceConnector": id, "scheduled": true})).await.id();
        for status in ["disabled", "suspended"] {
            s.set_status(&id, status).await;
            let says = format!("names an installation that is `{status}`; resume it first");
            s.refuse(&s.member, START, json!({"workspaceConnector": id}), "conflict", &[&says]).await;
            s.refuse(&s.member, START, json!({"id": log}), "conflict", &[&says]).await;
        }
        s.change(&s.member, "workspace_connector_uninstall", json!({"id": id})).await.record();
        s.refuse(&s.member, START, json!({"id": log}), "conflict", &["belongs to an installation that is gone"]).await;
    }
}
