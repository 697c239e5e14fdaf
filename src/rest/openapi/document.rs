//! Documents with resources: their schemas in both renderings, and an example of each. What an
//! object holds is the table of shapes, which the answers are written from as well.

use super::node::{Members, Node, list, object, schema_ref};
use super::{example, value};
use crate::query::Resource;
use crate::rest::document::{Attribute, Link, SHAPES, Shape, of as shape_of};
use crate::rest::name::{self, ORGANIZATION};
use crate::rest::route::{Content, Paging, ROUTES};
use crate::rest::{Rendering, accept};

/// Both renderings.
pub const RENDERINGS: [Rendering; 2] = [Rendering::Well, Rendering::Strict];

/// The media type of a rendering, as it is written in `content`.
pub fn media_type(rendering: Rendering) -> &'static str {
    match rendering {
        Rendering::Well => accept::JSON,
        Rendering::Strict => accept::JSON_API,
    }
}

/// What the name of a schema ends with.
fn suffix(rendering: Rendering) -> &'static str {
    match rendering {
        Rendering::Well => "",
        Rendering::Strict => "JsonApi",
    }
}

/// The name of the schema of a document with one resource.
pub fn one_name(resource: &Resource, rendering: Rendering) -> String {
    format!("{}Document{}", resource.type_name, suffix(rendering))
}

/// The name of the schema of a page.
pub fn page_name(resource: &Resource, rendering: Rendering) -> String {
    format!("{}Page{}", resource.type_name, suffix(rendering))
}

fn object_name(resource: &Resource, rendering: Rendering) -> String {
    format!("{}{}", resource.type_name, suffix(rendering))
}

fn attributes_name(resource: &Resource, rendering: Rendering) -> String {
    format!("{}Attributes{}", resource.type_name, suffix(rendering))
}

/// Every schema of a document.
pub fn schemas() -> Members {
    let mut all: Members = Vec::new();
    for rendering in RENDERINGS {
        for outcome in ROUTES.iter().flat_map(|route| route.outcomes) {
            let (name, schema) = match outcome.content {
                Content::One(of) => (one_name(of(), rendering), one(of(), rendering)),
                Content::Page(of, paging) => {
                    (page_name(of(), rendering), page(of(), paging, rendering))
                }
                _ => continue,
            };
            if all.iter().all(|(known, _)| *known != name) {
                all.push((name.into(), schema));
            }
        }
        for shape in SHAPES.iter() {
            let mut add = |name: String, schema| all.push((name.into(), schema));
            add(
                object_name(shape.resource, rendering),
                resource_object(shape, rendering),
            );
            add(
                attributes_name(shape.resource, rendering),
                attributes(shape, rendering),
            );
        }
        all.push((included_name(rendering).into(), included(rendering)));
    }
    all.push(("JsonApi".into(), jsonapi()));
    all.push(("Links".into(), links()));
    all
}

// --- schemas ---------------------------------------------------------------------------------

/// Every attribute that an object can have: those it has unasked, and those that `fields` adds.
fn all_attributes(shape: &Shape, rendering: Rendering) -> Vec<Attribute> {
    let mut all: Vec<Attribute> = Vec::new();
    let lists = [
        shape.attributes(rendering, false),
        shape.attributes(rendering, true),
        shape.attributes(Rendering::Strict, false),
    ];
    for attribute in lists.into_iter().flatten() {
        if all.iter().all(|known| known.key != attribute.key) {
            all.push(*attribute);
        }
    }
    all
}

fn attributes(shape: &Shape, rendering: Rendering) -> Node {
    let mut members: Members = all_attributes(shape, rendering)
        .into_iter()
        .map(|a| {
            let nullable = a.field.nullable || a.through.is_some();
            (a.key.into(), value::of(a.field, nullable))
        })
        .collect();
    if shape.is_workspace() {
        let doc = "What an organization calls `external_workspace_id`.";
        let schema = object! { "description" => doc, "type" => list!["string", "null"] };
        members.push(("external_id".into(), schema));
    }
    object! {
        "description" => format!("{} With `fields` only what it names is there.", shape.resource.doc),
        "type" => "object",
        "properties" => members,
        "additionalProperties" => false,
    }
}

/// The words a resource's `type` can be.
fn words(resource: &Resource) -> Vec<&'static str> {
    let word = name::of(resource).map_or(resource.singular, |n| n.word);
    let mut words = vec![word];
    if word == "workspace" {
        words.push(ORGANIZATION);
    }
    words
}

fn type_schema(words: &[&str]) -> Node {
    object! { "description" => "What it is.", "type" => "string", "enum" => words.iter().copied().collect::<Node>() }
}

fn id_schema() -> Node {
    object! { "description" => "Its identifier.", "type" => "string", "format" => "uuid" }
}

fn resource_object(shape: &Shape, rendering: Rendering) -> Node {
    let relationships: Members = shape
        .links
        .iter()
        .map(|link| {
            (
                relationship_name(link, rendering).into(),
                relationship(link, rendering),
            )
        })
        .collect();
    let mut members: Members = vec![
        ("type".into(), type_schema(&words(shape.resource))),
        ("id".into(), id_schema()),
        (
            "attributes".into(),
            schema_ref(&attributes_name(shape.resource, rendering)),
        ),
        (
            "relationships".into(),
            object! { "type" => "object", "properties" => relationships, "additionalProperties" => false },
        ),
    ];
    if rendering == Rendering::Strict {
        members.push(("links".into(), schema_ref("Links")));
    }
    object! {
        "description" => shape.resource.doc,
        "type" => "object",
        "required" => list!["type", "id"],
        "properties" => members,
        "additionalProperties" => false,
    }
}

/// What a relationship is called in a rendering.
fn relationship_name(link: &Link, rendering: Rendering) -> &'static str {
    match rendering {
        Rendering::Well => link.key,
        Rendering::Strict => link.name,
    }
}

/// The words that linkage can have as its type.
fn linkage_words(link: &Link, rendering: Rendering) -> Vec<&'static str> {
    let target = (link.relation.target)();
    match name::of(target) {
        Some(name) if link.class && rendering == Rendering::Well => vec![name.class],
        _ => words(target),
    }
}

fn relationship(link: &Link, rendering: Rendering) -> Node {
    let words = linkage_words(link, rendering);
    let identifier = object! {
        "type" => "object",
        "required" => list!["type", "id"],
        "properties" => object! { "type" => type_schema(&words), "id" => id_schema() },
        "additionalProperties" => false,
    };
    let data = if link.relation.many {
        object! { "type" => "array", "items" => identifier }
    } else {
        object! { "anyOf" => list![identifier, object! { "type" => "null" }] }
    };
    let mut members: Members = vec![("data".into(), data)];
    if rendering == Rendering::Strict {
        members.push(("links".into(), schema_ref("Links")));
    }
    let meta = object! { "description" => "Says so where the list is cut.", "type" => "object" };
    members.push(("meta".into(), meta));
    object! {
        "description" => link.relation.doc,
        "type" => "object",
        "properties" => members,
        "minProperties" => 1,
        "additionalProperties" => false,
    }
}

fn included_name(rendering: Rendering) -> String {
    format!("Included{}", suffix(rendering))
}

fn included(rendering: Rendering) -> Node {
    let any: Node = SHAPES
        .iter()
        .map(|shape| schema_ref(&object_name(shape.resource, rendering)))
        .collect();
    object! {
        "description" => "Related resources that `include` asked for, each once.",
        "type" => "array",
        "items" => object! { "anyOf" => any },
    }
}

fn one(resource: &Resource, rendering: Rendering) -> Node {
    let data = schema_ref(&object_name(resource, rendering));
    wrapped(data, Vec::new(), rendering, false)
}

fn page(resource: &Resource, paging: Paging, rendering: Rendering) -> Node {
    let items = schema_ref(&object_name(resource, rendering));
    let data = object! { "type" => "array", "items" => items };
    let members = vec![("meta".into(), page_meta(paging, rendering))];
    wrapped(data, members, rendering, true)
}

/// A document around its data.
fn wrapped(data: Node, more: Members, rendering: Rendering, pages: bool) -> Node {
    let mut members: Members = Vec::new();
    let mut required = vec!["data"];
    if rendering == Rendering::Strict {
        required.insert(0, "jsonapi");
        members.push(("jsonapi".into(), schema_ref("JsonApi")));
        members.push(("links".into(), schema_ref("Links")));
    }
    members.push(("data".into(), data));
    members.push(("included".into(), schema_ref(&included_name(rendering))));
    members.extend(more);
    if pages {
        required.push("meta");
    }
    if rendering == Rendering::Well && pages {
        members.push(("links".into(), bare_links()));
    }
    object! {
        "type" => "object",
        "required" => required.into_iter().collect::<Node>(),
        "properties" => members,
        "additionalProperties" => false,
    }
}

fn page_meta(paging: Paging, rendering: Rendering) -> Node {
    let number =
        |doc: &'static str| object! { "description" => doc, "type" => "integer", "minimum" => 0 };
    let total = || ("total".into(), number("Rows of the whole list."));
    let count = ("count".into(), number("Rows of this page."));
    let by_number: Members = vec![
        ("page".into(), number("Number of this page, from 1.")),
        ("limit".into(), number("Most rows of a page.")),
        total(),
        ("total_pages".into(), number("Number of pages.")),
    ];
    // JSON:API readers follow links and need no total, which would cost a statement.
    let by_cursor: Members = match rendering {
        Rendering::Well => vec![total(), count],
        Rendering::Strict => vec![count],
    };
    let shape = |members: Members, doc: &'static str| {
        let required: Node = members.iter().map(|(name, _)| name.clone()).collect();
        object! {
            "description" => doc,
            "type" => "object",
            "required" => required,
            "properties" => members,
            "additionalProperties" => false,
        }
    };
    match paging {
        Paging::Cursor => shape(by_cursor, "How long the page or the list is."),
        // A cursor that is sent leaves numbers.
        Paging::Number => object! {
            "anyOf" => list![
                shape(by_number, "Which page it is, where pages are numbered."),
                shape(by_cursor, "How long the page or the list is, with `cursor`."),
            ],
        },
    }
}

/// `links` in plain JSON: the bare cursor.
fn bare_links() -> Node {
    object! {
        "type" => "object",
        "required" => list!["next"],
        "properties" => object! {
            "next" => object! { "description" => "The cursor of the next page; null on the last.", "type" => list!["string", "null"] },
        },
        "additionalProperties" => false,
    }
}

fn links() -> Node {
    let link = object! {
        "anyOf" => list![
            object! { "type" => list!["string", "null"], "format" => "uri-reference" },
            object! {
                "type" => "object",
                "required" => list!["href"],
                "properties" => object! { "href" => object! { "type" => "string", "format" => "uri-reference" } },
            },
        ],
    };
    let names = [
        "self",
        "related",
        "first",
        "prev",
        "next",
        "last",
        "describedby",
    ];
    object! {
        "description" => "Addresses; null where there is none.",
        "type" => "object",
        "properties" => names.iter().map(|name| ((*name).into(), link.clone())).collect::<Members>(),
        "additionalProperties" => false,
    }
}

fn jsonapi() -> Node {
    object! {
        "description" => "The version of JSON:API.",
        "type" => "object",
        "required" => list!["version"],
        "properties" => object! { "version" => object! { "type" => "string", "const" => "1.1" } },
    }
}

// --- examples --------------------------------------------------------------------------------

/// An example of a document with one resource.
pub fn one_example(resource: &Resource, rendering: Rendering) -> Node {
    let data = sample(resource, rendering);
    match rendering {
        Rendering::Well => object! { "data" => data },
        Rendering::Strict => {
            object! { "jsonapi" => object! { "version" => "1.1" }, "data" => data }
        }
    }
}

/// An example of a page.
pub fn page_example(resource: &Resource, paging: Paging, rendering: Rendering) -> Node {
    let data = list![sample(resource, rendering)];
    let one = || Node::from(1_u64);
    let meta = match (paging, rendering) {
        (Paging::Number, _) => {
            object! { "page" => one(), "limit" => 25_u64, "total" => one(), "total_pages" => one() }
        }
        (Paging::Cursor, Rendering::Well) => object! { "total" => one(), "count" => one() },
        (Paging::Cursor, Rendering::Strict) => object! { "count" => one() },
    };
    let none = || Node::Json(serde_json::Value::Null);
    match (rendering, paging) {
        (Rendering::Well, Paging::Number) => object! { "data" => data, "meta" => meta },
        (Rendering::Well, Paging::Cursor) => object! {
            "data" => data,
            "meta" => meta,
            "links" => object! { "next" => none() },
        },
        (Rendering::Strict, _) => object! {
            "jsonapi" => object! { "version" => "1.1" },
            "links" => object! { "prev" => none(), "next" => none() },
            "data" => data,
            "meta" => meta,
        },
    }
}

/// A sample of a resource object.
fn sample(resource: &Resource, rendering: Rendering) -> Node {
    let Some(shape) = shape_of(resource) else {
        return Node::Json(serde_json::Value::Null);
    };
    let attributes: Members = shape
        .attributes(rendering, false)
        .iter()
        .map(|a| {
            let from = a.through.map_or(resource, |relation| (relation.target)());
            (a.key.into(), example::field(from, a.field))
        })
        .collect();
    let printed = shape.links.iter().filter(|link| link.always);
    let relationships: Members = printed
        .map(|link| {
            (
                relationship_name(link, rendering).into(),
                object! { "data" => linkage(link, rendering) },
            )
        })
        .collect();
    let said = object! {
        "type" => words(resource).first().copied().unwrap_or_default(),
        "id" => example::id(resource),
        "attributes" => attributes,
    };
    if relationships.is_empty() {
        said
    } else {
        said.with("relationships", relationships)
    }
}

fn linkage(link: &Link, rendering: Rendering) -> Node {
    let word = linkage_words(link, rendering)
        .first()
        .copied()
        .unwrap_or_default();
    let one = object! { "type" => word, "id" => example::id((link.relation.target)()) };
    if link.relation.many { list![one] } else { one }
}
