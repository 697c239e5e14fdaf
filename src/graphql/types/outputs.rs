//! What a client gets: the type of a resource, its connection, and the root.

use super::inputs::{operand, page_arguments};
use super::{connection_name, edge_name, input, object, output};
use crate::db::Storage;
use crate::graphql::name::camel;
use crate::graphql::plan::MAX_PAGE;
use crate::query::{Field, Kind, Resource};
use crate::resource::RESOURCES;
use async_graphql::registry::{MetaField, MetaInputValue, Registry};

pub(super) fn output_type(field: &Field) -> String {
    let ty = match (field.name, field.kind) {
        ("id", _) => "ID",
        (_, Kind::Text) if field.storage == Storage::Uuid => "ID",
        (_, Kind::Number) => "Int",
        (_, Kind::Texts) => "[String!]",
        (_, kind) => operand(kind),
    };
    format!("{ty}{}", if field.nullable { "" } else { "!" })
}

pub(super) fn resource_object(registry: &mut Registry, resource: &'static Resource) {
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

pub(super) fn connection(registry: &mut Registry, resource: &Resource) {
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

pub(super) fn query(registry: &mut Registry) {
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
