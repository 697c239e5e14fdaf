//! Relationships and what `included` describes: found, made, or refused, in one transaction.

use super::super::{JSON_API, well};
use super::{Site, ask, connector, made, paths, post, refused, rows, text};
use crate::both;
use serde_json::{Value as Json, json};

/// A connector with relationships and `included`.
fn with(slug: &str, relationships: Json, included: Json) -> Json {
    let mut document = connector(slug, json!({}));
    document["data"]["relationships"] = relationships;
    document["included"] = included;
    document
}

fn to(kind: &str, id: &str) -> Json {
    json!({"data": {"type": kind, "id": id}})
}

both! {
    async fn what_is_described_is_made_once_and_found_again(t) {
        let site = Site::make(t).await;
        let start = rows(t).await;
        let airbyte = json!({"type": "workspace", "id": "w", "attributes": {"name": "Airbyte", "externalWorkspaceId": "airbyte-1", "slug": "airbyte"}});
        let logo = json!({"type": "media", "id": "m", "attributes": {"fileName": "a.png", "content_type": "image/png", "fileSize": 7, "mediaType": "logo"}});
        let first = made(t, &site.owner, &with("one", json!({"published_by": to("workspace", "w"), "logo": to("media", "m")}), json!([airbyte, logo]))).await;
        let publisher = text(&first, "/data/relationships/published_by/data/id");
        let picture = text(&first, "/data/relationships/logo/data/id");
        assert_eq!(first["included"][0]["attributes"]["name"], "Airbyte");
        assert_eq!(rows(t).await[..3], [start[0] + 1, start[1] + 1, start[2] + 1]);
        // Found by the identifier, its external identifier, its slug, and by what describes it.
        let organization = json!({"type": "organizations", "lid": "o", "attributes": {"external_id": "airbyte-1"}});
        for (i, (relationship, included)) in [
            (to("workspace", &publisher), json!([])),
            (to("workspaces", "airbyte-1"), json!([])),
            (to("workspace", "airbyte"), json!([])),
            (to("workspace", "w"), json!([airbyte])),
            (json!({"data": {"type": "organization", "lid": "o"}}), json!([organization])),
            (to("workspace", "w"), airbyte.clone()),
            (to("workspace", &publisher), json!([{"type": "workspace", "id": publisher, "attributes": {"name": "Other"}}])),
        ].into_iter().enumerate() {
            let document = with(&format!("f{i}"), json!({"publishedBy": relationship, "logo": to("media", &picture)}), included);
            let again = made(t, &site.owner, &document).await;
            assert_eq!(text(&again, "/data/relationships/published_by/data/id"), publisher, "{document:#}");
            assert_eq!(text(&again, "/data/relationships/logo/data/id"), picture);
            assert_eq!(again["included"][0]["attributes"]["name"], "Airbyte", "naming a workspace changes nothing of it");
        }
        assert_eq!(rows(t).await[1..3], [start[1] + 1, start[2] + 1]);
    }

    async fn a_category_is_an_attribute_or_a_relationship(t) {
        let site = Site::make(t).await;
        let category = made(t, &site.owner, &connector("a", json!({}))).await;
        let full = well(t, &site.owner, &format!("/v1/connectors/{}?include=category", text(&category, "/data/id"))).await;
        let id = text(&full, "/included/0/id");
        for (slug, relationship) in [("b", to("category", "api")), ("c", to("categories", &id))] {
            let mut document = with(slug, json!({"category": relationship}), json!([]));
            document["data"]["attributes"].as_object_mut().expect("one").remove("category");
            let got = made(t, &site.owner, &document).await;
            assert_eq!(text(&got, "/data/attributes/category"), "api");
        }
        let mut document = with("d", json!({"category": to("category", "crm")}), json!([]));
        let got = refused(t, &site.owner, "POST", "/v1/connectors", &document, (400, "SCHEMA_VALIDATION_ERROR")).await;
        assert_eq!(paths(&got), ["data.relationships.category"]);
        document["data"]["attributes"].as_object_mut().expect("one").remove("category");
        document["data"]["relationships"]["category"] = to("category", "none");
        let got = refused(t, &site.owner, "POST", "/v1/connectors", &document, (422, "UNRESOLVED_REFERENCE")).await;
        assert_eq!(paths(&got), ["data.relationships.category.data.id"]);
    }

    async fn what_is_nowhere_is_unresolved(t) {
        let site = Site::make(t).await;
        let nobody = "0190a000-0000-7000-8000-00000000dead";
        let cases = [
            (json!({"logo": to("media", "m")}), "data.relationships.logo.data.id"),
            (json!({"logo": to("media", nobody)}), "data.relationships.logo.data.id"),
            (json!({"logo": {"data": {"type": "media", "lid": "m"}}}), "data.relationships.logo.data.lid"),
            (json!({"published_by": to("workspace", "no-such")}), "data.relationships.published_by.data.id"),
            (json!({"published_by": to("workspace", "No Slug!")}), "data.relationships.published_by.data.id"),
            (json!({"published_by": to("workspace", nobody)}), "data.relationships.published_by.data.id"),
            (json!({"published_by": to("workspace", "globex")}), "data.relationships.published_by.data.id"),
        ];
        for (relationships, path) in cases {
            let document = with("x", relationships, json!([]));
            let got = refused(t, &site.owner, "POST", "/v1/connectors", &document, (422, "UNRESOLVED_REFERENCE")).await;
            assert_eq!(paths(&got), [path], "{document:#}");
            // JSON:API has another status for it.
            let got = ask(t, &site.owner, "POST", "/v1/connectors", &[("accept", JSON_API)], document.to_string()).await;
            let pointer = format!("/{}", path.replace('.', "/"));
            assert_eq!((got.status, text(&got.json(), "/errors/0/source/pointer")), (404, pointer));
        }
        // Beside other faults it is one of them.
        let mut document = with("x", json!({"logo": to("media", "m")}), json!([]));
        document["data"]["attributes"]["name"] = 7.into();
        let got = refused(t, &site.owner, "POST", "/v1/connectors", &document, (400, "SCHEMA_VALIDATION_ERROR")).await;
        assert_eq!(paths(&got), ["data.relationships.logo.data.id", "data.attributes.name"]);
    }

    async fn what_is_wrong_with_included_is_named_where_it_stands(t) {
        let site = Site::make(t).await;
        let by = || json!({"published_by": to("workspace", "w")});
        let workspace = |attributes: Json| json!([{"type": "workspace", "id": "w", "attributes": attributes}]);
        let cases = [
            (by(), workspace(json!({"name": "W", "colour": 1})), vec!["included.0.attributes.colour"]),
            (by(), workspace(json!({"name": "W", "webSite": "x", "website": "x"})), vec!["included.0.attributes.webSite", "included.0.attributes.website"]),
            (by(), workspace(json!({"name": 7, "id": "x"})), vec!["included.0.attributes.id", "included.0.attributes.name"]),
            (by(), workspace(json!({"description": "no name"})), vec!["included.0.attributes.name"]),
            (by(), json!([{"type": "workspace", "id": "w"}]), vec!["included.0.attributes.name"]),
            (by(), json!([{"type": "workspace", "id": "w", "attributes": {"name": "W"}}, {"type": "media", "id": "m"}]), vec!["included.1"]),
            (json!({}), json!({"type": "media", "id": "m"}), vec!["included"]),
            (by(), json!([{"type": "workspace", "id": "w", "attributes": {"name": "W"}}, {"type": "workspaces", "id": "w"}]), vec!["included.1"]),
            (by(), json!([{"type": "workspace", "attributes": {"name": "W"}}]), vec!["included.0.id"]),
            (by(), json!([{"id": "w", "attributes": {"name": "W"}}]), vec!["included.0.type"]),
            (by(), json!([{"type": "workspace", "id": "w", "lid": "w", "attributes": {"name": "W"}}]), vec!["included.0.lid"]),
            (by(), json!([{"type": "workspace", "id": "w", "attributes": {"name": "W"}, "relationships": {"owner": {}}}]), vec!["included.0.relationships"]),
            (by(), json!([{"type": "workspace", "id": "w", "attributes": [], "extra": 1}]), vec!["included.0.extra", "included.0.attributes"]),
            (by(), json!([7]), vec!["included.0"]),
            (json!({"logo": to("media", "m")}), json!([{"type": "media", "id": "m", "attributes": {"file": 0}}]), vec!["included.0.attributes.file"]),
        ];
        for (relationships, included, expected) in cases {
            let document = with("x", relationships, included);
            let before = rows(t).await;
            let got = post(t, &site.owner, "/v1/connectors", &document).await;
            assert_eq!(got.status, 400, "{document:#} {:#}", got.json());
            let mut found = paths(&got);
            found.sort();
            let mut expected = expected;
            expected.sort();
            assert_eq!(found, expected, "{document:#} {:#}", got.json());
            assert_eq!(rows(t).await, before);
        }
        let many: Vec<_> = (0..21).map(|i| json!({"type": "media", "id": i.to_string()})).collect();
        let got = refused(t, &site.owner, "POST", "/v1/connectors", &with("x", json!({}), many.into()), (400, "SCHEMA_VALIDATION_ERROR")).await;
        assert_eq!(paths(&got), ["included"]);
    }

    async fn what_is_wrong_with_relationships_is_named_where_it_stands(t) {
        let site = Site::make(t).await;
        for (relationships, path) in [
            (json!({"nothing": to("media", "m")}), "data.relationships.nothing"),
            (json!({"workspace_connectors": {"data": []}}), "data.relationships.workspace_connectors"),
            (json!({"logo": null}), "data.relationships.logo"),
            (json!({"logo": {}}), "data.relationships.logo.data"),
            (json!({"logo": {"data": "m"}}), "data.relationships.logo.data"),
            (json!({"logo": {"data": []}}), "data.relationships.logo.data"),
            (json!({"logo": {"date": null, "data": null}}), "data.relationships.logo.date"),
            (json!({"logo": {"data": {"id": "m"}}}), "data.relationships.logo.data.type"),
            (json!({"logo": {"data": {"type": "workspace", "id": "m"}}}), "data.relationships.logo.data.type"),
            (json!({"logo": {"data": {"type": "media"}}}), "data.relationships.logo.data.id"),
            (json!({"logo": {"data": {"type": "media", "id": 7}}}), "data.relationships.logo.data.id"),
            (json!({"logo": {"data": {"type": "media", "id": "a", "name": "x"}}}), "data.relationships.logo.data.name"),
            (json!({"published_by": {"data": null}}), "data.relationships.published_by"),
        ] {
            let document = with("x", relationships, json!([]));
            let got = refused(t, &site.owner, "POST", "/v1/connectors", &document, (400, "SCHEMA_VALIDATION_ERROR")).await;
            assert!(paths(&got).contains(&path.to_owned()), "{document:#} {:#}", got.json());
        }
    }

    async fn a_logo_that_cannot_be_leaves_no_workspace(t) {
        let site = Site::make(t).await;
        made(t, &site.owner, &connector("taken", json!({}))).await;
        let workspace = json!({"type": "workspace", "id": "w", "attributes": {"name": "New"}});
        for (slug, logo, status, code) in [
            ("new", json!({"file_size": -1}), 400, "SCHEMA_VALIDATION_ERROR"),
            ("taken", json!({"file_name": "a.png"}), 409, "CONNECTOR_ALREADY_EXISTS"),
        ] {
            let media = json!({"type": "media", "id": "m", "attributes": logo});
            let document = with(slug, json!({"published_by": to("workspace", "w"), "logo": to("media", "m")}), json!([workspace, media]));
            refused(t, &site.owner, "POST", "/v1/connectors", &document, (status, code)).await;
        }
    }
}
