//! Every reading operation, asked over HTTP: each answer is what the document says of it.

use super::conforms;
use super::contract::{Operation, operations};
use crate::both;
use crate::support::{TestApp, World};
use serde_json::Value as Json;
use std::collections::BTreeSet;

const MEDIA_TYPES: [&str; 2] = ["application/json", "application/vnd.api+json"];

/// Statuses that reading operations answer with only when the server is in trouble.
const UNSEEN: &[&str] = &["500", "503"];

/// An answer, held against the document.
struct Got {
    status: u16,
    tag: Option<String>,
    body: Json,
}

async fn get(t: &TestApp, id: &str, address: &str, headers: &[(&str, &str)]) -> Got {
    let mut request = t.http.get(format!("{}{address}", t.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.expect("the server answers");
    let header = |name: &str| {
        let value = response.headers().get(name)?;
        Some(value.to_str().expect("a text").to_owned())
    };
    let (status, tag) = (response.status().as_u16(), header("etag"));
    let media_type = header("content-type").unwrap_or_default();
    let body = response.bytes().await.expect("a body");
    conforms(id, status, &media_type, &body);
    Got {
        status,
        tag,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    }
}

/// What an operation was seen to answer.
struct Seen<'a> {
    t: &'a TestApp,
    id: &'a str,
    bearer: String,
    statuses: BTreeSet<String>,
}

impl Seen<'_> {
    async fn get(&mut self, address: &str, headers: &[(&str, &str)]) -> Got {
        let mut all = vec![("authorization", self.bearer.as_str())];
        all.extend_from_slice(headers);
        let got = get(self.t, self.id, address, &all).await;
        self.statuses.insert(got.status.to_string());
        got
    }

    async fn get_as(&mut self, media_type: &str, address: &str) -> Got {
        self.get(address, &[("accept", media_type)]).await
    }
}

/// The names that a parameter's list can hold.
fn words(operation: &Json, parameter: &str) -> Vec<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let found = parameters.into_iter().find(|p| p["name"] == parameter);
    let items = found.map(|p| &p["schema"]["items"]);
    let list = items.and_then(|i| i["enum"].as_array().or(i["anyOf"][0]["enum"].as_array()));
    let word = |w: &Json| w.as_str().expect("a word").to_owned();
    list.into_iter().flatten().map(word).collect()
}

/// The addresses to ask: of a list its own, of a single resource those of the first rows.
async fn addresses(t: &TestApp, bearer: &str, operation: &Operation) -> Vec<String> {
    let Some((list, variable)) = operation.path.split_once("/{") else {
        return vec![operation.path.to_owned()];
    };
    if variable == "root}" {
        let roots =
            super::contract::DOCUMENT["components"]["schemas"]["RecordsRoot"]["enum"].as_array();
        let root = |r: &Json| format!("{list}/{}", r.as_str().expect("a word"));
        return roots.expect("roots").iter().map(root).collect();
    }
    let address = format!("{}{list}?limit=5", t.url);
    let answer = t
        .http
        .get(address)
        .header("authorization", bearer)
        .send()
        .await;
    let page: Json = answer
        .expect("the server answers")
        .json()
        .await
        .expect("JSON");
    let rows = page["data"]
        .as_array()
        .unwrap_or_else(|| panic!("{list} has no rows: {page}"));
    assert!(!rows.is_empty(), "{list} has no rows");
    let id = |row: &Json| format!("{list}/{}", row["id"].as_str().expect("an id"));
    rows.iter().map(id).collect()
}

/// Asks an operation in every way that its parameters offer.
async fn walk(t: &TestApp, world: &World, operation: &Operation) -> BTreeSet<String> {
    let token = &world.root;
    let id = operation.json["operationId"].as_str().expect("a name");
    let bearer = format!("Bearer {token}");
    let mut seen = Seen {
        t,
        id,
        bearer: bearer.clone(),
        statuses: BTreeSet::new(),
    };
    let (includes, sorts) = (
        words(operation.json, "include"),
        words(operation.json, "sort"),
    );
    let targets = addresses(t, &bearer, operation).await;
    for media_type in MEDIA_TYPES {
        for address in &targets {
            let got = seen.get_as(media_type, address).await;
            assert_eq!(got.status, 200, "{address}: {:#}", got.body);
            if let Some(tag) = got.tag {
                let headers = [("accept", media_type), ("if-none-match", tag.as_str())];
                assert_eq!(seen.get(address, &headers).await.status, 304, "{address}");
            }
            seen.get_as(media_type, &format!("{address}?colour=red"))
                .await;
        }
        let first = &targets[0];
        for include in &includes {
            let got = seen
                .get_as(media_type, &format!("{first}?include={include}"))
                .await;
            assert_eq!(got.status, 200, "{first}?include={include}: {:#}", got.body);
        }
        for sort in &sorts {
            let got = seen
                .get_as(media_type, &format!("{first}?limit=3&sort={sort}"))
                .await;
            assert_eq!(got.status, 200, "{first}?sort={sort}: {:#}", got.body);
        }
        refusals(&mut seen, media_type, operation, first).await;
        let elsewhere = format!("{first}?workspace_id={}", world.other_id);
        if !operation.json["responses"]["403"].is_null() {
            let refused = seen.get_as(media_type, &elsewhere).await;
            assert_eq!(refused.status, 403, "{elsewhere}: {:#}", refused.body);
        }
    }
    seen.statuses
}

/// What every operation refuses.
async fn refusals(seen: &mut Seen<'_>, media_type: &str, operation: &Operation, address: &str) {
    let nobody = get(seen.t, seen.id, address, &[("accept", media_type)]).await;
    assert_eq!(nobody.status, 401, "{address}");
    seen.statuses.insert("401".into());
    let list = operation.path.split_once("/{").map(|(list, _)| list);
    if let Some(list) = list {
        let nowhere = format!("{list}/00000000-0000-4000-8000-000000000000");
        let missing = seen.get_as(media_type, &nowhere).await;
        assert!(
            [400, 404].contains(&missing.status),
            "{nowhere}: {:#}",
            missing.body
        );
    }
    assert_eq!(
        seen.get_as("image/png", address).await.status,
        406,
        "{address}"
    );
}

both! {
    async fn every_answer_of_a_reading_operation_is_what_the_document_says(t) {
        let world = World::make(t).await;
        let mut walked = 0;
        for operation in operations().iter().filter(|o| o.method == "get") {
            let seen = walk(t, &world, operation).await;
            let documented = operation.json["responses"].as_object().expect("responses").keys();
            for status in documented.filter(|s| !UNSEEN.contains(&s.as_str())) {
                assert!(seen.contains(status), "{} was never seen to answer {status}", operation.path);
            }
            walked += 1;
        }
        assert!(walked >= 10, "only {walked} operations");
    }

    async fn every_example_of_a_question_for_records_is_answered_as_the_document_says(t) {
        let world = World::make(t).await;
        let mut asked = 0;
        for operation in operations().iter().filter(|o| o.method == "post" && o.json["tags"][0] == "records") {
            let id = operation.json["operationId"].as_str().expect("a name");
            let examples = &operation.json["requestBody"]["content"]["application/json"]["examples"];
            let examples = examples.as_object().expect("examples").values().map(|e| &e["value"]);
            let broken = serde_json::json!({"root": "planets"});
            for (body, expected) in examples.map(|e| (e, 200)).chain([(&broken, 400)]) {
                let address = format!("{}{}", t.url, operation.path);
                let request = t.http.post(address).bearer_auth(&world.root).json(body);
                let response = request.send().await.expect("the server answers");
                let status = response.status().as_u16();
                let media_type = response.headers()["content-type"].to_str().expect("a text").to_owned();
                let answer = response.bytes().await.expect("a body");
                conforms(id, status, &media_type, &answer);
                assert_eq!(status, expected, "{id} {body}: {}", String::from_utf8_lossy(&answer));
                asked += 1;
            }
        }
        assert!(asked >= 5, "only {asked} questions");
    }
}
