//! The schema's types, all of them made from the registry: a field of a resource is written once,
//! in `crate::resource`, and appears here as an output field, a filter member and an order member.

mod inputs;
pub(in crate::graphql) mod mutations;
mod outputs;
mod subscriptions;

use crate::query::Resource;
use crate::resource::RESOURCES;
use crate::service::UseCase;
use async_graphql::Value;
use async_graphql::indexmap::{IndexMap, IndexSet};
use async_graphql::registry::{
    EnumBuilder, InputObjectBuilder, MetaEnumValue, MetaField, MetaInputValue, MetaType,
    ObjectBuilder, Registry, ScalarValidatorFn,
};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// The name of a resource's connection type.
pub fn connection_name(resource: &Resource) -> &'static str {
    names(resource).0
}

/// The name of a resource's edge type.
pub fn edge_name(resource: &Resource) -> &'static str {
    names(resource).1
}

/// Connection and edge names live as long as the registry they are made from.
fn names(resource: &Resource) -> (&'static str, &'static str) {
    static NAMES: LazyLock<HashMap<&'static str, (String, String)>> = LazyLock::new(|| {
        let names = |r: &&Resource| {
            (
                r.type_name,
                (
                    format!("{}Connection", r.type_name),
                    format!("{}Edge", r.type_name),
                ),
            )
        };
        RESOURCES.iter().map(names).collect()
    });
    NAMES
        .get(resource.type_name)
        .map_or(("", ""), |(connection, edge)| (connection, edge))
}

/// The name of the payload of a mutation.
pub fn payload_name(use_case: &UseCase) -> String {
    let mut name = super::camel(use_case.name);
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    format!("{name}Payload")
}

/// The name of what a subscription to changes of a resource tells.
pub fn change_name(resource: &Resource) -> String {
    format!("{}Change", resource.type_name)
}

/// A type with a description, to be put into the registry.
fn insert(registry: &mut Registry, name: &str, ty: MetaType) {
    registry.types.insert(name.to_owned(), ty);
}

fn output(name: &str, ty: String, doc: &str) -> (String, MetaField) {
    let mut field = MetaField::new(name, ty);
    field.description = Some(doc.to_owned());
    (name.to_owned(), field)
}

fn input(name: &str, ty: impl Into<String>, doc: &str) -> (String, MetaInputValue) {
    let mut value = MetaInputValue::new(name, ty);
    value.description = Some(doc.to_owned());
    (name.to_owned(), value)
}

fn object(registry: &mut Registry, name: &str, doc: &str, fields: Vec<(String, MetaField)>) {
    let builder = ObjectBuilder::new(name, fields.into_iter().collect());
    insert(
        registry,
        name,
        builder.description(Some(doc.to_owned())).build(),
    );
}

fn input_object(
    registry: &mut Registry,
    name: &str,
    doc: &str,
    oneof: bool,
    fields: Vec<(String, MetaInputValue)>,
) {
    let builder = InputObjectBuilder::new(name, fields.into_iter().collect());
    insert(
        registry,
        name,
        builder
            .description(Some(doc.to_owned()))
            .oneof(oneof)
            .build(),
    );
}

fn enumeration<'a>(
    registry: &mut Registry,
    name: &str,
    doc: &str,
    values: impl Iterator<Item = (String, &'a str)>,
) {
    let value = |(word, meaning): (String, &str)| {
        let mut value = MetaEnumValue::new(&word);
        value.description = Some(meaning.to_owned());
        (word, value)
    };
    let builder = EnumBuilder::new(name, values.map(value).collect());
    insert(
        registry,
        name,
        builder.description(Some(doc.to_owned())).build(),
    );
}

/// Puts every type into the registry, once: each of the three roots asks for it, and what was added
/// to the query type in between, introspection, must stay.
pub fn register(registry: &mut Registry) {
    if registry.types.contains_key("Query") {
        return;
    }
    scalars(registry);
    inputs::operators(registry);
    shared(registry);
    for resource in RESOURCES.iter() {
        outputs::resource_object(registry, resource);
        outputs::connection(registry, resource);
        inputs::filter(registry, resource);
        inputs::order(registry, resource);
        inputs::key(registry, resource);
        registry.add_implements(resource.type_name, "Node");
    }
    outputs::query(registry);
    mutations::register(registry);
    subscriptions::register(registry);
}

fn scalars(registry: &mut Registry) {
    <async_graphql::ID as async_graphql::InputType>::create_type_info(registry);
    if let Some(MetaType::Scalar { description, .. }) = registry.types.get_mut("ID") {
        *description = Some(
            "An identifier, written as a text; as input a whole number is taken, too.".to_owned(),
        );
    }
    let text: ScalarValidatorFn = Arc::new(|v| matches!(v, Value::String(_)));
    let whole: ScalarValidatorFn =
        Arc::new(|v| matches!(v, Value::Number(n) if n.is_i64() || n.is_u64()));
    for (name, doc, valid, url) in [
        (
            "DateTime",
            "A moment, RFC 3339 in UTC with milliseconds, or microseconds where there are some, e.g. `2026-01-31T09:30:00.000Z`. As input any offset is taken, and a date alone, e.g. `2026-01-31`.",
            Some(text),
            Some("https://scalars.graphql.org/andimarek/date-time.html"),
        ),
        (
            "JSON",
            "Any JSON value.",
            None,
            Some("https://datatracker.ietf.org/doc/html/rfc8259"),
        ),
        (
            "BigInt",
            "A whole number of up to 64 bits.",
            Some(whole.clone()),
            None,
        ),
        (
            "Upload",
            "A file, sent as a part of a multipart request.",
            Some(whole),
            Some("https://github.com/jaydenseric/graphql-multipart-request-spec"),
        ),
    ] {
        let scalar = MetaType::Scalar {
            name: name.to_owned(),
            description: Some(doc.to_owned()),
            is_valid: valid,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            specified_by_url: url.map(str::to_owned),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        };
        insert(registry, name, scalar);
    }
}

fn shared(registry: &mut Registry) {
    let id = || {
        output(
            "id",
            "ID!".to_owned(),
            "Identifier, a UUID, the same in every interface.",
        )
    };
    let node = MetaType::Interface {
        name: "Node".to_owned(),
        description: Some(
            "Anything with an identifier (Relay, Global Object Identification).".to_owned(),
        ),
        fields: IndexMap::from_iter([id()]),
        possible_types: RESOURCES
            .iter()
            .map(|r| r.type_name.to_owned())
            .collect::<IndexSet<_>>(),
        extends: false,
        keys: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    };
    insert(registry, "Node", node);
    let page_info = vec![
        output(
            "hasNextPage",
            "Boolean!".to_owned(),
            "Whether rows follow this page.",
        ),
        output(
            "hasPreviousPage",
            "Boolean!".to_owned(),
            "Whether rows stand before this page.",
        ),
        output(
            "startCursor",
            "String".to_owned(),
            "Cursor of the first row; null on an empty page.",
        ),
        output(
            "endCursor",
            "String".to_owned(),
            "Cursor of the last row; null on an empty page.",
        ),
    ];
    object(
        registry,
        "PageInfo",
        "Where a page stands (Relay, Cursor Connections).",
        page_info,
    );
    let viewer = vec![
        output(
            "role",
            "Role!".to_owned(),
            "What the token may do in its workspace.",
        ),
        output(
            "tokenName",
            "String!".to_owned(),
            "What the token is called.",
        ),
        output(
            "tokenExpiresAt",
            "DateTime".to_owned(),
            "When the token stops working; null for never.",
        ),
        output(
            "workspace",
            "Workspace".to_owned(),
            "The workspace the token belongs to.",
        ),
        output("person", "Person".to_owned(), "The person who acts."),
    ];
    object(
        registry,
        "Viewer",
        "Who asks: a token of a person in a workspace.",
        viewer,
    );
}
