//! Pages nested in pages: each parent has its own page of its own rows, in order and counted.

use super::ask::{id, ids, resource};
use super::model::{Record, Sight};
use super::order::{order_by, sorts};
use super::world::Known;
use crate::both;
use crate::support::TestApp;
use connectory::graphql::camel;
use connectory::query::{Relation, Resource, Sort};
use connectory::resource::RESOURCES;
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// The related rows of a parent in order.
fn truth(sight: &Sight<'_>, row: &Record, relation: &Relation, sorts: &[Sort]) -> Vec<Uuid> {
    let mut rows = sight.related(row, relation, false);
    sight.sort((relation.target)(), sorts, &mut rows);
    rows.into_iter().map(|row| row.id).collect()
}

both! {
    async fn every_parent_has_its_own_page(t) {
        let known = Known::make(t).await;
        let sight = known.sight(t, &known.world.root).await;
        for resource in RESOURCES.iter().copied() {
            for relation in resource.relations.iter().filter(|r| r.many) {
                for (number, keys) in [("first", ["-created_at"]), ("last", ["id"])] {
                    let answer = ask(t, &known, resource, relation, number, &sorts(&keys)).await;
                    compare(&sight, resource, relation, number, &sorts(&keys), &answer);
                }
            }
        }
    }

    async fn nested_pages_walk_every_row_once(t) {
        let known = Known::make(t).await;
        let sight = known.sight(t, &known.world.root).await;
        for (parent, relation, keys) in WALKS {
            let parent = resource(parent);
            let relation = parent.find_relation(relation).expect("the relation");
            let count = |row: &&Record| sight.related(row, relation, false).len();
            let most = sight.alive(parent).max_by_key(count).expect("a parent");
            for size in [1, 2, 7] {
                for backward in [false, true] {
                    let walk = Walk { parent, row: most, relation, sorts: &sorts(keys), size, backward };
                    walk.compare(t, &known, &sight).await;
                }
            }
        }
    }

    async fn a_nested_filter_keeps_to_each_parent(t) {
        let known = Known::make(t).await;
        let sight = known.sight(t, &known.world.root).await;
        let (workspaces, target) = (resource("workspaces"), resource("workspace_connectors"));
        let relation = workspaces.find_relation("workspace_connectors").expect("the relation");
        let filter = json!({"or": [{"status": {"eq": "ERROR"}}, {"connector": {"category": {"name": {"contains": "a"}}}}]});
        let query = "query($f: WorkspaceConnectorFilter) { workspaces(first: 100) { nodes { id workspaceConnectors(filter: $f, first: 100, orderBy: [{pk: ASC}]) { totalCount nodes { id } } } } }";
        let answer = t.ask(&known.world.root, query, json!({"f": filter})).await;
        let mut all = 0;
        for node in answer.data()["workspaces"]["nodes"].as_array().unwrap() {
            let row = known.model.all(workspaces).iter().find(|w| w.id == id(&node["id"])).unwrap();
            let mut rows = sight.related(row, relation, false);
            rows.retain(|row| sight.holds(target, row, &filter) == Some(true));
            let page = &node["workspaceConnectors"];
            assert_eq!(ids(&page["nodes"]), rows.iter().map(|r| r.id).collect::<Vec<_>>());
            assert_eq!(page["totalCount"], json!(rows.len()));
            all += rows.len();
        }
        assert!(all > 20, "{all}");
    }
}

/// Pages of two related rows for each of the first hundred rows.
async fn ask(
    t: &TestApp,
    known: &Known,
    resource: &Resource,
    relation: &Relation,
    number: &str,
    sorts: &[Sort],
) -> Json {
    let (list, name, target) = (
        camel(resource.list),
        camel(relation.name),
        (relation.target)().type_name,
    );
    let query = format!(
        "query($orderBy: [{target}Order!]) {{ rows: {list}(first: 100, orderBy: [{{pk: ASC}}]) {{ nodes {{ id \
         page: {name}({number}: 2, orderBy: $orderBy) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage }} }} }} }} }}"
    );
    t.ask(
        &known.world.root,
        &query,
        json!({"orderBy": order_by(sorts)}),
    )
    .await
    .data()["rows"]["nodes"]
        .clone()
}

fn compare(
    sight: &Sight<'_>,
    resource: &Resource,
    relation: &Relation,
    number: &str,
    sorts: &[Sort],
    answer: &Json,
) {
    let what = format!("{}.{} {number}", resource.name, relation.name);
    let parents: Vec<_> = sight.alive(resource).take(100).collect();
    assert_eq!(
        ids(answer),
        parents.iter().map(|row| row.id).collect::<Vec<_>>(),
        "{what}"
    );
    let mut any = false;
    for (row, node) in parents.into_iter().zip(answer.as_array().expect("nodes")) {
        let all = truth(sight, row, relation, sorts);
        let page = &node["page"];
        assert_eq!(page["totalCount"], json!(all.len()), "{what}");
        let shown = if number == "first" {
            &all[..all.len().min(2)]
        } else {
            &all[all.len().saturating_sub(2)..]
        };
        assert_eq!(ids(&page["nodes"]), shown, "{what}");
        let more = [
            json!(number == "first" && all.len() > 2),
            json!(number == "last" && all.len() > 2),
        ];
        assert_eq!(
            [
                &page["pageInfo"]["hasNextPage"],
                &page["pageInfo"]["hasPreviousPage"]
            ],
            more.each_ref(),
            "{what}"
        );
        any |= !all.is_empty();
    }
    assert!(any, "no row of {what}: plant one");
}

/// A walk over the related rows of one parent.
struct Walk<'a> {
    parent: &'a Resource,
    row: &'a Record,
    relation: &'a Relation,
    sorts: &'a [Sort],
    size: usize,
    backward: bool,
}

impl Walk<'_> {
    async fn compare(&self, t: &TestApp, known: &Known, sight: &Sight<'_>) {
        let truth = truth(sight, self.row, self.relation, self.sorts);
        assert!(
            truth.len() > 2,
            "{}.{} is too small to walk",
            self.parent.name,
            self.relation.name
        );
        let (mut walked, mut cursor) = (Vec::new(), Json::Null);
        let (more, end) = if self.backward {
            ("hasPreviousPage", "startCursor")
        } else {
            ("hasNextPage", "endCursor")
        };
        loop {
            let page = self.page(t, &known.world.root, &cursor).await;
            let mut rows = ids(&page["nodes"]);
            if self.backward {
                rows.reverse();
            }
            walked.extend(rows);
            assert_eq!(page["pageInfo"][more], json!(walked.len() < truth.len()));
            if page["pageInfo"][more] == json!(false) {
                break;
            }
            cursor = page["pageInfo"][end].clone();
        }
        if self.backward {
            walked.reverse();
        }
        assert_eq!(
            walked, truth,
            "{}.{} by {:?} in steps of {}",
            self.parent.name, self.relation.name, self.sorts, self.size
        );
    }

    async fn page(&self, t: &TestApp, token: &str, cursor: &Json) -> Json {
        let (number, beyond) = if self.backward {
            ("last", "before")
        } else {
            ("first", "after")
        };
        let query = format!(
            "query($id: ID!, $orderBy: [{}Order!], $cursor: String) {{ node(id: $id) {{ ... on {} {{ page: {}({number}: {}, {beyond}: $cursor, orderBy: $orderBy) \
             {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }} }}",
            (self.relation.target)().type_name,
            self.parent.type_name,
            camel(self.relation.name),
            self.size
        );
        let variables =
            json!({"id": self.row.id, "orderBy": order_by(self.sorts), "cursor": cursor});
        t.ask(token, &query, variables).await.data()["node"]["page"].clone()
    }
}

/// Relations to walk, with keys that have nulls and duplicates.
const WALKS: &[(&str, &str, &[&str])] = &[
    (
        "workspaces",
        "workspace_connectors",
        &["-label", "connector.name"],
    ),
    ("workspaces", "workspace_connectors", &["status"]),
    ("workspaces", "connectors", &["-provider", "name"]),
    (
        "categories",
        "connectors",
        &["published_by.name", "-transport"],
    ),
    (
        "connectors",
        "workspace_connectors",
        &["-connector.category.name", "person.last_name"],
    ),
    ("workspaces", "sync_logs", &["-duration_ms"]),
];
