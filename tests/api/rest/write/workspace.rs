//! Making, changing and deleting workspaces.

use super::super::{JSON, get, well};
use super::{Site, delete, patch, paths, post, refused, rows, text};
use crate::both;
use serde_json::{Value as Json, json};

fn workspace(attributes: Json, more: Json) -> Json {
    let mut document = json!({"data": {"type": "workspace", "attributes": attributes}});
    for (name, value) in more.as_object().expect("an object") {
        match name.as_str() {
            "included" | "meta" => document[name] = value.clone(),
            _ => document["data"][name] = value.clone(),
        }
    }
    document
}

both! {
    async fn a_workspace_is_made_below_with_an_owner(t) {
        let site = Site::make(t).await;
        let attributes = json!({"name": "Sales", "description": "d", "avatarColor": "#5B8DEF", "external_workspace_id": "sales-1", "auto_extract_enabled": false});
        let more = json!({
            "relationships": {"owner": {"data": {"type": "people", "id": "temp-id1"}}, "parent_workspace": {"data": {"type": "workspace", "id": site.below_id}}},
            "meta": {"intent": "sub-workspace"},
            // One resource alone stands for a list of one.
            "included": {"type": "people", "id": "temp-id1", "attributes": {"full_name": "Ada Lovelace", "email": "ada@acme.example"}},
        });
        let before = rows(t).await;
        let got = post(t, &site.owner, "/v1/workspaces", &workspace(attributes, more)).await;
        let document = got.json();
        assert_eq!(got.status, 201, "{document:#}");
        let id = text(&document, "/data/id");
        assert_eq!(got.header("location"), Some(&*format!("/v1/workspaces/{id}")));
        assert_eq!(document["data"]["type"], "workspace");
        assert_eq!(document["data"]["attributes"]["external_workspace_id"], "sales-1");
        assert_eq!(document["data"]["attributes"]["auto_extract_enabled"], false);
        assert_eq!(text(&document, "/data/relationships/parent_workspace/data/id"), site.below_id.to_string());
        let members = well(t, &site.owner, &format!("/v1/workspaces/{id}?include=memberships.person")).await;
        let names: Vec<_> = members["included"].as_array().expect("a list").iter().filter_map(|i| i["attributes"]["full_name"].as_str()).collect();
        assert_eq!(names, ["Ada Lovelace"]);
        let after = rows(t).await;
        assert_eq!((after[1], after[5], after[6]), (before[1] + 1, before[5] + 1, before[6] + 1));
        // An alias, an organization's word, and the shortest document.
        let shortest = json!({"type": "organization", "attributes": {"name": "Ops", "external_id": "ops-1", "parentWorkspaceId": id}});
        let got = post(t, &site.owner, "/v1/workspaces", &shortest).await;
        assert_eq!((got.status, text(&got.json(), "/data/relationships/parent_workspace/data/id")), (201, id));
    }

    async fn a_workspace_is_changed_and_deleted_by_any_of_its_names(t) {
        let site = Site::make(t).await;
        let made = post(t, &site.owner, "/v1/workspaces", &workspace(json!({"name": "Sales", "external_workspace_id": "sales-1"}), json!({}))).await.json();
        let slug = text(&made, "/data/attributes/slug");
        for (key, name) in [(text(&made, "/data/id"), "A"), (slug.clone(), "B"), ("sales-1".into(), "C")] {
            let got = patch(t, &site.owner, &format!("/v1/workspaces/{key}"), &workspace(json!({"name": name}), json!({}))).await.document();
            assert_eq!(text(&got, "/data/attributes/name"), name);
        }
        let got = patch(t, &site.owner, &format!("/v1/workspaces/{slug}"), &workspace(json!({"external_workspace_id": null}), json!({}))).await.document();
        assert_eq!(got["data"]["attributes"]["external_workspace_id"], Json::Null);
        for (attributes, paths_of) in [
            (json!({"trusted": true, "kind": "organization", "name": "x"}), vec!["data.attributes.kind", "data.attributes.trusted"]),
            (json!({"avatar_color": "no colour", "timezone": "moon"}), vec!["data.attributes.avatar_color", "data.attributes.timezone"]),
        ] {
            let got = refused(t, &site.owner, "PATCH", &format!("/v1/workspaces/{slug}"), &workspace(attributes, json!({})), (400, "SCHEMA_VALIDATION_ERROR")).await;
            let mut found = paths(&got);
            found.sort();
            assert_eq!(found, paths_of);
        }
        refused(t, &site.other, "PATCH", &format!("/v1/workspaces/{slug}"), &workspace(json!({"name": "x"}), json!({})), (404, "NOT_FOUND")).await;
        refused(t, &site.owner, "DELETE", "/v1/workspaces/acme", &json!({}), (409, "CONFLICT")).await;
        let target = format!("/v1/workspaces/{slug}");
        assert_eq!(delete(t, &site.owner, &target).await.status, 204);
        assert_eq!(delete(t, &site.owner, &target).await.status, 404);
    }

    async fn force_takes_away_what_hangs_on_it(t) {
        let site = Site::make(t).await;
        let target = format!("/v1/workspaces/{}", site.below_id);
        let got = refused(t, &site.owner, "DELETE", &target, &json!({}), (409, "CONFLICT")).await;
        assert_eq!(paths(&got), ["workspace_id"]);
        let got = refused(t, &site.owner, "DELETE", &format!("{target}?force=maybe"), &json!({}), (400, "BAD_REQUEST")).await;
        assert_eq!(paths(&got), ["force"]);
        refused(t, &site.owner, "DELETE", &format!("{target}?force=false"), &json!({}), (409, "CONFLICT")).await;
        assert_eq!(delete(t, &site.owner, &format!("{target}?force=true")).await.status, 204);
        assert_eq!(get(t, &site.below, "/v1/connectors", JSON).await.status, 401);
    }

    async fn what_is_wrong_is_named(t) {
        let site = Site::make(t).await;
        for (attributes, more, status, path) in [
            (json!({}), json!({}), 400, "data.attributes.name"),
            (json!({"name": "x"}), json!({"meta": {"intent": "world"}}), 400, "meta.intent"),
            (json!({"name": "x"}), json!({"meta": {"candidate_id": "c"}}), 400, "meta.candidate_id"),
            (json!({"name": "x"}), json!({"relationships": {"owner": {"data": {"type": "people", "id": "temp"}}}}), 422, "data.relationships.owner.data.id"),
            (json!({"name": "x", "parent_workspace_id": "globex"}), json!({}), 400, "data.attributes.parent_workspace_id"),
            (json!({"name": "x"}), json!({"relationships": {"parent": {"data": {"type": "workspace", "id": "globex"}}}}), 422, "data.relationships.parent.data.id"),
        ] {
            let before = rows(t).await;
            let got = post(t, &site.owner, "/v1/workspaces", &workspace(attributes, more)).await;
            assert_eq!((got.status, paths(&got)), (status, vec![path.to_owned()]), "{:#}", got.json());
            assert_eq!(rows(t).await, before);
        }
        let first = workspace(json!({"name": "x", "external_workspace_id": "e"}), json!({}));
        assert_eq!(post(t, &site.owner, "/v1/workspaces", &first).await.status, 201);
        let got = refused(t, &site.owner, "POST", "/v1/workspaces", &first, (409, "WORKSPACE_ALREADY_EXISTS")).await;
        assert_eq!(paths(&got), ["data.attributes.external_workspace_id"]);
    }
}
