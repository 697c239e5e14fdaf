//! The document by itself.

use super::contract::{DOCUMENT, faults, operations, resolved};
use connectory::rest::{ROUTES, openapi};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn the_document_is_openapi_3_1() {
    let schema: Json = serde_json::from_str(include_str!("openapi-3.1.schema.json")).expect("JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let faults: Vec<_> = validator
        .iter_errors(&DOCUMENT)
        .map(|e| format!("{e} at {}", e.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let broken = json!({"openapi": "3.1.0", "info": {"title": "x"}, "paths": {}});
    assert!(!validator.is_valid(&broken), "the schema takes anything");
}

#[test]
fn every_schema_is_one() {
    let schemas = DOCUMENT["components"]["schemas"]
        .as_object()
        .expect("schemas");
    for (name, schema) in schemas {
        if let Err(fault) = jsonschema::meta::validate(schema) {
            panic!("{name}: {fault} at {}", fault.instance_path());
        }
    }
    assert!(schemas.len() > 40, "only {} schemas", schemas.len());
}

#[test]
fn every_route_is_in_the_document_and_nothing_else() {
    let routed: BTreeMap<_, _> = ROUTES
        .iter()
        .map(|r| {
            (
                (r.path.to_owned(), r.method.name().to_lowercase()),
                r.operation_id,
            )
        })
        .collect();
    assert_eq!(
        routed.len(),
        ROUTES.len(),
        "two routes have one address and method"
    );
    let documented: BTreeMap<_, _> = operations()
        .iter()
        .map(|o| {
            let id = o.json["operationId"].as_str().expect("an operationId");
            ((o.path.to_owned(), o.method.to_owned()), id)
        })
        .collect();
    assert_eq!(routed, documented);
    let ids: BTreeSet<_> = documented.values().collect();
    assert_eq!(ids.len(), documented.len(), "two operations have one name");
}

#[test]
fn every_parameter_of_a_route_is_in_the_document_with_a_sentence() {
    for route in ROUTES {
        let operation = super::contract::operation(route.operation_id);
        let said: BTreeSet<(&str, &str)> = operation["parameters"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(|p| (p["name"].as_str().unwrap(), p["in"].as_str().unwrap()))
            .collect();
        let declared: BTreeSet<(&str, &str)> = route
            .parameters()
            .map(|p| {
                use connectory::rest::parameter::In;
                let place = match p.place {
                    In::Path => "path",
                    In::Query => "query",
                    In::Header => "header",
                };
                (p.name, place)
            })
            .collect();
        assert_eq!(said, declared, "{}", route.operation_id);
        let in_path: BTreeSet<&str> = route.path.split(['{', '}']).skip(1).step_by(2).collect();
        let variables: BTreeSet<&str> = said
            .iter()
            .filter(|(_, p)| *p == "path")
            .map(|(n, _)| *n)
            .collect();
        assert_eq!(variables, in_path, "{}", route.operation_id);
    }
    for operation in operations() {
        for parameter in operation.json["parameters"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let sentence = parameter["description"].as_str().unwrap_or_default();
            assert!(sentence.ends_with('.'), "{}: {parameter}", operation.path);
        }
        for (status, response) in operation.json["responses"].as_object().expect("responses") {
            let sentence = resolved(response)["description"]
                .as_str()
                .unwrap_or_default();
            assert!(sentence.ends_with('.'), "{} {status}", operation.path);
        }
    }
}

#[test]
fn every_tag_is_described_and_used() {
    let tags = DOCUMENT["tags"].as_array().expect("tags");
    let described: BTreeSet<_> = tags.iter().map(|t| t["name"].as_str().unwrap()).collect();
    let used: BTreeSet<_> = ROUTES.iter().map(|r| r.tag).collect();
    assert_eq!(described, used);
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_referred_to() {
    let mut named = BTreeSet::new();
    references(&DOCUMENT, &mut named);
    for at in &named {
        assert!(
            DOCUMENT.pointer(at.trim_start_matches('#')).is_some(),
            "{at} leads nowhere"
        );
    }
    for kind in ["schemas", "responses", "headers"] {
        for name in DOCUMENT["components"][kind].as_object().expect(kind).keys() {
            let at = format!("#/components/{kind}/{name}");
            assert!(named.contains(&at), "nothing refers to {at}");
        }
    }
}

fn references(node: &Json, out: &mut BTreeSet<String>) {
    match node {
        Json::Array(items) => items.iter().for_each(|i| references(i, out)),
        Json::Object(members) => {
            if let Some(Json::String(at)) = members.get("$ref") {
                out.insert(at.clone());
            }
            members.values().for_each(|v| references(v, out));
        }
        _ => {}
    }
}

/// Every schema that has examples and every example with its schema.
fn examples(node: &'static Json, at: &str, out: &mut Vec<(String, Json, Json)>) {
    match node {
        Json::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                examples(item, &format!("{at}/{i}"), out);
            }
        }
        Json::Object(members) => {
            if let Some(schema) = members.get("schema") {
                let one = members.get("example").cloned();
                let named = members.get("examples").and_then(Json::as_object);
                let many = named
                    .into_iter()
                    .flat_map(|e| e.values())
                    .map(|e| e["value"].clone());
                out.extend(
                    one.into_iter()
                        .chain(many)
                        .map(|e| (at.to_owned(), schema.clone(), e)),
                );
            }
            // Inside a schema `examples` is a list.
            if let Some(list) = members.get("examples").and_then(Json::as_array) {
                out.extend(
                    list.iter()
                        .map(|e| (at.to_owned(), node.clone(), e.clone())),
                );
            }
            for (name, value) in members {
                if !["example", "examples", "value"].contains(&name.as_str()) {
                    examples(value, &format!("{at}/{name}"), out);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_example_is_what_its_schema_says() {
    let mut all = Vec::new();
    examples(&DOCUMENT, "", &mut all);
    assert!(all.len() > 100, "only {} examples", all.len());
    let wrong: Vec<String> = all
        .iter()
        .flat_map(|(at, schema, value)| {
            faults(schema, value)
                .into_iter()
                .map(move |f| format!("{at}: {f}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_answer_with_a_body_has_an_example() {
    for operation in operations() {
        for (status, response) in operation.json["responses"].as_object().expect("responses") {
            let content = resolved(response)["content"].as_object();
            for (media_type, media) in content.into_iter().flatten() {
                let shown = media.get("example").or(media.get("examples"));
                assert!(shown.is_some(), "{} {status} {media_type}", operation.path);
            }
        }
    }
}

#[test]
fn the_document_is_the_same_every_time() {
    assert_eq!(openapi::text(), openapi::text());
    let pretty: Json = serde_json::from_str(&openapi::pretty()).expect("JSON");
    assert_eq!(pretty, *DOCUMENT);
}
