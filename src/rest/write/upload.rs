//! Uploads: a request in parts, one of them the file. Its facts stand in a part `data`, a document
//! about it, or each in a field of its own with a dotted name; either becomes the same document.

use super::document::{Document, Reader};
use super::{Body, json, of};
use crate::error::{Problem, clip};
use crate::rest::{Call, Fault, Request, route};
use crate::service::UseCase;
use crate::service::form::Shape;
use serde_json::{Map, Value as Json, json};

/// Most names in a dotted name.
const MAX_NAMES: usize = 8;

/// A field of a request in parts that is no file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Whether the operation of a request reads an upload, so that its body is to be taken in parts.
pub fn expects(request: &Request) -> bool {
    let route = route::find(&request.method, &request.path)
        .ok()
        .map(|f| f.route);
    route
        .and_then(|r| of(r.operation_id))
        .is_some_and(|w| w.body == Body::Upload)
}

/// What a request in parts holds, for its idempotency key: the same parts are the same request.
pub fn fingerprint(request: &Request) -> Vec<u8> {
    let mut held = Vec::new();
    for part in &request.parts {
        held.extend(json!([part.name, part.text]).to_string().into_bytes());
    }
    for file in &request.files {
        held.extend(
            json!([file.stored().sha256, file.file_name()])
                .to_string()
                .into_bytes(),
        );
    }
    held
}

/// Reads the parts as a document.
pub fn read(use_case: &'static UseCase, call: &Call<'_>) -> Result<Document, Fault> {
    let resource = (use_case.resource)();
    let document = document(&call.request.parts).map_err(Fault::body)?;
    let body = match document {
        Some(text) => wrapped(json::parse(text.as_bytes())?),
        None => fields(use_case, &call.request.parts).map_err(Fault::body)?,
    };
    let body = typed(body, resource.name);
    let mut document = Reader::read(resource, use_case.form, &body);
    document.spots.attribute("file", "file");
    // What the check of the file speaks of came with its part.
    if !call.request.files.is_empty() {
        document.sent.insert("file".to_owned(), 0.into());
    }
    Ok(document)
}

/// The text of the part `data`, which no other field may stand beside.
fn document(parts: &[Part]) -> Result<Option<&str>, Vec<Problem>> {
    let Some(data) = parts.iter().find(|p| p.name == "data") else {
        return Ok(None);
    };
    let others = parts.iter().filter(|p| !std::ptr::eq(*p, data));
    let beside = |p: &Part| {
        let issue = "stands beside the part `data`, which holds all facts; send one of them";
        Problem::new(clip(&p.name), issue)
    };
    let problems: Vec<_> = others.map(beside).collect();
    match problems.is_empty() {
        true => Ok(Some(&data.text)),
        false => Err(problems),
    }
}

/// The document in its wrapper, as paths speak of it.
fn wrapped(sent: Json) -> Json {
    match sent {
        Json::Object(object) if object.contains_key("data") => Json::Object(object),
        sent => json!({"data": sent}),
    }
}

/// A form has no place for the type unless it says it.
fn typed(mut document: Json, of: &str) -> Json {
    if let Some(Json::Object(data)) = document.get_mut("data") {
        data.entry("type").or_insert_with(|| of.into());
    }
    document
}

/// The document that fields with dotted names spell: `data.attributes.label`, `attributes.label`,
/// `attributes[label]`, or `label` alone.
fn fields(use_case: &UseCase, parts: &[Part]) -> Result<Json, Vec<Problem>> {
    let (mut data, mut problems) = (Json::Object(Map::new()), Vec::new());
    for part in parts {
        let name = part.name.replace('[', ".").replace(']', "");
        let mut names: Vec<&str> = name.split('.').collect();
        if names.first() == Some(&"data") && names.len() > 1 {
            names.remove(0);
        }
        if let [alone] = names.as_slice()
            && *alone != "type"
        {
            names = vec!["attributes", alone];
        }
        let value = value(
            use_case,
            names.last().copied().unwrap_or_default(),
            &part.text,
        );
        if names.len() > MAX_NAMES
            || names.iter().any(|n| n.is_empty())
            || !put(&mut data, &names, value)
        {
            let issue =
                "is no name of a field, or given twice; names are such as `data.attributes.label`";
            problems.push(Problem::new(clip(&part.name), issue));
        }
    }
    match problems.is_empty() {
        true => Ok(json!({"data": data})),
        false => Err(problems),
    }
}

/// The text of a field as the value that its attribute holds.
fn value(use_case: &UseCase, name: &str, text: &str) -> Json {
    let name = crate::rest::name::snake(name);
    match (use_case.form.find(&name).map(|a| a.shape), text) {
        (Some(Shape::Boolean), "true" | "1") => true.into(),
        (Some(Shape::Boolean), "false" | "0") => false.into(),
        (Some(Shape::Whole(..)), text) => {
            text.parse::<i64>().map_or_else(|_| text.into(), Json::from)
        }
        (_, text) => text.into(),
    }
}

/// Puts a value where the names lead; `false` if something else is there. A number is the place
/// in a list.
fn put(at: &mut Json, names: &[&str], value: Json) -> bool {
    let Some((first, rest)) = names.split_first() else {
        return match at {
            Json::Null => {
                *at = value;
                true
            }
            _ => false,
        };
    };
    if let Ok(place) = first.parse::<usize>() {
        if at.is_null() {
            *at = Json::Array(Vec::new());
        }
        let Json::Array(list) = at else { return false };
        if place > list.len() {
            return false;
        }
        if place == list.len() {
            list.push(Json::Null);
        }
        return list.get_mut(place).is_some_and(|at| put(at, rest, value));
    }
    if at.is_null() {
        *at = Json::Object(Map::new());
    }
    match at {
        Json::Object(members) => put(members.entry(*first).or_insert(Json::Null), rest, value),
        _ => false,
    }
}
