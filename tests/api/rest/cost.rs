//! How many statements an answer costs: by what it holds, never by its rows. The face is asked
//! without HTTP in front, so that looking a token up does not count.

use super::{JSON, JSON_API, get, ids, well};
use crate::both;
use crate::support::{TestApp, World};
use connectory::rest::Request;
use connectory::service::Actor;
use serde_json::Value as Json;

async fn ask(t: &TestApp, actor: &Actor, target: &str, accept: &str) -> (u64, Json) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let request = Request {
        method: "GET".into(),
        path: path.into(),
        query: query.into(),
        headers: vec![("accept".into(), accept.into())],
        ..Request::default()
    };
    let before = t.db().statements();
    let answer = t.app.rest.answer(actor, request).await;
    let count = t.db().statements() - before;
    let body: Json = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(answer.status, 200, "{target}\n{body:#}");
    (count, body)
}

/// Lists and what each costs in the dialect's own rendering, the total included, and in JSON:API.
const LISTS: &[(&str, u64, u64)] = &[
    ("/v1/connectors?limit=$n", 2, 1),
    (
        "/v1/connectors?limit=$n&include=published_by,logo,category,provider_connector",
        2,
        1,
    ),
    (
        "/v1/connectors?limit=$n&include=published_by,logo,category,provider_connector,connector_filters,workspace_connectors",
        4,
        3,
    ),
    (
        "/v1/connectors?limit=$n&status=active&category=crm&sort=category,-name&name=a&created_at_from=2020-01-01",
        2,
        1,
    ),
    ("/v1/connectors?limit=$n&page=2", 2, 2),
    ("/v1/connectors?limit=$n&cursor=", 2, 1),
    ("/v1/workspace-connectors?limit=$n", 2, 1),
    (
        "/v1/workspace-connectors?limit=$n&include=connector,person,filter,workspace",
        2,
        1,
    ),
    (
        "/v1/workspace-connectors?limit=$n&include=connector,person,filter,workspace,syncTargets,connectorMappings,syncDiagnostics,syncLogs,documentWorkspaceConnectors",
        7,
        6,
    ),
    (
        "/v1/workspace-connectors?limit=$n&include=connector.logo,connector.published_by,sync_logs.workspace",
        3,
        2,
    ),
    (
        "/v1/workspace-connector-sync-logs?limit=$n&include=workspaceConnector",
        2,
        1,
    ),
    ("/v1/media?limit=$n&include=workspace", 2, 1),
    ("/v1/workspaces?limit=$n&include=memberships", 3, 2),
    ("/v1/workspaces?limit=$n&include=memberships.person", 3, 2),
    ("/v1/providers?limit=$n", 2, 1),
    ("/v1/categories?limit=$n", 2, 1),
];

both! {
    async fn statements_follow_from_what_a_list_holds(t) {
        let world = World::make(t).await;
        let actor = t.actor(&world.root).await;
        for (target, own, strict) in LISTS {
            for rows in [1, 60] {
                let target = target.replace("$n", &rows.to_string());
                assert_eq!(ask(t, &actor, &target, JSON).await.0, *own, "{target}");
                assert_eq!(ask(t, &actor, &target, JSON_API).await.0, *strict, "{target}");
            }
        }
    }

    async fn a_single_resource_costs_what_its_row_in_a_list_does(t) {
        let world = World::make(t).await;
        let actor = t.actor(&world.root).await;
        for (list, include, expected) in [
            ("/v1/connectors", "published_by,logo,category,provider_connector", 1),
            ("/v1/connectors", "logo,connector_filters,workspace_connectors", 3),
            ("/v1/workspace-connectors", "", 1),
            ("/v1/workspace-connectors", "connector,person,filter,workspace", 1),
            ("/v1/workspace-connectors", "sync_targets,connector_mappings,sync_diagnostics,sync_logs,document_workspace_connectors", 6),
            ("/v1/workspace-connector-sync-logs", "workspace_connector", 1),
            ("/v1/workspaces", "memberships", 2),
        ] {
            let id = ids(&ask(t, &actor, list, JSON).await.1)[0].clone();
            for accept in [JSON, JSON_API] {
                let target = format!("{list}/{id}?include={include}");
                assert_eq!(ask(t, &actor, &target, accept).await.0, expected, "{target}");
            }
        }
    }

    async fn what_could_come_to_too_many_rows_is_refused(t) {
        let world = World::make(t).await;
        let all = "sync_targets,connector_mappings,sync_diagnostics,sync_logs,document_workspace_connectors";
        let got = get(t, &world.root, &format!("/v1/workspace-connectors?limit=500&include={all}"), JSON).await;
        assert_eq!((got.status, &got.json()["code"]), (400, &"QUERY_TOO_COMPLEX".into()), "{:#}", got.json());
        let document = well(t, &world.root, &format!("/v1/workspace-connectors?limit=100&include={all}")).await;
        assert!(!document["included"].as_array().expect("a list").is_empty());
    }
}
