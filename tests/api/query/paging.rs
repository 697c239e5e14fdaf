//! Walking connections from page to page: every row once, in order, under every key.

use super::ask::{id, ids, resource};
use super::order::{order_by, sorts};
use super::world::Known;
use crate::both;
use crate::support::TestApp;
use connectory::graphql::camel;
use connectory::query::{Resource, Sort};
use connectory::resource::RESOURCES;
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// A walk over a root connection.
pub struct Walk<'a> {
    pub token: &'a str,
    pub resource: &'a Resource,
    pub sorts: &'a [Sort],
    pub size: usize,
    pub backward: bool,
}

impl Walk<'_> {
    /// One page: from the beginning or the end, or beyond a cursor.
    pub async fn page(&self, t: &TestApp, beyond: &Json) -> Json {
        let (number, cursor) = if self.backward {
            ("last", "before")
        } else {
            ("first", "after")
        };
        let query = format!(
            "query($orderBy: [{}Order!], $cursor: String) {{ rows: {}(orderBy: $orderBy, {number}: {}, {cursor}: $cursor) \
             {{ edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}",
            self.resource.type_name,
            camel(self.resource.list),
            self.size
        );
        let variables = json!({"orderBy": order_by(self.sorts), "cursor": beyond});
        t.ask(self.token, &query, variables).await.data()["rows"].clone()
    }

    /// Walks to the other end and returns the rows in the order of the connection. `expected` is
    /// how many there are.
    async fn all(&self, t: &TestApp, expected: usize) -> Vec<Uuid> {
        let (mut walked, mut cursor) = (Vec::new(), Json::Null);
        loop {
            let page = self.page(t, &cursor).await;
            let edges = page["edges"].as_array().expect("edges");
            let mut rows: Vec<_> = edges.iter().map(|e| id(&e["node"]["id"])).collect();
            assert!(rows.len() <= self.size);
            let done = walked.len() + rows.len();
            let info = &page["pageInfo"];
            let (more, back) = if self.backward {
                ("hasPreviousPage", "hasNextPage")
            } else {
                ("hasNextPage", "hasPreviousPage")
            };
            assert_eq!(
                info[more],
                json!(done < expected),
                "{more} after {done} of {expected} rows"
            );
            assert_eq!(
                info[back],
                json!(!walked.is_empty()),
                "{back} after {done} rows"
            );
            assert_eq!(
                info["startCursor"],
                edges.first().map_or(Json::Null, |e| e["cursor"].clone())
            );
            assert_eq!(
                info["endCursor"],
                edges.last().map_or(Json::Null, |e| e["cursor"].clone())
            );
            cursor = info[if self.backward {
                "startCursor"
            } else {
                "endCursor"
            }]
            .clone();
            if self.backward {
                rows.reverse();
            }
            walked.extend(rows);
            if done >= expected || info[more] == json!(false) {
                break;
            }
        }
        if self.backward {
            walked.reverse();
        }
        walked
    }
}

/// Walks a resource in an order, both ways, and compares with the model's order.
async fn walk(
    t: &TestApp,
    known: &Known,
    resource: &Resource,
    sorts: &[Sort],
    size: Option<usize>,
) {
    let sight = known.sight(t, &known.world.root).await;
    let mut rows: Vec<_> = sight.alive(resource).collect();
    let own: Vec<_> = resource
        .default_order
        .iter()
        .map(|s| Sort::parse(s))
        .collect();
    sight.sort(
        resource,
        if sorts.is_empty() { &own } else { sorts },
        &mut rows,
    );
    let truth: Vec<_> = rows.iter().map(|row| row.id).collect();
    // Sets of some hundred rows are walked in fewer, larger steps.
    let size = size.unwrap_or_else(|| (truth.len() / 8).max(7));
    for backward in [false, true] {
        let walked = Walk {
            token: &known.world.root,
            resource,
            sorts,
            size,
            backward,
        }
        .all(t, truth.len())
        .await;
        let how = if backward { "backward" } else { "forward" };
        assert_eq!(
            walked, truth,
            "{} by {sorts:?}, {how} in steps of {size}",
            resource.name
        );
    }
}

both! {
    async fn every_key_walks_every_row_once_in_order(t) {
        let known = Known::make(t).await;
        for resource in RESOURCES.iter().copied() {
            for field in resource.fields.iter().filter(|f| f.asked()) {
                for descending in [false, true] {
                    let sorts = [Sort { path: field.name.into(), descending }];
                    walk(t, &known, resource, &sorts, None).await;
                }
            }
        }
    }

    async fn every_resource_walks_in_its_own_order(t) {
        let known = Known::make(t).await;
        for resource in RESOURCES.iter().copied() {
            walk(t, &known, resource, &[], Some(7)).await;
        }
    }

    async fn keys_of_every_related_row_walk_every_row_once(t) {
        let known = Known::make(t).await;
        for resource in RESOURCES.iter().copied() {
            for relation in resource.relations.iter().filter(|r| !r.many) {
                for path in [format!("{}.created_at", relation.name), format!("-{}.pk", relation.name)] {
                    walk(t, &known, resource, &[Sort::parse(&path)], None).await;
                }
            }
        }
    }

    async fn mixed_keys_walk_every_row_once(t) {
        let known = Known::make(t).await;
        for (name, keys) in MIXES {
            walk(t, &known, resource(name), &sorts(keys), None).await;
        }
    }

    async fn small_pages_walk_every_row_once(t) {
        let known = Known::make(t).await;
        for size in [1, 2] {
            for (name, keys) in SMALL {
                walk(t, &known, resource(name), &sorts(keys), Some(size)).await;
            }
        }
    }

    async fn a_page_between_two_cursors_holds_what_lies_between(t) {
        let known = Known::make(t).await;
        let resource = resource("connectors");
        let keys = sorts(&["-provider", "name"]);
        let sight = known.sight(t, &known.world.root).await;
        let mut rows: Vec<_> = sight.alive(resource).collect();
        sight.sort(resource, &keys, &mut rows);
        let all = Walk { token: &known.world.root, resource, sorts: &keys, size: 100, backward: false }.page(t, &Json::Null).await;
        let cursor = |i: usize| all["edges"][i]["cursor"].clone();
        let query = "query($o: [ConnectorOrder!], $a: String, $b: String, $f: Int, $l: Int) { connectors(orderBy: $o, after: $a, before: $b, first: $f, last: $l) \
                     { nodes { id } pageInfo { hasNextPage hasPreviousPage } } }";
        for (after, before, first, last) in [(2, 9, Some(100), None), (2, 9, Some(3), None), (2, 9, None, Some(3)), (9, 2, Some(5), None), (4, 5, None, Some(1))] {
            let variables = json!({"o": order_by(&keys), "a": cursor(after), "b": cursor(before), "f": first, "l": last});
            let answer = t.ask(&known.world.root, query, variables).await;
            let mut between: Vec<_> = (after + 1..before).map(|i| rows[i].id).collect();
            match (first, last) {
                (Some(first), _) => between.truncate(first),
                (_, Some(last)) => between = between.split_off(between.len().saturating_sub(last)),
                _ => {}
            }
            assert_eq!(ids(&answer.data()["connectors"]["nodes"]), between, "{after} {before} {first:?} {last:?}");
        }
    }
}

/// Keys in different directions, with nulls and duplicates, also of related rows.
const MIXES: &[(&str, &[&str])] = &[
    ("connectors", &["status", "-name"]),
    (
        "connectors",
        &["-provider", "transport", "-authorization_flow"],
    ),
    (
        "connectors",
        &["service_id", "-external_connector_id", "created_at"],
    ),
    ("connectors", &["category.name", "-name"]),
    (
        "connectors",
        &["-published_by.name", "composite_connector_action", "-pk"],
    ),
    (
        "connectors",
        &[
            "provider_connector.provider.category",
            "-logo.label",
            "status",
            "-direction",
            "name",
            "slug",
            "created_at",
            "updated_at",
        ],
    ),
    ("connectors", &["pk", "name"]),
    ("connectors", &["direction", "-pk", "name"]),
    ("workspace_connectors", &["connector.name", "-created_at"]),
    (
        "workspace_connectors",
        &["-connector.category.name", "label"],
    ),
    ("workspace_connectors", &["-label", "status"]),
    (
        "workspace_connectors",
        &[
            "person.last_name",
            "-person.first_name",
            "connector.published_by.name",
        ],
    ),
    (
        "workspace_connectors",
        &["composite_journals_list", "-filter.template"],
    ),
    (
        "workspace_connector_sync_logs",
        &[
            "-duration_ms",
            "error",
            "-workspace_connector.connector.name",
        ],
    ),
    (
        "workspace_connector_sync_logs",
        &["completed_at", "-started_at"],
    ),
    (
        "media",
        &[
            "-composite_people_list",
            "composite_companies_list",
            "-media_type",
        ],
    ),
    ("people", &["-last_name", "job_title"]),
    (
        "provenance_links",
        &["kind", "-label", "workspace_connector.label"],
    ),
];

/// Orders to walk row by row.
const SMALL: &[(&str, &[&str])] = &[
    ("categories", &["created_at"]),
    ("categories", &["-created_at", "name"]),
    ("people", &["last_name", "-job_title"]),
    ("people", &["-last_name"]),
    ("connectors", &["-provider"]),
    ("connectors", &["category.name", "-external_connector_id"]),
    ("workspaces", &["parent_workspace.name", "-stage"]),
    ("connector_mappings", &["-tool_name"]),
    ("connector_sync_diagnostics", &["tool_name"]),
    ("provenance_links", &["-label", "kind"]),
];
