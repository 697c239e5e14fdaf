//! Parameters: the table of an operation as OpenAPI says it.

use super::node::{Members, Node, list, object, schema_ref};
use super::{clause, example, value};
use crate::query::{Kind, MAX_SORTS, Resource};
use crate::resource::RESOURCES;
use crate::rest::parameter::{In, Parameter, Shape};
use crate::rest::{document, name};

/// A parameter of an operation.
pub fn of(parameter: &Parameter) -> Node {
    let place = match parameter.place {
        In::Path => "path",
        In::Query => "query",
        In::Header => "header",
    };
    let said = object! {
        "name" => parameter.name,
        "in" => place,
        "description" => parameter.doc,
        "required" => parameter.required,
    };
    let said = match parameter.shape {
        Shape::Fields | Shape::Filter(_) => said.with("style", "deepObject").with("explode", true),
        Shape::Include(_) | Shape::Sort(_) => said.with("style", "form").with("explode", false),
        Shape::Json => {
            let content = object! { "application/json" => object! { "schema" => condition() } };
            return said.with("content", content);
        }
        _ => said,
    };
    let said = said.with("schema", with_example(schema(parameter), parameter));
    match parameter.shape {
        // The first stands for what is sent if the reader changes nothing.
        Shape::Fields => said.with(
            "examples",
            choices_of(object! { "connector" => "name,slug" }),
        ),
        Shape::Filter(of) => said.with("examples", choices_of(sample_filter(of()))),
        _ => said,
    }
}

fn choices_of(sample: Node) -> Node {
    let nothing = Node::Object(Vec::new());
    object! {
        "none" => object! { "summary" => "Nothing", "value" => nothing },
        "some" => object! { "summary" => "An example", "value" => sample },
    }
}

/// A filter on the first field with a name or an enumeration.
fn sample_filter(resource: &Resource) -> Node {
    let fields = || resource.fields.iter().filter(|f| f.asked());
    let named = fields().find(|f| matches!(f.kind, Kind::Enum(_)));
    let named = named.or_else(|| fields().find(|f| f.name == "name"));
    named.map_or(Node::Object(Vec::new()), |field| {
        Node::Object(vec![(field.name.into(), example::field(resource, field))])
    })
}

fn schema(parameter: &Parameter) -> Node {
    match parameter.shape {
        Shape::Text if parameter.name == "root" => schema_ref("RecordsRoot"),
        Shape::Text => object! { "type" => "string" },
        Shape::Uuid => object! { "type" => "string", "format" => "uuid" },
        Shape::Key(of) if of().keys.is_empty() => object! { "type" => "string", "format" => "uuid" },
        Shape::Key(_) => object! { "type" => "string", "minLength" => 1 },
        Shape::Moment => value::compared(Kind::Date),
        Shape::Integer {
            least,
            most,
            default,
        } => {
            object! { "type" => "integer", "format" => "int64", "minimum" => least, "maximum" => most }
                .with_some("default", default)
        }
        Shape::Word(choice) => schema_ref(&value::input_name(choice)),
        Shape::Include(of) => include(of()),
        Shape::Sort(of) => sort(of()),
        Shape::Fields => fields(),
        Shape::Filter(of) => filter(of()),
        Shape::Json => condition(),
    }
}

/// Examples of a value stand in its schema, where they are read and not sent.
fn with_example(schema: Node, parameter: &Parameter) -> Node {
    let text = match parameter.shape {
        Shape::Key(of) => return schema.with("examples", list![example::id(of())]),
        _ if parameter.example.is_empty() => return schema,
        _ => parameter.example,
    };
    let sample: Node = match parameter.shape {
        Shape::Integer { .. } => text.parse().map_or_else(|_| text.into(), |n: u64| n.into()),
        Shape::Include(_) | Shape::Sort(_) => text.split(',').collect(),
        _ => text.into(),
    };
    schema.with("examples", list![sample])
}

fn include(resource: &Resource) -> Node {
    let links = document::of(resource).map_or(&[][..], |shape| &shape.links);
    let names: Vec<&str> = links.iter().map(|link| link.name).collect();
    let deeper = format!(
        r"^({})(\.[A-Za-z_]+){{1,{}}}$",
        names.join("|"),
        document::MAX_INCLUDE_DEPTH - 1
    );
    object! {
        "type" => "array",
        "items" => object! {
            "anyOf" => list![
                object! { "type" => "string", "enum" => names.into_iter().collect::<Node>() },
                object! { "description" => "A relationship of a related resource.", "type" => "string", "pattern" => deeper },
            ],
        },
        "maxItems" => document::MAX_INCLUDES,
    }
}

fn sort(resource: &Resource) -> Node {
    let fields = resource.fields.iter().filter(|f| f.asked()).map(|f| f.name);
    let both: Vec<String> = fields
        .flat_map(|f| [f.to_owned(), format!("-{f}")])
        .collect();
    let ones: Vec<&str> = resource
        .relations
        .iter()
        .filter(|r| !r.many)
        .map(|r| r.name)
        .collect();
    let fields = both.into_iter().collect::<Node>();
    let item = if ones.is_empty() {
        object! { "type" => "string", "enum" => fields }
    } else {
        let through = format!(r"^-?({})(\.[A-Za-z_]+)+$", ones.join("|"));
        let far = object! { "description" => "A field of a to-one related resource.", "type" => "string", "pattern" => through };
        object! { "anyOf" => list![object! { "type" => "string", "enum" => fields }, far] }
    };
    object! { "type" => "array", "items" => item, "maxItems" => MAX_SORTS }
}

/// Types and their members, as lists in one text.
fn fields() -> Node {
    let member = |name: &name::Name| {
        let doc = format!("Members of `{}`, separated by commas.", name.word);
        let schema = object! { "type" => "string", "description" => doc };
        (name.word.into(), schema)
    };
    object! {
        "type" => "object",
        "properties" => name::NAMES.iter().map(member).collect::<Members>(),
        "additionalProperties" => object! { "type" => "string" },
    }
}

fn filter(resource: &Resource) -> Node {
    let member = |field: &crate::query::Field| {
        let schema = match field.kind {
            // Several words may stand in one value.
            Kind::Enum(_) => object! { "type" => "string" },
            kind => value::compared(kind),
        };
        (field.name.into(), schema.with("description", field.doc))
    };
    let asked = resource.fields.iter().filter(|f| f.asked());
    object! {
        "type" => "object",
        "properties" => asked.map(member).collect::<Members>(),
        "additionalProperties" => true,
    }
}

/// A condition on any root.
fn condition() -> Node {
    let roots = RESOURCES
        .iter()
        .filter(|r| name::of(r).is_some_and(|n| n.root.is_some()));
    let refs: Node = roots.map(|r| schema_ref(&clause::name_of(r))).collect();
    object! { "anyOf" => refs }
}
