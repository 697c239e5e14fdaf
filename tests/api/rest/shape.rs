//! The tables of the dialect agree with the registry.

use connectory::resource::RESOURCES;
use connectory::rest::Rendering;
use connectory::rest::document::SHAPES;
use connectory::rest::name::{self, NAMES};
use connectory::rest::route::{self, Method, ROUTES};
use std::collections::HashSet;

#[test]
fn every_resource_has_a_name_and_a_shape() {
    for resource in RESOURCES.iter() {
        assert!(
            name::of(resource).is_some(),
            "{} has no name",
            resource.name
        );
        assert!(
            connectory::rest::document::of(resource).is_some(),
            "{} has no shape",
            resource.name
        );
    }
    assert_eq!(
        (NAMES.len(), SHAPES.len()),
        (RESOURCES.len(), RESOURCES.len())
    );
}

#[test]
fn every_line_of_the_shapes_is_found_in_the_registry() {
    // A line that the registry does not know is left out, so counts tell.
    let count = |of: &str| {
        let shape = SHAPES
            .iter()
            .find(|s| s.resource.name == of)
            .expect("a shape");
        let attributes = |included| shape.attributes(Rendering::Well, included).len();
        (attributes(false), attributes(true), shape.links.len())
    };
    let expected = [
        ("connectors", (13, 13, 6)),
        ("categories", (5, 2, 1)),
        ("providers", (15, 15, 2)),
        ("provider_connectors", (3, 3, 2)),
        ("connector_filters", (5, 5, 3)),
        ("workspaces", (14, 4, 9)),
        ("memberships", (3, 3, 2)),
        ("people", (8, 8, 3)),
        ("media", (13, 5, 5)),
        ("workspace_connectors", (4, 4, 9)),
        ("workspace_connector_sync_targets", (2, 2, 2)),
        ("connector_mappings", (5, 5, 2)),
        ("connector_sync_diagnostics", (6, 6, 2)),
        ("workspace_connector_sync_logs", (10, 10, 2)),
        ("provenance_links", (4, 4, 2)),
        ("api_tokens", (7, 7, 2)),
        ("audit_events", (9, 9, 3)),
    ];
    for (name, counts) in expected {
        assert_eq!(count(name), counts, "{name}");
    }
}

#[test]
fn words_of_types_name_one_resource_each() {
    let mut seen = HashSet::new();
    for name in NAMES {
        for word in std::iter::once(&name.word).chain(name.accepted) {
            assert!(seen.insert(*word), "{word} names two resources");
            let found =
                name::by_type(&word.to_uppercase().replace('_', "-")).expect("any spelling");
            assert_eq!(found.word, name.word);
        }
    }
    assert!(name::by_type("nothing").is_none());
}

#[test]
fn identifiers_have_the_names_of_the_contract() {
    let member = |of: &str, spelled: &str| {
        let resource = RESOURCES.iter().find(|r| r.name == of).expect("a resource");
        name::member(resource, spelled).into_owned()
    };
    for (of, spelled, name) in [
        ("connectors", "connector_id", "id"),
        ("connectors", "connectorId", "id"),
        ("workspace_connectors", "connector_id", "connector_id"),
        ("workspace_connectors", "workspaceConnectorId", "id"),
        ("workspaces", "workspace_id", "id"),
        ("media", "workspace_id", "workspace_id"),
        ("people", "person_id", "id"),
        ("connectors", "createdAt", "created_at"),
        (
            "connectors",
            "composite_connector_logo_name",
            "composite_connector_logo_name",
        ),
    ] {
        assert_eq!(member(of, spelled), name, "{of} {spelled}");
    }
}

#[test]
fn operations_are_unique_and_found() {
    let (mut ids, mut addresses) = (HashSet::new(), HashSet::new());
    for route in ROUTES {
        assert!(ids.insert(route.operation_id), "{}", route.operation_id);
        for path in std::iter::once(&route.path).chain(route.aliases) {
            assert!(addresses.insert((route.method.name(), *path)), "{path}");
            let filled = path.replace(['{', '}'], "");
            for address in [filled.clone(), format!("{filled}/")] {
                let found = route::find(route.method.name(), &address);
                assert_eq!(
                    found.map(|f| f.route.operation_id).ok(),
                    Some(route.operation_id)
                );
            }
        }
        if route.method == Method::Get {
            assert!(route::find("HEAD", &route.path.replace(['{', '}'], "")).is_ok());
        }
    }
}

#[test]
fn variables_of_addresses_are_decoded() {
    let value = |path: &str| {
        route::find("GET", path)
            .ok()
            .and_then(|f| f.path.first().map(|(_, v)| v.clone()))
    };
    assert_eq!(value("/v1/connectors/a%20b"), Some("a b".into()));
    assert_eq!(value("/v1/connectors/%C3%B6"), Some("ö".into()));
    for path in [
        "/v1/connectors/%ff",
        "/v1/connectors/%2",
        "/v1/connectors/a/b",
        "/v1",
        "/v1/Connectors/a",
    ] {
        assert_eq!(value(path), None, "{path}");
    }
}
