//! Parameters that narrow and order lists.

use super::{JSON, JSON_API, get, ids, strict, well};
use crate::both;
use crate::support::{TestApp, World};
use serde_json::Value as Json;

/// What a list parameter asks, in GraphQL.
const SAME: &[(&str, &str, &str)] = &[
    (
        "/v1/connectors?status=active",
        "connectors",
        "filter: {status: {eq: ACTIVE}}",
    ),
    (
        "/v1/connectors?direction=import&status=active",
        "connectors",
        "filter: {status: {eq: ACTIVE}, direction: {eq: IMPORT}}",
    ),
    (
        "/v1/connectors?name=a_b",
        "connectors",
        "filter: {name: {contains: \"a_b\"}}",
    ),
    (
        "/v1/connectors?name=%C3%B6l",
        "connectors",
        "filter: {name: {contains: \"öl\"}}",
    ),
    (
        "/v1/connectors?filter[name]=100%25",
        "connectors",
        "filter: {name: {contains: \"100%\"}}",
    ),
    (
        "/v1/connectors?filter[name][starts_with]=a",
        "connectors",
        "filter: {name: {startsWith: \"a\"}}",
    ),
    (
        "/v1/connectors?filter[name][startsWith]=a",
        "connectors",
        "filter: {name: {startsWith: \"a\"}}",
    ),
    (
        "/v1/connectors?filter[transport]=mcp,rest",
        "connectors",
        "filter: {transport: {in: [MCP, REST]}}",
    ),
    (
        "/v1/connectors?filter[transport][in]=mcp",
        "connectors",
        "filter: {transport: {in: [MCP]}}",
    ),
    (
        "/v1/connectors?filter[serviceId][is_null]=true",
        "connectors",
        "filter: {serviceId: {isNull: true}}",
    ),
    (
        "/v1/connectors?filter[service_id][is_not_null]=true",
        "connectors",
        "filter: {serviceId: {isNotNull: true}}",
    ),
    (
        "/v1/connectors?filter[deleted_at][is_not_null]=true",
        "connectors",
        "filter: {deletedAt: {isNotNull: true}}",
    ),
    (
        "/v1/connectors?filter[pk][gt]=10&filter[pk][lte]=20",
        "connectors",
        "filter: {pk: {gt: 10, lte: 20}}",
    ),
    (
        "/v1/connectors?filter[published_by.kind]=organization",
        "connectors",
        "filter: {publishedBy: {kind: {eq: ORGANIZATION}}}",
    ),
    (
        "/v1/connectors?filter[providerConnector.provider.name][contains]=a",
        "connectors",
        "filter: {providerConnector: {provider: {name: {contains: \"a\"}}}}",
    ),
    (
        "/v1/connectors?sort=-name",
        "connectors",
        "orderBy: [{name: DESC}]",
    ),
    (
        "/v1/connectors?sort=status,-createdAt",
        "connectors",
        "orderBy: [{status: ASC}, {createdAt: DESC}]",
    ),
    (
        "/v1/connectors?sort=category,name",
        "connectors",
        "orderBy: [{category: {slug: ASC}}, {name: ASC}]",
    ),
    (
        "/v1/connectors?sort=-connector_id",
        "connectors",
        "orderBy: [{id: DESC}]",
    ),
    (
        "/v1/connectors?sort=published_by.name,-pk",
        "connectors",
        "orderBy: [{publishedBy: {name: ASC}}, {pk: DESC}]",
    ),
    (
        "/v1/connectors?sort=composite_connector_action,name",
        "connectors",
        "orderBy: [{compositeConnectorAction: ASC}, {name: ASC}]",
    ),
    (
        "/v1/workspace-connectors?status=error",
        "workspaceConnectors",
        "filter: {status: {eq: ERROR}}",
    ),
    (
        "/v1/workspace-connectors?filter[connector.name][contains]=a&sort=connector.name",
        "workspaceConnectors",
        "filter: {connector: {name: {contains: \"a\"}}}, orderBy: [{connector: {name: ASC}}]",
    ),
    (
        "/v1/workspace-connector-sync-logs?status=success&trigger_type=manual",
        "syncLogs",
        "filter: {status: {eq: SUCCESS}, triggerType: {eq: MANUAL}}",
    ),
    (
        "/v1/workspace-connector-sync-logs?triggerType=manual&sort=-duration_ms",
        "syncLogs",
        "filter: {triggerType: {eq: MANUAL}}, orderBy: [{durationMs: DESC}]",
    ),
    (
        "/v1/media?media_type=logo",
        "media",
        "filter: {mediaType: {eq: LOGO}}",
    ),
    (
        "/v1/workspaces?kind=workspace&stage=active",
        "workspaces",
        "filter: {kind: {eq: WORKSPACE}, stage: {eq: ACTIVE}}",
    ),
    (
        "/v1/workspaces?name=a",
        "workspaces",
        "filter: {name: {contains: \"a\"}}",
    ),
    (
        "/v1/providers?name=a",
        "providers",
        "filter: {name: {contains: \"a\"}}, orderBy: [{name: ASC}]",
    ),
    (
        "/v1/categories?name=c",
        "categories",
        "filter: {name: {contains: \"c\"}}, orderBy: [{name: ASC}]",
    ),
];

async fn graph(t: &TestApp, token: &str, list: &str, arguments: &str) -> Vec<String> {
    let data = t
        .data(
            token,
            &format!("{{ {list}(first: 100, {arguments}) {{ nodes {{ id }} }} }}"),
        )
        .await;
    let nodes = data[list]["nodes"].as_array().expect("nodes").clone();
    nodes
        .iter()
        .map(|n| n["id"].as_str().expect("an id").to_owned())
        .collect()
}

both! {
    async fn a_list_finds_what_graphql_finds(t) {
        let world = World::make(t).await;
        t.execute("UPDATE connectors SET service_id = NULL WHERE pk IN (4, 12)").await;
        for token in [&world.root, &world.leaf] {
            for (target, list, arguments) in SAME {
                let got = ids(&well(t, token, &format!("{target}&limit=100")).await);
                assert_eq!(got, graph(t, token, list, arguments).await, "{target}");
            }
        }
        // Nothing would be shown by cases that find nothing, or everything.
        let all = graph(t, &world.root, "connectors", "orderBy: [{pk: ASC}]").await.len();
        for (target, list, arguments) in SAME.iter().filter(|(_, l, a)| *l == "connectors" && a.contains("filter")) {
            let found = graph(t, &world.root, list, arguments).await.len();
            assert!((1..all).contains(&found), "{target} finds {found} of {all}");
        }
    }

    async fn rows_are_narrowed_by_publisher_category_and_installation(t) {
        let world = World::make(t).await;
        let root = world.root_id;
        let published = ids(&well(t, &world.root, &format!("/v1/connectors?published_by={root}&limit=500")).await);
        assert!(!published.is_empty());
        for same in [format!("workspace_id={root}"), format!("workspaceId={root}"), format!("publishedBy={root}&workspace_id={root}"), format!("filter[published_by]={root}")] {
            assert_eq!(ids(&well(t, &world.root, &format!("/v1/connectors?{same}&limit=500")).await), published, "{same}");
        }
        let other = well(t, &world.root, &format!("/v1/connectors?published_by={root}&workspace_id={}", world.other_id)).await;
        assert_eq!(other["meta"]["total"], 0);
        let shelf = well(t, &world.root, "/v1/categories?limit=1").await["data"][0]["attributes"].clone();
        let (slug, name) = (shelf["slug"].as_str().expect("a slug"), shelf["name"].as_str().expect("a name"));
        let of = |d: Json| -> Vec<Json> { d["data"].as_array().expect("a list").iter().map(|r| r["attributes"]["category"].clone()).collect() };
        let found = of(well(t, &world.root, &format!("/v1/connectors?category={slug}&limit=500")).await);
        assert!(!found.is_empty() && found.iter().all(|c| c == slug), "{found:?}");
        for same in [name.replace(' ', "%20"), slug.to_uppercase(), slug.replace('_', "-")] {
            assert_eq!(of(well(t, &world.root, &format!("/v1/connectors?category={same}&limit=500")).await), found, "{same}");
        }
        let installed = well(t, &world.root, "/v1/workspace-connectors?limit=1").await["data"][0].clone();
        let (id, connector) = (installed["id"].as_str().expect("an id"), installed["relationships"]["connector"]["data"]["id"].as_str().expect("an id"));
        let same = well(t, &world.root, &format!("/v1/workspace-connectors?connector_id={connector}&limit=500")).await;
        assert!(same["data"].as_array().expect("a list").iter().all(|r| r["relationships"]["connector"]["data"]["id"] == connector));
        let logs = well(t, &world.root, &format!("/v1/workspace-connector-sync-logs?workspace_connector_id={id}")).await;
        assert!(logs["data"].as_array().expect("a list").iter().all(|r| r["relationships"]["workspaceConnector"]["data"]["id"] == id));
    }

    async fn bounds_on_dates_are_inclusive(t) {
        let world = World::make(t).await;
        t.execute("UPDATE connectors SET created_at = (SELECT created_at FROM connectors WHERE pk = 20)").await;
        let one = well(t, &world.root, "/v1/connectors?limit=1").await["data"][0]["attributes"]["created_at"].clone();
        let at: chrono::DateTime<chrono::Utc> = one.as_str().expect("a moment").parse().expect("a moment");
        let text = |m: chrono::DateTime<chrono::Utc>| m.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let (before, after) = (text(at - chrono::TimeDelta::microseconds(1)), text(at + chrono::TimeDelta::microseconds(1)));
        let (at, day) = (text(at), at.format("%Y-%m-%d").to_string());
        let tomorrow = (chrono::NaiveDate::parse_from_str(&day, "%Y-%m-%d").expect("a day") + chrono::Days::new(1)).to_string();
        for (query, all) in [
            (format!("created_at_from={at}"), true),
            (format!("created_at_from={after}"), false),
            (format!("created_at_to={at}"), true),
            (format!("created_at_to={before}"), false),
            (format!("created_at_from={at}&created_at_to={at}"), true),
            (format!("createdAtFrom={day}&createdAtTo={day}"), true),
            (format!("created_at_from={tomorrow}"), false),
        ] {
            let total = well(t, &world.root, &format!("/v1/connectors?{query}")).await["meta"]["total"].as_u64();
            assert_eq!(total > Some(0), all, "{query}");
        }
    }

    async fn what_is_wrong_is_named_all_at_once(t) {
        let world = World::make(t).await;
        for (query, path, says) in [
            ("nothing=1", "nothing", "is no parameter"),
            ("filter[nothing]=1", "filter[nothing]", "names no filterable field"),
            ("filter[description]=1", "filter[description]", "names no filterable field"),
            ("filter[name][like]=1", "filter[name][like]", "names no operator `like`"),
            ("filter[name][in]=1", "filter[name][in]", "does not take `in`"),
            ("filter[created_at][gte]=2020-01-01", "filter[created_at][gte]", "does not take `gte`"),
            ("filter[name][eq][x]=1", "filter[name][eq][x]", "is written"),
            ("filter[connector_filters.template]=true", "filter[connector_filters.template]", "no to-one relationship"),
            ("filter[pk][gt]=x", "filter[pk][gt]", "must be a whole number"),
            ("status=nothing", "status", "must be one of active, inactive"),
            ("filter[status]=nothing", "filter[status]", "must be one of"),
            ("published_by=nothing", "published_by", "must be a UUID"),
            ("workspaceId=nothing", "workspaceId", "must be a UUID"),
            ("created_at_from=yesterday", "created_at_from", "must be an RFC 3339 moment"),
            ("created_at_from=2025-02-01&created_at_to=2025-01-01", "created_at_from", "must not be later"),
            ("sort=nothing", "sort", "no sortable field `nothing`"),
            ("sort=workspace_connectors.status", "sort", "has many rows"),
            ("sort=a,b,c,d,e,f,g,h,i", "sort", "the limit is 8"),
            ("include=nothing", "include", "it has published_by"),
            ("include=logo.nothing", "include", "`media` has no relationship `nothing`"),
            ("include=logo.workspace.organization.organization", "include", "goes deeper"),
            ("limit=1&limit=2", "limit", "is given twice"),
            ("limit=1&page[limit]=2", "page[limit]", "also as `limit`"),
            ("status=active&filter[status]=active", "filter[status]", "also as `status`"),
            ("name=a%00b", "name", "NUL"),
        ] {
            let got = get(t, &world.root, &format!("/v1/connectors?{query}"), JSON).await;
            let json = got.json();
            assert_eq!((got.status, &json["code"], &json["details"]["path"]), (400, &"BAD_REQUEST".into(), &path.into()), "{query}: {json:#}");
            assert!(json["details"]["issue"].as_str().is_some_and(|i| i.contains(says)), "{query}: {json:#}");
        }
        let got = get(t, &world.root, "/v1/connectors?status=x&direction=y&sort=z&include=w&limit=0", JSON).await.json();
        let paths: Vec<_> = got["details"]["problems"].as_array().expect("a list").iter().map(|p| p["path"].clone()).collect();
        assert_eq!(paths.len(), 5, "{got:#}");
        let got = get(t, &world.root, "/v1/connectors?filter[status]=x&a=1&b=2", JSON_API).await.json();
        assert_eq!(got["errors"].as_array().map(Vec::len), Some(2), "unknown names stand before anything is judged: {got:#}");
    }

    async fn names_are_taken_in_any_spelling(t) {
        let world = World::make(t).await;
        let snake = strict(t, &world.root, "/v1/workspace-connectors?include=sync_logs,document_workspace_connectors&page[limit]=5").await;
        let camel = strict(t, &world.root, "/v1/workspace-connectors?include=syncLogs,documentWorkspaceConnectors&page[size]=5").await;
        assert_eq!((&snake["data"], &snake["included"]), (&camel["data"], &camel["included"]));
        assert!(snake["included"].as_array().is_some_and(|i| !i.is_empty()));
    }
}
