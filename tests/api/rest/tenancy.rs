//! Rows of others do not exist: not by identifier, not in lists, not by any include, not as bare
//! linkage.

use super::strict::subject;
use super::{JSON, JSON_API, get, ids, strict};
use crate::both;
use crate::support::{TestApp, World};
use connectory::rest::document::SHAPES;
use connectory::rest::route::{Method, ROUTES};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// All identifiers in a document: of resources and of linkage, by type.
fn named(document: &Json, out: &mut BTreeSet<(String, String)>) {
    match document {
        Json::Object(object) => {
            if let (Some(kind), Some(id)) = (
                object.get("type").and_then(Json::as_str),
                object.get("id").and_then(Json::as_str),
            ) {
                out.insert((kind.to_owned(), id.to_owned()));
            }
            object.values().for_each(|v| named(v, out));
        }
        Json::Array(list) => list.iter().for_each(|v| named(v, out)),
        _ => {}
    }
}

/// What each table shows a viewer without any relation in between, asked of GraphQL.
async fn visible(t: &TestApp, token: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for shape in SHAPES.iter() {
        let list = connectory::graphql::camel(shape.resource.list);
        let mut after = Json::Null;
        loop {
            let query = format!(
                "query($after: String) {{ {list}(first: 100, after: $after) {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
            );
            let page = t
                .ask(token, &query, serde_json::json!({"after": after}))
                .await
                .data()[&list]
                .clone();
            seen.extend(
                page["nodes"]
                    .as_array()
                    .expect("nodes")
                    .iter()
                    .filter_map(|n| n["id"].as_str())
                    .map(str::to_owned),
            );
            if page["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }
    seen
}

both! {
    async fn no_document_names_a_row_that_the_viewer_cannot_list(t) {
        let world = World::make(t).await;
        for token in [&world.root, &world.group, &world.leaf, &world.other] {
            let mut may = visible(t, token).await;
            // An installation names its connector also after it left the catalogue.
            let deleted = t.data(token, "{ connectors(first: 100, filter: {deletedAt: {isNotNull: true}}) { nodes { id } } }").await;
            may.extend(deleted["connectors"]["nodes"].as_array().expect("nodes").iter().filter_map(|n| n["id"].as_str()).map(str::to_owned));
            for route in ROUTES.iter().filter(|r| !r.path.contains('{')) {
                let Some((shape, true)) = subject(route) else { continue };
                for link in &shape.links {
                    for accept in [JSON, JSON_API] {
                        let target = format!("{}?include={}&limit=300", route.path, link.name);
                        let document = get(t, token, &target, accept).await.document();
                        let mut found = BTreeSet::new();
                        named(&document, &mut found);
                        let leaked: Vec<_> = found.iter().filter(|(_, id)| !may.contains(id)).collect();
                        assert!(leaked.is_empty(), "{target}: {leaked:?}");
                    }
                }
            }
        }
    }

    async fn a_row_of_another_tenant_is_not_found(t) {
        let world = World::make(t).await;
        let mut probes = 0;
        for route in ROUTES.iter().filter(|r| r.method == Method::Get) {
            let Some((list, _)) = route.path.split_once("/{").filter(|_| subject(route).is_some()) else { continue };
            let all = |document: Json| ids(&document).into_iter().collect::<BTreeSet<_>>();
            let target = format!("{list}?page[limit]=500");
            let (ours, theirs) = (all(strict(t, &world.root, &target).await), all(strict(t, &world.other, &target).await));
            for id in theirs.difference(&ours).take(3) {
                let absent = get(t, &world.root, &format!("{list}/00000000-0000-4000-8000-00000000dead"), JSON).await;
                let foreign = get(t, &world.root, &format!("{list}/{id}"), JSON).await;
                let message = |j: Json| j["message"].as_str().unwrap_or_default().replace(id.as_str(), "ID").replace("00000000-0000-4000-8000-00000000dead", "ID");
                assert_eq!((foreign.status, absent.status), (404, 404), "{list}/{id}");
                assert_eq!(message(foreign.json()), message(absent.json()), "nothing tells a foreign row from none");
                probes += 1;
            }
        }
        assert!(probes >= 12, "only {probes} rows were probed");
    }

    async fn settings_show_what_is_public_and_nothing_else(t) {
        let world = World::make(t).await;
        t.execute(r#"UPDATE workspace_connectors SET config = '{"mailbox": "a@b.c", "account_label": "x \"y\" ö", "region": true, "folder": {"access_token": "s3cret"}, "access_token": "s3cret", "client_secret": "s3cret", "environment": null}' WHERE pk = 1"#).await;
        t.execute(r#"UPDATE connectors SET public_config_keys = '["mailbox", "account_label", "region"]'"#).await;
        t.execute("UPDATE workspace_connectors SET config = '[\"s3cret\"]' WHERE pk = 2").await;
        t.execute("UPDATE workspace_connectors SET config = NULL WHERE pk = 3").await;
        t.execute("UPDATE workspace_connectors SET config = '{\"password\": \"s3cret\"}' WHERE pk = 4").await;
        let list = get(t, &world.root, "/v1/workspace-connectors?limit=4&include=connector", JSON).await;
        assert!(!String::from_utf8_lossy(&list.body).contains("s3cret"));
        let list = list.document();
        let config = |at: usize| list["data"][at]["attributes"]["config"].clone();
        assert_eq!(config(0), serde_json::json!({"mailbox": "a@b.c", "account_label": "x \"y\" ö", "region": true}));
        assert_eq!([config(1), config(2), config(3)], [Json::Null, Json::Null, serde_json::json!({})]);
        let graph = t.data(&world.root, "{ workspaceConnectors(first: 4) { nodes { config } } }").await;
        let graph: Vec<_> = graph["workspaceConnectors"]["nodes"].as_array().expect("nodes").iter().map(|n| n["config"].clone()).collect();
        assert_eq!(graph, [config(0), config(1), config(2), config(3)]);
        for wrong in ["filter[config]=x", "sort=config"] {
            assert_eq!(get(t, &world.root, &format!("/v1/workspace-connectors?{wrong}"), JSON).await.status, 400, "{wrong}");
        }
    }

    async fn types_of_linked_rows_are_those_of_the_rows(t) {
        let world = World::make(t).await;
        let document = strict(t, &world.root, "/v1/connectors?page[limit]=100&include=published_by").await;
        let mut all = BTreeSet::new();
        named(&document, &mut all);
        let mut types: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (kind, id) in &all {
            types.entry(id).or_default().insert(kind);
        }
        assert!(types.values().all(|t| t.len() == 1), "{types:?}");
        assert!(all.iter().any(|(kind, _)| kind == "organization"), "{all:?}");
    }
}
