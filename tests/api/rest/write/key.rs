//! API keys.

use super::super::{JSON, JSON_API, checker, get, well};
use super::{Site, ask, delete, paths, post, refused, text};
use crate::both;
use serde_json::json;

both! {
    async fn a_key_is_shown_once_works_and_stops_when_it_is_revoked(t) {
        let site = Site::make(t).await;
        let document = json!({"data": {"type": "api-key", "attributes": {"name": "CI", "workspace": {"id": site.below_id}, "expiration_at": "2099-01-01T00:00:00Z"}}});
        let got = post(t, &site.owner, "/v1/api-key", &document).await;
        let made = got.json();
        assert_eq!(got.status, 201, "{made:#}");
        assert_eq!(made["data"]["type"], "api_key");
        let value = text(&made, "/data/attributes/value");
        for (name, expected) in [("name", json!("CI")), ("is_active", json!(true)), ("last_used_at", json!(null)), ("expiration_at", json!("2099-01-01T00:00:00.000Z")), ("role", json!("owner"))] {
            assert_eq!(made["data"]["attributes"][name], expected, "{made:#}");
        }
        assert_eq!(made["data"]["relationships"]["people"]["data"]["type"], "people");
        assert_eq!(text(&made, "/data/relationships/workspace/data/id"), site.below_id.to_string());
        let target = format!("/v1/api-key/{}", text(&made, "/data/id"));
        assert_eq!(got.header("location"), Some(&*target));
        assert_eq!(get(t, &value, "/v1/connectors", JSON).await.status, 200);
        let shown = well(t, &site.owner, &target).await;
        let masked = text(&shown, "/data/attributes/value");
        assert!(value.starts_with(&masked) && masked.len() < 16, "{masked}");
        let list = get(t, &site.owner, "/v1/api-key?limit=100", JSON).await;
        assert!(!String::from_utf8_lossy(&list.body).contains(&value));
        assert!(list.document()["data"].as_array().is_some_and(|l| l.len() > 3));
        assert_eq!(delete(t, &site.owner, &target).await.status, 204);
        assert_eq!(get(t, &value, "/v1/connectors", JSON).await.status, 401);
        assert_eq!(well(t, &site.owner, &target).await["data"]["attributes"]["is_active"], false);
        refused(t, &site.owner, "DELETE", &target, &json!({}), (409, "CONFLICT")).await;
    }

    async fn an_expired_key_is_not_active(t) {
        let site = Site::make(t).await;
        t.execute("UPDATE api_tokens SET expires_at = created_at WHERE role = 'viewer'").await;
        t.execute("UPDATE api_tokens SET expires_at = '2099-01-01T00:00:00+00:00' WHERE role = 'member'").await;
        let list = well(t, &site.owner, "/v1/api-key?limit=100").await;
        for key in list["data"].as_array().expect("a list") {
            let attributes = &key["attributes"];
            assert_eq!(attributes["is_active"], attributes["role"] != "viewer", "{key:#}");
        }
    }

    async fn a_replayed_answer_holds_no_value(t) {
        let site = Site::make(t).await;
        let body = json!({"data": {"type": "api_key", "attributes": {"name": "CI", "role": "viewer"}}}).to_string();
        let send = async || ask(t, &site.owner, "POST", "/v1/api-key", &[("idempotency-key", "k")], body.as_str()).await;
        let (first, again) = (send().await, send().await);
        assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (201, 201, Some("true")));
        let value = text(&first.json(), "/data/attributes/value");
        assert!(!String::from_utf8_lossy(&again.body).contains(&value));
        assert_eq!(text(&again.json(), "/data/id"), text(&first.json(), "/data/id"));
        let kept = t.db().rows("SELECT body FROM idempotency_keys".to_owned(), Vec::new()).await.expect("rows");
        assert!(kept.iter().all(|row| !row.text(0).unwrap_or_default().contains(&value)));
        let audit = t.db().rows("SELECT CAST(after AS TEXT) FROM audit_events".to_owned(), Vec::new()).await.expect("rows");
        assert!(audit.iter().all(|row| !row.text(0).unwrap_or_default().contains(&value)));
    }

    async fn the_strict_rendering_is_json_api(t) {
        let site = Site::make(t).await;
        let body = json!({"data": {"type": "api-keys", "attributes": {"name": "CI", "role": "viewer"}}}).to_string();
        let got = ask(t, &site.owner, "POST", "/v1/api-key?include=person", &[("accept", JSON_API)], body).await;
        assert_eq!(got.status, 201, "{:#}", got.json());
        let expect = checker::Expect { included: true, ..checker::Expect::default() };
        assert_eq!(checker::faults(&got.json(), expect), Vec::<String>::new());
        assert!(got.json()["data"]["attributes"]["value"].is_string());
    }

    async fn what_is_wrong_is_named(t) {
        let site = Site::make(t).await;
        for (attributes, path) in [
            (json!({"role": "viewer"}), "data.attributes.name"),
            (json!({"name": "x", "workspace": {"id": "nowhere"}}), "data.attributes.workspace"),
            (json!({"name": "x", "expiration_at": "soon"}), "data.attributes.expiration_at"),
            (json!({"name": "x", "expirationAt": "2020-01-01T00:00:00Z"}), "data.attributes.expirationAt"),
            (json!({"name": "x", "role": "king"}), "data.attributes.role"),
        ] {
            let document = json!({"data": {"type": "api_key", "attributes": attributes}});
            let got = refused(t, &site.owner, "POST", "/v1/api-key", &document, (400, "SCHEMA_VALIDATION_ERROR")).await;
            assert_eq!(paths(&got), [path]);
        }
        let document = json!({"data": {"type": "api_key", "attributes": {"name": "x", "role": "owner"}}});
        refused(t, &site.admin, "POST", "/v1/api-key", &document, (403, "FORBIDDEN")).await;
        // Keys of others are not there, and a member sees none.
        let id = text(&well(t, &site.owner, "/v1/api-key").await, "/data/0/id");
        refused(t, &site.other, "DELETE", &format!("/v1/api-key/{id}"), &json!({}), (404, "NOT_FOUND")).await;
        assert_eq!(well(t, &site.member, "/v1/api-key").await["data"], json!([]));
    }
}
