//! JSON:API documents of every operation that reads, judged by the checker.

use super::checker::{Expect, faults};
use super::{JSON_API, get, ids, strict};
use crate::both;
use crate::support::{TestApp, World};
use connectory::rest::document::{MAX_LINKED, SHAPES, Shape};
use connectory::rest::parameter;
use connectory::rest::route::{Content, Method, ROUTES, Route};
use serde_json::Value as Json;

/// The resource an operation reads, and whether it reads a list.
pub fn subject(route: &Route) -> Option<(&'static Shape, bool)> {
    let found = route.outcomes.iter().find_map(|o| match o.content {
        Content::Page(of, _) => Some((of(), true)),
        Content::One(of) => Some((of(), false)),
        _ => None,
    });
    let (resource, list) = found.filter(|_| route.method == Method::Get)?;
    let shape = SHAPES.iter().find(|s| std::ptr::eq(s.resource, resource))?;
    Some((shape, list))
}

/// The address of an operation, its variable filled with the first of its list.
pub async fn address(t: &TestApp, token: &str, route: &Route) -> String {
    let Some((list, _)) = route.path.split_once("/{") else {
        return route.path.to_owned();
    };
    let first = strict(t, token, &format!("{list}?page[limit]=1")).await;
    format!(
        "{list}/{}",
        ids(&first)
            .first()
            .unwrap_or_else(|| panic!("{list} is empty"))
    )
}

async fn checked(t: &TestApp, token: &str, target: &str, expect: Expect<'_>) -> Json {
    let got = get(t, token, target, JSON_API).await;
    let document = got.json();
    assert_eq!(
        (got.status, got.header("content-type")),
        (200, Some(JSON_API)),
        "{target}: {document:#}"
    );
    let found = faults(&document, expect);
    assert!(found.is_empty(), "{target}: {found:#?}\n{document:#}");
    document
}

both! {
    async fn every_operation_gives_good_documents(t) {
        let world = World::make(t).await;
        let mut operations = 0;
        for route in ROUTES {
            let Some((shape, list)) = subject(route) else { continue };
            let target = address(t, &world.root, route).await;
            let plain = Expect { list, ..Expect::default() };
            checked(t, &world.root, &target, plain).await;
            let included = Expect { included: true, ..plain };
            let limit = if list { "&page[limit]=10" } else { "" };
            for link in &shape.links {
                let document = checked(t, &world.root, &format!("{target}?include={}{limit}", link.name), included).await;
                includes_what_it_links(&document, link.name);
            }
            let all: Vec<_> = shape.links.iter().map(|l| l.name).collect();
            let limit = if list { "&page[limit]=3" } else { "" };
            checked(t, &world.root, &format!("{target}?include={}{limit}", all.join(",")), included).await;
            operations += 1;
        }
        assert_eq!(operations, 16, "operations that read resources");
    }

    async fn nested_includes_keep_full_linkage(t) {
        let world = World::make(t).await;
        let expect = Expect { included: true, list: true, sparse: &[] };
        for target in [
            "/v1/connectors?include=published_by.picture,logo.workspace&page[limit]=50",
            "/v1/workspace-connectors?include=connector.logo,connector.published_by,person.picture,workspace.parent_workspace&page[limit]=50",
            "/v1/workspace-connectors?include=connector.workspace_connectors.person&page[limit]=5",
            "/v1/workspaces?include=child_workspaces.parent_workspace,memberships.person&page[limit]=20",
            // The same rows by two ways, with linkage of different kinds.
            "/v1/workspaces?include=child_workspaces,parent_workspace.child_workspaces&page[limit]=3",
            "/v1/workspace-connector-sync-logs?include=workspace_connector.connector.category&page[limit]=20",
        ] {
            let document = checked(t, &world.root, target, expect).await;
            assert!(!document["included"].as_array().expect("a list").is_empty(), "{target}");
        }
    }

    async fn sparse_fieldsets_are_the_whole_answer(t) {
        let world = World::make(t).await;
        let expect = Expect { included: true, list: true, sparse: &["connector", "media"] };
        let target = "/v1/connectors?include=logo,published_by&fields[connector]=name,logo,createdAt&fields[media]=url&page[limit]=10";
        let document = checked(t, &world.root, target, expect).await;
        let members = |r: &Json, of: &str| -> Vec<String> { r[of].as_object().map(|o| o.keys().cloned().collect()).unwrap_or_default() };
        for row in document["data"].as_array().expect("a list") {
            assert_eq!((members(row, "attributes"), members(row, "relationships")), (vec!["created_at".into(), "name".into()], vec!["logo".into()]), "{row:#}");
        }
        for row in document["included"].as_array().expect("a list").iter().filter(|r| r["type"] == "media") {
            assert_eq!((members(row, "attributes"), members(row, "relationships")), (vec!["url".into()], vec![]), "{row:#}");
        }
        let empty = checked(t, &world.root, "/v1/categories?fields[category]=", Expect { list: true, ..Expect::default() }).await;
        assert!(empty["data"][0].get("attributes").is_none(), "{empty:#}");
        for (wrong, says) in [("fields[nothing]=a", "no type"), ("fields[connector]=nope", "no member `nope`"), ("fields[media]=pk", "no member `pk`")] {
            let got = get(t, &world.root, &format!("/v1/connectors?{wrong}"), JSON_API).await;
            assert!(got.status == 400 && got.json()["errors"][0]["detail"].as_str().is_some_and(|d| d.contains(says)), "{wrong}: {:#}", got.json());
        }
    }

    async fn errors_are_good_documents(t) {
        let world = World::make(t).await;
        for (target, status, source) in [
            ("/v1/connectors?include=nothing", 400, Some(("parameter", "include"))),
            ("/v1/connectors?filter[status]=no", 400, Some(("parameter", "filter[status]"))),
            ("/v1/connectors?page[limit]=9999", 400, Some(("parameter", "page[limit]"))),
            ("/v1/connectors?nothing=1", 400, Some(("parameter", "nothing"))),
            ("/v1/connectors/nothing", 404, None),
            ("/v1/nothing", 404, None),
        ] {
            let got = get(t, &world.root, target, JSON_API).await;
            let document = got.json();
            assert_eq!((got.status, got.header("content-type")), (status, Some(JSON_API)), "{target}");
            assert_eq!(faults(&document, Expect::default()), Vec::<String>::new(), "{document:#}");
            let error = &document["errors"][0];
            assert_eq!(error["status"], status.to_string());
            assert_eq!(got.header("x-trace-id"), error["meta"]["trace_id"].as_str());
            if let Some((kind, name)) = source {
                assert_eq!(error["source"][kind], name, "{document:#}");
            }
        }
    }

    async fn a_relationship_that_is_cut_says_so(t) {
        let world = World::make(t).await;
        let document = strict(t, &world.root, "/v1/categories?include=connectors").await;
        assert!(document["data"][0]["relationships"]["connectors"].get("meta").is_none());
        // One installation gets more logs than a document links.
        let first = strict(t, &world.root, "/v1/workspace-connectors?page[limit]=1").await;
        let id = ids(&first)[0].clone();
        many_logs(t, &id).await;
        for target in [format!("/v1/workspace-connectors/{id}"), format!("/v1/workspace-connectors/{id}?include=sync_logs")] {
            let logs = strict(t, &world.root, &target).await["data"]["relationships"]["sync_logs"].clone();
            assert_eq!(logs["data"].as_array().map(Vec::len), Some(MAX_LINKED as usize));
            assert_eq!(logs["meta"]["truncated"], true, "{target}");
        }
        let bare = strict(t, &world.root, &format!("/v1/workspace-connectors/{id}")).await;
        let included = strict(t, &world.root, &format!("/v1/workspace-connectors/{id}?include=sync_logs")).await;
        assert_eq!(bare["data"]["relationships"]["sync_logs"], included["data"]["relationships"]["sync_logs"]);
    }
}

/// Each row that a relationship names is in `included` or primary data.
fn includes_what_it_links(document: &Json, name: &str) {
    let list = |v: &Json| match v {
        Json::Array(list) => list.clone(),
        Json::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let (data, included) = (list(&document["data"]), list(&document["included"]));
    let there = |id: &Json| {
        data.iter()
            .chain(&included)
            .any(|r| r["id"] == id["id"] && r["type"] == id["type"])
    };
    for row in &data {
        for linked in list(&row["relationships"][name]["data"]) {
            assert!(there(&linked), "{name}: {linked} is not in the document");
        }
    }
}

async fn many_logs(t: &TestApp, installation: &str) {
    use entity::{sync_log, workspace_connector};
    use sea_orm::ActiveValue::Set;
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let id = uuid::Uuid::parse_str(installation).expect("an identifier");
    let orm = t.db().orm();
    let found = workspace_connector::Entity::find().filter(workspace_connector::Column::Id.eq(id));
    let owner = found.one(orm).await.expect("rows").expect("one");
    let row = |_| sync_log::ActiveModel {
        id: Set(uuid::Uuid::now_v7()),
        workspace_connector_id: Set(id),
        workspace_id: Set(owner.workspace_id),
        status: Set(sync_log::Status::Success),
        created_at: Set(owner.created_at),
        updated_at: Set(owner.created_at),
        ..Default::default()
    };
    let rows: Vec<_> = (0..=MAX_LINKED).map(row).collect();
    sync_log::Entity::insert_many(rows)
        .exec(orm)
        .await
        .expect("the rows are planted");
}

#[test]
fn parameters_of_reading_operations_name_their_resource() {
    for route in ROUTES {
        let Some((shape, list)) = subject(route) else {
            continue;
        };
        let includes = route.parameters().any(|p| matches!(p.shape, parameter::Shape::Include(of) if std::ptr::eq(of(), shape.resource)));
        assert!(includes, "{} includes another resource", route.operation_id);
        let sorts = route.parameters().any(
            |p| matches!(p.shape, parameter::Shape::Sort(of) if std::ptr::eq(of(), shape.resource)),
        );
        assert_eq!(sorts, list, "{}", route.operation_id);
    }
}
