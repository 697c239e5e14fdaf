//! The catalogue that comes with the program.

use super::{count, counts, export, exported, good, touched};
use crate::both;
use connectory::app;
use connectory::service::catalogue::{MONOGRAMS, STARTER};
use connectory::service::workspace;
use entity::membership::Role;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

fn starter() -> Vec<Json> {
    STARTER
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

fn is_web(address: &Json) -> bool {
    let address = address.as_str().and_then(|a| url::Url::parse(a).ok());
    address.is_some_and(|a| a.scheme() == "https" && a.host_str().is_some_and(|h| h.contains('.')))
}

#[test]
fn every_starter_connector_is_complete() {
    let all = starter();
    let connectors: Vec<_> = all.iter().filter(|r| r["type"] == "connector").collect();
    assert!(connectors.len() >= 150, "{}", connectors.len());
    let slugs: BTreeSet<_> = connectors
        .iter()
        .map(|c| c["attributes"]["slug"].as_str().unwrap())
        .collect();
    assert_eq!(slugs.len(), connectors.len(), "a slug stands twice");
    for connector in connectors {
        let a = &connector["attributes"];
        for name in [
            "slug",
            "name",
            "description",
            "category",
            "direction",
            "transport",
            "authorization_flow",
        ] {
            assert!(
                a[name].as_str().is_some_and(|t| !t.trim().is_empty()),
                "{name} is missing: {connector}"
            );
        }
        assert!(
            a["website"].is_null() || is_web(&a["website"]),
            "{connector}"
        );
        assert!(
            connector["relationships"]["provider"]["data"]["id"].is_string(),
            "no provider: {connector}"
        );
        // One entry stands for any server whose address the member knows.
        let remote = a["transport"] == "mcp" && a["slug"] != "generic-mcp";
        assert_eq!(
            remote,
            is_web(&a["endpoint_url"]),
            "an endpoint belongs to MCP servers alone: {connector}"
        );
        let description = a["description"].as_str().unwrap();
        assert!(
            (20..300).contains(&description.len()) && description.ends_with('.'),
            "{description}"
        );
    }
}

#[test]
fn every_starter_category_and_provider_is_used() {
    let all = starter();
    let names = |kind: &str| -> BTreeSet<_> {
        let rows = all.iter().filter(|r| r["type"] == kind);
        rows.map(|r| r["attributes"]["slug"].as_str().unwrap().to_owned())
            .collect()
    };
    let connectors = || all.iter().filter(|r| r["type"] == "connector");
    let categories: BTreeSet<_> = connectors()
        .map(|c| c["attributes"]["category"].as_str().unwrap().to_owned())
        .collect();
    let makers = connectors().map(|c| {
        c["relationships"]["provider"]["data"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    });
    let makers: BTreeSet<_> = makers.collect();
    assert_eq!(makers, names("provider"));
    assert!(categories.is_subset(&names("category")), "{categories:?}");
}

both! {
    async fn the_starter_loads_once_into_an_empty_database(t) {
        let connectors = starter().iter().filter(|r| r["type"] == "connector").count() as u64;
        assert_eq!(app::load_starter(t.db()).await.unwrap(), Some(connectors));
        let before = counts(t).await;
        assert_eq!(app::load_starter(t.db()).await.unwrap(), None);
        assert_eq!(counts(t).await, before);
    }

    async fn reading_the_starter_again_changes_nothing(t) {
        let first = good(t, STARTER).await;
        assert_eq!((first.updated, first.unchanged, first.private), (0, 0, 0));
        assert!(first.ignored.is_empty(), "{first:?}");
        let before = (counts(t).await, export(t).await, touched(t).await);
        let second = good(t, STARTER).await;
        assert_eq!((second.created, second.updated, second.connectors), (0, 0, first.connectors));
        assert_eq!((counts(t).await, export(t).await, touched(t).await), before);
    }

    async fn clients_see_every_starter_connector_with_category_provider_and_logo(t) {
        app::load_starter(t.db()).await.unwrap();
        let made = workspace::create(t.db(), workspace::New { name: "Acme".into(), ..Default::default() }).await.unwrap();
        let token = t.token(made.id, Role::Viewer).await;
        let total = t.data(&token, "{ connectors { totalCount } }").await["connectors"]["totalCount"].as_i64().unwrap();
        assert_eq!(total, count(t, "connectors").await);
        let query = "query($after: String) { connectors(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { \
            slug category { slug } logo { id url path contentType } publishedBy { id } providerConnector { provider { slug logo { url } } } } } }";
        let (mut after, mut seen) = (Json::Null, 0);
        loop {
            let page = t.ask(&token, query, json!({"after": after})).await.data()["connectors"].clone();
            for row in page["nodes"].as_array().unwrap() {
                assert!(row["category"]["slug"].is_string() && row["publishedBy"].is_null(), "{row}");
                assert!(row["providerConnector"]["provider"]["logo"]["url"].is_string(), "{row}");
                let logo = &row["logo"];
                assert_eq!(logo["url"], format!("/media/{}", logo["id"].as_str().unwrap()), "{row}");
                assert!(logo["path"].as_str().unwrap().starts_with(MONOGRAMS), "{row}");
                seen += 1;
            }
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(seen, total);
    }

    async fn the_starter_survives_being_written_out_and_read_in(t) {
        good(t, STARTER).await;
        let resources = |all: Vec<Json>| -> BTreeSet<String> { all.iter().map(|r| r["attributes"].to_string()).collect() };
        for kind in ["category", "provider", "connector"] {
            let written = resources(exported(t, kind).await);
            let count = starter().iter().filter(|r| r["type"] == kind).count();
            assert_eq!(written.len(), count, "{kind}");
        }
        let again = good(t, &export(t).await).await;
        assert_eq!((again.created, again.updated), (0, 0), "{again:?}");
    }
}
