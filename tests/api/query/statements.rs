//! How many statements an answer costs: by its shape, never by its rows. The schema is asked
//! without HTTP in front, so that looking a token up does not count.

use crate::both;
use crate::support::{TestApp, World};
use connectory::graphql::{Outcome, Request};
use serde_json::{Value as Json, json};

/// Asks, and returns the statements it took and what came back.
async fn ask(t: &TestApp, token: &str, query: &str, variables: Json) -> (u64, Json) {
    let session = t.actor(token).await;
    let Json::Object(variables) = variables else {
        panic!("variables are an object")
    };
    let request = Request {
        query: query.to_owned(),
        operation_name: None,
        variables,
        ..Request::default()
    };
    let before = t.db().statements();
    let response = t.app.graph.execute(request, session, false).await;
    let count = t.db().statements() - before;
    let body: Json = serde_json::from_slice(&response.body).expect("JSON");
    assert!(
        response.outcome == Outcome::Ran && body.get("errors").is_none(),
        "{query}\n{body:#}"
    );
    (count, body["data"].clone())
}

const PAGE: &str = "nodes { id slug name description direction tags status version website provider authorizationFlow transport \
                    publishedBy { id name } logo { url label } category { name } }";

/// Questions with `$n` rows on each page, and the statements that each takes.
const COUNTS: &[(&str, u64)] = &[
    ("connectors(first: $n) { PAGE }", 1),
    (
        "connectors(first: $n) { PAGE edges { cursor } pageInfo { hasNextPage endCursor } }",
        1,
    ),
    ("connectors(first: $n) { PAGE totalCount }", 2),
    ("connectors(first: $n) { totalCount }", 1),
    ("connectors(first: $n) { pageInfo { hasNextPage } }", 1),
    ("connectors(first: $n) { __typename }", 0),
    (
        "connectors(first: $n, orderBy: [{publishedBy: {name: DESC}}, {category: {slug: ASC}}], filter: {workspaceConnectors: {some: {person: {email: {isNull: false}}}}}) { PAGE }",
        1,
    ),
    (
        "workspaceConnectors(first: $n) { nodes { connector { publishedBy { organization { picture { url } } } category { name } } person { picture { url } } } }",
        1,
    ),
    (
        "workspaces(first: $n) { nodes { name workspaceConnectors(first: 3) { nodes { id connector { name } } } } }",
        2,
    ),
    (
        "workspaces(first: $n) { nodes { name workspaceConnectors(first: 3) { totalCount nodes { id } } } }",
        3,
    ),
    (
        "workspaces(first: $n) { nodes { name workspaceConnectors(first: 3) { nodes { id syncLogs(first: 2) { nodes { status } } } } } }",
        3,
    ),
    (
        "workspaces(first: $n) { nodes { name a: workspaceConnectors(first: 3) { nodes { id } } b: workspaceConnectors(last: 3) { nodes { id } } connectors { totalCount } } }",
        4,
    ),
    (
        "workspaceConnectors(first: $n) { nodes { connector { workspaceConnectors(first: 2) { nodes { id } } } workspace { memberships(first: 2) { nodes { role } } } } }",
        3,
    ),
];

both! {
    async fn statements_follow_from_the_shape_of_a_question(t) {
        let world = World::make(t).await;
        for (field, expected) in COUNTS {
            let query = format!("query($n: Int) {{ {} }}", field.replace("PAGE", PAGE));
            for rows in [2, 100] {
                let (count, data) = ask(t, &world.root, &query, json!({"n": rows})).await;
                assert_eq!(count, *expected, "with {rows} rows: {query}\n{data}");
            }
        }
    }

    async fn statements_of_deep_pages_are_those_of_the_first(t) {
        let world = World::make(t).await;
        let query = "query($after: String) { workspaceConnectors(first: 100, after: $after) { nodes { connector { name } } pageInfo { endCursor } } }";
        let (first, data) = ask(t, &world.root, query, json!({})).await;
        let (second, _) = ask(t, &world.root, query, json!({"after": data["workspaceConnectors"]["pageInfo"]["endCursor"]})).await;
        assert_eq!((first, second), (1, 1));
    }

    async fn a_lookup_takes_one_statement(t) {
        let world = World::make(t).await;
        let (_, data) = ask(t, &world.root, "{ connectors(first: 1) { nodes { id slug } } media(first: 1) { nodes { id } } people(first: 1) { nodes { id } } }", json!({})).await;
        let id = |list: &str| data[list]["nodes"][0]["id"].clone();
        let ids = json!([world.root_id, id("connectors"), id("media"), id("people"), "no identifier"]);
        let slug = data["connectors"]["nodes"][0]["slug"].clone();
        let one = |fields: &str| format!("id ... on Connector {{ {fields} }} ... on Workspace {{ slug }} ... on Person {{ fullName picture {{ url }} }}");
        for (query, variables, expected) in [
            (format!("query($id: ID!) {{ node(id: $id) {{ {} }} }}", one("name logo { url } category { name }")), json!({"id": id("connectors")}), 1),
            ("query($id: ID!) { node(id: $id) { id } }".into(), json!({"id": "00000000-0000-0000-0000-000000000001"}), 1),
            (format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {} }} }}", one("name logo { url }")), json!({"ids": ids}), 1),
            (format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {} }} }}", one("workspaceConnectors(first: 2) { nodes { id } }")), json!({"ids": ids}), 2),
            ("query($slug: String!) { connector(by: {slug: $slug}) { name publishedBy { name } logo { url } } }".into(), json!({"slug": slug}), 1),
            ("query($id: ID!) { media: mediaItem(id: $id) { url } }".into(), json!({"id": id("media")}), 1),
            ("{ viewer { role workspace { name organization { name } } person { fullName } } }".into(), json!({}), 1),
            ("{ viewer { role tokenName } }".into(), json!({}), 0),
            ("{ __typename __schema { queryType { name } } }".into(), json!({}), 0),
        ] {
            let (count, data) = ask(t, &world.root, &query, variables).await;
            assert_eq!(count, expected, "{query}\n{data}");
        }
    }

    async fn roots_add_up(t) {
        let world = World::make(t).await;
        let (count, data) = ask(t, &world.root, "{ a: connectors(first: 1) { nodes { id } } b: media(first: 1) { totalCount nodes { id } } viewer { workspace { id } } }", json!({})).await;
        assert_eq!(count, 4, "{data}");
    }
}
