//! For each use case something to try it on, made anew for each try, and the input that an owner
//! would succeed with.

use super::scene::{Done, Scene};
use crate::connect::lifecycle;
use serde_json::{Value as Json, json};

const PICTURE: &[u8] = include_bytes!("../store/picture/plain.png");

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
        "workspace" => workspace(s, verb).await,
        "membership" => membership(s, verb).await,
        "api_token" => token(s, verb).await,
        "media" if verb == "upload" => json!({}),
        "media" => json!({"id": begun(s).await}),
        "media_upload" => upload(s, verb).await,
        _ => panic!("{use_case} has no scenario: add one"),
    }
}

/// Tries a use case; the file of one that takes a file comes with it.
pub async fn send(s: &Scene<'_>, actor: &str, use_case: &str, input: Json) -> Done {
    match use_case {
        "media_upload" => s.upload(actor, PICTURE).await,
        _ => s.change(actor, use_case, input).await,
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
    if matches!(verb, "connect" | "disconnect" | "refresh" | "test" | "link") {
        return connection(s, verb, holder).await;
    }
    let named = json!({"id": s.installed(holder).await});
    if verb == "resume" {
        let paused = s.change(holder, "workspace_connector_pause", named.clone());
        paused.await.record();
    }
    named
}

/// An installation of the scene's remote server, logged in where the use case needs that.
async fn connection(s: &Scene<'_>, verb: &str, holder: &str) -> Json {
    let url = s.remote.as_ref().expect("a remote server");
    let input = json!({"url": url, "label": s.fresh("account"), "workspace": s.home});
    let made = s.change(holder, "workspace_connector_install", input);
    let named = json!({"id": made.await.id()});
    if !matches!(verb, "connect" | "link") {
        let done = s.change(holder, "workspace_connector_connect", named.clone());
        lifecycle::log_in(s.t, &done.await.id()).await;
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

async fn workspace(s: &Scene<'_>, verb: &str) -> Json {
    let input = json!({"parent": s.home, "name": "Tried"});
    if verb == "create" {
        return input;
    }
    json!({"id": s.change(&s.owner, "workspace_create", input).await.id()})
}

async fn membership(s: &Scene<'_>, verb: &str) -> Json {
    let person = json!({"fullName": "Tried", "email": format!("{}@example.com", s.fresh("tried"))});
    let input = json!({"workspace": s.home, "person": person, "role": "VIEWER"});
    if verb == "create" {
        return input;
    }
    let id = s.change(&s.owner, "membership_create", input).await.id();
    match verb {
        "update" => json!({"id": id, "role": "MEMBER"}),
        _ => json!({"id": id}),
    }
}

async fn token(s: &Scene<'_>, verb: &str) -> Json {
    let input = json!({"workspace": s.home, "name": "Tried", "role": "VIEWER"});
    if verb == "create" {
        return input;
    }
    json!({"id": s.change(&s.owner, "api_token_create", input).await.id()})
}

/// What is agreed about a picture before it is sent.
fn agreed(s: &Scene<'_>) -> Json {
    json!({
        "workspace": s.home, "fileName": "a.png", "contentType": "image/png", "fileSize": PICTURE.len(),
    })
}

/// A picture that is yet to be sent.
async fn begun(s: &Scene<'_>) -> String {
    let begun = s.change(&s.owner, "media_upload_begin", agreed(s));
    begun.await.id()
}

async fn upload(s: &Scene<'_>, verb: &str) -> Json {
    if verb == "begin" {
        return agreed(s);
    }
    let query = "mutation($input: MediaUploadBeginInput!) { mediaUploadBegin(input: $input) { mediaItem { id } uploadUrl } }";
    let answer = s.t.ask(&s.owner, query, json!({"input": agreed(s)})).await;
    let begun = &answer.data()["mediaUploadBegin"];
    let address = format!(
        "{}{}",
        s.t.url,
        begun["uploadUrl"].as_str().expect("an address")
    );
    let request = s.t.http.put(address).header("content-type", "image/png");
    let sent = request.body(PICTURE).send().await.expect("an answer");
    assert!(sent.status().is_success(), "{}", sent.status());
    json!({"id": begun["mediaItem"]["id"]})
}
