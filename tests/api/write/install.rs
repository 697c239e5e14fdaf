//! Installations: installing, configuring, pausing, resuming, uninstalling.

use super::scene::Scene;
use crate::both;
use serde_json::{Value as Json, json};

const ALL: &str = "id status label config revision deletedAt connector { id } workspace { id } person { id } filter { id }";

const INSTALL: &str = "workspace_connector_install";
const CONFIGURE: &str = "workspace_connector_configure";
const PAUSE: &str = "workspace_connector_pause";
const RESUME: &str = "workspace_connector_resume";
const UNINSTALL: &str = "workspace_connector_uninstall";

async fn rule(s: &Scene<'_>, token: &str, connector: &str) -> String {
    let input = json!({"connector": connector, "config": {}});
    let made = s.change(token, "connector_filter_create", input);
    made.await.id()
}

fn without(record: &Json, name: &str) -> Json {
    let mut record = record.clone();
    record.as_object_mut().unwrap().remove(name);
    record
}

both! {
    async fn an_installation_is_what_was_sent(t) {
        let s = Scene::make(t).await;
        let connector = s.connector(json!({"publicConfigKeys": ["folder"]})).await;
        let rule = rule(&s, &s.owner, &connector).await;
        let colleague = s.person(&s.colleague).await;
        let input = json!({
            "connector": connector, "workspace": "home", "label": "Ours", "config": {"folder": "in", "depth": 3},
            "person": "colleague@example.com", "connectorFilter": rule,
        });
        let done = s.ask(&s.owner, INSTALL, input, ALL).await;
        assert_eq!(without(done.record(), "id"), json!({
            "status": "ACTIVE", "label": "Ours", "config": {"folder": "in"}, "revision": 1, "deletedAt": null,
            "connector": {"id": connector}, "workspace": {"id": s.home}, "person": {"id": colleague},
            "filter": {"id": rule},
        }));
        assert_eq!(s.latest(1).await, ["workspace_connector.install done"]);
        let sql = "SELECT count(*) FROM audit_events WHERE action = 'workspace_connector.install' AND CAST(after AS TEXT) LIKE '%redacted%' AND CAST(after AS TEXT) NOT LIKE '%3}%'";
        assert_eq!(s.count(sql).await, 1, "a hidden setting is not in the record");
    }

    async fn what_is_left_out_has_its_default(t) {
        let s = Scene::make(t).await;
        let member = s.person(&s.member).await;
        for (flow, status) in [(json!(null), "ACTIVE"), (json!("NONE"), "ACTIVE"), (json!("OAUTH2"), "TO_CONFIGURE"), (json!("API_KEY"), "TO_CONFIGURE")] {
            let connector = s.connector(json!({"authorizationFlow": flow})).await;
            let done = s.ask(&s.member, INSTALL, json!({"connector": connector}), ALL).await;
            assert_eq!(without(done.record(), "id"), json!({
                "status": status, "label": null, "config": null, "revision": 1, "deletedAt": null,
                "connector": {"id": connector}, "workspace": {"id": s.home}, "person": {"id": member}, "filter": null,
            }), "{flow}");
        }
        let input = json!({"connector": s.connector(json!({})).await, "workspace": "below"});
        let done = s.ask(&s.member, INSTALL, input, ALL).await;
        assert_eq!(done.record()["workspace"]["id"], json!(s.below));
    }

    async fn what_cannot_be_installed_leaves_no_trace(t) {
        let s = Scene::make(t).await;
        let (connector, other) = (s.connector(json!({})).await, s.connector(json!({})).await);
        let (rule, foreign) = (rule(&s, &s.owner, &other).await, rule(&s, &s.sibling, &connector).await);
        let colleague = s.person(&s.colleague).await;
        let stranger = s.person(&s.stranger).await;
        let long = "x".repeat(101);
        let big = json!({"a": "x".repeat(10_000)});
        let base = |more: Json| {
            let mut input = json!({"connector": connector});
            for (name, value) in more.as_object().unwrap() {
                input[name] = value.clone();
            }
            input
        };
        let cases: [(Json, &[&str]); 12] = [
            (base(json!({"connector": "nowhere"})), &["`input.connector` names no connector"]),
            (base(json!({"connector": uuid::Uuid::now_v7()})), &["`input.connector` names no connector"]),
            (base(json!({"workspace": "sibling"})), &["`input.workspace` names no workspace that this token reaches"]),
            (base(json!({"workspace": s.root_id})), &["`input.workspace` names no workspace"]),
            (base(json!({"person": stranger})), &["`input.person` names nothing among the members"]),
            (base(json!({"connectorFilter": rule})), &["`input.connectorFilter` names no rule for the connector"]),
            (base(json!({"connectorFilter": foreign})), &["`input.connectorFilter` names no rule for the connector"]),
            (base(json!({"label": long})), &["`input.label` has 101 characters"]),
            (base(json!({"label": ""})), &["`input.label` must not be empty"]),
            (base(json!({"config": big})), &["`input.config` is 10008 bytes long"]),
            (base(json!({"config": {"a": {"api_key": "x"}, "password": "y"}})), &["`input.config.a.api_key` looks like a credential", "`input.config.password` looks like a credential"]),
            (json!({"connector": "nowhere", "workspace": "sibling", "person": stranger}), &["`input.workspace`", "`input.person`", "`input.connector`"]),
        ];
        for (input, says) in cases {
            s.refuse(&s.owner, INSTALL, input, "bad_request", says).await;
        }
        s.refuse(&s.member, INSTALL, base(json!({"person": colleague})), "forbidden", &["an admin can name another owner"]).await;
        s.refuse(&s.viewer, INSTALL, base(json!({})), "forbidden", &["may not change installations"]).await;
        s.refuse(&s.stranger, INSTALL, base(json!({})), "bad_request", &["`input.connector` names no connector"]).await;
    }

    async fn only_active_connectors_can_be_installed(t) {
        let s = Scene::make(t).await;
        for status in ["INACTIVE", "COMING_SOON", "MAINTENANCE", "DEPRECATED"] {
            let connector = s.connector(json!({"status": status})).await;
            let says = format!("status is `{}`", status.to_lowercase());
            s.refuse(&s.owner, INSTALL, json!({"connector": connector}), "conflict", &[&says]).await;
        }
        let connector = s.connector(json!({})).await;
        s.change(&s.root, "connector_delete", json!({"id": connector})).await.record();
        s.refuse(&s.owner, INSTALL, json!({"connector": connector}), "bad_request", &["names no connector"]).await;
    }

    async fn configuring_changes_what_was_sent_and_empties_what_is_null(t) {
        let s = Scene::make(t).await;
        let connector = s.connector(json!({"publicConfigKeys": ["a", "b"]})).await;
        let rule = rule(&s, &s.owner, &connector).await;
        let input = json!({"connector": connector, "label": "One", "config": {"a": 1}, "connectorFilter": rule});
        let id = s.change(&s.member, INSTALL, input).await.id();
        let (member, colleague) = (s.person(&s.member).await, s.person(&s.colleague).await);
        let base = json!({"id": id, "status": "ACTIVE", "deletedAt": null, "connector": {"id": connector}, "workspace": {"id": s.home}});
        let steps = [
            (json!({"config": {"b": 2}}), json!({"label": "One", "config": {"b": 2}, "person": {"id": member}, "filter": {"id": rule}})),
            (json!({"label": "Two", "revision": 2}), json!({"label": "Two", "config": {"b": 2}, "person": {"id": member}, "filter": {"id": rule}})),
            (json!({"label": null, "config": null, "connectorFilter": null}), json!({"label": null, "config": null, "person": {"id": member}, "filter": null})),
            (json!({"person": colleague, "connectorFilter": rule}), json!({"label": null, "config": null, "person": {"id": colleague}, "filter": {"id": rule}})),
            (json!({"person": null}), json!({"label": null, "config": null, "person": null, "filter": {"id": rule}})),
        ];
        for (i, (mut input, mut after)) in steps.into_iter().enumerate() {
            input["id"] = json!(id);
            for (name, value) in base.as_object().unwrap() {
                after[name] = value.clone();
            }
            after["revision"] = json!(i + 2);
            // The first three are within a member's rights, for the installation is its own.
            let token = if i < 3 { &s.member } else { &s.admin };
            let done = s.ask(token, CONFIGURE, input.clone(), ALL).await;
            assert_eq!(done.record(), &after, "{input}");
        }
        assert_eq!(s.latest(1).await, ["workspace_connector.configure done"]);
    }

    async fn configuring_what_is_not_ones_own_is_refused(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.colleague).await;
        let input = |name: &str, value: Json| json!({"id": id, name: value});
        let colleague = s.person(&s.colleague).await;
        s.refuse(&s.member, CONFIGURE, input("label", json!("x")), "forbidden", &["members change their own installations only"]).await;
        s.refuse(&s.viewer, CONFIGURE, input("label", json!("x")), "forbidden", &["may not change installations"]).await;
        for token in [&s.sibling, &s.stranger] {
            s.refuse(token, CONFIGURE, input("label", json!("x")), "not_found", &["there is no workspace_connector"]).await;
        }
        s.refuse(&s.owner, CONFIGURE, input("revision", json!(7)), "precondition_failed", &["is at revision 1, not 7"]).await;
        s.refuse(&s.owner, CONFIGURE, input("connectorFilter", json!(id)), "bad_request", &["`input.connectorFilter` names no rule"]).await;
        s.refuse(&s.owner, CONFIGURE, input("config", json!({"clientSecret": 1})), "bad_request", &["looks like a credential"]).await;
        s.refuse(&s.owner, CONFIGURE, input("config", json!([1])), "bad_request", &["`input.config` must be an object, not a list"]).await;
        let own = s.installed(&s.member).await;
        s.refuse(&s.member, CONFIGURE, json!({"id": own, "person": colleague}), "forbidden", &["an admin can name another owner"]).await;
        s.refuse(&s.member, CONFIGURE, json!({"id": own, "person": null}), "forbidden", &["an admin can name another owner"]).await;
    }

    async fn pausing_and_resuming_follow_the_states(t) {
        let s = Scene::make(t).await;
        let id = s.installed(&s.member).await;
        let named = json!({"id": id});
        for status in ["active", "degraded", "processing", "error"] {
            s.set_status(&id, status).await;
            let done = s.ask(&s.member, PAUSE, named.clone(), ALL).await;
            assert_eq!(done.record()["status"], "DISABLED", "{status}");
            s.refuse(&s.member, PAUSE, named.clone(), "conflict", &["`input.id` is `disabled`"]).await;
            let done = s.ask(&s.member, RESUME, named.clone(), ALL).await;
            assert_eq!(done.record()["status"], "ACTIVE", "{status}");
        }
        assert_eq!(s.latest(2).await, ["workspace_connector.pause done", "workspace_connector.resume done"]);
        for status in ["to_configure", "need_reconnect", "suspended"] {
            s.set_status(&id, status).await;
            let says = format!("`input.id` is `{status}`; only what is");
            s.refuse(&s.owner, PAUSE, named.clone(), "conflict", &[&says]).await;
            s.refuse(&s.owner, RESUME, named.clone(), "conflict", &[&says]).await;
        }
        s.set_status(&id, "active").await;
        s.refuse(&s.colleague, PAUSE, named.clone(), "forbidden", &["members change their own installations only"]).await;
        s.refuse(&s.stranger, PAUSE, named, "not_found", &["there is no workspace_connector"]).await;
    }

    async fn an_installation_that_never_was_configured_awaits_that_when_resumed(t) {
        let s = Scene::make(t).await;
        let connector = s.connector(json!({"authorizationFlow": "OAUTH2"})).await;
        for (config, at_work, status) in [(json!(null), false, "TO_CONFIGURE"), (json!(null), true, "ACTIVE"), (json!({"a": 1}), false, "ACTIVE")] {
            let input = json!({"connector": connector, "config": config});
            let id = s.change(&s.owner, INSTALL, input).await.id();
            match at_work {
                true => {
                    s.set_status(&id, "active").await;
                    s.change(&s.owner, PAUSE, json!({"id": id})).await.record();
                }
                false => s.set_status(&id, "disabled").await,
            }
            let done = s.ask(&s.owner, RESUME, json!({"id": id}), ALL).await;
            assert_eq!(done.record()["status"], status, "config {config}, at work {at_work}");
        }
    }

    async fn uninstalling_takes_targets_and_mappings_along(t) {
        let s = Scene::make(t).await;
        let (id, stays) = (s.installed(&s.member).await, s.installed(&s.member).await);
        for of in [&id, &stays] {
            s.change(&s.member, "sync_target_add", json!({"workspaceConnector": of, "workspace": "below"})).await.record();
            let mapping = json!({"workspaceConnector": of, "targetModel": "INVOICE", "toolName": "list", "expression": "$"});
            s.change(&s.member, "connector_mapping_create", mapping).await.record();
        }
        let log = s.change(&s.member, "sync_log_start", json!({"workspaceConnector": id})).await.id();
        s.refuse(&s.colleague, UNINSTALL, json!({"id": id}), "forbidden", &["members change their own"]).await;
        let events = s.events("done").await;
        let done = s.ask(&s.member, UNINSTALL, json!({"id": id, "revision": 1}), ALL).await;
        assert!(done.record()["deletedAt"].is_string(), "{:#}", done.record());
        assert_eq!(s.events("done").await, events + 1, "one row of the record");
        for table in ["workspace_connector_sync_targets", "connector_mappings"] {
            for (condition, count) in [("IS NULL", 1), ("IS NOT NULL AND revision = 2", 1)] {
                let sql = format!("SELECT count(*) FROM {table} WHERE deleted_at {condition}");
                assert_eq!(s.count(&sql).await, count, "{table} {condition}");
            }
        }
        s.refuse(&s.member, UNINSTALL, json!({"id": id}), "not_found", &["there is no workspace_connector"]).await;
        let begins = json!({"workspaceConnector": id});
        s.refuse(&s.member, "sync_log_start", begins, "bad_request", &["names no installation"]).await;
        // What runs can still end.
        s.change(&s.member, "sync_log_finish", json!({"id": log})).await.record();
    }
}
