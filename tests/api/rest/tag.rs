//! Entity tags of single resources.

use super::{Got, JSON, JSON_API, get, ids, send, well};
use crate::both;
use crate::support::{TestApp, World};

async fn ask(t: &TestApp, token: &str, target: &str, accept: &str, tag: &str) -> Got {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept", accept),
        ("if-none-match", tag),
    ];
    send(t, "GET", target, &headers).await
}

both! {
    async fn a_current_copy_is_not_sent_again(t) {
        let world = World::make(t).await;
        for list in ["/v1/connectors", "/v1/workspace-connectors", "/v1/media", "/v1/workspaces", "/v1/providers", "/v1/categories", "/v1/workspace-connector-sync-logs"] {
            let target = format!("{list}/{}", ids(&well(t, &world.root, list).await)[0]);
            for accept in [JSON, JSON_API] {
                let got = get(t, &world.root, &target, accept).await;
                let tag = got.header("etag").unwrap_or_else(|| panic!("{target} has no tag")).to_owned();
                for sent in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".into()] {
                    let got = ask(t, &world.root, &target, accept, &sent).await;
                    assert_eq!((got.status, got.body.len(), got.header("etag")), (304, 0, Some(tag.as_str())), "{target} {sent}");
                }
                let got = ask(t, &world.root, &target, accept, "\"other\"").await;
                assert_eq!((got.status, got.header("etag")), (200, Some(tag.as_str())));
            }
        }
    }

    async fn the_state_in_a_tag_is_the_rows_whatever_was_read(t) {
        let world = World::make(t).await;
        let target = format!("/v1/connectors/{}", ids(&well(t, &world.root, "/v1/connectors").await)[0]);
        let mut moments = std::collections::HashSet::new();
        let mut tags = std::collections::HashSet::new();
        for (query, accept) in [("", JSON), ("", JSON_API), ("?fields[connector]=name", JSON_API), ("?include=logo", JSON)] {
            let got = get(t, &world.root, &format!("{target}{query}"), accept).await;
            let tag = got.header("etag").expect("a tag").to_owned();
            moments.insert(tag.split('-').next().unwrap_or_default().to_owned());
            tags.insert(tag);
        }
        assert_eq!((moments.len(), tags.len()), (1, 4), "{tags:?}");
        assert_eq!(moments.into_iter().next().as_deref(), Some("\"r1"), "the revision of a new row");
        // Logs count no changes: the moment of the last one stands for the revision.
        let log = well(t, &world.root, "/v1/workspace-connector-sync-logs?limit=1").await["data"][0].clone();
        let updated: chrono::DateTime<chrono::Utc> = log["attributes"]["updated_at"].as_str().expect("a moment").parse().expect("a moment");
        let got = get(t, &world.root, &format!("/v1/workspace-connector-sync-logs/{}", log["id"].as_str().expect("an id")), JSON).await;
        let expected = format!("\"r{}-", updated.timestamp_micros());
        assert!(got.header("etag").is_some_and(|t| t.starts_with(&expected) || t.starts_with("\"r1-")), "{:?}", got.header("etag"));
    }

    async fn a_changed_row_has_another_tag(t) {
        let world = World::make(t).await;
        let target = format!("/v1/connectors/{}", ids(&well(t, &world.root, "/v1/connectors").await)[0]);
        let tag = get(t, &world.root, &target, JSON).await.header("etag").expect("a tag").to_owned();
        t.execute("UPDATE connectors SET name = 'changed' WHERE pk = 1").await;
        let got = ask(t, &world.root, &target, JSON, &tag).await;
        assert_eq!((got.status, &got.document()["data"]["attributes"]["name"]), (200, &"changed".into()));
        assert_ne!(got.header("etag"), Some(tag.as_str()));
    }
}
