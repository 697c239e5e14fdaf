//! Writing over REST: documents in, one change each, answers in both renderings.

mod condition;
mod connector;
mod cost;
mod document;
mod example;
mod graphql;
mod idempotency;
mod included;
mod install;
mod key;
mod role;
mod route;
mod upload;
mod workspace;

use super::{Got, JSON};
use crate::support::TestApp;
use chrono::{DateTime, Utc};
use connectory::service::workspace as space;
use entity::category;
use entity::membership::Role;
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// An organization with a workspace below it, another organization, and two categories.
pub struct Site {
    pub owner: String,
    pub admin: String,
    pub member: String,
    pub viewer: String,
    /// A token of the workspace below.
    pub below: String,
    /// A token of the other organization.
    pub other: String,
    pub below_id: Uuid,
}

impl Site {
    pub async fn make(t: &TestApp) -> Site {
        let make = async |name: &str, parent| {
            let new = space::New {
                name: name.into(),
                parent,
                ..space::New::default()
            };
            space::create(t.db(), new).await.expect("a workspace").id
        };
        let root = make("Acme", None).await;
        let below = make("Acme Labs", Some(root)).await;
        let other = make("Globex", None).await;
        for slug in ["api", "crm"] {
            let now: DateTime<Utc> = "2025-01-01T00:00:00Z".parse().expect("a moment");
            let row = category::ActiveModel {
                id: Set(Uuid::now_v7()),
                slug: Set(slug.into()),
                name: Set(slug.to_uppercase()),
                created_at: Set(now),
                updated_at: Set(now),
                ..Default::default()
            };
            row.insert(t.db().orm()).await.expect("a category");
        }
        Site {
            owner: t.token(root, Role::Owner).await,
            admin: t.token(root, Role::Admin).await,
            member: t.token(root, Role::Member).await,
            viewer: t.token(root, Role::Viewer).await,
            below: t.token(below, Role::Owner).await,
            other: t.token(other, Role::Owner).await,

            below_id: below,
        }
    }
}

/// Sends a body with headers of its own; `content-type` and `accept` are JSON unless given.
pub async fn ask(
    t: &TestApp,
    token: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> Got {
    let method = method.parse().expect("a method");
    let request = t
        .http
        .request(method, format!("{}{target}", t.url))
        .bearer_auth(token);
    let mut all = reqwest::header::HeaderMap::new();
    for (name, value) in [("content-type", JSON), ("accept", JSON)]
        .iter()
        .chain(headers)
    {
        let name: reqwest::header::HeaderName = name.parse().expect("a name");
        all.insert(name, value.parse().expect("a value"));
    }
    let response = request
        .headers(all)
        .body(body.into())
        .send()
        .await
        .expect("the server answers");
    Got {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.bytes().await.expect("a body").to_vec(),
    }
}

/// Posts a document.
pub async fn post(t: &TestApp, token: &str, target: &str, document: &Json) -> Got {
    ask(t, token, "POST", target, &[], document.to_string()).await
}

/// Changes by a document.
pub async fn patch(t: &TestApp, token: &str, target: &str, document: &Json) -> Got {
    ask(t, token, "PATCH", target, &[], document.to_string()).await
}

/// Removes.
pub async fn delete(t: &TestApp, token: &str, target: &str) -> Got {
    ask(t, token, "DELETE", target, &[], "").await
}

/// A wrapped document about a connector with the attributes it must have, and more.
pub fn connector(slug: &str, more: Json) -> Json {
    let mut attributes = json!({"slug": slug, "name": slug.to_uppercase(), "category": "api", "direction": "import"});
    for (name, value) in more.as_object().expect("an object") {
        attributes[name] = value.clone();
    }
    json!({"data": {"type": "connector", "attributes": attributes}})
}

/// Makes a connector and returns its document.
pub async fn made(t: &TestApp, token: &str, document: &Json) -> Json {
    let got = post(t, token, "/v1/connectors", document).await;
    assert_eq!(got.status, 201, "{:#}", got.json());
    got.json()
}

/// The text at a path of a document.
pub fn text(document: &Json, pointer: &str) -> String {
    let found = document.pointer(pointer).and_then(Json::as_str);
    found
        .unwrap_or_else(|| panic!("no text at {pointer} of {document:#}"))
        .to_owned()
}

/// A number that the database gives.
pub async fn number(t: &TestApp, sql: &str) -> i64 {
    let rows = t
        .db()
        .rows(sql.to_owned(), Vec::new())
        .await
        .expect("the statement runs");
    rows.first().and_then(|row| row.int(0)).expect("a number")
}

/// How many rows the tables that writes touch have, and how often they were changed.
pub async fn rows(t: &TestApp) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in [
        "connectors",
        "workspaces",
        "media",
        "workspace_connectors",
        "api_tokens",
        "memberships",
        "people",
    ] {
        counts.push(number(t, &format!("SELECT count(*) FROM {table}")).await);
    }
    for table in [
        "connectors",
        "workspaces",
        "media",
        "workspace_connectors",
        "api_tokens",
    ] {
        counts.push(
            number(
                t,
                &format!("SELECT CAST(coalesce(sum(revision), 0) AS BIGINT) FROM {table}"),
            )
            .await,
        );
    }
    counts
}

/// How many writes the record has.
pub async fn recorded(t: &TestApp) -> i64 {
    number(
        t,
        "SELECT count(*) FROM audit_events WHERE outcome = 'done'",
    )
    .await
}

/// The refusal of a body: its status, code, and the paths and issues of its problems.
pub fn problems(got: &Got) -> Vec<(String, String)> {
    let json = got.json();
    let list = json["details"]["problems"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    list.iter()
        .map(|p| (text(p, "/path"), text(p, "/issue")))
        .collect()
}

/// The paths of the problems of a refusal.
pub fn paths(got: &Got) -> Vec<String> {
    problems(got).into_iter().map(|(path, _)| path).collect()
}

/// The request is refused with that status and code, and changes nothing.
pub async fn refused(
    t: &TestApp,
    token: &str,
    method: &str,
    target: &str,
    document: &Json,
    expected: (u16, &str),
) -> Got {
    let before = (rows(t).await, recorded(t).await);
    let got = ask(t, token, method, target, &[], document.to_string()).await;
    let json = got.json();
    assert_eq!(
        (got.status, json["code"].as_str()),
        (expected.0, Some(expected.1)),
        "{method} {target} {document:#}\n{json:#}"
    );
    assert_eq!(json["status"], expected.0);
    assert_eq!(
        (rows(t).await, recorded(t).await),
        before,
        "{method} {target} changed something"
    );
    got
}
