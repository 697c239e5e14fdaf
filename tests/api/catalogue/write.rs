//! What reading a file in does to the rows there are.

use super::{cell, connector, count, export, exported, good, import, lines};
use crate::both;
use crate::support::TestApp;
use connectory::error::Error;
use connectory::service::catalogue::{self, Publish, Report};
use connectory::service::workspace;
use entity::membership::Role;
use serde_json::json;
use uuid::Uuid;

async fn publish(t: &TestApp, text: &str, by: Publish) -> Result<Report, Error> {
    catalogue::import(t.db(), text, by, &|_| ()).await
}

async fn acme(t: &TestApp) -> Uuid {
    let new = workspace::New {
        name: "Acme".into(),
        ..Default::default()
    };
    workspace::create(t.db(), new)
        .await
        .expect("a workspace")
        .id
}

/// A connector of a file that says who publishes it.
fn published() -> String {
    let mut row = connector("Theirs", json!({}));
    row["relationships"] = json!({"published_by": {"data": {"type": "workspace", "id": "w"}}});
    lines(&[
        json!({"type": "workspace", "id": "w", "attributes": {"name": "Publisher"}}),
        row,
    ])
}

both! {
    async fn everyones_catalogue_is_what_global_fills(t) {
        let report = publish(t, &published(), Publish::Global).await.expect("it is read");
        assert_eq!(report.private, 0);
        assert_eq!((count(t, "workspaces").await, count(t, "connectors WHERE organization_id IS NULL").await), (0, 1));
    }

    async fn a_workspace_publishes_what_it_is_given_for_its_organization(t) {
        let root = acme(t).await;
        let new = workspace::New { name: "Office".into(), slug: None, parent: Some(root) };
        let office = workspace::create(t.db(), new).await.expect("a workspace").id;
        let report = publish(t, &published(), Publish::By(office)).await.expect("it is read");
        assert_eq!((report.private, count(t, "workspaces").await), (1, 2));
        let (viewer, stranger) = (t.token(root, Role::Viewer).await, t.token(other(t).await, Role::Owner).await);
        let query = "{ connectors { nodes { slug publishedBy { slug } logo { url } } } }";
        let seen = t.data(&viewer, query).await;
        assert_eq!(seen["connectors"]["nodes"][0]["publishedBy"]["slug"], "office", "{seen}");
        assert!(seen["connectors"]["nodes"][0]["logo"]["url"].is_string(), "{seen}");
        assert_eq!(t.data(&stranger, query).await["connectors"]["nodes"], json!([]));
        let again = publish(t, &published(), Publish::By(office)).await.expect("it is read");
        assert_eq!((again.created, again.updated), (0, 0), "{again:?}");
    }

    async fn two_publishers_with_one_slug_cannot_both_go_into_one_catalogue(t) {
        let (one, two) = (published(), published().replace("\"w\"", "\"v\"").replace("Publisher", "Another"));
        let text = format!("{one}{two}");
        let refused = publish(t, &text, Publish::Global).await.expect_err("the slug is taken");
        assert!(refused.message().contains("line 4.attributes.slug") && refused.message().contains("line 2"), "{refused}");
        assert_eq!(count(t, "connectors").await, 0);
        publish(t, &text, Publish::AsFile).await.expect("each has its own catalogue");
        assert_eq!(count(t, "connectors").await, 2);
    }

    async fn a_publisher_that_is_not_there_is_refused(t) {
        let refused = publish(t, &published(), Publish::By(Uuid::nil())).await.expect_err("nobody publishes");
        assert!(refused.message().contains(&Uuid::nil().to_string()), "{refused}");
        assert_eq!(count(t, "connectors").await, 0);
    }

    async fn one_slug_can_stand_in_each_catalogue(t) {
        let root = acme(t).await;
        let text = lines(&[connector("Same", json!({}))]);
        publish(t, &text, Publish::Global).await.expect("it is read");
        publish(t, &text, Publish::By(root)).await.expect("it is read");
        publish(t, &published(), Publish::AsFile).await.expect("it is read");
        assert_eq!(count(t, "connectors WHERE slug = 'same'").await, 2);
        let changed = lines(&[connector("Same", json!({"description": "New."}))]);
        publish(t, &changed, Publish::Global).await.expect("it is read");
        let global = "SELECT description FROM connectors WHERE slug = 'same' AND organization_id IS NULL";
        assert_eq!(cell(t, global).await.as_deref(), Some("New."));
        assert_eq!(count(t, "connectors WHERE description IS NOT NULL").await, 1);
    }

    async fn a_row_is_found_by_its_identifier_and_may_change_its_slug(t) {
        let id = "0198a5b2-0000-7000-8000-000000000001";
        let mut row = connector("Old", json!({}));
        row["id"] = json!(id);
        good(t, &lines(&[row.clone()])).await;
        row["attributes"]["name"] = json!("New");
        let report = good(t, &lines(&[row])).await;
        assert_eq!((report.created, report.updated), (0, 1), "{report:?}");
        assert_eq!(cell(t, "SELECT slug FROM connectors").await.as_deref(), Some("new"));
        assert_eq!(exported(t, "connector").await[0]["id"], id);
    }

    async fn what_a_file_leaves_out_stays_as_it_is(t) {
        let full = json!({
            "description": "D.", "website": "https://example.com", "endpoint_url": "https://example.com/mcp", "version": "1.0",
            "transport": "mcp", "authorization_flow": "oauth2", "provider": "well", "state": "s", "service_id": "x",
            "external_connector_id": "xc", "redirect_url": "https://example.com/done", "data_quality": {"a": 1},
        });
        good(t, &lines(&[connector("One", full.clone())])).await;
        let report = good(t, &lines(&[connector("One", json!({"description": null}))])).await;
        assert_eq!((report.created, report.updated), (0, 0), "{report:?}");
        let attributes = exported(t, "connector").await[0]["attributes"].clone();
        for (name, value) in full.as_object().unwrap() {
            assert_eq!(&attributes[name], value, "{name}");
        }
    }

    async fn a_category_that_the_file_does_not_describe_is_made_from_its_slug(t) {
        good(t, &lines(&[connector("One", json!({"category": "ci_cd"}))])).await;
        assert_eq!(cell(t, "SELECT name FROM categories WHERE slug = 'ci_cd'").await.as_deref(), Some("Ci cd"));
    }

    async fn a_provider_is_tied_and_the_tie_follows_the_file(t) {
        let file = |maker: &str| {
            let mut row = connector("One", json!({}));
            row["relationships"] = json!({"provider": {"data": {"type": "provider", "id": maker}}});
            let provider = |slug: &str| json!({"type": "provider", "id": slug, "attributes": {"slug": slug, "name": slug}});
            lines(&[provider("a"), provider("b"), row])
        };
        let tied = "SELECT p.slug FROM provider_connectors t JOIN providers p ON p.id = t.provider_id";
        for maker in ["a", "a", "b"] {
            good(t, &file(maker)).await;
            assert_eq!(cell(t, tied).await.as_deref(), Some(maker));
        }
        good(t, &lines(&[connector("One", json!({}))])).await;
        assert_eq!(cell(t, tied).await.as_deref(), Some("b"), "a file without a provider cuts the tie");
    }

    async fn a_provider_that_is_there_already_can_be_named_alone(t) {
        good(t, &lines(&[json!({"type": "provider", "attributes": {"name": "Maker"}})])).await;
        let id = exported(t, "provider").await[0]["id"].clone();
        for name in [json!("maker"), id] {
            let mut row = connector("One", json!({}));
            row["relationships"] = json!({"provider": {"data": {"type": "provider", "id": name}}});
            good(t, &lines(&[row])).await;
        }
        assert_eq!(count(t, "provider_connectors").await, 1);
    }

    async fn hostile_texts_come_back_as_they_were(t) {
        let text = "'; DROP TABLE connectors; -- \\ % _ \" <b>&amp;</b> \u{202e} 💥 Ünïcødé";
        good(t, &lines(&[connector("One", json!({"name": text, "slug": "one", "description": text, "tags": ["%_\\\"'💥"]}))])).await;
        let attributes = exported(t, "connector").await[0]["attributes"].clone();
        assert_eq!((&attributes["name"], &attributes["description"], &attributes["tags"]), (&json!(text), &json!(text), &json!(["%_\\\"'💥"])));
    }

    async fn five_thousand_connectors_are_read_and_read_again(t) {
        let rows: Vec<_> = (0..5_000).map(|i| connector(&format!("C {i}"), json!({"tags": ["x"]}))).collect();
        let text = lines(&rows);
        let seen = std::sync::Mutex::new(Vec::new());
        let watch = |done: u64| seen.lock().unwrap().push(done);
        let first = catalogue::import(t.db(), &text, Publish::AsFile, &watch).await.expect("it is read");
        // Each with its logo, and one category.
        assert_eq!((first.connectors, first.created), (5_000, 10_001));
        let second = import(t, &text).await.expect("it is read");
        assert_eq!((second.created, second.updated), (0, 0));
        assert_eq!(count(t, "connectors").await, 5_000);
        assert_eq!(seen.lock().unwrap().last(), Some(&5_000));
        assert_eq!(export(t).await.lines().count(), 5_001);
    }
}

/// A workspace of another organization.
async fn other(t: &TestApp) -> Uuid {
    let new = workspace::New {
        name: "Other".into(),
        ..Default::default()
    };
    workspace::create(t.db(), new)
        .await
        .expect("a workspace")
        .id
}
