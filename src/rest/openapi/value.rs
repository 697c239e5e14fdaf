//! Schemas of single values: what a field of the registry holds, and what may be sent to compare
//! it with.

use super::node::{Node, list, object, schema_ref};
use crate::db::Storage;
use crate::query::{Choice, Field, Kind, MAX_TEXT};
use crate::service::form::{Attribute, Shape};

/// Formats that follow from what a text is and not from how it is held.
const FORMATS: &[(&str, &str)] = &[
    ("avatar_image", "uri-reference"),
    ("endpoint_url", "uri"),
    ("logo_url", "uri-reference"),
    ("redirect_url", "uri"),
    ("upload_url", "uri-reference"),
    ("url", "uri-reference"),
    ("website", "uri"),
];

/// The schema of a field in an answer; a row, or the way to it, may be without.
pub fn of(field: &Field, nullable: bool) -> Node {
    match field.kind {
        // A reference stands alone, so that null and the sentence stand beside it.
        Kind::Enum(choice) if nullable => object! {
            "description" => field.doc,
            "anyOf" => list![schema_ref(choice.name), object! { "type" => "null" }],
        },
        Kind::Enum(choice) => object! {
            "description" => field.doc,
            "allOf" => list![schema_ref(choice.name)],
        },
        kind => plain(kind, field, nullable),
    }
}

fn plain(kind: Kind, field: &Field, nullable: bool) -> Node {
    let (ty, format) = match kind {
        Kind::Text if field.storage == Storage::Uuid => ("string", Some("uuid")),
        Kind::Text | Kind::Enum(_) => (
            "string",
            FORMATS
                .iter()
                .find(|(name, _)| *name == field.name)
                .map(|(_, format)| *format),
        ),
        Kind::Workspace => ("string", Some("uuid")),
        Kind::Number => ("integer", Some("int64")),
        Kind::Date => ("string", Some("date-time")),
        Kind::Boolean => ("boolean", None),
        Kind::Texts => ("array", None),
        Kind::Json => ("object", None),
    };
    let ty = if nullable {
        list![ty, "null"]
    } else {
        ty.into()
    };
    let schema = object! { "description" => field.doc, "type" => ty }.with_some("format", format);
    match kind {
        Kind::Texts => schema.with("items", object! { "type" => "string" }),
        Kind::Json => schema.with("additionalProperties", true),
        _ => schema,
    }
}

/// The schema of an attribute of a form, as requests send it.
pub fn sent(attribute: &Attribute) -> Node {
    let text = |least: usize, most: usize| object! { "type" => "string", "minLength" => least, "maxLength" => most };
    let plain = |ty: &'static str| object! { "type" => ty };
    let schema = match attribute.shape {
        Shape::Text(least, most) => text(least, most),
        Shape::Secret(most) => text(1, most).with("format", "password"),
        Shape::Slug => text(1, 100).with("pattern", "^[a-z0-9]+([-_][a-z0-9]+)*$"),
        Shape::Url => text(1, 500).with("format", "uri"),
        Shape::Email => text(3, 320).with("format", "email"),
        Shape::Timezone => text(1, 64),
        Shape::Key => text(1, 500),
        Shape::Word(choice) => schema_ref(&input_name(choice)),
        Shape::Boolean => plain("boolean"),
        Shape::Whole(least, most) => plain("integer")
            .with("minimum", least)
            .with("maximum", most),
        Shape::Moment => plain("string").with("format", "date-time"),
        Shape::Texts(most, each) => plain("array")
            .with("items", text(1, each))
            .with("maxItems", most),
        Shape::Id => plain("string").with("format", "uuid"),
        Shape::Object(_) | Shape::Settings(_) | Shape::Labels(..) | Shape::Nested(_) => {
            plain("object").with("additionalProperties", true)
        }
        Shape::File => plain("string"),
        _ => text(1, 500),
    };
    match attribute.nullable {
        true => object! { "description" => attribute.doc, "anyOf" => list![schema, plain("null")] },
        false => object! { "description" => attribute.doc, "allOf" => list![schema] },
    }
}

/// The schema of an enumeration as answers hold it.
pub fn choice(choice: &Choice) -> Node {
    object! {
        "title" => choice.name,
        "description" => described(choice),
        "type" => "string",
        "enum" => choice.values.iter().map(|(word, _)| *word).collect::<Node>(),
    }
}

/// The name of the schema of an enumeration as requests may spell it.
pub fn input_name(choice: &Choice) -> String {
    format!("{}Input", choice.name)
}

/// The schema of an enumeration as requests may spell it: aliases are accepted.
pub fn choice_input(choice: &Choice) -> Node {
    let words = choice.values.iter().map(|(word, _)| *word);
    let aliases = choice.aliases.iter().map(|(alias, _)| *alias);
    let mut doc = described(choice);
    for (alias, word) in choice.aliases {
        doc.push_str(&format!("\n* `{alias}`: accepted for `{word}`."));
    }
    object! {
        "title" => input_name(choice),
        "description" => doc,
        "type" => "string",
        "enum" => words.chain(aliases).collect::<Node>(),
    }
}

fn described(choice: &Choice) -> String {
    let mut doc = format!("{}\n", choice.doc);
    for (word, meaning) in choice.values {
        doc.push_str(&format!("\n* `{word}`: {meaning}"));
    }
    doc
}

/// The schema of a value that a field of the kind may be compared with.
pub fn compared(kind: Kind) -> Node {
    match kind {
        Kind::Text => object! { "type" => "string", "maxLength" => MAX_TEXT },
        Kind::Number => object! { "type" => "integer", "format" => "int64" },
        Kind::Date => object! {
            "anyOf" => list![
                object! { "type" => "string", "format" => "date-time" },
                object! { "type" => "string", "format" => "date" },
            ],
        },
        Kind::Boolean => object! { "type" => "boolean" },
        Kind::Enum(choice) => schema_ref(&input_name(choice)),
        Kind::Workspace => object! { "type" => "string", "format" => "uuid" },
        Kind::Texts | Kind::Json => {
            object! { "type" => list!["object", "array"], "items" => object! {} }
        }
    }
}
