//! Changing, deleting and publishing connectors.

use super::super::{JSON, JSON_API, checker, get, well};
use super::{
    Site, ask, connector, delete, made, patch, paths, post, recorded, refused, rows, text,
};
use crate::both;
use serde_json::{Value as Json, json};

fn change(attributes: Json) -> Json {
    json!({"data": {"type": "connector", "attributes": attributes}})
}

both! {
    async fn what_is_left_out_stays_and_null_empties(t) {
        let site = Site::make(t).await;
        let full = json!({"description": "d", "tags": ["x"], "version": "1", "state": "s", "data_quality": {"a": 1}, "redirect_url": "https://a.example"});
        let before = made(t, &site.owner, &connector("a", full)).await;
        let target = format!("/v1/connectors/{}", text(&before, "/data/id"));
        let got = patch(t, &site.owner, &target, &change(json!({"name": "New"}))).await;
        let document = got.document();
        let mut expected = before["data"]["attributes"].clone();
        expected["name"] = "New".into();
        expected["updated_at"] = document["data"]["attributes"]["updated_at"].clone();
        assert_eq!(document["data"]["attributes"], expected);
        assert_ne!(expected["updated_at"], before["data"]["attributes"]["updated_at"]);
        assert!(got.header("etag").is_some_and(|tag| tag.starts_with("\"r2-")));
        let nulls = json!({"description": null, "version": null, "state": null, "dataQuality": null, "redirect_url": null});
        let document = patch(t, &site.owner, "/v1/connectors/a", &change(nulls)).await.document();
        for name in ["description", "version", "state", "data_quality", "redirect_url"] {
            assert_eq!(document["data"]["attributes"][name], Json::Null, "{name}");
        }
        assert_eq!(document["data"]["attributes"]["tags"], json!(["x"]));
        assert_eq!(well(t, &site.owner, &target).await["data"]["attributes"], document["data"]["attributes"]);
        let got = refused(t, &site.owner, "PATCH", &target, &change(json!({"name": null, "tags": null, "direction": null})), (400, "SCHEMA_VALIDATION_ERROR")).await;
        let mut found = paths(&got);
        found.sort();
        assert_eq!(found, ["data.attributes.direction", "data.attributes.name", "data.attributes.tags"]);
    }

    async fn relationships_change_alone_and_null_takes_a_logo_away(t) {
        let site = Site::make(t).await;
        let before = made(t, &site.owner, &connector("a", json!({}))).await;
        let target = format!("/v1/connectors/{}", text(&before, "/data/id"));
        let document = json!({"data": {"type": "connectors", "id": text(&before, "/data/id"), "relationships": {"logo": {"data": {"type": "media", "id": "m"}}}},
            "included": [{"type": "media", "id": "m", "attributes": {"label": "L"}}]});
        let got = patch(t, &site.owner, &target, &document).await.document();
        assert_eq!(got["data"]["relationships"]["logo"]["data"]["type"], "media");
        assert_eq!(got["data"]["relationships"]["published_by"], before["data"]["relationships"]["published_by"]);
        let document = json!({"type": "connector", "relationships": {"logo": {"data": null}}});
        let got = patch(t, &site.owner, &target, &document).await.document();
        assert_eq!(got["data"]["relationships"]["logo"]["data"], Json::Null);
        let below = json!({"type": "connector", "relationships": {"published_by": {"data": {"type": "workspace", "id": "acme-labs"}}}});
        let got = patch(t, &site.owner, &target, &below).await.document();
        assert_eq!(text(&got, "/data/relationships/published_by/data/id"), site.below_id.to_string());
        assert_eq!(got["included"][0]["attributes"]["name"], "Acme Labs");
    }

    async fn the_identifier_of_a_document_is_that_of_its_address(t) {
        let site = Site::make(t).await;
        let a = text(&made(t, &site.owner, &connector("a", json!({}))).await, "/data/id");
        let b = text(&made(t, &site.owner, &connector("b", json!({}))).await, "/data/id");
        let named = |id: &str| json!({"data": {"type": "connector", "id": id, "attributes": {"name": "N"}}});
        for (target, id) in [(&*a, &*a), ("a", &*a), ("a", "a"), (&*a, &*a.to_uppercase())] {
            assert_eq!(patch(t, &site.owner, &format!("/v1/connectors/{target}"), &named(id)).await.status, 200, "{target} {id}");
        }
        for (target, id, status, code) in [
            (&*a, &*b, 400, "SCHEMA_VALIDATION_ERROR"),
            ("a", "b", 400, "SCHEMA_VALIDATION_ERROR"),
            ("a", &*b, 409, "CONFLICT"),
        ] {
            let got = refused(t, &site.owner, "PATCH", &format!("/v1/connectors/{target}"), &named(id), (status, code)).await;
            assert_eq!(paths(&got), ["data.id"]);
        }
        let got = ask(t, &site.owner, "PATCH", &format!("/v1/connectors/{a}"), &[("accept", JSON_API)], named(&b).to_string()).await;
        assert_eq!((got.status, text(&got.json(), "/errors/0/source/pointer")), (409, "/data/id".into()));
    }

    async fn what_was_deleted_is_gone_until_it_is_restored(t) {
        let site = Site::make(t).await;
        let id = text(&made(t, &site.owner, &connector("a", json!({}))).await, "/data/id");
        let target = format!("/v1/connectors/{id}");
        let got = delete(t, &site.owner, &target).await;
        assert_eq!((got.status, got.body.len(), got.header("content-type")), (204, 0, None));
        for (method, target) in [("DELETE", &*target), ("PATCH", &*target), ("POST", &format!("{target}/publish"))] {
            let body = if method == "PATCH" { change(json!({"name": "x"})) } else { json!({}) };
            refused(t, &site.owner, method, target, &body, (404, "NOT_FOUND")).await;
        }
        assert_eq!(get(t, &site.owner, &target, JSON).await.status, 404);
        // The slug is free, and a restored row finds it taken.
        let second = text(&made(t, &site.owner, &connector("a", json!({}))).await, "/data/id");
        refused(t, &site.owner, "POST", &format!("{target}/restore"), &json!({}), (409, "CONNECTOR_ALREADY_EXISTS")).await;
        assert_eq!(delete(t, &site.owner, &format!("/v1/connectors/{second}")).await.status, 204);
        let got = post(t, &site.owner, &format!("{target}/restore"), &json!({})).await;
        assert_eq!((got.status, text(&got.json(), "/data/id")), (200, id.clone()));
        let got = refused(t, &site.owner, "POST", &format!("{target}/restore"), &json!({}), (409, "CONFLICT")).await;
        assert_eq!(paths(&got), ["connector_id"]);
        assert_eq!(recorded(t).await, 5, "one row for each change");
    }

    async fn publishing_and_withdrawing_change_the_status(t) {
        let site = Site::make(t).await;
        made(t, &site.owner, &connector("a", json!({"status": "coming-soon"}))).await;
        for (verb, status) in [("publish", "active"), ("withdraw", "inactive"), ("publish", "active")] {
            let got = ask(t, &site.owner, "POST", &format!("/v1/connectors/a/{verb}"), &[("accept", JSON_API), ("content-type", "text/plain")], "").await;
            assert_eq!((got.status, text(&got.json(), "/data/attributes/status")), (200, status.into()), "{:#}", got.json());
            assert!(checker::faults(&got.json(), checker::Expect::default()).is_empty());
        }
        let got = post(t, &site.owner, "/v1/connectors/a/publish", &json!({"status": "x"})).await;
        assert_eq!((got.status, paths(&got)), (400, vec!["body".into()]));
    }

    async fn rows_of_others_and_of_everyone_are_not_changed(t) {
        let site = Site::make(t).await;
        let id = text(&made(t, &site.owner, &connector("a", json!({}))).await, "/data/id");
        let body = change(json!({"name": "x"}));
        for target in [format!("/v1/connectors/{id}"), "/v1/connectors/a".into()] {
            for method in ["PATCH", "DELETE"] {
                refused(t, &site.other, method, &target, &body, (404, "NOT_FOUND")).await;
                // Seen from below and published above: it is there, and not theirs to change.
                refused(t, &site.below, method, &target, &body, (403, "FORBIDDEN")).await;
            }
        }
        t.execute("UPDATE connectors SET organization_id = NULL, published_by_id = NULL WHERE slug = 'a'").await;
        for token in [&site.owner, &site.other] {
            refused(t, token, "PATCH", &format!("/v1/connectors/{id}"), &body, (403, "FORBIDDEN")).await;
        }
        // One name in two organizations is two connectors.
        let before = rows(t).await;
        made(t, &site.owner, &connector("b", json!({}))).await;
        made(t, &site.other, &connector("b", json!({}))).await;
        assert_eq!(rows(t).await[0], before[0] + 2);
    }
}
