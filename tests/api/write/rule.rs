//! Rules that choose what goes out through a connector.

use super::scene::Scene;
use crate::both;
use serde_json::{Value as Json, json};

const ALL: &str =
    "id revision deletedAt template config naturalLanguage connector { id } workspace { id }";
const CREATE: &str = "connector_filter_create";
const UPDATE: &str = "connector_filter_update";
const DELETE: &str = "connector_filter_delete";

both! {
    async fn a_rule_is_made_changed_and_removed(t) {
        let s = Scene::make(t).await;
        let connector = s.connector(json!({})).await;
        let config = json!({"_or": [{"status": {"_in": ["issued", "paid"]}}, {"issuer": {"name": {"_ilike": "%gmbh"}}}]});
        let input = json!({"connector": connector, "workspace": "below", "config": config, "naturalLanguage": "issued or paid"});
        let done = s.ask(&s.owner, CREATE, input, ALL).await;
        let id = done.id();
        let base = |revision, config: &Json, words: Json| json!({
            "id": id, "revision": revision, "deletedAt": null, "template": false, "config": config, "naturalLanguage": words,
            "connector": {"id": connector}, "workspace": {"id": s.below},
        });
        assert_eq!(done.record(), &base(1, &config, json!("issued or paid")));
        let all = json!({});
        let done = s.ask(&s.admin, UPDATE, json!({"id": id, "config": all, "naturalLanguage": null, "revision": 1}), ALL).await;
        assert_eq!(done.record(), &base(2, &all, json!(null)));
        let done = s.ask(&s.owner, DELETE, json!({"id": id}), ALL).await;
        assert!(done.record()["deletedAt"].is_string());
        s.refuse(&s.owner, UPDATE, json!({"id": id}), "not_found", &["there is no connector_filter"]).await;
        assert_eq!(s.latest(3).await, ["connector_filter.create done", "connector_filter.update done", "connector_filter.delete done"]);
    }

    async fn a_rule_in_use_stays(t) {
        let s = Scene::make(t).await;
        let connector = s.connector(json!({})).await;
        let rule = s.change(&s.owner, CREATE, json!({"connector": connector, "config": {}})).await.id();
        let input = json!({"connector": connector, "connectorFilter": rule});
        let id = s.change(&s.owner, "workspace_connector_install", input).await.id();
        s.refuse(&s.owner, DELETE, json!({"id": rule}), "conflict", &["`input.id` names a rule in use, by 1 installation(s)"]).await;
        s.change(&s.owner, "workspace_connector_uninstall", json!({"id": id})).await.record();
        s.change(&s.owner, DELETE, json!({"id": rule})).await.record();
    }

    async fn what_cannot_be_a_rule_leaves_no_trace(t) {
        let s = Scene::make(t).await;
        let connector = s.connector(json!({})).await;
        let rule = s.change(&s.owner, CREATE, json!({"connector": connector, "config": {}})).await.id();
        let create = |config: Json| json!({"connector": connector, "config": config});
        let cases: [(&str, Json, &[&str]); 8] = [
            (CREATE, create(json!([])), &["`input.config` must be an object"]),
            (CREATE, create(json!({"status": "issued"})), &["`input.config.status` must be an object such as"]),
            (CREATE, create(json!({"_and": {}})), &["`input.config._and` must be a list of conditions"]),
            (CREATE, create(json!({"apiKey": {"_eq": "x"}})), &["looks like a credential"]),
            (CREATE, create(json!({"a": {"_eq": "x".repeat(10_000)}})), &["bytes long when written; the limit is 10000"]),
            (CREATE, json!({"connector": "nowhere", "workspace": "sibling", "config": {"a": 1}}), &["`input.config.a`", "`input.workspace` names no workspace", "`input.connector` names no connector"]),
            (UPDATE, json!({"id": rule, "config": {"a": {"_over": 1}}}), &["is not an operator"]),
            (UPDATE, json!({"id": rule, "config": null}), &["`input.config` must not be null"]),
        ];
        for (name, input, says) in cases {
            s.refuse(&s.owner, name, input, "bad_request", says).await;
        }
        s.refuse(&s.owner, UPDATE, json!({"id": rule, "revision": 4}), "precondition_failed", &["at revision 1, not 4"]).await;
        for name in [UPDATE, DELETE] {
            for token in [&s.sibling, &s.stranger] {
                s.refuse(token, name, json!({"id": rule}), "not_found", &["there is no connector_filter"]).await;
            }
            for token in [&s.member, &s.viewer] {
                s.refuse(token, name, json!({"id": rule}), "forbidden", &["may not change the catalogue"]).await;
            }
        }
        s.refuse(&s.stranger, CREATE, create(json!({})), "bad_request", &["`input.connector` names no connector"]).await;
    }

    async fn templates_are_read_only_and_can_be_used(t) {
        let s = Scene::make(t).await;
        let connector = s.connector(json!({})).await;
        let rule = s.change(&s.owner, CREATE, json!({"connector": connector, "config": {}})).await.id();
        t.execute("UPDATE connector_filters SET workspace_id = NULL, template = TRUE").await;
        for name in [UPDATE, DELETE] {
            s.refuse(&s.root, name, json!({"id": rule}), "forbidden", &["templates are read-only"]).await;
        }
        let input = json!({"connector": connector, "connectorFilter": rule});
        let done = s.ask(&s.sibling, "workspace_connector_install", input, "id filter { id }").await;
        assert_eq!(done.record()["filter"]["id"], json!(rule));
    }
}
