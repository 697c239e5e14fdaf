//! Requests about one installation, or one connector, at once.

use super::scene::Scene;
use crate::both;
use futures_util::future::join_all;
use serde_json::json;

async fn words(s: &Scene<'_>, name: &str, input: serde_json::Value, times: usize) -> Vec<String> {
    let asks = (0..times).map(|_| s.change(&s.owner, name, input.clone()));
    let mut words: Vec<_> = join_all(asks).await.iter().map(|d| d.word()).collect();
    words.sort();
    words
}

both! {
    async fn no_installation_is_made_after_its_connector_was_deleted(t) {
        let s = Scene::make(t).await;
        let mut installed = 0;
        for round in 0..10 {
            let connector = s.connector(json!({})).await;
            let input = json!({"connector": connector});
            let (install, delete) = tokio::join!(
                async {
                    // Who is first differs from round to round.
                    if round % 2 == 1 {
                        tokio::task::yield_now().await;
                    }
                    s.change(&s.owner, "workspace_connector_install", input.clone()).await
                },
                s.change(&s.root, "connector_delete", json!({"id": connector})),
            );
            delete.record();
            match install.word().as_str() {
                "done" => {
                    installed += 1;
                    let latest = s.latest(2).await;
                    assert_eq!(latest, ["workspace_connector.install done", "connector.delete done"]);
                }
                word => assert_eq!(word, "bad_request", "{:?}", install.mistakes()),
            }
            s.refuse(&s.owner, "workspace_connector_install", input, "bad_request", &["names no connector"]).await;
        }
        assert_eq!(s.count("SELECT count(*) FROM workspace_connectors").await, installed);
    }

    async fn of_two_pauses_at_one_revision_one_is_done(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.owner).await;
        let input = json!({"id": id, "revision": 1});
        let words = words(&s, "workspace_connector_pause", input, 2).await;
        assert_eq!(words, ["done", "precondition_failed"]);
        assert_eq!(s.count("SELECT count(*) FROM workspace_connectors WHERE revision = 2").await, 1);
    }

    async fn of_several_finishes_one_is_done(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.owner).await;
        let log = s.change(&s.owner, "sync_log_start", json!({"workspaceConnector": id})).await.id();
        let words = words(&s, "sync_log_finish", json!({"id": log}), 4).await;
        assert_eq!(words, ["conflict", "conflict", "conflict", "done"]);
        assert_eq!(s.count("SELECT count(*) FROM audit_events WHERE action = 'sync_log.finish'").await, 1);
    }

    async fn of_equal_targets_and_mappings_at_once_one_is_made(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.owner).await;
        let target = json!({"workspaceConnector": id, "workspace": s.below});
        let mapping = json!({"workspaceConnector": id, "targetModel": "JOURNAL", "toolName": "list", "expression": "$"});
        for (name, input) in [("sync_target_add", target), ("connector_mapping_create", mapping)] {
            let words = words(&s, name, input, 4).await;
            assert_eq!(words, ["conflict", "conflict", "conflict", "done"], "{name}");
        }
    }

    async fn nothing_is_added_to_an_installation_that_is_removed(t) {
        let s = Scene::make(t).await;
        for _ in 0..5 {
            let id = s.installed(&s.owner).await;
            let mapping = json!({"workspaceConnector": id, "targetModel": "JOURNAL", "toolName": "list", "expression": "$"});
            let (removed, _) = tokio::join!(
                s.change(&s.owner, "workspace_connector_uninstall", json!({"id": id})),
                s.change(&s.owner, "connector_mapping_create", mapping),
            );
            removed.record();
            assert_eq!(s.count("SELECT count(*) FROM connector_mappings WHERE deleted_at IS NULL").await, 0);
        }
    }
}
