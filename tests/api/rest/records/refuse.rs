//! What records refuse: every member that is wrong, at its path, and with status and code.

use super::{get, post, warm};
use crate::both;
use crate::query::world::Known;
use serde_json::{Value as Json, json};

/// Bodies of `query` and the problems they have; a text is the beginning of one.
fn queries() -> Vec<(Json, Vec<&'static str>)> {
    let body = |more: Json| {
        let mut body = json!({"root": "connectors", "fields": [["connectors", "id"]]});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let field = |path: Json| body(json!({"fields": [path]}));
    vec![
        (json!([]), vec![": must be an object", "root: is missing"]),
        (json!({}), vec!["root: is missing"]),
        (
            json!({"root": "providers"}),
            vec!["root: must be one of connectors, categories"],
        ),
        (
            json!({"root": "connectors"}),
            vec!["fields: must be a list with at least one path"],
        ),
        (body(json!({"fields": []})), vec!["fields: must be a list"]),
        (
            field(json!(["connectors"])),
            vec!["fields[0]: must begin with the root, `connectors`, and go on to a field"],
        ),
        (
            field(json!(["name"])),
            vec!["fields[0]: must begin with the root"],
        ),
        (
            field(json!(["connectors", 5])),
            vec!["fields[0]: must be a list of texts"],
        ),
        (
            field(json!(["connectors", "nope"])),
            vec!["fields[0]: `connectors` has no field `nope` to return"],
        ),
        (
            field(json!(["connectors", "pk"])),
            vec!["fields[0]: `connectors` has no field `pk` to return"],
        ),
        (
            field(json!(["connectors", "logo"])),
            vec![
                "fields[0]: `logo` is a relation of `connectors`: name a field of it, e.g. `logo.media_id`",
            ],
        ),
        (
            field(json!(["connectors", "nope", "id"])),
            vec!["fields[0]: `connectors` has no relation `nope`"],
        ),
        (
            field(json!([
                "connectors",
                "workspace_connectors",
                "sync_logs",
                "id"
            ])),
            vec!["fields[0]: `sync_logs` has many rows behind another relation that has"],
        ),
        (
            field(json!(["connectors", "workspace_connectors", "config"])),
            vec!["fields[0]: `workspace_connectors` has no field `config`"],
        ),
        (
            body(json!({"fields": ["connectors.id", ["connectors", "id"]]})),
            vec!["fields[1]: stands here twice"],
        ),
        (
            body(json!({"limit": 0})),
            vec!["limit: must be a whole number from 1 to 500"],
        ),
        (body(json!({"limit": 501})), vec!["limit: must be"]),
        (body(json!({"limit": "5"})), vec!["limit: must be"]),
        (
            body(json!({"cursor": "abc"})),
            vec!["cursor: is not a cursor of this root in this order"],
        ),
        (body(json!({"cursor": 5})), vec!["cursor: must be a text"]),
        (
            body(json!({"where": {}})),
            vec!["where: is no member here; there are root, fields"],
        ),
        (
            body(json!({"whereClause": {}, "where_clause": {}})),
            vec!["where_clause: is given twice"],
        ),
        (
            body(json!({"workspaceId": "x"})),
            vec!["workspaceId: must be the UUID of a workspace"],
        ),
        (
            body(json!({"orderBy": {"field": "nope"}})),
            vec!["orderBy.field: "],
        ),
        (
            body(
                json!({"filters": [{"field": "name", "operator": "gt", "value": 1}], "whereClause": {"nope": 1}, "limit": -1, "fields": [["x"]]}),
            ),
            vec![
                "limit: ",
                "filters[0].operator: ",
                "whereClause.nope: ",
                "fields[0]: ",
            ],
        ),
        (
            body(
                json!({"filters": vec![json!({"field": "pk", "operator": "eq", "value": 1}); 60], "whereClause": {"_or": vec![json!({"pk": {"_eq": 1}}); 60]}}),
            ),
            vec!["whereClause._or[40].pk._eq: is test 101"; 20]
                .into_iter()
                .enumerate()
                .map(|(i, s)| if i == 0 { s } else { "whereClause._or[" })
                .collect(),
        ),
    ]
}

/// A root, its query, and the problems.
type Address = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

/// Bodies of `statistics` and their problems.
fn statistics() -> Vec<(Json, Vec<&'static str>)> {
    let figure = |figure: Json| json!({"root": "connectors", "aggregations": [figure]});
    let group = |path: Json| json!({"root": "connectors", "group_by": [path], "aggregations": [{"op": "count"}]});
    vec![
        (json!({"root": "nope"}), vec!["root: must be one of"]),
        (
            json!({"root": "connectors"}),
            vec!["aggregations: must be a list of 1 to 20 figures"],
        ),
        (
            json!({"root": "connectors", "aggregations": []}),
            vec!["aggregations: must be"],
        ),
        (
            figure(json!(5)),
            vec![
                "aggregations[0]: must be an object",
                "aggregations[0].op: must be one of",
            ],
        ),
        (
            figure(json!({"op": "median", "field": "pk"})),
            vec!["aggregations[0].op: must be one of count, sum, avg, min, max"],
        ),
        (
            figure(json!({"op": "sum"})),
            vec!["aggregations[0].field: must name a field"],
        ),
        (
            figure(json!({"op": "sum", "field": "name"})),
            vec!["aggregations[0].field: `name` is text and has no sum"],
        ),
        (
            figure(json!({"op": "min", "field": "id"})),
            vec!["aggregations[0].field: `id` is text and has no min"],
        ),
        (
            figure(json!({"op": "count", "field": "nope"})),
            vec!["aggregations[0].field: `connectors` has no field `nope`"],
        ),
        (
            figure(json!({"op": "count", "field": "workspace_connectors.id"})),
            vec!["aggregations[0].field: `workspace_connectors` has many rows"],
        ),
        (
            figure(json!({"op": "count", "field": "workspace_connectors_aggregate.count"})),
            vec!["aggregations[0].field: is a figure over related rows"],
        ),
        (
            figure(json!({"op": "count", "as": "n"})),
            vec!["aggregations[0].as: is no member here"],
        ),
        (
            figure(json!({"op": "count", "alias": ""})),
            vec!["aggregations[0].alias: must have 1 to 100 characters"],
        ),
        (
            json!({"root": "connectors", "aggregations": [{"op": "count"}, {"op": "count"}]}),
            vec!["aggregations[1].alias: `count` is the name of another member"],
        ),
        (
            group(json!("tags")),
            vec!["group_by[0]: `tags` is texts and makes no groups"],
        ),
        (group(json!("nope")), vec!["group_by[0]: "]),
        (group(json!(5)), vec!["group_by[0]: must be a path"]),
        (
            json!({"root": "connectors", "group_by": "status", "aggregations": [{"op": "count"}]}),
            vec!["group_by: must be a list"],
        ),
        (
            json!({"root": "connectors", "limit": 5, "aggregations": [{"op": "count"}]}),
            vec!["limit: is no member here"],
        ),
    ]
}

both! {
    async fn bodies_are_refused_with_every_problem_at_its_path(t) {
        let known = Known::make(t).await;
        warm(t, &known.world.root).await;
        for (path, cases) in [("query", queries()), ("statistics", statistics())] {
            for (body, expected) in cases {
                let before = t.db().statements();
                let told = post(t, &known.world.root, path, &body).await;
                assert_eq!((told.status, &told.body["code"]), (400, &json!("BAD_REQUEST")), "{body}: {:#}", told.body);
                assert_eq!(t.db().statements(), before, "{body}");
                let problems = told.problems();
                assert_eq!(problems.len(), expected.len(), "{body}: {problems:#?}");
                for (problem, expected) in problems.iter().zip(expected) {
                    assert!(problem.starts_with(expected), "{body}: {problem}\nis not {expected}");
                }
            }
        }
    }

    async fn addresses_are_refused_with_every_problem(t) {
        let known = Known::make(t).await;
        let cases: &[Address] = &[
            ("providers", &[], &["root: must be one of"]),
            ("query", &[], &["root: must be one of"]),
            ("connectors", &[("fields", "name")], &["fields: at `name`: must begin with the root"]),
            ("connectors", &[("where", "{")], &["where: is no JSON"]),
            ("connectors", &[("where", "{\"nope\":1}"), ("sort", "nope"), ("limit", "900"), ("cursor", "x"), ("workspaceId", "x")],
                &["workspaceId: ", "where.nope: ", "sort: ", "limit: ", "cursor: "]),
            ("connectors", &[("whereClause", "{}")], &["whereClause: is no parameter of this address; it takes"]),
        ];
        for (root, query, expected) in cases {
            let told = get(t, &known.world.root, root, query).await;
            assert_eq!((told.status, &told.body["code"]), (400, &json!("BAD_REQUEST")), "{query:?}: {:#}", told.body);
            let problems = told.problems();
            assert_eq!(problems.len(), expected.len(), "{query:?}: {problems:#?}");
            for (problem, expected) in problems.iter().zip(*expected) {
                assert!(problem.starts_with(expected), "{query:?}: {problem}\nis not {expected}");
            }
        }
    }

    async fn hostile_bodies_and_cursors_are_refused(t) {
        let known = Known::make(t).await;
        let deep = format!("{{\"root\":\"connectors\",\"whereClause\":{}{}}}", "{\"_not\":".repeat(10_000), "}".repeat(10_000));
        let request = t.http.post(format!("{}/v1/records/query", t.url)).bearer_auth(&known.world.root);
        let response = request.header("content-type", "application/json").body(deep).send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 400);
        assert_eq!(response.json::<Json>().await.unwrap()["code"], json!("INVALID_JSON"));
        // A cursor of another order, of another root, and one that was changed.
        let ask = |root: &str, field: &str, cursor: Json| json!({"root": root, "fields": [format!("{root}.id")], "orderBy": {"field": field}, "limit": 1, "cursor": cursor});
        let first = post(t, &known.world.root, "query", &ask("connectors", "name", Json::Null)).await.good();
        let cursor = first["meta"]["nextCursor"].as_str().expect("a cursor").to_owned();
        assert_eq!(post(t, &known.world.root, "query", &ask("connectors", "name", json!(cursor))).await.status, 200);
        let changed = format!("{}A", &cursor[..cursor.len() - 1]);
        for body in [ask("connectors", "slug", json!(cursor)), ask("workspaces", "name", json!(cursor)), ask("connectors", "name", json!(changed + "x"))] {
            let told = post(t, &known.world.root, "query", &body).await;
            assert_eq!(told.status, 400, "{body}");
            assert!(told.problems()[0].starts_with("cursor: "));
        }
        // Too many related rows at once.
        let wide = json!({"root": "workspaces", "limit": 500, "fields": ["workspaces.memberships.id", "workspaces.workspace_connectors.id"]});
        let told = post(t, &known.world.root, "query", &wide).await;
        assert_eq!((told.status, &told.body["code"]), (400, &json!("QUERY_TOO_COMPLEX")), "{:#}", told.body);
    }
}
