//! Mappings: one for each tool and kind of record of an installation.

use super::scene::Scene;
use crate::both;
use serde_json::{Value as Json, json};

const ALL: &str = "id revision deletedAt targetModel toolName expression workspaceConnector { id } workspace { id }";
const CREATE: &str = "connector_mapping_create";
const UPDATE: &str = "connector_mapping_update";
const DELETE: &str = "connector_mapping_delete";

fn mapping(installation: &str, model: &str, tool: &str, expression: &str) -> Json {
    json!({"workspaceConnector": installation, "targetModel": model, "toolName": tool, "expression": expression})
}

both! {
    async fn a_mapping_is_made_changed_and_removed(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let done = s.ask(&s.member, CREATE, mapping(&id, "INVOICE", "list", "$.items[0]"), ALL).await;
        let made = done.id();
        let base = |revision, model: &str, tool: &str, expression: &str| json!({
            "id": made, "revision": revision, "deletedAt": null, "targetModel": model, "toolName": tool, "expression": expression,
            "workspaceConnector": {"id": id}, "workspace": {"id": s.home},
        });
        assert_eq!(done.record(), &base(1, "INVOICE", "list", "$.items[0]"));
        let done = s.ask(&s.member, UPDATE, json!({"id": made, "expression": "$.all", "revision": 1}), ALL).await;
        assert_eq!(done.record(), &base(2, "INVOICE", "list", "$.all"));
        let done = s.ask(&s.admin, UPDATE, json!({"id": made, "targetModel": "LEDGER_ACCOUNT", "toolName": "get"}), ALL).await;
        assert_eq!(done.record(), &base(3, "LEDGER_ACCOUNT", "get", "$.all"));
        let done = s.ask(&s.member, DELETE, json!({"id": made}), ALL).await;
        assert!(done.record()["deletedAt"].is_string());
        s.refuse(&s.member, UPDATE, json!({"id": made}), "not_found", &["there is no connector_mapping"]).await;
        // What was removed is in nobody's way.
        s.change(&s.member, CREATE, mapping(&id, "LEDGER_ACCOUNT", "get", "$")).await.record();
        assert_eq!(s.latest(2).await, ["connector_mapping.delete done", "connector_mapping.create done"]);
    }

    async fn an_installation_has_one_mapping_for_a_tool_and_kind(t) {
        let s = Scene::make(t).await;
        let (id, other) = (s.installed(&s.member).await, s.installed(&s.member).await);
        s.change(&s.member, CREATE, mapping(&id, "INVOICE", "list", "$")).await.record();
        let second = s.change(&s.member, CREATE, mapping(&id, "EMAIL", "list", "$")).await.id();
        s.change(&s.member, CREATE, mapping(&other, "INVOICE", "list", "$")).await.record();
        s.refuse(&s.member, CREATE, mapping(&id, "INVOICE", "list", "$"), "conflict", &["`input.toolName` names a tool whose answers another mapping"]).await;
        s.refuse(&s.member, UPDATE, json!({"id": second, "targetModel": "INVOICE"}), "conflict", &["`input.targetModel` names a tool"]).await;
    }

    async fn what_cannot_be_a_mapping_leaves_no_trace(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let made = s.change(&s.member, CREATE, mapping(&id, "INVOICE", "list", "$")).await.id();
        let nowhere = uuid::Uuid::now_v7().to_string();
        let cases: [(&str, Json, &[&str]); 7] = [
            (CREATE, mapping(&id, "EMAIL", "list", "$sum(a"), &["`input.expression` opens `(` at character 4 and never closes it"]),
            (CREATE, mapping(&id, "EMAIL", "list", "'open"), &["`input.expression` begins a text at character 0"]),
            (CREATE, mapping(&id, "EMAIL", "", " "), &["`input.toolName` must not be empty", "`input.expression` must not be empty"]),
            (CREATE, mapping(&id, "EMAIL", &"x".repeat(256), &"x".repeat(20_001)), &["`input.toolName` has 256 characters", "`input.expression` has 20001 characters"]),
            (CREATE, mapping(&nowhere, "EMAIL", "list", "$"), &["`input.workspaceConnector` names no installation"]),
            (UPDATE, json!({"id": made, "expression": "a)"}), &["`input.expression` closes `)` at character 1"]),
            (UPDATE, json!({"id": made, "toolName": null}), &["`input.toolName` must not be null"]),
        ];
        for (name, input, says) in cases {
            s.refuse(&s.member, name, input, "bad_request", says).await;
        }
        s.refuse(&s.member, UPDATE, json!({"id": made, "revision": 3}), "precondition_failed", &["at revision 1, not 3"]).await;
        for name in [UPDATE, DELETE] {
            for token in [&s.sibling, &s.stranger] {
                s.refuse(token, name, json!({"id": made}), "not_found", &["there is no connector_mapping"]).await;
            }
            s.refuse(&s.colleague, name, json!({"id": made}), "forbidden", &["members change their own"]).await;
            s.refuse(&s.viewer, name, json!({"id": made}), "forbidden", &["may not change"]).await;
        }
        s.refuse(&s.colleague, CREATE, mapping(&id, "EMAIL", "list", "$"), "forbidden", &["members change their own"]).await;
        s.refuse(&s.stranger, CREATE, mapping(&id, "EMAIL", "list", "$"), "bad_request", &["names no installation"]).await;
    }

    async fn the_longest_names_fit_their_index(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let tool: String = (0..255).map(|i| char::from_u32(0x1_F300 + i * 7 % 500).unwrap()).collect();
        let expression = format!("'{}'", "x".repeat(19_998));
        let done = s.ask(&s.member, CREATE, mapping(&id, "EMAIL", &tool, &expression), ALL).await;
        assert_eq!(done.record()["toolName"], json!(tool));
        assert_eq!(done.record()["expression"], json!(expression));
    }
}
