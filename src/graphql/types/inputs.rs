//! What a client can send: operators, filters, orders, names of rows, pages.

use super::{enumeration, input, input_object};
use crate::graphql::name::camel;
use crate::graphql::plan::{DEFAULT_PAGE, MAX_PAGE};
use crate::query::{Choice, Kind, Op, Quantifier, Resource};
use crate::resource::{RESOURCES, choice};
use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaInputValue, Registry};

/// The operator input of a kind, and what it is called in sentences.
pub(super) fn operator_input(kind: Kind) -> String {
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

pub(super) fn operand(kind: Kind) -> &'static str {
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
pub(super) fn operators(registry: &mut Registry) {
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
pub(super) fn enums() -> Vec<&'static Choice> {
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

/// The arguments of every connection.
pub(super) fn page_arguments(resource: &Resource) -> IndexMap<String, MetaInputValue> {
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

pub(super) fn filter(registry: &mut Registry, resource: &'static Resource) {
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

pub(super) fn order(registry: &mut Registry, resource: &'static Resource) {
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
pub(super) fn key(registry: &mut Registry, resource: &'static Resource) {
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
