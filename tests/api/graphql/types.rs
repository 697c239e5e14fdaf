//! Every resource and every relation, asked whole, through each of its doors.

use crate::both;
use crate::support::{TestApp, World};
use connectory::db::Arg;
use connectory::graphql::camel;
use connectory::query::{Relation, Resource};
use connectory::resource::{RESOURCES, by_type};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// All fields of a resource that are returned.
fn fields(resource: &Resource) -> String {
    let shown = resource.fields.iter().filter(|f| f.shown());
    shown.map(|f| camel(f.name)).collect::<Vec<_>>().join(" ")
}

/// All fields, all related rows with theirs, and a page of each list of related rows.
fn whole(resource: &Resource) -> String {
    let relation = |r: &Relation| match r.many {
        true => format!(
            "{}(first: 2) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage }} }}",
            camel(r.name)
        ),
        false => format!(
            "{} {{ __typename {} }}",
            camel(r.name),
            fields((r.target)())
        ),
    };
    let relations: Vec<_> = resource.relations.iter().map(relation).collect();
    format!("__typename {} {}", fields(resource), relations.join(" "))
}

/// The lookup of a row by a key.
fn lookup(resource: &Resource, key: &str, value: &Json) -> String {
    let root = camel(resource.singular);
    if resource.keys.is_empty() {
        format!("{root}(id: {value})")
    } else {
        format!("{root}(by: {{ {}: {value} }})", camel(key))
    }
}

/// All rows of a list, page by page.
async fn all(t: &TestApp, token: &str, resource: &Resource, selection: &str) -> Vec<Json> {
    let root = camel(resource.list);
    let query = format!(
        "query($after: String) {{ {root}(first: 100, after: $after) {{ nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let (mut rows, mut after) = (Vec::new(), Json::Null);
    loop {
        let page = t.ask(token, &query, json!({"after": after})).await.data()[&root].clone();
        rows.extend(page["nodes"].as_array().expect("rows").iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            return rows;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// The relation that leads back, if there is one.
fn inverse(resource: &Resource, relation: &Relation) -> Option<&'static Relation> {
    let back = |r: &&'static Relation| {
        (r.target)().type_name == resource.type_name
            && r.from == relation.to
            && r.to == relation.from
    };
    (relation.target)().relations.iter().find(back)
}

/// Pairs of identifiers that a relation ties.
async fn pairs(
    t: &TestApp,
    token: &str,
    resource: &Resource,
    relation: &Relation,
) -> BTreeSet<(String, String)> {
    let name = camel(relation.name);
    let below = if relation.many {
        "(first: 100) { totalCount nodes { id } }"
    } else {
        "{ id }"
    };
    let text = |json: &Json| json["id"].as_str().map(str::to_owned);
    let mut pairs = BTreeSet::new();
    for row in all(t, token, resource, &format!("id {name} {below}")).await {
        let id = text(&row).expect("an identifier");
        let nodes = row[&name]["nodes"].as_array();
        if let Some(nodes) = nodes {
            assert_eq!(
                row[&name]["totalCount"],
                nodes.len(),
                "{}.{name} fits on a page",
                resource.type_name
            );
        }
        let related = nodes.map_or_else(
            || text(&row[&name]).into_iter().collect(),
            |n| n.iter().filter_map(text).collect::<Vec<_>>(),
        );
        pairs.extend(related.into_iter().map(|other| (id.clone(), other)));
    }
    pairs
}

async fn column(t: &TestApp, sql: &str) -> Vec<Option<String>> {
    let rows = t
        .db()
        .rows(sql.to_owned(), Vec::<Arg>::new())
        .await
        .expect("the statement runs");
    rows.iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect()
}

both! {
    async fn a_row_is_the_same_through_every_door(t) {
        let token = World::make(t).await.root;
        for resource in RESOURCES.iter() {
            let (selection, root) = (whole(resource), camel(resource.list));
            let list = t.data(&token, &format!("{{ {root}(last: 5) {{ nodes {{ {selection} }} edges {{ node {{ {selection} }} }} }} }}")).await;
            let rows = list[&root]["nodes"].as_array().expect("rows");
            assert!(!rows.is_empty(), "{root}");
            for (i, row) in rows.iter().enumerate() {
                assert_eq!(&list[&root]["edges"][i]["node"], row, "{root}");
                let node = format!("{{ node(id: {}) {{ ... on {} {{ {selection} }} }} }}", row["id"], resource.type_name);
                assert_eq!(&t.data(&token, &node).await["node"], row, "{node}");
                for key in ["id"].iter().chain(resource.keys) {
                    let value = &row[camel(key)];
                    if !value.is_null() {
                        let one = lookup(resource, key, value);
                        let data = t.data(&token, &format!("{{ one: {one} {{ {selection} }} }}")).await;
                        assert_eq!(&data["one"], row, "{one}");
                    }
                }
            }
        }
    }

    async fn fields_hold_what_the_database_holds(t) {
        let token = World::make(t).await.root;
        let text = |json: &Json| json.as_str().map(str::to_owned);
        for resource in RESOURCES.iter().filter(|r| r.table != "provider_connectors") {
            for field in resource.fields.iter().filter(|f| f.shown() && f.storage == connectory::db::Storage::Text) {
                let rows = all(t, &token, resource, &format!("id value: {}", camel(field.name))).await;
                let mut got: Vec<_> = rows.iter().map(|r| text(&r["value"])).collect();
                let upper = matches!(field.kind, connectory::query::Kind::Enum(_));
                let stored = column(t, &format!("SELECT {} FROM {}", field.name, resource.table)).await;
                let mut stored: Vec<_> = stored.into_iter().map(|v| if upper { v.map(|v| v.to_uppercase()) } else { v }).collect();
                got.sort();
                stored.sort();
                let missing = got.iter().find(|v| stored.binary_search(v).is_err());
                assert_eq!(missing, None, "{}.{}", resource.type_name, field.name);
            }
        }
    }

    async fn both_directions_of_a_relation_agree(t) {
        let token = World::make(t).await.root;
        let mut alone = Vec::new();
        for resource in RESOURCES.iter() {
            for relation in &resource.relations {
                let Some(back) = inverse(resource, relation) else {
                    alone.push(format!("{}.{}", resource.type_name, relation.name));
                    continue;
                };
                let target = (relation.target)();
                let there = pairs(t, &token, resource, relation).await;
                let known: BTreeSet<_> = all(t, &token, target, "id").await.iter().filter_map(|r| r["id"].as_str().map(str::to_owned)).collect();
                // A relation that shows deleted rows has no row on the other side for them.
                let there: BTreeSet<_> = there.into_iter().filter(|(_, to)| known.contains(to)).collect();
                let ids: BTreeSet<_> = all(t, &token, resource, "id").await.iter().filter_map(|r| r["id"].as_str().map(str::to_owned)).collect();
                let here = pairs(t, &token, target, back).await.into_iter().map(|(a, b)| (b, a));
                let here: BTreeSet<_> = here.filter(|(from, _)| ids.contains(from)).collect();
                assert_eq!(there, here, "{}.{} and {}.{}", resource.type_name, relation.name, target.type_name, back.name);
            }
        }
        assert_eq!(alone, ["Workspace.organization"]);
    }

    async fn a_deleted_connector_is_shown_by_its_installations_alone(t) {
        let token = World::make(t).await.root;
        let installations = by_type("WorkspaceConnector").expect("a resource");
        let rows = all(t, &token, installations, "connector { id deletedAt }").await;
        let deleted: Vec<_> = rows.iter().filter(|r| r["connector"]["deletedAt"].is_string()).collect();
        assert!(!deleted.is_empty());
        for row in deleted {
            let query = format!("{{ node(id: {id}) {{ id }} connector(by: {{ id: {id} }}) {{ id }} connectors(filter: {{ id: {{ eq: {id} }} }}) {{ totalCount }} }}", id = row["connector"]["id"]);
            assert_eq!(t.data(&token, &query).await, json!({"node": null, "connector": null, "connectors": {"totalCount": 0}}));
        }
    }

    async fn nodes_keep_their_order_and_null_stands_for_the_unknown(t) {
        let token = World::make(t).await.root;
        let mut ids = Vec::new();
        for resource in RESOURCES.iter() {
            let rows = all(t, &token, resource, "id").await;
            let id = rows.last().and_then(|row| row["id"].as_str()).expect("an identifier");
            ids.push((resource.type_name, id.to_owned()));
        }
        ids.reverse();
        ids.push(ids[3].clone());
        let mut asked: Vec<_> = ids.iter().map(|(_, id)| id.clone()).collect();
        asked.insert(2, "00000000-0000-0000-0000-000000000000".into());
        asked.insert(5, "no identifier".into());
        asked[7] = asked[7].to_uppercase();
        let answer = t.ask(&token, "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", json!({"ids": asked})).await;
        let mut expected: Vec<_> = ids.iter().map(|(ty, id)| json!({"__typename": ty, "id": id})).collect();
        expected.insert(2, Json::Null);
        expected.insert(5, Json::Null);
        assert_eq!(answer.data()["nodes"], Json::Array(expected));
        assert_eq!(t.data(&token, "{ nodes(ids: []) { id } }").await["nodes"], json!([]));
    }

    async fn the_viewer_is_the_token(t) {
        let world = World::make(t).await;
        let query = "{ viewer { role tokenName tokenExpiresAt workspace { id slug } person { fullName memberships { nodes { role workspace { id } } } } } }";
        let viewer = t.data(&world.root, query).await["viewer"].clone();
        let workspace = json!({"id": world.root_id, "slug": "generated-1"});
        let memberships = json!({"nodes": [{"role": "OWNER", "workspace": {"id": world.root_id}}]});
        let expected = json!({
            "role": "OWNER", "tokenName": "test", "tokenExpiresAt": null, "workspace": workspace,
            "person": {"fullName": "test", "memberships": memberships},
        });
        assert_eq!(viewer, expected);
        assert_eq!(t.data(&world.leaf, "{ viewer { role } }").await, json!({"viewer": {"role": "VIEWER"}}));
    }

    async fn times_have_at_least_milliseconds_and_find_their_row(t) {
        let token = World::make(t).await.root;
        let connectors = by_type("Connector").expect("a resource");
        let mut digits = BTreeSet::new();
        for row in all(t, &token, connectors, "id createdAt").await {
            let time = row["createdAt"].as_str().expect("a time");
            let fraction = time.strip_suffix('Z').and_then(|t| t.split_once('.')).map_or("", |(_, f)| f);
            assert!(matches!(fraction.len(), 3 | 6), "{time}");
            digits.insert(fraction.len());
            let query = format!("{{ connectors(filter: {{ createdAt: {{ eq: \"{time}\" }}, id: {{ eq: {} }} }}) {{ nodes {{ createdAt }} }} }}", row["id"]);
            assert_eq!(t.data(&token, &query).await["connectors"]["nodes"], json!([{"createdAt": time}]));
        }
        assert_eq!(digits, BTreeSet::from([3, 6]));
    }
}
