//! The catalogue as files: what can be read in, what it does, and what is refused.

mod document;
mod refuse;
mod starter;
mod write;

use crate::support::TestApp;
use chrono::{DateTime, Utc};
use connectory::error::{Error, Problem};
use connectory::service::catalogue::{self, Publish, Report};
use serde_json::{Value as Json, json};

/// Reads a file in, as it says itself who publishes.
async fn import(t: &TestApp, text: &str) -> Result<Report, Error> {
    catalogue::import(t.db(), text, Publish::AsFile, &|_| ()).await
}

/// Reads a file in that must be good.
async fn good(t: &TestApp, text: &str) -> Report {
    import(t, text)
        .await
        .unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// The problems of a file that must be bad.
async fn bad(t: &TestApp, text: &str) -> Vec<Problem> {
    match import(t, text).await {
        Err(Error::Invalid(problems)) => problems,
        Err(Error::Conflict(problem)) => vec![problem],
        other => panic!("{other:?} is no list of problems\n{text}"),
    }
}

/// What is written out.
async fn export(t: &TestApp) -> String {
    let mut out = Vec::new();
    catalogue::export(t.db(), &mut out)
        .await
        .expect("the catalogue is written");
    String::from_utf8(out).expect("it is UTF-8")
}

/// Exported resources of a type.
async fn exported(t: &TestApp, kind: &str) -> Vec<Json> {
    let lines = export(t).await;
    let all = lines
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).expect("a line is JSON"));
    all.filter(|r| r["type"] == kind).collect()
}

/// A connector of a file; `more` are attributes beside the required ones, or instead of them.
fn connector(name: &str, more: Json) -> Json {
    let mut attributes = json!({"name": name, "category": "crm", "direction": "import"});
    for (key, value) in more.as_object().expect("attributes") {
        attributes[key] = value.clone();
    }
    json!({"type": "connector", "attributes": attributes})
}

/// Resources one a line.
fn lines(resources: &[Json]) -> String {
    resources.iter().map(|r| format!("{r}\n")).collect()
}

/// How many rows a table has; `table` may go on with a condition.
async fn count(t: &TestApp, table: &str) -> i64 {
    let rows = t
        .db()
        .rows(format!("SELECT count(*) FROM {table}"), Vec::new())
        .await
        .expect("a number");
    rows[0].int(0).expect("a number")
}

/// The numbers of rows that an import can change.
async fn counts(t: &TestApp) -> Vec<i64> {
    let mut all = Vec::new();
    for table in [
        "connectors",
        "categories",
        "providers",
        "provider_connectors",
        "media",
        "workspaces",
    ] {
        all.push(count(t, table).await);
    }
    all
}

/// When a connector last changed.
async fn touched(t: &TestApp) -> DateTime<Utc> {
    let rows = t
        .db()
        .rows("SELECT max(updated_at) FROM connectors".into(), Vec::new())
        .await
        .expect("a moment");
    rows[0].time(0).expect("a moment")
}

/// The first cell of the only row.
async fn cell(t: &TestApp, sql: &str) -> Option<String> {
    let rows = t
        .db()
        .rows(sql.to_owned(), Vec::new())
        .await
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    assert_eq!(rows.len(), 1, "{sql}");
    rows[0].text(0).map(str::to_owned)
}
