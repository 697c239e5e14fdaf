//! Sync targets: further workspaces that an installation feeds.

use super::scene::Scene;
use crate::both;
use serde_json::json;

const ALL: &str = "id revision deletedAt workspaceConnector { id } workspace { id }";
const ADD: &str = "sync_target_add";
const REMOVE: &str = "sync_target_remove";

both! {
    async fn a_target_is_added_removed_and_added_again(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let input = json!({"workspaceConnector": id, "workspace": "below"});
        let done = s.ask(&s.member, ADD, input.clone(), ALL).await;
        let target = done.id();
        assert_eq!(done.record(), &json!({
            "id": target, "revision": 1, "deletedAt": null, "workspaceConnector": {"id": id}, "workspace": {"id": s.below},
        }));
        s.refuse(&s.member, ADD, input.clone(), "conflict", &["`input.workspace` is fed by the installation already"]).await;
        s.refuse(&s.member, REMOVE, json!({"id": target, "revision": 9}), "precondition_failed", &["at revision 1, not 9"]).await;
        let done = s.ask(&s.member, REMOVE, json!({"id": target, "revision": 1}), ALL).await;
        assert!(done.record()["deletedAt"].is_string());
        assert_eq!(done.record()["revision"], 2);
        s.refuse(&s.member, REMOVE, json!({"id": target}), "not_found", &["there is no sync_target"]).await;
        assert_ne!(s.change(&s.member, ADD, input).await.id(), target);
        assert_eq!(s.latest(3).await, ["sync_target.add done", "sync_target.remove done", "sync_target.add done"]);
    }

    async fn what_is_out_of_reach_is_not_fed(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let add = |workspace: &str| json!({"workspaceConnector": id, "workspace": workspace});
        for (workspace, says) in [
            ("sibling", "`input.workspace` names no workspace that this token reaches"),
            ("acme", "`input.workspace` names no workspace that this token reaches"),
            ("stranger", "`input.workspace` names no workspace that this token reaches"),
            ("home", "`input.workspace` names the installation's own workspace"),
        ] {
            s.refuse(&s.member, ADD, add(workspace), "bad_request", &[says]).await;
        }
        for token in [&s.sibling, &s.stranger] {
            let says = ["`input.workspaceConnector` names no installation", "`input.workspace` names no workspace"];
            s.refuse(token, ADD, add("below"), "bad_request", &says).await;
        }
        s.refuse(&s.colleague, ADD, add("below"), "forbidden", &["members change their own installations only"]).await;
        s.refuse(&s.viewer, ADD, add("below"), "forbidden", &["may not change installations"]).await;
    }

    async fn a_target_is_removed_by_who_manages_the_installation(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let input = json!({"workspaceConnector": id, "workspace": "sibling"});
        let target = s.change(&s.root, ADD, input).await.id();
        // The sibling sees that it is fed, by an installation that it does not see.
        s.refuse(&s.sibling, REMOVE, json!({"id": target}), "forbidden", &["that this token does not reach"]).await;
        // Those of the installation do not see the sibling.
        s.refuse(&s.member, REMOVE, json!({"id": target}), "not_found", &["there is no sync_target"]).await;
        s.refuse(&s.stranger, REMOVE, json!({"id": target}), "not_found", &["there is no sync_target"]).await;
        s.change(&s.root, REMOVE, json!({"id": target})).await.record();
        let input = json!({"workspaceConnector": id, "workspace": "below"});
        let target = s.change(&s.member, ADD, input).await.id();
        s.refuse(&s.colleague, REMOVE, json!({"id": target}), "forbidden", &["members change their own"]).await;
        s.refuse(&s.viewer, REMOVE, json!({"id": target}), "forbidden", &["may not change"]).await;
    }
}
