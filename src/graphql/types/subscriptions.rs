//! What a client can follow: one field for each topic, one payload for each resource.

use super::{change_name, enumeration, input, object, output};
use crate::graphql::name::camel;
use crate::live::{Change, TOPICS, Topic};
use crate::query::Resource;
use async_graphql::registry::{MetaField, MetaType, Registry};

fn payload(registry: &mut Registry, resource: &Resource) {
    let fields = vec![
        output("action", "ChangeAction!".to_owned(), "What happened."),
        output("id", "ID!".to_owned(), "Identifier of the row."),
        output(
            "revision",
            "Int".to_owned(),
            "The revision that the change gave the row.",
        ),
        output("at", "DateTime!".to_owned(), "When it happened."),
        output(
            "cursor",
            "String!".to_owned(),
            "Place of the change among all; as `after` it goes on from here.",
        ),
        output(
            &camel(resource.singular),
            resource.type_name.to_owned(),
            "The row as it is when the change is told, which can be after a later change.",
        ),
    ];
    let doc = "A committed change of a row that the viewer sees.";
    object(registry, &change_name(resource), doc, fields);
}

fn field(topic: &Topic) -> (String, MetaField) {
    let resource = (topic.resource)();
    let doc = format!(
        "{} In the order of the changes of each row, after they were committed; only rows that the viewer sees and the filter matches.",
        topic.doc
    );
    let ty = format!("{}!", change_name(resource));
    let (name, mut field) = output(&camel(topic.name), ty, &doc);
    field.args = [
        input(
            "filter",
            format!("{}Filter", resource.type_name),
            "Which rows; the row as it is after the change must match.",
        ),
        input(
            "after",
            "String",
            "Tell first what happened after the change with this `cursor`; without it, what happens from now on.",
        ),
    ]
    .into_iter()
    .collect();
    (name, field)
}

/// Puts the subscription type, and all it needs, into the registry.
pub(super) fn register(registry: &mut Registry) {
    let values = Change::ALL
        .into_iter()
        .map(|(_, word, doc)| (word.to_owned(), doc));
    enumeration(registry, "ChangeAction", "What happened to a row.", values);
    for topic in &TOPICS {
        payload(registry, (topic.resource)());
    }
    let fields = TOPICS.iter().map(field).collect();
    let doc = "Everything that can be followed, over a WebSocket or as server-sent events.";
    object(registry, "Subscription", doc, fields);
    if let Some(MetaType::Object {
        is_subscription, ..
    }) = registry.types.get_mut("Subscription")
    {
        *is_subscription = true;
    }
}
