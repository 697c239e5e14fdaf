//! Pages by number and by cursor, walked in both directions, and what is refused.

use super::{JSON, JSON_API, get, ids, strict, well};
use crate::both;
use crate::support::{TestApp, World};
use serde_json::Value as Json;

const LISTS: [&str; 7] = [
    "/v1/connectors",
    "/v1/workspace-connectors",
    "/v1/workspace-connector-sync-logs",
    "/v1/media",
    "/v1/workspaces",
    "/v1/providers",
    "/v1/categories",
];

/// Follows bare cursors to the end.
async fn walk(t: &TestApp, token: &str, target: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    let joint = if target.contains('?') { '&' } else { '?' };
    loop {
        let page = well(t, token, &format!("{target}{joint}cursor={cursor}")).await;
        let here = ids(&page);
        assert_eq!(page["meta"]["count"], here.len(), "{target}");
        seen.extend(here);
        match page["links"]["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return assert_total(seen, &page),
        }
    }
}

fn assert_total(seen: Vec<String>, page: &Json) -> Vec<String> {
    assert_eq!(page["meta"]["total"], seen.len());
    seen
}

/// Follows links of a name to the end; the pages in the order they came.
async fn follow(t: &TestApp, token: &str, target: &str, name: &str) -> (Vec<Vec<String>>, String) {
    let (mut pages, mut target) = (Vec::new(), target.to_owned());
    loop {
        let page = strict(t, token, &target).await;
        pages.push(ids(&page));
        match page["links"][name].as_str() {
            Some(next) => target = next.to_owned(),
            None => return (pages, target),
        }
    }
}

both! {
    async fn cursors_and_numbers_lead_through_the_same_rows(t) {
        let world = World::make(t).await;
        for list in LISTS {
            for sort in ["", "&sort=-created_at", "&sort=updated_at,-created_at"] {
                let whole = ids(&well(t, &world.root, &format!("{list}?limit=500{sort}")).await);
                assert!(whole.len() > 1, "{list} has too few rows to walk");
                let limit = (whole.len() / 4).clamp(1, 7);
                let by_cursor = walk(t, &world.root, &format!("{list}?limit={limit}{sort}")).await;
                assert_eq!(by_cursor[..whole.len().min(500)], whole, "{list}{sort}");
                let mut by_number = Vec::new();
                for page in 1.. {
                    let document = well(t, &world.root, &format!("{list}?limit=60{sort}&page={page}")).await;
                    let meta = &document["meta"];
                    let total = meta["total"].as_u64().expect("a total");
                    assert_eq!(*meta, serde_json::json!({"page": page, "limit": 60, "total": total, "total_pages": total.div_ceil(60)}));
                    by_number.extend(ids(&document));
                    if page >= meta["total_pages"].as_u64().expect("a number") { break; }
                }
                assert_eq!(by_number, by_cursor, "{list}{sort}");
            }
        }
    }

    async fn links_of_json_api_lead_there_and_back(t) {
        let world = World::make(t).await;
        for target in ["/v1/connectors?page[limit]=9&sort=-name", "/v1/workspaces?page[size]=3&filter[stage]=active", "/v1/connectors?page[size]=9&page[number]=1&include=logo"] {
            let (pages, last) = follow(t, &world.root, target, "next").await;
            assert!(pages.len() > 2, "{target}");
            let (mut back, first) = follow(t, &world.root, &last, "prev").await;
            back.reverse();
            assert_eq!(back, pages, "{target}");
            let first = strict(t, &world.root, strict(t, &world.root, &first).await["links"]["first"].as_str().expect("a link")).await;
            assert_eq!(ids(&first), pages[0], "{target}");
        }
        let numbered = strict(t, &world.root, "/v1/connectors?page[size]=9&page[number]=2").await;
        let last = strict(t, &world.root, numbered["links"]["last"].as_str().expect("a link")).await;
        assert!(last["links"]["next"].is_null() && !ids(&last).is_empty());
        assert_eq!(numbered["meta"]["page"], 2);
    }

    async fn lists_of_the_dialect_have_the_metas_of_the_contract(t) {
        let world = World::make(t).await;
        let connectors = well(t, &world.root, "/v1/connectors").await;
        assert_eq!((&connectors["meta"]["page"], &connectors["meta"]["limit"]), (&1.into(), &25.into()));
        assert!(connectors.get("links").is_none() && connectors.get("included").is_none());
        let by_cursor = well(t, &world.root, "/v1/connectors?cursor=").await;
        assert!(by_cursor["links"]["next"].is_string() && by_cursor["meta"].get("page").is_none());
        let installed = well(t, &world.root, "/v1/workspace-connectors").await;
        assert_eq!(installed["meta"]["count"], 20);
        let empty = well(t, &world.root, "/v1/connectors?name=no%20such%20name&cursor=").await;
        assert_eq!((&empty["data"], &empty["meta"], &empty["links"]), (&serde_json::json!([]), &serde_json::json!({"total": 0, "count": 0}), &serde_json::json!({"next": null})));
        let beyond = well(t, &world.root, "/v1/connectors?page=999").await;
        assert_eq!((&beyond["data"], &beyond["meta"]["page"]), (&serde_json::json!([]), &999.into()));
    }

    async fn newest_logs_come_first(t) {
        let world = World::make(t).await;
        let logs = well(t, &world.root, "/v1/workspace-connector-sync-logs?limit=100").await;
        let times: Vec<&str> = logs["data"].as_array().expect("a list").iter().map(|r| r["attributes"]["created_at"].as_str().expect("a moment")).collect();
        assert!(times.len() > 2 && times.windows(2).all(|w| w[0] >= w[1]), "{times:?}");
    }

    async fn foreign_and_changed_cursors_are_refused(t) {
        let world = World::make(t).await;
        let next = |d: Json| d["links"]["next"].as_str().expect("a cursor").to_owned();
        let cursor = next(well(t, &world.root, "/v1/connectors?cursor=&limit=3&sort=name").await);
        let media = next(well(t, &world.root, "/v1/media?limit=3").await);
        let mut changed = cursor.clone();
        let last = if changed.pop() == Some('A') { 'B' } else { 'A' };
        changed.push(last);
        well(t, &world.root, &format!("/v1/connectors?limit=3&sort=name&cursor={cursor}")).await;
        for (target, name) in [
            (format!("/v1/connectors?sort=-name&cursor={cursor}"), "cursor"),
            (format!("/v1/connectors?cursor={cursor}"), "cursor"),
            (format!("/v1/connectors?sort=name&cursor={media}"), "cursor"),
            (format!("/v1/connectors?sort=name&cursor={changed}"), "cursor"),
            (format!("/v1/connectors?sort=name&page[cursor]={cursor}x"), "page[cursor]"),
            (format!("/v1/connectors?sort=name&page[before]={media}"), "page[before]"),
            ("/v1/connectors?cursor=eyJwayI6MzN9".into(), "cursor"),
            (format!("/v1/connectors?sort=name&cursor={cursor}&page=2"), "cursor"),
            (format!("/v1/connectors?sort=name&cursor={cursor}&before={cursor}"), "before"),
        ] {
            let got = get(t, &world.root, &target, JSON).await;
            let json = got.json();
            assert_eq!((got.status, &json["code"], &json["details"]["path"]), (400, &"BAD_REQUEST".into(), &name.into()), "{target}: {json:#}");
        }
    }

    async fn bounds_of_pages_are_kept(t) {
        let world = World::make(t).await;
        for wrong in ["limit=0", "limit=501", "limit=-1", "limit=1.5", "limit=ten", "limit=", "limit=99999999999999999999", "page=0", "page=-1", "page=x", "page[size]=0", "page[number]=0"] {
            for accept in [JSON, JSON_API] {
                let got = get(t, &world.root, &format!("/v1/connectors?{wrong}"), accept).await;
                assert_eq!(got.status, 400, "{wrong}");
                let name = wrong.split('=').next().unwrap_or_default();
                let json = got.json();
                let named = if accept == JSON { &json["details"]["path"] } else { &json["errors"][0]["source"]["parameter"] };
                assert_eq!(*named, name, "{json:#}");
            }
        }
        assert_eq!(ids(&well(t, &world.root, "/v1/connectors?limit=1").await).len(), 1);
        well(t, &world.root, "/v1/connectors?limit=500&page=1000000").await;
    }
}
