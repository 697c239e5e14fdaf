//! The shapes a file can have.

use super::{bad, cell, connector, count, counts, exported, good, lines};
use crate::both;
use connectory::service::workspace;
use entity::membership::Role;
use serde_json::{Value as Json, json};

/// The example answer of a connector API, as it is documented.
const LIST: &str = include_str!("list.json");

both! {
    async fn a_list_document_is_read_with_its_publisher_and_logos(t) {
        let report = good(t, LIST).await;
        // Two connectors, two logos, two categories, one organization.
        assert_eq!((report.connectors, report.created, report.updated, report.private), (2, 7, 0, 2), "{report:?}");
        let root = workspace::find(t.db(), "well-technologies").await.expect("the publisher");
        assert_eq!(root.external_workspace_id.as_deref(), Some("well_org_001"));
        let token = t.token(root.id, Role::Viewer).await;
        let query = "{ connectors(orderBy: [{slug: ASC}]) { nodes { id slug name description direction tags status state version dataQuality \
            redirectUrl createdAt category { slug name } publishedBy { id name website } \
            logo { fileName contentType fileSize url uploadUrl mediaType } } } }";
        let data = t.data(&token, query).await;
        insta::assert_snapshot!("list", format!("{:#}", data["connectors"]["nodes"]));
    }

    async fn a_list_document_read_again_changes_nothing(t) {
        let first = good(t, LIST).await;
        let rows = counts(t).await;
        let second = good(t, LIST).await;
        assert_eq!((second.created, second.updated, second.connectors), (0, 0, first.connectors), "{second:?}");
        assert_eq!(counts(t).await, rows);
    }

    async fn a_changed_name_changes_one_row(t) {
        good(t, LIST).await;
        let rows = counts(t).await;
        let report = good(t, &LIST.replace("\"GitHub\"", "\"GitHub Cloud\"")).await;
        assert_eq!((report.created, report.updated), (0, 1), "{report:?}");
        assert_eq!(counts(t).await, rows);
        let name = cell(t, "SELECT name FROM connectors WHERE slug = 'github' AND updated_at > created_at").await;
        assert_eq!(name.as_deref(), Some("GitHub Cloud"));
    }

    async fn a_publisher_is_matched_by_its_external_identifier(t) {
        good(t, LIST).await;
        let renamed = LIST.replace("550e8400-e29b-41d4-a716-446655440001", "our-org").replace("Well Technologies", "Well");
        let report = good(t, &renamed).await;
        assert_eq!((report.created, report.updated), (0, 1), "{report:?}");
        assert_eq!(cell(t, "SELECT name FROM workspaces").await.as_deref(), Some("Well"));
    }

    async fn a_changed_logo_changes_its_row(t) {
        good(t, LIST).await;
        let report = good(t, &LIST.replace("github_logo.png", "octocat.png")).await;
        assert_eq!((report.created, report.updated), (0, 1), "{report:?}");
        assert_eq!(count(t, "media WHERE url LIKE '%/octocat.png' AND file_name = 'octocat.png'").await, 1);
    }

    async fn a_picture_takes_the_place_of_a_monogram_and_is_written_out(t) {
        good(t, &lines(&[connector("One", json!({}))])).await;
        let mut with = connector("One", json!({}));
        with["relationships"] = json!({"logo": {"data": {"type": "media", "id": "m"}}});
        let picture = json!({"type": "media", "id": "m", "attributes": {"url": "https://example.com/one.png", "content_type": "image/png"}});
        let report = good(t, &lines(&[picture, with])).await;
        assert_eq!((report.created, report.updated), (0, 1), "{report:?}");
        let media = exported(t, "media").await;
        assert_eq!(media.len(), 1);
        assert_eq!(media[0]["attributes"]["url"], "https://example.com/one.png");
    }

    async fn a_file_can_be_a_document_a_list_one_resource_or_lines(t) {
        let (a, b) = (connector("A", json!({})), connector("B", json!({})));
        let files = [
            (json!({"data": [a, b]}).to_string(), 2),
            (json!({"data": a}).to_string(), 1),
            (json!([a, b]).to_string(), 2),
            (a.to_string(), 1),
            (serde_json::to_string_pretty(&a).unwrap(), 1),
            (format!("{a}\n{b}"), 2),
            (format!("\n{a}\n\n  \n{b}\n\n"), 2),
            (format!("{a}\r\n{b}\r\n"), 2),
            (format!("\u{feff}{a}\n{b}\n"), 2),
            (format!("\u{feff}{}", json!({"data": [a, b]})), 2),
            ("[]".to_owned(), 0),
            (json!({"data": []}).to_string(), 0),
            (json!({"data": [], "included": [], "meta": {"total": 0}}).to_string(), 0),
        ];
        for (text, connectors) in files {
            assert_eq!(good(t, &text).await.connectors, connectors, "{text}");
        }
        assert_eq!(count(t, "connectors").await, 2);
    }

    async fn a_file_of_another_kind_is_refused_in_a_sentence(t) {
        for text in ["", " \n ", "name,slug\nA,a\n", "null", "3", "\"text\"", "<xml/>", "{\"data\": 1}", "{\"data\": []", "\u{feff}"] {
            let problems = bad(t, text).await;
            assert_eq!(problems.len(), 1, "{text}: {problems:?}");
            assert!(problems[0].issue.len() > 10, "{problems:?}");
        }
        assert_eq!(counts(t).await, [0; 6]);
    }

    async fn type_names_are_read_however_they_are_spelled(t) {
        let spelled = |kind: &str, id: &str, attributes: Json| json!({"type": kind, "id": id, "attributes": attributes});
        let names = [["category", "provider", "workspace", "media"], ["Categories", "Providers", "Organizations", "Medias"],
            ["CATEGORY", "Provider", "organization", "Media"]];
        for (round, [category, provider, workspace, media]) in names.into_iter().enumerate() {
            let kind = ["connector", "Connectors", "CONNECTOR"][round];
            let mut row = connector(&format!("C{round}"), json!({}));
            row["type"] = json!(kind);
            row["relationships"] = json!({
                "provider": {"data": {"type": provider, "id": "p"}}, "published_by": {"data": {"type": workspace, "id": "w"}},
                "logo": {"data": {"type": media, "id": "m"}},
            });
            let file = lines(&[
                spelled(category, "c", json!({"slug": "crm", "name": "CRM"})),
                spelled(provider, "p", json!({"name": "Maker"})),
                spelled(workspace, "w", json!({"name": "Publisher"})),
                spelled(media, "m", json!({"file_name": "m.png"})),
                row,
            ]);
            good(t, &file).await;
        }
        assert_eq!(counts(t).await, [3, 1, 1, 3, 4, 1]);
    }

    async fn directions_have_other_names(t) {
        let names = ["import", "input", "source", "export", "output", "destination", "both"];
        let rows: Vec<_> = names.iter().map(|d| connector(d, json!({"direction": d}))).collect();
        good(t, &lines(&rows)).await;
        let stored = |name: &str| format!("SELECT direction FROM connectors WHERE name = '{name}'");
        for (name, word) in names.iter().zip(["import", "import", "import", "export", "export", "export", "both"]) {
            assert_eq!(cell(t, &stored(name)).await.as_deref(), Some(word), "{name}");
        }
    }

    async fn what_no_column_holds_is_counted_and_left_out(t) {
        let rows = [connector("A", json!({"colour": "red"})), connector("B", json!({"colour": "blue", "size": 3}))];
        let report = good(t, &lines(&rows)).await;
        let ignored: Vec<_> = report.ignored.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        assert_eq!(ignored, [("connector.colour", 2), ("connector.size", 1)]);
    }
}
