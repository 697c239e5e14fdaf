//! The contract's example answers, member by member. Rows are planted with the examples' values;
//! only identifiers and times may differ, and what `seeds/departures.json` gives a reason for.

mod plant;

use super::{Got, JSON, get};
use crate::both;
use serde_json::Value as Json;

/// An example of the contract.
pub fn example(name: &str) -> Json {
    let path = format!(
        "{}/tests/api/rest/seeds/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).expect("the example is JSON")
}

/// Paths of the example that are left out of the comparison, each with its reason.
fn departures(name: &str) -> Vec<String> {
    let list = example("departures");
    let list = list.as_array().expect("a list").clone();
    let here = |d: &&Json| d["example"] == name || d["example"] == "*";
    list.iter()
        .filter(here)
        .map(|d| {
            assert!(
                d["reason"].as_str().is_some_and(|r| r.len() > 20),
                "{d} has no reason"
            );
            d["path"].as_str().expect("a path").to_owned()
        })
        .collect()
}

/// What differs between an example and an answer.
fn differences(example: &Json, got: &Json, path: &str, left_out: &[String], out: &mut Vec<String>) {
    let general: String =
        path.split('[')
            .fold(String::new(), |all, part| match part.split_once(']') {
                Some((_, rest)) => format!("{all}[*]{rest}"),
                None => all + part,
            });
    if left_out.contains(&general) {
        return;
    }
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match (example, got) {
        (Json::Object(a), Json::Object(b)) => {
            for (key, value) in a {
                differences(
                    value,
                    b.get(key).unwrap_or(&Json::Null),
                    &below(key),
                    left_out,
                    out,
                );
            }
            let more = b
                .keys()
                .filter(|k| !a.contains_key(*k) && !left_out.contains(&below(k)));
            out.extend(more.map(|k| format!("{} is not in the example", below(k))));
            let missing = a.keys().filter(|k| !b.contains_key(*k));
            out.extend(
                missing
                    .filter(|k| !left_out.iter().any(|p| p.ends_with(k.as_str())))
                    .map(|k| format!("{} is missing", below(k))),
            );
        }
        (Json::Array(a), Json::Array(b)) => {
            if a.len() != b.len() {
                out.push(format!("{path} has {} items, not {}", b.len(), a.len()));
            }
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{path}[{i}]"), left_out, out);
            }
        }
        (a, b) if a == b || alike(path, a, b) => {}
        (a, b) => out.push(format!("{path} is {b}, not {a}")),
    }
}

/// Identifiers and moments need only look the same.
fn alike(path: &str, a: &Json, b: &Json) -> bool {
    let (Some(a), Some(b)) = (a.as_str(), b.as_str()) else {
        return false;
    };
    let uuid = |text: &str| text.len() == 36 && uuid::Uuid::parse_str(text).is_ok();
    let moment =
        |text: &str| text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok();
    let trace = path.ends_with("trace_id") || path.ends_with("log_id");
    // Moments are written to the millisecond, or where that is not all of it, the microsecond.
    let precise = |text: &str| [24, 27].contains(&text.len());
    (uuid(a) && uuid(b)) || (moment(a) && moment(b) && precise(a) && precise(b)) || trace
}

/// The answer is the example, but for what may differ.
pub fn compare(name: &str, got: &Json) {
    let mut out = Vec::new();
    differences(&example(name), got, "", &departures(name), &mut out);
    assert!(out.is_empty(), "{name}: {out:#?}\n{got:#}");
}

fn refused(name: &str, got: &Got) {
    let example = example(name);
    assert_eq!(example["status"], got.status, "{name}");
    compare(name, &got.json());
}

both! {
    async fn the_list_of_connectors_is_the_contracts(t) {
        let token = plant::catalogue(t).await;
        let got = get(t, &token, "/v1/connectors?include=published_by,logo&sort=-created_at", JSON).await;
        compare("list_connectors", &got.document());
        // Without `include` there is no `included`, and nothing else changes.
        let mut plain = got.document();
        plain.as_object_mut().expect("an object").remove("included");
        let got = get(t, &token, "/v1/connectors?sort=-created_at", JSON).await;
        assert_eq!(got.document(), plain);
    }

    async fn workspace_connectors_are_the_contracts(t) {
        let token = plant::installations(t).await;
        let list = get(t, &token, "/v1/workspace-connectors", JSON).await.document();
        compare("list_workspace_connectors", &list);
        let one = format!("/v1/workspace-connectors/{}", plant::FIRST);
        compare("get_workspace_connector", &get(t, &token, &one, JSON).await.document());
    }

    async fn errors_are_the_contracts(t) {
        let token = plant::catalogue(t).await;
        let missing = "/v1/workspace-connectors/00000000-0000-4000-8000-00000000dead";
        refused("list_connectors_401", &get(t, "cty_wrong", "/v1/connectors", JSON).await);
        refused("list_workspace_connectors_401", &get(t, "cty_wrong", "/v1/workspace-connectors", JSON).await);
        refused("get_workspace_connector_401", &get(t, "cty_wrong", missing, JSON).await);
        refused("get_workspace_connector_404", &get(t, &token, missing, JSON).await);
        for wrong in ["limit=0", "limit=501", "limit=x", "limit=", "cursor=eyJwayI6MzN9"] {
            let target = format!("/v1/workspace-connectors?{wrong}");
            refused("list_workspace_connectors_400", &get(t, &token, &target, JSON).await);
        }
    }
}

#[test]
fn a_difference_is_noticed() {
    let example = example("get_workspace_connector");
    type Fault = (&'static str, fn(&mut Json));
    let faults: [Fault; 6] = [
        ("a value", |j| {
            j["data"]["attributes"]["config"]["account_label"] = "x".into()
        }),
        ("a type", |j| {
            j["data"]["relationships"]["connector"]["data"]["type"] = "connector".into()
        }),
        ("a member less", |j| {
            j["data"]["attributes"]
                .as_object_mut()
                .expect("one")
                .remove("status");
        }),
        ("a member more", |j| {
            j["data"]["attributes"]["secret"] = 1.into()
        }),
        ("no identifier", |j| j["data"]["id"] = "7".into()),
        ("an item more", |j| {
            let list = j["data"]["relationships"]["syncLogs"]["data"]
                .as_array_mut()
                .expect("one");
            list.push(list[0].clone());
        }),
    ];
    for (what, plant) in faults {
        let (mut got, mut out) = (example.clone(), Vec::new());
        plant(&mut got);
        differences(&example, &got, "", &[], &mut out);
        assert!(!out.is_empty(), "{what} went unnoticed");
    }
    let mut out = Vec::new();
    differences(&example, &example.clone(), "", &[], &mut out);
    assert!(out.is_empty());
}
