//! The schema's types, all of them made from the registry: a field of a resource is written once,
//! in `crate::resource`, and appears here as an output field, a filter member and an order member.

use super::name::camel;
use super::plan::{DEFAULT_PAGE, MAX_PAGE};
use crate::db::Storage;
use crate::query::{Choice, Field, Kind, Op, Quantifier, Resource};
use crate::resource::{RESOURCES, choice};
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

/// Puts every type of the read side into the registry.
pub fn register(registry: &mut Registry) {
    scalars(registry);
    operators(registry);
    shared(registry);
    for resource in RESOURCES.iter() {
        resource_object(registry, resource);
        connection(registry, resource);
        filter(registry, resource);
        order(registry, resource);
        key(registry, resource);
        registry.add_implements(resource.type_name, "Node");
    }
    query(registry);
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
            Some(whole),
            None,
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

/// The operator input of a kind, and what it is called in sentences.
fn operator_input(kind: Kind) -> String {
    match kind {
        Kind::Text => "TextFilter".to_owned(),
        Kind::Number => "NumberFilter".to_owned(),
        Kind::Date => "DateFilter".to_owned(),
        Kind::Boolean => "BooleanFilter".to_owned(),
        Kind::Workspace => "WorkspaceIdFilter".to_owned(),
        Kind::Enum(choice) => format!("{}Filter", choice.name),
        Kind::Json | Kind::Texts => "Json".to_owned(),
    }
}

fn operand(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "String",
        Kind::Number => "BigInt",
        Kind::Date => "DateTime",
        Kind::Boolean => "Boolean",
        Kind::Workspace => "ID",
        Kind::Enum(choice) => choice.name,
        Kind::Json | Kind::Texts => "JSON",
    }
}

/// One input for each kind, its members straight from the operator table.
fn operators(registry: &mut Registry) {
    let enums = enums();
    let kinds = [
        Kind::Text,
        Kind::Number,
        Kind::Date,
        Kind::Boolean,
        Kind::Workspace,
    ];
    for kind in kinds.into_iter().chain(enums.iter().map(|c| Kind::Enum(c))) {
        let member = |op: &Op| {
            let ty = match op {
                Op::In => format!("[{}!]", operand(kind)),
                Op::IsNull | Op::IsNotNull => "Boolean".to_owned(),
                _ => operand(kind).to_owned(),
            };
            input(&camel(op.name()), ty, op.doc())
        };
        let members = kind.ops().iter().map(member).collect();
        let doc = format!(
            "Tests on a field of type {}; all that are given must hold.",
            kind.name()
        );
        input_object(registry, &operator_input(kind), &doc, false, members);
    }
    for choice in enums {
        let values = choice
            .values
            .iter()
            .map(|(word, doc)| (word.to_ascii_uppercase(), *doc));
        enumeration(registry, choice.name, choice.doc, values);
    }
    let directions = [
        ("ASC", "Least first, null last."),
        ("DESC", "Greatest first, null first."),
    ];
    let values = directions
        .into_iter()
        .map(|(word, doc)| (word.to_owned(), doc));
    enumeration(
        registry,
        "OrderDirection",
        "Which way a key orders.",
        values,
    );
}

/// Every enumeration of the registry, once.
fn enums() -> Vec<&'static Choice> {
    let mut list: Vec<&'static Choice> = vec![&choice::ROLE];
    for field in RESOURCES.iter().flat_map(|r| &r.fields) {
        if let Kind::Enum(choice) = field.kind
            && !list.iter().any(|c| c.name == choice.name)
        {
            list.push(choice);
        }
    }
    list
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

fn output_type(field: &Field) -> String {
    let ty = match (field.name, field.kind) {
        ("id", _) => "ID",
        (_, Kind::Text) if field.storage == Storage::Uuid => "ID",
        (_, Kind::Number) => "Int",
        (_, Kind::Texts) => "[String!]",
        (_, kind) => operand(kind),
    };
    format!("{ty}{}", if field.nullable { "" } else { "!" })
}

fn resource_object(registry: &mut Registry, resource: &'static Resource) {
    let shown = resource.fields.iter().filter(|f| f.shown());
    let mut fields: Vec<_> = shown
        .map(|f| output(&camel(f.name), output_type(f), f.doc))
        .collect();
    for relation in &resource.relations {
        let target = (relation.target)();
        if relation.many {
            let (name, mut field) = output(
                &camel(relation.name),
                connection_name(target).to_owned(),
                relation.doc,
            );
            field.args = page_arguments(target);
            fields.push((name, field));
        } else {
            fields.push(output(
                &camel(relation.name),
                target.type_name.to_owned(),
                relation.doc,
            ));
        }
    }
    object(registry, resource.type_name, resource.doc, fields);
}

/// The arguments of every connection.
fn page_arguments(resource: &Resource) -> IndexMap<String, MetaInputValue> {
    let name = resource.type_name;
    let page = format!("0 to {MAX_PAGE}; {DEFAULT_PAGE} when neither `first` nor `last` is given.");
    IndexMap::from_iter([
        input(
            "filter",
            format!("{name}Filter"),
            "Which rows; all members must hold.",
        ),
        input(
            "orderBy",
            format!("[{name}Order!]"),
            "In which order: the first key decides, the next one among equals.",
        ),
        input(
            "first",
            "Int",
            &format!("At most so many rows from the beginning, {page}"),
        ),
        input("after", "String", "Only rows after this cursor."),
        input(
            "last",
            "Int",
            &format!("At most so many rows from the end, {page}"),
        ),
        input("before", "String", "Only rows before this cursor."),
    ])
}

fn connection(registry: &mut Registry, resource: &Resource) {
    let name = resource.type_name;
    let edge = vec![
        output(
            "cursor",
            "String!".to_owned(),
            "Opaque place of the row in this order.",
        ),
        output("node", format!("{name}!"), "The row."),
    ];
    object(registry, edge_name(resource), "A row and its place.", edge);
    let connection = vec![
        output(
            "edges",
            format!("[{}!]!", edge_name(resource)),
            "The rows of the page with their places.",
        ),
        output("nodes", format!("[{name}!]!"), "The rows of the page."),
        output("pageInfo", "PageInfo!".to_owned(), "Where the page stands."),
        output(
            "totalCount",
            "Int!".to_owned(),
            "All rows that match, on every page; counted only when asked for.",
        ),
    ];
    object(
        registry,
        connection_name(resource),
        "A page of rows (Relay, Cursor Connections).",
        connection,
    );
}

fn filter(registry: &mut Registry, resource: &'static Resource) {
    let name = format!("{}Filter", resource.type_name);
    let mut members = vec![
        input(
            "and",
            format!("[{name}!]"),
            "All of these hold; an empty list holds.",
        ),
        input(
            "or",
            format!("[{name}!]"),
            "At least one of these holds; an empty list does not.",
        ),
        input("not", name.clone(), "This does not hold."),
    ];
    for field in resource.fields.iter().filter(|f| f.asked()) {
        members.push(input(
            &camel(field.name),
            operator_input(field.kind),
            field.doc,
        ));
    }
    for relation in &resource.relations {
        let target = (relation.target)().type_name;
        let (ty, doc) = if relation.many {
            (
                format!("{target}ListFilter"),
                format!("{} Say `some`, `every` or `none`.", relation.doc),
            )
        } else {
            (
                format!("{target}Filter"),
                format!("{} It must exist and match.", relation.doc),
            )
        };
        members.push(input(&camel(relation.name), ty, &doc));
    }
    let doc = format!(
        "Which {} to list; all members must hold.",
        resource.list.replace('_', " ")
    );
    input_object(registry, &name, &doc, false, members);
    let quantifiers = Quantifier::ALL
        .iter()
        .map(|(_, word, doc)| input(word, name.clone(), doc))
        .collect();
    let doc = format!(
        "Conditions on related {}; all members must hold.",
        resource.list.replace('_', " ")
    );
    input_object(
        registry,
        &format!("{}ListFilter", resource.type_name),
        &doc,
        false,
        quantifiers,
    );
}

fn order(registry: &mut Registry, resource: &'static Resource) {
    let mut members = Vec::new();
    for field in resource.fields.iter().filter(|f| f.asked()) {
        members.push(input(&camel(field.name), "OrderDirection", field.doc));
    }
    for relation in resource.relations.iter().filter(|r| !r.many) {
        let target = (relation.target)().type_name;
        members.push(input(
            &camel(relation.name),
            format!("{target}Order"),
            relation.doc,
        ));
    }
    let doc = "One key of an order: exactly one member, a field or a related row's key. Every order ends in `pk`, so it is total.";
    input_object(
        registry,
        &format!("{}Order", resource.type_name),
        doc,
        true,
        members,
    );
}

/// What names one row, for resources that have more names than `id`.
fn key(registry: &mut Registry, resource: &'static Resource) {
    if resource.keys.is_empty() {
        return;
    }
    let mut members = vec![input("id", "ID", "By identifier.")];
    for name in resource.keys {
        let doc = resource.find_field(name).map_or("", |f| f.doc);
        members.push(input(&camel(name), "String", doc));
    }
    let doc = "What names one row: exactly one member.";
    input_object(
        registry,
        &format!("{}By", resource.type_name),
        doc,
        true,
        members,
    );
}

fn query(registry: &mut Registry) {
    let with = |(name, mut field): (String, MetaField), args: Vec<(String, MetaInputValue)>| {
        field.args = args.into_iter().collect();
        (name, field)
    };
    let mut fields = vec![
        output("viewer", "Viewer!".to_owned(), "Who asks."),
        with(
            output(
                "node",
                "Node".to_owned(),
                "The row with this identifier, whatever its type; null if there is none for the viewer.",
            ),
            vec![input("id", "ID!", "The identifier.")],
        ),
        with(
            output(
                "nodes",
                "[Node]!".to_owned(),
                "The rows with these identifiers in the same order, null where there is none for the viewer.",
            ),
            vec![input(
                "ids",
                "[ID!]!",
                &format!("The identifiers, at most {MAX_PAGE}."),
            )],
        ),
    ];
    for resource in RESOURCES.iter() {
        let doc = format!(
            "A page of {}. {}",
            resource.list.replace('_', " "),
            resource.doc
        );
        let (name, mut list) = output(
            &camel(resource.list),
            connection_name(resource).to_owned(),
            &doc,
        );
        list.args = page_arguments(resource);
        fields.push((name, list));
        let argument = if resource.keys.is_empty() {
            input("id", "ID!", "The identifier.")
        } else {
            input(
                "by",
                format!("{}By!", resource.type_name),
                "What names the row.",
            )
        };
        let doc = format!(
            "One {}; null if there is none for the viewer.",
            resource.singular.replace('_', " ")
        );
        fields.push(with(
            output(
                &camel(resource.singular),
                resource.type_name.to_owned(),
                &doc,
            ),
            vec![argument],
        ));
    }
    object(registry, "Query", "Everything that can be read.", fields);
}
