//! Installing, configuring, pausing and removing connectors of workspaces.

use super::super::{JSON_API, checker, well};
use super::{Site, ask, connector, delete, made, patch, paths, post, refused, text};
use crate::both;
use crate::support::TestApp;
use serde_json::{Value as Json, json};

fn install(connector: &str, attributes: Json) -> Json {
    json!({"data": {"type": "workspace-connectors", "attributes": attributes,
        "relationships": {"connector": {"data": {"type": "connector", "id": connector}}}}})
}

fn change(attributes: Json) -> Json {
    json!({"data": {"type": "workspace_connector", "attributes": attributes}})
}

async fn installed(t: &TestApp, site: &Site) -> String {
    made(
        t,
        &site.owner,
        &connector("mail", json!({"public_config_keys": ["mailbox"]})),
    )
    .await;
    let got = post(
        t,
        &site.member,
        "/v1/workspace-connectors",
        &install(
            "mail",
            json!({"config": {"mailbox": "a@acme.example", "folder": "x"}}),
        ),
    )
    .await;
    assert_eq!(got.status, 201, "{:#}", got.json());
    text(&got.json(), "/data/id")
}

both! {
    async fn an_installation_is_made_changed_and_removed(t) {
        let site = Site::make(t).await;
        let id = installed(t, &site).await;
        let target = format!("/v1/workspace-connectors/{id}");
        let document = well(t, &site.member, &target).await;
        assert_eq!(document["data"]["attributes"]["config"], json!({"mailbox": "a@acme.example"}), "only what the connector declares public");
        assert_eq!(document["data"]["relationships"]["connector"]["data"]["type"], "Connector");
        let got = patch(t, &site.member, &target, &change(json!({"config": {"mailbox": "b@acme.example"}, "label": "B"}))).await.document();
        assert_eq!(got["data"]["attributes"]["config"], json!({"mailbox": "b@acme.example"}));
        let status = async |word: &str| text(&patch(t, &site.member, &target, &change(json!({"status": word}))).await.document(), "/data/attributes/status");
        assert_eq!(status("disabled").await, "disabled");
        assert_eq!(status("Enabled").await, "active");
        assert_eq!(delete(t, &site.member, &target).await.status, 204);
        assert_eq!(delete(t, &site.member, &target).await.status, 404);
        refused(t, &site.member, "PATCH", &target, &change(json!({"status": "disabled"})), (404, "NOT_FOUND")).await;
    }

    async fn the_strict_rendering_is_json_api(t) {
        let site = Site::make(t).await;
        made(t, &site.owner, &connector("mail", json!({}))).await;
        let got = ask(t, &site.owner, "POST", "/v1/workspace-connectors?include=connector", &[("accept", JSON_API), ("content-type", JSON_API)], install("mail", json!({})).to_string()).await;
        assert_eq!(got.status, 201, "{:#}", got.json());
        let expect = checker::Expect { included: true, ..checker::Expect::default() };
        assert_eq!(checker::faults(&got.json(), expect), Vec::<String>::new());
        assert_eq!(got.header("location"), got.json()["data"]["links"]["self"].as_str());
    }

    async fn a_status_is_changed_alone_and_only_to_what_a_client_may_say(t) {
        let site = Site::make(t).await;
        let target = format!("/v1/workspace-connectors/{}", installed(t, &site).await);
        for (attributes, path) in [
            (json!({"status": "disabled", "label": "x"}), "data.attributes.status"),
            (json!({"status": "processing"}), "data.attributes.status"),
            (json!({"status": "nothing"}), "data.attributes.status"),
            (json!({"config": {"api_key": "x"}}), "data.attributes.config.api_key"),
        ] {
            let got = refused(t, &site.member, "PATCH", &target, &change(attributes), (400, "SCHEMA_VALIDATION_ERROR")).await;
            assert_eq!(paths(&got), [path], "{:#}", got.json());
        }
        // It is active, and cannot be resumed.
        refused(t, &site.member, "PATCH", &target, &change(json!({"status": "active"})), (409, "CONFLICT")).await;
    }

    async fn members_change_their_own_and_nobody_those_of_others(t) {
        let site = Site::make(t).await;
        let own = installed(t, &site).await;
        let theirs = post(t, &site.owner, "/v1/workspace-connectors", &install("mail", json!({}))).await;
        let theirs = text(&theirs.json(), "/data/id");
        let body = change(json!({"label": "x"}));
        refused(t, &site.member, "PATCH", &format!("/v1/workspace-connectors/{theirs}"), &body, (403, "FORBIDDEN")).await;
        assert_eq!(patch(t, &site.owner, &format!("/v1/workspace-connectors/{own}"), &body).await.status, 200);
        for token in [&site.other, &site.below] {
            for method in ["PATCH", "DELETE"] {
                refused(t, token, method, &format!("/v1/workspace-connectors/{own}"), &body, (404, "NOT_FOUND")).await;
            }
        }
        let got = refused(t, &site.other, "POST", "/v1/workspace-connectors", &install("mail", json!({})), (422, "UNRESOLVED_REFERENCE")).await;
        assert_eq!(paths(&got), ["data.relationships.connector.data.id"]);
        let got = refused(t, &site.owner, "POST", "/v1/workspace-connectors", &json!({"data": {"type": "workspace_connector", "attributes": {}}}), (400, "SCHEMA_VALIDATION_ERROR")).await;
        assert_eq!(paths(&got), ["data.relationships.connector"]);
    }
}
