//! Bodies that operations read. What may be sent is what the form of the operation's use case takes.

use super::node::{Members, Node, list, object, schema_ref};
use super::{example, records, value};
use crate::query::Resource;
use crate::rest::accept;
use crate::rest::name;
use crate::rest::route::{Body, ROUTES, Route};
use crate::rest::write::{self, LINKS, Write};
use crate::service::form::{Attribute, Form, Shape};
use crate::service::use_case;

/// Attributes that documents say otherwise: the address names the row, `If-Match` its revision.
const ELSEWHERE: &[&str] = &["id", "revision", "file"];

/// The body that an operation reads.
pub fn of(route: &'static Route, body: Body) -> Node {
    let content = match body {
        Body::Document(of) => {
            let media = || {
                let (name, sample) = (document_name(route, of()), sample(route, of()));
                object! { "schema" => schema_ref(&name), "example" => sample }
            };
            object! { accept::JSON => media(), accept::JSON_API => media() }
        }
        Body::RecordsQuery => question("RecordsQuery", records::query_examples()),
        Body::RecordsStatistics => question("StatisticsQuery", records::statistics_examples()),
        Body::Upload => object! { "multipart/form-data" => object! { "schema" => upload() } },
    };
    object! { "required" => true, "content" => content }
}

fn question(schema: &str, examples: Node) -> Node {
    object! { accept::JSON => object! { "schema" => schema_ref(schema), "examples" => examples } }
}

/// The operation as it writes, and the form of its use case.
fn writing(route: &Route) -> Option<(&'static Write, &'static Form)> {
    let write = write::of(route.operation_id)?;
    Some((write, use_case(write.use_case)?.form))
}

fn document_name(route: &Route, resource: &Resource) -> String {
    let form = writing(route).map_or(resource.type_name, |(_, form)| form.name);
    format!("{form}Document")
}

/// The schemas of bodies.
pub fn schemas() -> Members {
    let mut all = Members::new();
    for route in ROUTES.iter() {
        if let Some(Body::Document(of)) = route.body {
            let name = document_name(route, of());
            if !all.iter().any(|(known, _)| *known == name) {
                all.push((name.into(), input(route, of())));
            }
        }
    }
    all
}

/// The attributes that documents of an operation can hold.
fn attributes(form: &Form) -> impl Iterator<Item = &'static Attribute> + use<> {
    let nested = |a: &&Attribute| matches!(a.shape, Shape::Nested(_));
    let all = form.attributes.iter();
    all.filter(move |a| !nested(a) && !ELSEWHERE.contains(&a.name))
}

/// A document to make or change a resource with, wrapped in `data` or not.
fn input(route: &Route, resource: &Resource) -> Node {
    let Some((write, form)) = writing(route) else {
        return object! { "type" => "object" };
    };
    let mut properties: Members = attributes(form)
        .map(|a| (a.name.into(), value::sent(a)))
        .collect();
    if !write.states.is_empty() {
        let words: Node = write.states.iter().map(|(word, _)| *word).collect();
        let doc = "Whether it is paused or at work.";
        let status = object! { "description" => doc, "type" => "string", "enum" => words };
        properties.push(("status".into(), status));
    }
    let members = object! {
        "type" => object! { "description" => "What it is.", "type" => "string" },
        "id" => object! { "description" => "Its identifier, when it is changed.", "type" => "string" },
        // Other spellings are taken as well, so what is unknown is for the server to refuse.
        "attributes" => object! { "type" => "object", "properties" => properties },
        "relationships" => object! { "type" => "object", "properties" => relationships(form, resource) },
    };
    let resources = object! { "type" => "array", "items" => object! { "type" => "object" } };
    let bare = object! { "type" => "object", "required" => list!["type"], "properties" => members };
    object! {
        "description" => format!("{} `included` may hold related resources under names of the client's own.", form.doc),
        "anyOf" => list![
            object! {
                "type" => "object",
                "required" => list!["data"],
                "properties" => object! { "data" => bare.clone(), "included" => resources },
            },
            bare,
        ],
    }
}

/// The relationships that documents of an operation can hold.
fn relationships(form: &Form, resource: &Resource) -> Members {
    let links = LINKS.iter().filter(|link| link.of == resource.name);
    let known = links.filter_map(|link| Some((link, form.find(link.attribute)?)));
    known
        .map(|(link, attribute)| {
            let data =
                object! { "type" => list!["object", "array", "null"], "items" => object! {} };
            let schema = object! {
                "description" => attribute.doc,
                "type" => "object",
                "required" => list!["data"],
                "properties" => object! { "data" => data },
            };
            (link.name.into(), schema)
        })
        .collect()
}

fn sample(route: &Route, resource: &Resource) -> Node {
    let form = writing(route).map(|(_, form)| form);
    let attributes: Members = form
        .into_iter()
        .flat_map(attributes)
        .filter_map(|a| Some((a.name.into(), example::attribute(resource, a)?)))
        .collect();
    let word = name::of(resource).map_or(resource.singular, |n| n.word);
    object! { "data" => object! { "type" => word, "attributes" => attributes } }
}

fn upload() -> Node {
    object! {
        "type" => "object",
        "required" => list!["file"],
        "properties" => object! {
            "file" => object! { "description" => "The file.", "type" => "string", "contentMediaType" => "application/octet-stream" },
            "data" => object! { "description" => "Its facts, a JSON document.", "type" => "string", "contentMediaType" => accept::JSON },
        },
    }
}
