//! For each use case something to try it on, made anew for each try, and the input that an owner
//! would succeed with.

use super::scene::Scene;
use serde_json::{Value as Json, json};

/// Makes what a use case is tried on; what belongs to an installation belongs to `holder`'s.
pub async fn prepare(s: &Scene<'_>, use_case: &str, holder: &str) -> Json {
    let (noun, verb) = use_case.rsplit_once('_').expect("a noun and a verb");
    match noun {
        "connector" => connector(s, verb).await,
        "connector_filter" => rule(s, verb).await,
        "workspace_connector" => installation(s, verb, holder).await,
        "sync_target" => target(s, verb, holder).await,
        "connector_mapping" => mapping(s, verb, holder).await,
        "sync_log" => log(s, verb, holder).await,
        "sync_diagnostic" => {
            json!({"workspaceConnector": s.installed(holder).await, "targetModel": "EMAIL", "reason": "TIMEOUT"})
        }
        _ => panic!("{use_case} has no scenario: add one"),
    }
}

async fn connector(s: &Scene<'_>, verb: &str) -> Json {
    let slug = s.fresh("tried");
    let input = json!({"slug": slug, "name": slug, "category": "tools", "direction": "BOTH"});
    if verb == "create" {
        return input;
    }
    let id = s.change(&s.owner, "connector_create", input).await.id();
    if verb == "restore" {
        let named = json!({"id": id});
        s.change(&s.owner, "connector_delete", named).await.record();
    }
    json!({"id": id})
}

async fn rule(s: &Scene<'_>, verb: &str) -> Json {
    let connector = s.connector(json!({})).await;
    let input = json!({"connector": connector, "workspace": s.home, "config": {}});
    if verb == "create" {
        return input;
    }
    let made = s.change(&s.owner, "connector_filter_create", input);
    json!({"id": made.await.id()})
}

async fn installation(s: &Scene<'_>, verb: &str, holder: &str) -> Json {
    if verb == "install" {
        let (connector, person) = (s.connector(json!({})).await, s.person(holder).await);
        return json!({"connector": connector, "workspace": s.home, "person": person});
    }
    let named = json!({"id": s.installed(holder).await});
    if verb == "resume" {
        let paused = s.change(holder, "workspace_connector_pause", named.clone());
        paused.await.record();
    }
    named
}

async fn target(s: &Scene<'_>, verb: &str, holder: &str) -> Json {
    let input = json!({"workspaceConnector": s.installed(holder).await, "workspace": s.below});
    if verb == "add" {
        return input;
    }
    json!({"id": s.change(holder, "sync_target_add", input).await.id()})
}

async fn mapping(s: &Scene<'_>, verb: &str, holder: &str) -> Json {
    let input = json!({
        "workspaceConnector": s.installed(holder).await, "targetModel": "EMAIL", "toolName": "list", "expression": "$",
    });
    if verb == "create" {
        return input;
    }
    json!({"id": s.change(holder, "connector_mapping_create", input).await.id()})
}

async fn log(s: &Scene<'_>, verb: &str, holder: &str) -> Json {
    let input = json!({"workspaceConnector": s.installed(holder).await});
    if verb == "start" {
        return input;
    }
    let id = s.change(holder, "sync_log_start", input).await.id();
    match verb {
        "fail" => json!({"id": id, "error": "refused"}),
        _ => json!({"id": id, "metadata": {"seen": 1}}),
    }
}
