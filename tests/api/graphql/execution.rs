//! The GraphQL specification, Execution: coerced values, directives, merging, order of keys, and
//! fields that fail alone.

use crate::both;
use crate::support::{TestApp, World};
use serde_json::{Value as Json, json};

fn none() -> Json {
    json!({})
}

/// Asks each and expects exactly this data.
async fn answered(t: &TestApp, token: &str, cases: Vec<(&str, Json, Json)>) {
    for (query, variables, data) in cases {
        let answer = t.ask(token, query, variables).await;
        assert_eq!(answer.data(), &data, "{query}");
    }
}

both! {
    async fn values_are_coerced_as_specified(t) {
        let token = World::make(t).await.root;
        let first = "query($v: Int = 1) { categories(first: $v) { nodes { __typename } } }";
        let one = json!({"categories": {"nodes": [{"__typename": "Category"}]}});
        let all = t.data(&token, "{ categories { nodes { __typename } } }").await;
        let slug = "query($v: String!) { category(by: { slug: $v }) { slug } }";
        let by = "query($v: CategoryBy!) { category(by: $v) { slug } }";
        let crm = json!({"category": {"slug": "crm"}});
        let listed = "query($v: [ConnectorStatus!]) { a: connectors(filter: { status: { in: $v } }) { totalCount } b: connectors(filter: { status: { in: [ACTIVE] } }) { totalCount } c: connectors(filter: { status: { in: ACTIVE } }) { totalCount } }";
        let listed = t.ask(&token, listed, json!({"v": "ACTIVE"})).await.data().clone();
        assert!(listed["a"] == listed["b"] && listed["b"] == listed["c"] && listed["a"]["totalCount"] != 0, "{listed}");
        answered(t, &token, vec![
            (first, none(), one.clone()),
            (first, json!({"v": 1.0}), one.clone()),
            (first, json!({"v": null, "extra": 1}), all.clone()),
            ("query($v: Int) { categories(first: $v, filter: null, orderBy: null, after: null) { nodes { __typename } } }", none(), all.clone()),
            ("{ categories(filter: { name: null, and: null, connectors: null, not: null }) { nodes { __typename } } }", none(), all),
            (slug, json!({"v": "crm"}), crm.clone()),
            (by, json!({"v": {"slug": "crm"}}), crm),
            ("query($v: ID!) { node(id: $v) { id } }", json!({"v": 4}), json!({"node": null})),
            ("{ node(id: 4) { id } }", none(), json!({"node": null})),
            ("{ categories(filter: { slug: { eq: \"\"\"crm\"\"\" } }) { nodes { slug } } }", none(), json!({"categories": {"nodes": [{"slug": "crm"}]}})),
        ]).await;
    }

    async fn skip_and_include_leave_out_what_they_say(t) {
        let token = World::make(t).await.root;
        let crm = |fields: &str| format!("query($yes: Boolean!, $no: Boolean = false) {{ category(by: {{ slug: \"crm\" }}) {{ {fields} }} viewer @skip(if: $yes) {{ role }} a: viewer @include(if: $no) {{ role }} }}");
        let cases = [
            ("slug name @skip(if: true)", json!({"slug": "crm"})),
            ("slug name @include(if: false)", json!({"slug": "crm"})),
            ("slug name @skip(if: $yes)", json!({"slug": "crm"})),
            ("slug name @include(if: $no)", json!({"slug": "crm"})),
            ("slug name @include(if: true) @skip(if: true)", json!({"slug": "crm"})),
            ("slug ... @skip(if: $yes) { name }", json!({"slug": "crm"})),
            ("slug ... on Category @include(if: $no) { name }", json!({"slug": "crm"})),
            ("... @include(if: $yes) { slug }", json!({"slug": "crm"})),
            ("slug connectors @skip(if: $yes) { totalCount }", json!({"slug": "crm"})),
            ("connectors(first: 0) { nodes { id } totalCount @skip(if: $yes) }", json!({"connectors": {"nodes": []}})),
            ("slug @skip(if: $yes)", json!({})),
        ];
        for (fields, expected) in cases {
            let answer = t.ask(&token, &crm(fields), json!({"yes": true})).await;
            assert_eq!(answer.data(), &json!({"category": expected}), "{fields}");
        }
        let spread = "query($v: Boolean!) { viewer { role ...F @include(if: $v) } } fragment F on Viewer { tokenName }";
        let both = t.ask(&token, spread, json!({"v": true})).await.data()["viewer"].clone();
        assert_eq!(both, json!({"role": "OWNER", "tokenName": "test"}));
        assert_eq!(t.ask(&token, spread, json!({"v": false})).await.data()["viewer"], json!({"role": "OWNER"}));
    }

    async fn fields_of_one_key_are_merged_at_every_level(t) {
        let token = World::make(t).await.root;
        let merged = json!({"connectors": {"nodes": [{"category": {"__typename": "Category", "c": "Category"}}], "pageInfo": {"hasPreviousPage": false, "__typename": "PageInfo"}}});
        let (a, b) = ("category { __typename }", "category { c: __typename }");
        let documents = [
            format!("{{ connectors(first: 1) {{ nodes {{ {a} {b} }} pageInfo {{ hasPreviousPage }} pageInfo {{ __typename }} }} }}"),
            format!("{{ connectors(first: 1) {{ nodes {{ {a} }} nodes {{ {b} }} pageInfo {{ hasPreviousPage __typename }} }} }}"),
            format!("{{ connectors(first: 1) {{ nodes {{ {a} }} pageInfo {{ hasPreviousPage }} }} connectors(first: 1) {{ nodes {{ {b} }} pageInfo {{ __typename }} }} }}"),
            format!("{{ ...A ...B }} fragment A on Query {{ connectors(first: 1) {{ nodes {{ {a} }} pageInfo {{ hasPreviousPage }} }} }} fragment B on Query {{ connectors(first: 1) {{ nodes {{ {b} }} pageInfo {{ __typename }} }} }}"),
            format!("{{ connectors(first: 1) {{ nodes {{ ... on Connector {{ {a} }} ... on Node {{ ... on Connector {{ {b} }} }} }} pageInfo {{ hasPreviousPage __typename }} }} }}"),
        ];
        for document in documents {
            assert_eq!(t.data(&token, &document).await, merged, "{document}");
        }
        let viewer = t.data(&token, "{ viewer { role } viewer { tokenName } }").await;
        assert_eq!(viewer, json!({"viewer": {"role": "OWNER", "tokenName": "test"}}));
        // Objects that are never the same may differ under one key.
        let apart = "{ node(id: 1) { ... on Connector { a: name } ... on Category { a: slug } } }";
        assert_eq!(t.data(&token, apart).await, json!({"node": null}));
    }

    async fn keys_are_answered_in_the_order_they_were_asked(t) {
        let token = World::make(t).await.root;
        let query = "{ b: __typename viewer { tokenName role } a: __typename ...F connectors(first: 1) { totalCount nodes { name slug ... on Connector { id } category { name __typename } name } pageInfo { hasPreviousPage hasNextPage } edges { node { slug name } cursor } } } fragment F on Query { z: __typename y: categories(first: 0) { totalCount __typename } }";
        let request = t.http.post(format!("{}/graphql", t.url)).bearer_auth(&token).json(&json!({"query": query}));
        let text = request.send().await.expect("an answer").text().await.expect("a text");
        let keys = ["b", "viewer", "tokenName", "role", "a", "z", "y", "totalCount", "__typename", "connectors", "totalCount", "nodes", "name", "slug", "id", "category", "name", "__typename", "pageInfo", "hasPreviousPage", "hasNextPage", "edges", "node", "slug", "name", "cursor"];
        let mut at = 0;
        for key in keys {
            let key = format!("\"{key}\":");
            let found = text[at..].find(&key);
            at += found.unwrap_or_else(|| panic!("{key} does not follow in {}", &text[at..])) + key.len();
        }
    }

    async fn every_object_knows_its_type(t) {
        let token = World::make(t).await.root;
        let query = "{ __typename viewer { __typename workspace { __typename } } connectors(first: 1) { __typename pageInfo { __typename } edges { __typename node { __typename workspaceConnectors(first: 0) { __typename } } } } __schema { __typename queryType { __typename } } }";
        let expected = json!({
            "__typename": "Query",
            "viewer": {"__typename": "Viewer", "workspace": {"__typename": "Workspace"}},
            "connectors": {
                "__typename": "ConnectorConnection",
                "pageInfo": {"__typename": "PageInfo"},
                "edges": [{"__typename": "ConnectorEdge", "node": {"__typename": "Connector", "workspaceConnectors": {"__typename": "WorkspaceConnectorConnection"}}}],
            },
            "__schema": {"__typename": "__Schema", "queryType": {"__typename": "__Type"}},
        });
        assert_eq!(t.data(&token, query).await, expected);
    }

    async fn a_field_that_fails_is_null_alone(t) {
        let token = World::make(t).await.root;
        let query = "{\n  workspaces(first: 2) { nodes { __typename\n    bad: workspaceConnectors(after: \"x\") { nodes { id } }\n    childWorkspaces(first: 0) { nodes { id } } } }\n  a: connectors(first: 101) { totalCount }\n  categories(first: 1) { nodes { __typename } }\n}";
        let answer = t.ask(&token, query, none()).await;
        let node = json!({"__typename": "Workspace", "bad": null, "childWorkspaces": {"nodes": []}});
        let expected = json!({"workspaces": {"nodes": [node, node]}, "a": null, "categories": {"nodes": [{"__typename": "Category"}]}});
        assert_eq!((answer.status, &answer.body["data"]), (200, &expected));
        let errors = answer.body["errors"].as_array().expect("errors");
        let of = |path: Json| errors.iter().find(|e| e["path"] == path).unwrap_or_else(|| panic!("{path} in {errors:?}"));
        for i in 0..2 {
            let error = of(json!(["workspaces", "nodes", i, "bad"]));
            assert_eq!(error["locations"], json!([{"line": 3, "column": 10}]));
            assert_eq!(error["extensions"]["problems"][0]["path"], "after");
        }
        assert_eq!(of(json!(["a"]))["extensions"]["code"], "BAD_REQUEST");
        assert_eq!(errors.len(), 3);
        let edge = t.ask(&token, "{ workspaces(first: 1) { edges { node { x: connectors(first: -1) { totalCount } } } } }", none()).await;
        assert_eq!(edge.error()["path"], json!(["workspaces", "edges", 0, "node", "x"]));
        let many = format!("{{ nodes(ids: [{}]) {{ id }} }}", "\"x\" ".repeat(101));
        let nodes = t.ask(&token, &many, none()).await;
        assert_eq!((&nodes.body["data"], &nodes.error()["path"]), (&Json::Null, &json!(["nodes"])));
    }
}
