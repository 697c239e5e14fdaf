//! `If-Match`, and revisions that a document names.

use super::super::{JSON, JSON_API, get, well};
use super::{Got, Site, ask, connector, made, paths, rows, text};
use crate::both;
use serde_json::json;

both! {
    async fn a_change_is_made_against_the_state_that_was_read(t) {
        let site = Site::make(t).await;
        let target = format!("/v1/connectors/{}", text(&made(t, &site.owner, &connector("a", json!({}))).await, "/data/id"));
        let body = |name: &str| json!({"data": {"type": "connector", "attributes": {"name": name}}}).to_string();
        let tag = |got: Got| got.header("etag").expect("a tag").to_owned();
        let mut stale = tag(get(t, &site.owner, &target, JSON).await);
        // Any rendering, fieldset and include was read of the same state.
        for (query, accept) in [("", JSON), ("", JSON_API), ("?include=logo", JSON), ("?fields[connector]=name", JSON_API)] {
            let read = tag(get(t, &site.owner, &format!("{target}{query}"), accept).await);
            let got = ask(t, &site.owner, "PATCH", &target, &[("if-match", &read)], body(&format!("n{query}"))).await;
            assert_eq!(got.status, 200, "{:#}", got.json());
            let before = rows(t).await;
            for sent in [&*read, &*stale, &format!("W/{}", tag(got)), "\"other\"", "r2", "\"r2\"", "\"r9999999999-0123456789abcdef\""] {
                let got = ask(t, &site.owner, "PATCH", &target, &[("if-match", sent)], body("x")).await;
                assert_eq!((got.status, &got.json()["code"]), (412, &"PRECONDITION_FAILED".into()), "{sent} {:#}", got.json());
                assert_eq!(got.json()["details"]["path"], "If-Match");
            }
            assert_eq!(rows(t).await, before);
            stale = read;
        }
        let current = tag(get(t, &site.owner, &target, JSON).await);
        for sent in ["*".to_owned(), format!("\"other\", {stale}, {current}")] {
            let sent = sent.replace(&current, &tag(get(t, &site.owner, &target, JSON).await));
            let got = ask(t, &site.owner, "PATCH", &target, &[("if-match", &sent)], body("y")).await;
            assert_eq!(got.status, 200, "{sent} {:#}", got.json());
        }
        let got = ask(t, &site.owner, "DELETE", &target, &[("if-match", &stale), ("accept", JSON_API)], "").await;
        assert_eq!((got.status, text(&got.json(), "/errors/0/source/header")), (412, "If-Match".into()));
        let got = ask(t, &site.owner, "POST", &format!("{target}/withdraw"), &[("if-match", &stale)], "").await;
        assert_eq!(got.status, 412);
        let current = tag(get(t, &site.owner, &target, JSON).await);
        let got = ask(t, &site.owner, "DELETE", &target, &[("if-match", &format!("{stale},{current}"))], "").await;
        assert_eq!(got.status, 204);
        // What is not there is not there, whatever state was meant.
        for sent in [&*current, "*", "\"other\"", &format!("{stale},{current}")] {
            let got = ask(t, &site.owner, "DELETE", &target, &[("if-match", sent)], "").await;
            assert_eq!(got.status, 404, "{sent}");
        }
    }

    async fn a_document_may_name_the_revision(t) {
        let site = Site::make(t).await;
        let document = made(t, &site.owner, &connector("a", json!({}))).await;
        let target = format!("/v1/connectors/{}", text(&document, "/data/id"));
        let body = |revision: i64| json!({"data": {"type": "connector", "attributes": {"name": "N", "revision": revision}}}).to_string();
        assert_eq!(ask(t, &site.owner, "PATCH", &target, &[], body(1)).await.status, 200);
        let got = ask(t, &site.owner, "PATCH", &target, &[], body(1)).await;
        assert_eq!((got.status, &got.json()["code"]), (412, &"PRECONDITION_FAILED".into()));
        let tag = get(t, &site.owner, &target, JSON).await.header("etag").expect("a tag").to_owned();
        let got = ask(t, &site.owner, "PATCH", &target, &[("if-match", &tag)], body(1)).await;
        assert_eq!((got.status, paths(&got)), (400, vec!["data.attributes.revision".into()]));
        assert_eq!(ask(t, &site.owner, "PATCH", &target, &[("if-match", &tag)], body(2)).await.status, 200);
    }

    async fn of_many_changes_to_one_state_one_is_made(t) {
        let site = Site::make(t).await;
        let target = format!("/v1/connectors/{}", text(&made(t, &site.owner, &connector("a", json!({}))).await, "/data/id"));
        let tag = get(t, &site.owner, &target, JSON).await.header("etag").expect("a tag").to_owned();
        let (target, tag, token) = (&*target, &*tag, &*site.owner);
        let changes = (0..10).map(|i| async move {
            let body = json!({"data": {"type": "connector", "attributes": {"name": format!("n{i}")}}});
            (ask(t, token, "PATCH", target, &[("if-match", tag)], body.to_string()).await.status, i)
        });
        let ended = futures_util::future::join_all(changes).await;
        let won: Vec<_> = ended.iter().filter(|(status, _)| *status == 200).collect();
        assert_eq!(won.len(), 1, "{ended:?}");
        assert!(ended.iter().all(|(status, _)| [200, 412].contains(status)), "{ended:?}");
        let name = well(t, token, target).await["data"]["attributes"]["name"].clone();
        assert_eq!(name, format!("n{}", won[0].1));
    }
}
