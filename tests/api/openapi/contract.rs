//! Whether something is what the document says.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value as Json, json};
use std::sync::LazyLock;

/// The document as the server writes it.
pub static DOCUMENT: LazyLock<Json> = LazyLock::new(|| {
    serde_json::from_str(&connectory::rest::openapi::text()).expect("the document is JSON")
});

/// An operation of the document.
pub struct Operation {
    pub path: &'static str,
    pub method: &'static str,
    pub json: &'static Json,
}

/// Every operation.
pub fn operations() -> Vec<Operation> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let of = |(path, item): (&'static String, &'static Json)| {
        let item = item.as_object().expect("operations of a path");
        item.iter()
            .map(move |(method, json)| Operation { path, method, json })
    };
    paths.iter().flat_map(of).collect()
}

/// The operation of that name.
pub fn operation(id: &str) -> &'static Json {
    let found = operations()
        .into_iter()
        .find(|o| o.json["operationId"] == id);
    found
        .unwrap_or_else(|| panic!("there is no operation `{id}`"))
        .json
}

/// What a reference leads to, or the node itself.
pub fn resolved(node: &'static Json) -> &'static Json {
    match node["$ref"].as_str() {
        Some(at) => DOCUMENT
            .pointer(at.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{at} leads nowhere")),
        None => node,
    }
}

/// A validator for a schema of the document; formats are asserted.
pub fn validator(schema: &Json) -> Validator {
    let mut whole = match schema {
        Json::Object(members) => members.clone(),
        other => panic!("{other} is no schema"),
    };
    whole.insert("components".into(), DOCUMENT["components"].clone());
    let whole = Json::Object(whole);
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&whole)
        .unwrap_or_else(|e| panic!("{schema:#} is no schema: {e}"))
}

/// Everything wrong with a value, by a schema of the document.
pub fn faults(schema: &Json, value: &Json) -> Vec<String> {
    let mut all = Vec::new();
    for error in validator(schema).iter_errors(value) {
        describe(&error, &mut all);
    }
    all
}

/// What is wrong; of alternatives, what is wrong with the one that the value comes closest to.
fn describe(error: &ValidationError<'_>, all: &mut Vec<String>) {
    let alternatives = match error.kind() {
        ValidationErrorKind::AnyOf { context } => context.as_slice(),
        _ => &[],
    };
    // The alternative for the value's own `type` has nothing to say about it.
    let of_type = |errors: &&Vec<ValidationError<'static>>| {
        !errors
            .iter()
            .any(|e| e.instance_path().as_str().ends_with("/type"))
    };
    match alternatives.iter().find(of_type) {
        Some(errors) => errors.iter().for_each(|e| describe(e, all)),
        None => all.push(format!("{} at `{}`", error, error.instance_path())),
    }
}

/// The body of an answer is what the document says of the operation, status and media type. An
/// empty body is what it must be where the document names no content.
pub fn conforms(operation_id: &str, status: u16, media_type: &str, body: &[u8]) {
    let responses = &operation(operation_id)["responses"];
    let response = &responses[status.to_string()];
    assert!(
        !response.is_null(),
        "{operation_id} does not document {status}: {}",
        String::from_utf8_lossy(body)
    );
    let nothing = Map::new();
    let content = resolved(response)["content"]
        .as_object()
        .unwrap_or(&nothing);
    if content.is_empty() {
        assert!(
            body.is_empty(),
            "{operation_id} {status} has a body: {}",
            String::from_utf8_lossy(body)
        );
        return;
    }
    let plain = media_type.split(';').next().unwrap_or_default().trim();
    let media = content.get(plain);
    let media =
        media.unwrap_or_else(|| panic!("{operation_id} {status} does not document `{media_type}`"));
    let body: Json = serde_json::from_slice(body).unwrap_or_else(|e| {
        panic!(
            "{operation_id} {status}: {e}: {}",
            String::from_utf8_lossy(body)
        )
    });
    let faults = faults(&media["schema"], &body);
    assert!(
        faults.is_empty(),
        "{operation_id} {status} {plain} is not what the document says:\n{}\n{body:#}",
        faults.join("\n")
    );
}

fn refused(operation_id: &'static str, status: u16, body: Json) {
    let taken = std::panic::catch_unwind(|| {
        conforms(
            operation_id,
            status,
            "application/json",
            body.to_string().as_bytes(),
        );
    });
    assert!(
        taken.is_err(),
        "{body} was taken for an answer of {operation_id}"
    );
}

#[test]
fn answers_that_are_not_what_the_document_says_are_noticed() {
    let id = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
    let connector = |attributes: Json| json!({"data": {"type": "connector", "id": id, "attributes": attributes}});
    let good = connector(json!({"name": "Notion", "status": "active"}));
    conforms(
        "getConnector",
        200,
        "application/json; charset=utf-8",
        good.to_string().as_bytes(),
    );
    conforms("getConnector", 304, "", b"");
    for attributes in [
        json!({"nome": "Notion"}),
        json!({"name": 1}),
        json!({"status": "broken"}),
        json!({"created_at": "yesterday"}),
    ] {
        refused("getConnector", 200, connector(attributes));
    }
    refused(
        "getConnector",
        200,
        json!({"data": {"type": "person", "id": id}}),
    );
    refused(
        "getConnector",
        200,
        json!({"data": {"type": "connector", "id": "notion"}}),
    );
    refused("getConnector", 200, json!({"data": null}));
    refused("getConnector", 204, good.clone());
    refused("getConnector", 304, good);
    refused(
        "getConnector",
        404,
        json!({"code": "NOT_FOUND", "status": "404"}),
    );
}
