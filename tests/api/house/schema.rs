//! The GraphQL schema says what the registry says, and the registry what the tables say.

use super::at;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use connectory::graphql::camel;
use connectory::query::{Choice, Kind};
use connectory::resource::{RESOURCES, choice};
use sea_orm::ActiveEnum;
use std::collections::BTreeMap;

/// The names of the members of each type: fields, input fields or enumeration values.
fn members() -> BTreeMap<String, Vec<String>> {
    let document = parse_schema(connectory::graphql::sdl()).expect("the SDL parses");
    let mut all = BTreeMap::new();
    for definition in document.definitions {
        if let TypeSystemDefinition::Type(ty) = definition {
            let names = match ty.node.kind {
                TypeKind::Object(o) => o
                    .fields
                    .iter()
                    .map(|f| f.node.name.node.to_string())
                    .collect(),
                TypeKind::InputObject(o) => o
                    .fields
                    .iter()
                    .map(|f| f.node.name.node.to_string())
                    .collect(),
                TypeKind::Enum(e) => e
                    .values
                    .iter()
                    .map(|v| v.node.value.node.to_string())
                    .collect(),
                _ => Vec::new(),
            };
            all.insert(ty.node.name.node.to_string(), names);
        }
    }
    all
}

/// Each enumeration with the words that its column may hold.
fn choices() -> Vec<(&'static Choice, Vec<String>)> {
    fn of<E: ActiveEnum<Value = String>>(
        choice: &'static Choice,
    ) -> (&'static Choice, Vec<String>) {
        (choice, E::values())
    }
    vec![
        of::<entity::workspace::Kind>(&choice::WORKSPACE_KIND),
        of::<entity::workspace::Stage>(&choice::WORKSPACE_STAGE),
        of::<entity::membership::Role>(&choice::ROLE),
        of::<entity::media::MediaType>(&choice::MEDIA_TYPE),
        of::<entity::connector::Direction>(&choice::DIRECTION),
        of::<entity::connector::Status>(&choice::CONNECTOR_STATUS),
        of::<entity::connector::ConnectorProvider>(&choice::CONNECTOR_PROVIDER),
        of::<entity::connector::AuthorizationFlow>(&choice::AUTHORIZATION_FLOW),
        of::<entity::connector::Transport>(&choice::TRANSPORT),
        of::<entity::workspace_connector::Status>(&choice::WORKSPACE_CONNECTOR_STATUS),
        of::<entity::workspace_connector::ConnectionState>(&choice::CONNECTION_STATE),
        of::<entity::workspace_connector::DisconnectCode>(&choice::DISCONNECT_CODE),
        of::<entity::connector_mapping::TargetModel>(&choice::TARGET_MODEL),
        of::<entity::sync_diagnostic::Reason>(&choice::DIAGNOSTIC_REASON),
        of::<entity::sync_log::Status>(&choice::SYNC_STATUS),
        of::<entity::sync_log::TriggerType>(&choice::SYNC_TRIGGER),
        of::<entity::provenance_link::Kind>(&choice::PROVENANCE_KIND),
        of::<entity::audit_event::Outcome>(&choice::AUDIT_OUTCOME),
        of::<entity::provenance_link::Direction>(&choice::PROVENANCE_DIRECTION),
    ]
}

#[test]
fn operator_inputs_have_the_members_of_the_operator_table() {
    let members = members();
    let mut inputs = vec![
        ("TextFilter".to_owned(), Kind::Text),
        ("NumberFilter".to_owned(), Kind::Number),
        ("DateFilter".to_owned(), Kind::Date),
        ("BooleanFilter".to_owned(), Kind::Boolean),
        ("WorkspaceIdFilter".to_owned(), Kind::Workspace),
    ];
    let asked = |choice: &Choice| {
        let mut fields = RESOURCES.iter().flat_map(|r| &r.fields);
        fields.any(|f| f.asked() && matches!(f.kind, Kind::Enum(c) if c.name == choice.name))
    };
    inputs.extend(
        choices()
            .into_iter()
            .filter(|(choice, _)| asked(choice))
            .map(|(choice, _)| (format!("{}Filter", choice.name), Kind::Enum(choice))),
    );
    for (name, kind) in inputs {
        let table: Vec<_> = kind.ops().iter().map(|op| camel(op.name())).collect();
        assert_eq!(members.get(&name), Some(&table), "{name}");
    }
}

#[test]
fn enumerations_have_the_words_of_the_tables_and_the_schema_has_them_in_capitals() {
    let (members, choices) = (members(), choices());
    for (choice, stored) in &choices {
        let words: Vec<_> = choice
            .values
            .iter()
            .map(|(word, _)| (*word).to_owned())
            .collect();
        assert_eq!(words, *stored, "{}", choice.name);
        let capitals: Vec<_> = words.iter().map(|w| w.to_uppercase()).collect();
        assert_eq!(members.get(choice.name), Some(&capitals), "{}", choice.name);
    }
    let source =
        std::fs::read_to_string(at("src/resource/choice.rs")).expect("the source is there");
    assert_eq!(
        source.matches(": Choice = Choice {").count(),
        choices.len(),
        "this test must name every enumeration"
    );
}

#[test]
fn every_field_that_clients_see_is_on_its_type_and_no_other() {
    let members = members();
    for resource in RESOURCES.iter() {
        let there = members
            .get(resource.type_name)
            .unwrap_or_else(|| panic!("there is no type {}", resource.type_name));
        for field in &resource.fields {
            let name = camel(field.name);
            assert_eq!(
                there.contains(&name),
                field.shown(),
                "{}.{name}",
                resource.type_name
            );
        }
        let made = resource
            .fields
            .iter()
            .filter(|f| f.shown())
            .map(|f| camel(f.name));
        let made: Vec<_> = made
            .chain(resource.relations.iter().map(|r| camel(r.name)))
            .collect();
        assert_eq!(*there, made, "{}", resource.type_name);
    }
}

#[test]
fn every_field_that_clients_may_ask_for_is_in_filter_and_order_and_no_other() {
    let members = members();
    for resource in RESOURCES.iter() {
        for suffix in ["Filter", "Order"] {
            let input = format!("{}{suffix}", resource.type_name);
            let there = &members[&input];
            for field in &resource.fields {
                assert_eq!(
                    there.contains(&camel(field.name)),
                    field.asked(),
                    "{input}.{}",
                    field.name
                );
            }
            for relation in &resource.relations {
                let expected = suffix == "Filter" || !relation.many;
                assert_eq!(
                    there.contains(&camel(relation.name)),
                    expected,
                    "{input}.{}",
                    relation.name
                );
            }
        }
    }
}
