//! Tenancy: rows outside the viewer's scope do not exist, whatever way leads to them.

mod eyes;

use crate::both;
use crate::support::TestApp;
use connectory::db::Arg;
use connectory::graphql::camel;
use connectory::query::{Relation, Resource};
use connectory::resource::RESOURCES;
use eyes::{Eyes, Row, Tables, everyone};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

fn id(json: &Json) -> Option<Uuid> {
    json["id"].as_str().and_then(|id| Uuid::parse_str(id).ok())
}

/// All rows of a list, page by page.
async fn walk(
    t: &TestApp,
    token: &str,
    resource: &Resource,
    arguments: &str,
    selection: &str,
) -> Vec<Json> {
    let root = camel(resource.list);
    let query = format!(
        "query($after: String) {{ {root}(first: 100, after: $after{arguments}) {{ nodes {{ id {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}"
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

async fn count(t: &TestApp, token: &str, resource: &Resource, filter: &str) -> Json {
    let root = camel(resource.list);
    t.data(
        token,
        &format!("{{ {root}(filter: {filter}) {{ totalCount }} }}"),
    )
    .await[&root]["totalCount"]
        .clone()
}

/// The rows that a relation ties to a row, in the tables.
fn tied<'a>(tables: &'a Tables, relation: &Relation, row: &Row) -> Vec<&'a Row> {
    let of = |r: &Row, column: &str| {
        if column == "id" {
            Some(r.id)
        } else {
            r.holds.get(column).copied()
        }
    };
    let Some(key) = of(row, relation.from) else {
        return Vec::new();
    };
    tables[(relation.target)().table]
        .iter()
        .filter(|r| of(r, relation.to) == Some(key))
        .collect()
}

/// A row of the target that the viewer must not know of: one that a row in sight names, if there is.
fn hidden(
    eyes: &Eyes,
    tables: &Tables,
    resource: &Resource,
    relation: &Relation,
) -> Option<(Uuid, bool)> {
    let target = (relation.target)();
    let named = eyes
        .seen(tables, resource)
        .flat_map(|row| tied(tables, relation, row));
    let mut named = named.filter(|r| !eyes.may(target, r.id));
    let any = || {
        tables[target.table]
            .iter()
            .find(|r| !eyes.may(target, r.id))
    };
    named
        .next()
        .map(|r| (r.id, true))
        .or_else(|| any().map(|r| (r.id, false)))
}

both! {
    async fn lists_hold_exactly_what_the_viewer_may_see(t) {
        let (tables, all) = everyone(t).await;
        for eyes in &all {
            for resource in RESOURCES.iter() {
                let shown: BTreeSet<_> = walk(t, &eyes.token, resource, "", "").await.iter().filter_map(id).collect();
                let expected: BTreeSet<_> = eyes.seen(&tables, resource).map(|r| r.id).collect();
                assert_eq!(shown, expected, "{} of {}", resource.list, eyes.name);
                assert_eq!(count(t, &eyes.token, resource, "{}").await, expected.len(), "{} of {}", resource.list, eyes.name);
            }
        }
        let rows = |i: usize, table: &str| all[i].allowed[table].len();
        for table in ["workspaces", "workspace_connectors", "people"] {
            assert!(rows(0, table) > rows(1, table) && rows(1, table) > rows(2, table) && rows(2, table) > 0, "{table}");
        }
    }

    async fn nothing_else_answers_to_its_identifier(t) {
        let (tables, all) = everyone(t).await;
        for eyes in &all {
            for resource in RESOURCES.iter() {
                for rows in tables[resource.table].chunks(100) {
                    let ids: Vec<_> = rows.iter().map(|r| r.id).collect();
                    let answer = t.ask(&eyes.token, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({"ids": ids})).await;
                    let shown: Vec<_> = answer.data()["nodes"].as_array().expect("a list").iter().map(id).collect();
                    let expected: Vec<_> = rows.iter().map(|r| eyes.knows(&tables, r.id).then_some(r.id)).collect();
                    assert_eq!(shown, expected, "{} of {}", resource.list, eyes.name);
                }
                let foreign = tables[resource.table].iter().find(|r| !eyes.may(resource, r.id));
                let own = eyes.seen(&tables, resource).next();
                for row in foreign.into_iter().chain(own) {
                    let by = if resource.keys.is_empty() { format!("id: \"{}\"", row.id) } else { format!("by: {{ id: \"{}\" }}", row.id) };
                    let query = format!("{{ a: node(id: \"{}\") {{ id }} b: {}({by}) {{ id }} }}", row.id, camel(resource.singular));
                    let data = t.data(&eyes.token, &query).await;
                    let (any, own) = (eyes.knows(&tables, row.id), eyes.may(resource, row.id));
                    let expected = (any.then_some(row.id), own.then_some(row.id));
                    assert_eq!((id(&data["a"]), id(&data["b"])), expected, "{} of {}", resource.singular, eyes.name);
                }
            }
        }
    }

    async fn nothing_else_answers_to_its_name(t) {
        let (_, all) = everyone(t).await;
        for resource in RESOURCES.iter() {
            for key in resource.keys.iter().map(|k| camel(k)) {
                let mut names = BTreeMap::new();
                for eyes in &all {
                    for row in walk(t, &eyes.token, resource, "", &key).await {
                        names.insert(row[&key].to_string(), id(&row).expect("an id"));
                    }
                }
                names.remove("null");
                for eyes in &all {
                    for (name, row) in &names {
                        let query = format!("{{ one: {}(by: {{ {key}: {name} }}) {{ id }} }}", camel(resource.singular));
                        let found = id(&t.data(&eyes.token, &query).await["one"]);
                        assert_eq!(found, eyes.may(resource, *row).then_some(*row), "{query} of {}", eyes.name);
                    }
                }
            }
        }
    }

    async fn every_relation_ends_at_the_edge_of_the_scope(t) {
        let (tables, all) = everyone(t).await;
        let mut cut = BTreeSet::new();
        for eyes in &all {
            for resource in RESOURCES.iter() {
                let rows: HashMap<_, _> = eyes.seen(&tables, resource).map(|r| (r.id, r)).collect();
                for relation in &resource.relations {
                    let (name, target) = (camel(relation.name), (relation.target)());
                    let below = if relation.many { "(first: 100) { totalCount nodes { id } }" } else { "{ id }" };
                    for shown in walk(t, &eyes.token, resource, "", &format!("{name} {below}")).await {
                        let row = rows[&id(&shown).expect("an id")];
                        let tied = tied(&tables, relation, row);
                        let live = |r: &&&Row| !r.deleted || relation.even_deleted;
                        let expected: BTreeSet<_> = tied.iter().filter(|r| eyes.may(target, r.id)).filter(live).map(|r| r.id).collect();
                        let got: BTreeSet<_> = match relation.many {
                            true => shown[&name]["nodes"].as_array().expect("rows").iter().filter_map(id).collect(),
                            false => id(&shown[&name]).into_iter().collect(),
                        };
                        let place = format!("{}.{name} of {} for {}", resource.type_name, row.id, eyes.name);
                        assert_eq!(got, expected, "{place}");
                        assert!(!relation.many || shown[&name]["totalCount"] == expected.len(), "{place}: {shown}");
                        if tied.iter().any(|r| !eyes.may(target, r.id)) {
                            cut.insert(format!("{}.{name}", resource.type_name));
                        }
                    }
                }
            }
        }
        // Ties that lead out of the scope were there to be cut.
        for name in ["WorkspaceConnector.connector", "WorkspaceConnector.person", "WorkspaceConnector.filter", "Connector.publishedBy", "Connector.logo", "Connector.workspaceConnectors", "Workspace.parentWorkspace", "Workspace.organization"] {
            assert!(cut.contains(name), "{name} was never cut: {cut:?}");
        }
    }

    async fn filters_find_nothing_beyond_the_scope(t) {
        let (tables, all) = everyone(t).await;
        for eyes in &all {
            for resource in RESOURCES.iter() {
                let every = eyes.seen(&tables, resource).count();
                for relation in &resource.relations {
                    let Some((foreign, _)) = hidden(eyes, &tables, resource, relation) else { continue };
                    let name = camel(relation.name);
                    let inner = format!("{{ id: {{ eq: \"{foreign}\" }} }}");
                    let cases = if relation.many {
                        vec![(format!("{{ {name}: {{ some: {inner} }} }}"), 0), (format!("{{ {name}: {{ none: {inner} }} }}"), every)]
                    } else {
                        vec![(format!("{{ {name}: {inner} }}"), 0), (format!("{{ not: {{ {name}: {inner} }} }}"), every)]
                    };
                    for (filter, expected) in cases {
                        let got = count(t, &eyes.token, resource, &filter).await;
                        assert_eq!(got, expected, "{} {filter} for {}", resource.list, eyes.name);
                    }
                }
            }
        }
    }

    async fn what_is_beyond_the_scope_sorts_as_null(t) {
        let (_, all) = everyone(t).await;
        for eyes in &all {
            for resource in RESOURCES.iter() {
                for relation in resource.relations.iter().filter(|r| !r.many) {
                    let name = camel(relation.name);
                    let shown = format!("{name} {{ id }}");
                    let up = walk(t, &eyes.token, resource, &format!(", orderBy: [{{ {name}: {{ id: ASC }} }}]"), &shown).await;
                    let down = walk(t, &eyes.token, resource, &format!(", orderBy: [{{ {name}: {{ id: DESC }} }}]"), &shown).await;
                    let keys = |rows: &[Json]| rows.iter().map(|r| (id(&r[&name]).is_none(), id(&r[&name]))).collect::<Vec<_>>();
                    let (up, mut down) = (keys(&up), keys(&down));
                    assert!(up.is_sorted(), "{}.{name} for {}: {up:?}", resource.type_name, eyes.name);
                    down.reverse();
                    assert_eq!(up, down, "{}.{name} for {}", resource.type_name, eyes.name);
                }
            }
        }
    }

    async fn a_cursor_of_another_tenant_shows_nothing_of_it(t) {
        let (tables, all) = everyone(t).await;
        for (mine, theirs) in [(0, 3), (2, 0), (3, 1)] {
            for resource in RESOURCES.iter() {
                let root = camel(resource.list);
                let list = format!("{{ {root}(first: 3) {{ pageInfo {{ endCursor }} }} }}");
                let cursor = t.data(&all[theirs].token, &list).await[&root]["pageInfo"]["endCursor"].clone();
                for side in ["after", "before"] {
                    let query = format!("{{ {root}(first: 100, {side}: {cursor}) {{ nodes {{ id }} }} }}");
                    let data = t.data(&all[mine].token, &query).await;
                    let seen: BTreeSet<_> = all[mine].seen(&tables, resource).map(|r| r.id).collect();
                    let got = data[&root]["nodes"].as_array().expect("rows").iter().filter_map(id);
                    assert_eq!(got.filter(|id| !seen.contains(id)).count(), 0, "{root} {side}");
                }
            }
        }
    }

    async fn a_leaf_knows_neither_parent_nor_siblings(t) {
        let (_, all) = everyone(t).await;
        let query = "{ viewer { workspace { id parentWorkspace { id } organization { id } childWorkspaces { totalCount } } } workspaces { totalCount nodes { id } } people { totalCount } }";
        let data = t.data(&all[2].token, query).await;
        let own = &data["viewer"]["workspace"];
        assert_eq!((&own["parentWorkspace"], &own["organization"], &own["childWorkspaces"]["totalCount"]), (&Json::Null, &Json::Null, &json!(0)));
        assert_eq!(data["workspaces"], json!({"totalCount": 1, "nodes": [{"id": own["id"]}]}));
        let filter = format!("{{ not: {{ id: {{ eq: {} }} }} }}", own["id"]);
        assert_eq!(count(t, &all[2].token, connectory::resource::workspace::resource(), &filter).await, 0);
    }

    async fn composite_cells_name_nobody_beyond_the_scope(t) {
        let (_, all) = everyone(t).await;
        let media = connectory::resource::media::resource();
        let names = walk(t, &all[0].token, connectory::resource::workspace::resource(), "", "name").await;
        let pictured = "SELECT name FROM workspaces WHERE media_id IS NOT NULL AND deleted_at IS NULL";
        let rows = t.db().rows(pictured.to_owned(), Vec::<Arg>::new()).await.expect("the statement runs");
        assert!(!rows.is_empty() && !names.is_empty());
        for name in rows.iter().filter_map(|r| r.text(0)) {
            let filter = format!("{{ compositeCompaniesList: {{ contains: {} }} }}", json!(name));
            let of = names.iter().find(|r| r["name"] == name).and_then(id).expect("a workspace of the root");
            for eyes in &all {
                let shown = eyes.may(connectory::resource::workspace::resource(), of);
                assert_eq!(count(t, &eyes.token, media, &filter).await, u8::from(shown), "{name} for {}", eyes.name);
            }
        }
    }
}
