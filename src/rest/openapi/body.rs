//! Bodies that operations read. What may be written into a resource is declared with the use cases
//! that write it; [`writable`] is the one place where that comes in.

use super::node::{Members, Node, list, object, schema_ref};
use super::{example, records, value};
use crate::query::{Field, Resource};
use crate::resource::RESOURCES;
use crate::rest::accept;
use crate::rest::name;
use crate::rest::route::Body;

/// The body of an operation.
pub fn of(body: Body) -> Node {
    let content = match body {
        Body::Document(of) => {
            let resource = of();
            let schema = || schema_ref(&document_name(resource));
            let media = || object! { "schema" => schema(), "example" => sample(resource) };
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

fn document_name(resource: &Resource) -> String {
    format!("{}Input", resource.type_name)
}

/// The fields of a resource that a client may write.
fn writable(resource: &Resource) -> impl Iterator<Item = &Field> {
    const KEPT: &[&str] = &["id", "created_at", "updated_at", "deleted_at"];
    let fields = resource.fields.iter();
    fields.filter(|f| f.shown() && !KEPT.contains(&f.name))
}

/// The schemas of bodies.
pub fn schemas() -> Members {
    RESOURCES
        .iter()
        .map(|resource| (document_name(resource).into(), input(resource)))
        .collect()
}

/// A document to make or change a resource with, wrapped in `data` or not.
fn input(resource: &Resource) -> Node {
    let attributes: Members = writable(resource)
        .map(|f| (f.name.into(), value::of(f, f.nullable)))
        .collect();
    let reference = object! {
        "type" => "object",
        "required" => list!["data"],
        "properties" => object! { "data" => object! { "type" => list!["object", "array", "null"] } },
    };
    let members = object! {
        "type" => object! { "description" => "What it is.", "type" => "string" },
        "id" => object! { "description" => "Its identifier, when it is changed.", "type" => "string" },
        "attributes" => object! { "type" => "object", "properties" => attributes, "additionalProperties" => false },
        "relationships" => object! { "type" => "object", "additionalProperties" => reference },
    };
    let resources = object! { "type" => "array", "items" => object! { "type" => "object" } };
    let bare = object! { "type" => "object", "required" => list!["type"], "properties" => members };
    object! {
        "description" => format!("{} To be made or changed; `included` may hold related resources under names of the client's own.", resource.doc),
        "anyOf" => list![
            object! {
                "type" => "object",
                "required" => list!["data"],
                "properties" => object! { "data" => bare.clone(), "included" => resources.clone() },
            },
            bare,
        ],
    }
}

fn sample(resource: &Resource) -> Node {
    let attributes: Members = writable(resource)
        .map(|f| (f.name.into(), example::field(resource, f)))
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
