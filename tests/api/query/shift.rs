//! Rows that come and go while a client walks: what is added or deleted behind the cursor, or
//! ahead of it, neither repeats nor loses other rows.

use super::ask::{id, resource};
use super::order::sorts;
use super::paging::Walk;
use crate::both;
use crate::support::{TestApp, World};
use connectory::query::Sort;
use serde_json::Value as Json;
use uuid::Uuid;

/// Adds a category; its identifier is borrowed from a picture.
async fn add(t: &TestApp, name: &str, media: usize) {
    t.execute(&format!(
        "INSERT INTO categories (id, slug, name, created_at, updated_at) SELECT id, '{name}', '{name}', created_at, updated_at FROM media WHERE pk = {media}"
    ))
    .await;
}

/// An identifier as the database spells it.
fn literal(t: &TestApp, id: Uuid) -> String {
    if t.is_sqlite() {
        format!("x'{}'", id.simple())
    } else {
        format!("'{id}'")
    }
}

/// Reads the rest of a walk, page by page from a cursor.
async fn rest(t: &TestApp, walk: &Walk<'_>, mut cursor: Json) -> Vec<Uuid> {
    let mut rest = Vec::new();
    loop {
        let page = walk.page(t, &cursor).await;
        let mut rows: Vec<_> = page["edges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| id(&e["node"]["id"]))
            .collect();
        if walk.backward {
            rows.reverse();
        }
        rest.extend(rows);
        let (more, end) = if walk.backward {
            ("hasPreviousPage", "startCursor")
        } else {
            ("hasNextPage", "endCursor")
        };
        if page["pageInfo"][more] == false {
            return rest;
        }
        cursor = page["pageInfo"][end].clone();
    }
}

/// The names of categories, in the order of the identifiers.
async fn names(t: &TestApp, token: &str, ids: &[Uuid]) -> Vec<String> {
    let data = t
        .ask(
            token,
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Category { name } } }",
            serde_json::json!({"ids": ids}),
        )
        .await;
    data.data()["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["name"].as_str().unwrap_or("gone").to_owned())
        .collect()
}

/// Categories `k1` to `k8` beside those of the world, in the order of their names behind all.
async fn eight(t: &TestApp) -> World {
    let world = World::make(t).await;
    for i in 1..=8 {
        add(t, &format!("k{i}"), i).await;
    }
    world
}

/// Where a walk in steps of two stands after it saw `k4`.
async fn halfway(t: &TestApp, token: &str, keys: &[Sort], backward: bool) -> Json {
    let walk = Walk {
        token,
        resource: resource("categories"),
        sorts: keys,
        size: 100,
        backward: false,
    };
    let page = walk.page(t, &Json::Null).await;
    let edges = page["edges"].as_array().unwrap();
    let k1 = edges.len() - 8;
    edges[if backward { k1 + 4 } else { k1 + 3 }]["cursor"].clone()
}

both! {
    async fn rows_that_come_and_go_do_not_disturb_a_forward_walk(t) {
        let world = eight(t).await;
        let keys = sorts(&["name"]);
        let cursor = halfway(t, &world.root, &keys, false).await;
        t.execute("DELETE FROM categories WHERE name IN ('k2', 'k4', 'k6')").await;
        add(t, "k1b", 9).await;
        add(t, "k3b", 10).await;
        add(t, "k4b", 11).await;
        add(t, "k9", 12).await;
        let walk = Walk { token: &world.root, resource: resource("categories"), sorts: &keys, size: 2, backward: false };
        let rest = rest(t, &walk, cursor).await;
        assert_eq!(names(t, &world.root, &rest).await, ["k4b", "k5", "k7", "k8", "k9"]);
    }

    async fn rows_that_come_and_go_do_not_disturb_a_backward_walk(t) {
        let world = eight(t).await;
        let keys = sorts(&["name"]);
        let cursor = halfway(t, &world.root, &keys, true).await;
        t.execute("DELETE FROM categories WHERE name IN ('k3', 'k5', 'k7')").await;
        add(t, "k4b", 9).await;
        add(t, "k5b", 10).await;
        add(t, "k1b", 11).await;
        let walk = Walk { token: &world.root, resource: resource("categories"), sorts: &keys, size: 2, backward: true };
        let rest = rest(t, &walk, cursor).await;
        assert_eq!(names(t, &world.root, &rest[..5]).await, ["k4b", "k4", "k2", "k1b", "k1"]);
    }

    async fn a_walk_by_nulls_and_duplicates_goes_on_after_its_row_was_deleted(t) {
        let world = World::make(t).await;
        for keys in [sorts(&["-provider"]), sorts(&["external_connector_id"]), sorts(&["provider_connector.provider.name", "-transport"])] {
            let all = Walk { token: &world.root, resource: resource("connectors"), sorts: &keys, size: 100, backward: false };
            let before = all.page(t, &Json::Null).await;
            let edges = before["edges"].as_array().unwrap();
            let ids: Vec<_> = edges.iter().map(|e| id(&e["node"]["id"])).collect();
            for at in [3, 12, 25] {
                // The row of the cursor and the one behind it go, then come back.
                let gone = ids[at - 1..=at].iter().map(|id| literal(t, *id)).collect::<Vec<_>>().join(", ");
                t.execute(&format!("UPDATE connectors SET deleted_at = updated_at WHERE id IN ({gone})")).await;
                for size in [1, 4] {
                    let walk = Walk { size, ..all };
                    assert_eq!(rest(t, &walk, edges[at]["cursor"].clone()).await, ids[at + 1..], "forward from {at} by {keys:?}");
                    let walk = Walk { size, backward: true, ..all };
                    let mut back = rest(t, &walk, edges[at]["cursor"].clone()).await;
                    back.reverse();
                    assert_eq!(back, ids[..at - 1], "backward from {at} by {keys:?}");
                }
                t.execute(&format!("UPDATE connectors SET deleted_at = NULL WHERE id IN ({gone})")).await;
            }
        }
    }
}
