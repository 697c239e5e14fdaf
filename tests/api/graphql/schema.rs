//! The schema as clients see it: introspection, descriptions, and the rules of Relay.

use crate::both;
use crate::support::{TestApp, World};
use connectory::graphql::camel;
use connectory::resource::RESOURCES;
use serde_json::{Value as Json, json};

/// The query of `graphql-js`, `getIntrospectionQuery` with every option.
const INTROSPECTION: &str = "
query IntrospectionQuery {
  __schema {
    description
    queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) {
    name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
  }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue {
  name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
}
fragment TypeRef on __Type {
  kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
}";

fn list<'a>(of: &'a Json, name: &str) -> &'a [Json] {
    of[name].as_array().map_or(&[], Vec::as_slice)
}

fn name(of: &Json) -> &str {
    of["name"].as_str().unwrap_or_default()
}

/// A type as the schema language writes it.
fn written(ty: &Json) -> String {
    match ty["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", written(&ty["ofType"])),
        Some("LIST") => format!("[{}]", written(&ty["ofType"])),
        _ => name(ty).to_owned(),
    }
}

fn member<'a>(ty: &'a Json, list_name: &str, wanted: &str) -> &'a Json {
    let found = list(ty, list_name).iter().find(|m| name(m) == wanted);
    found.unwrap_or_else(|| panic!("{} has no {wanted}", name(ty)))
}

/// `name: type` of each member, in order.
fn shapes(of: &Json, list_name: &str) -> Vec<String> {
    list(of, list_name)
        .iter()
        .map(|m| format!("{}: {}", name(m), written(&m["type"])))
        .collect()
}

async fn types(t: &TestApp) -> Vec<Json> {
    let token = World::make(t).await.leaf;
    let schema = t.data(&token, INTROSPECTION).await;
    list(&schema["__schema"], "types").to_vec()
}

fn find<'a>(types: &'a [Json], wanted: &str) -> &'a Json {
    types
        .iter()
        .find(|t| name(t) == wanted)
        .unwrap_or_else(|| panic!("there is no type {wanted}"))
}

both! {
    async fn everything_in_the_schema_is_described(t) {
        let types = types(t).await;
        let mut mute = Vec::new();
        let mut hear = |path: String, of: &Json| {
            let text = of["description"].as_str().unwrap_or_default();
            if text.len() < 3 {
                mute.push(path);
            }
        };
        for ty in types.iter().filter(|t| !name(t).starts_with("__")) {
            hear(name(ty).to_owned(), ty);
            for field in list(ty, "fields") {
                hear(format!("{}.{}", name(ty), name(field)), field);
                for argument in list(field, "args") {
                    hear(format!("{}.{}({})", name(ty), name(field), name(argument)), argument);
                }
            }
            for member in list(ty, "inputFields").iter().chain(list(ty, "enumValues")) {
                hear(format!("{}.{}", name(ty), name(member)), member);
            }
        }
        assert!(types.len() > 60 && mute.is_empty(), "{mute:?}");
    }

    async fn words_are_in_upper_case(t) {
        let types = types(t).await;
        let words = types.iter().filter(|t| !name(t).starts_with("__")).flat_map(|t| list(t, "enumValues"));
        let words: Vec<_> = words.map(name).collect();
        assert!(words.contains(&"COMING_SOON") && words.contains(&"DESC"));
        let odd: Vec<_> = words.iter().filter(|w| w.to_ascii_uppercase() != **w).collect();
        assert!(odd.is_empty(), "{odd:?}");
    }

    async fn nodes_edges_and_connections_follow_relay(t) {
        let types = types(t).await;
        let query = find(&types, "Query");
        assert_eq!(shapes(member(query, "fields", "node"), "args"), ["id: ID!"]);
        assert_eq!(written(&member(query, "fields", "node")["type"]), "Node");
        assert_eq!(shapes(member(query, "fields", "nodes"), "args"), ["ids: [ID!]!"]);
        assert_eq!(written(&member(query, "fields", "nodes")["type"]), "[Node]!");
        let node = find(&types, "Node");
        assert_eq!((node["kind"].as_str(), shapes(node, "fields")), (Some("INTERFACE"), vec!["id: ID!".to_owned()]));
        assert_eq!(list(node, "possibleTypes").len(), RESOURCES.len());
        let page = ["hasNextPage: Boolean!", "hasPreviousPage: Boolean!", "startCursor: String", "endCursor: String"];
        assert_eq!(shapes(find(&types, "PageInfo"), "fields"), page);
        for resource in RESOURCES.iter() {
            let row = resource.type_name;
            let object = find(&types, row);
            assert_eq!(list(object, "interfaces").iter().map(name).collect::<Vec<_>>(), ["Node"], "{row}");
            assert_eq!(written(&member(object, "fields", "id")["type"]), "ID!", "{row}");
            let edge = ["cursor: String!".to_owned(), format!("node: {row}!")];
            assert_eq!(shapes(find(&types, &format!("{row}Edge")), "fields"), edge);
            let connection = [format!("edges: [{row}Edge!]!"), format!("nodes: [{row}!]!"), "pageInfo: PageInfo!".into(), "totalCount: Int!".into()];
            assert_eq!(shapes(find(&types, &format!("{row}Connection")), "fields"), connection);
        }
    }

    async fn every_connection_takes_the_same_arguments(t) {
        let types = types(t).await;
        let mut seen = 0;
        for ty in &types {
            for field in list(ty, "fields") {
                let returned = written(&field["type"]);
                if let Some(row) = returned.strip_suffix("Connection") {
                    let expected = [
                        format!("filter: {row}Filter"), format!("orderBy: [{row}Order!]"), "first: Int".into(),
                        "after: String".into(), "last: Int".into(), "before: String".into(),
                    ];
                    assert_eq!(shapes(field, "args"), expected, "{}.{}", name(ty), name(field));
                    seen += 1;
                }
            }
        }
        let many = RESOURCES.iter().flat_map(|r| &r.relations).filter(|r| r.many).count();
        assert_eq!(seen, many + RESOURCES.len());
    }

    async fn every_field_and_relation_of_a_resource_is_in_its_type(t) {
        let types = types(t).await;
        for resource in RESOURCES.iter() {
            let fields = resource.fields.iter().filter(|f| f.shown()).map(|f| f.name);
            let relations = resource.relations.iter().map(|r| r.name);
            let expected: Vec<_> = fields.chain(relations).map(camel).collect();
            let object = find(&types, resource.type_name);
            assert_eq!(list(object, "fields").iter().map(name).collect::<Vec<_>>(), expected, "{}", resource.type_name);
        }
        let lookups = ["CategoryBy", "ConnectorBy", "ProviderBy", "WorkspaceBy"];
        for by in lookups.map(|name| find(&types, name)) {
            assert_eq!(by["isOneOf"], true, "{}", name(by));
        }
        assert!(find(&types, "DateTime")["specifiedByURL"].is_string());
    }

    async fn one_type_can_be_looked_up(t) {
        let token = World::make(t).await.leaf;
        let data = t.data(&token, "{ a: __type(name: \"Role\") { kind enumValues { name } } b: __type(name: \"Nope\") { kind } }").await;
        let roles = ["OWNER", "ADMIN", "MEMBER", "VIEWER"].map(|r| json!({"name": r}));
        assert_eq!(data, json!({"a": {"kind": "ENUM", "enumValues": roles}, "b": null}));
    }
}
