//! Files with bad rows: every one is reported by position, field and reason, and nothing is written.

mod rows;

use super::{bad, connector, count, counts, export, good, import, lines};
use crate::both;
use connectory::service::catalogue::STARTER;
use rows::rows;
use serde_json::{Value as Json, json};

both! {
    async fn a_bad_row_is_reported_by_position_field_and_reason_and_nothing_is_written(t) {
        let good_row = connector("Good", json!({"category": "brand_new"}));
        let mut wrong = Vec::new();
        for (row, field, reason) in rows() {
            for (text, position) in [
                (lines(&[good_row.clone(), row.clone(), connector("Last", json!({}))]), "line 2"),
                (json!({"data": [good_row.clone(), row.clone()]}).to_string(), "data[1]"),
                (json!({"included": [good_row.clone(), row.clone()], "data": []}).to_string(), "included[1]"),
            ] {
                match import(t, &text).await {
                    Err(connectory::error::Error::Invalid(problems)) => {
                        let path = format!("{position}.{field}");
                        if problems.len() != 1 || problems[0].path != path || !problems[0].issue.contains(reason) {
                            wrong.push(format!("{path} ({reason}): {problems:?}"));
                        }
                    }
                    other => wrong.push(format!("{position}.{field} ({reason}): {other:?}")),
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(counts(t).await, [0; 6]);
    }

    async fn all_bad_rows_are_reported_at_once_and_the_database_stays_as_it_was(t) {
        good(t, STARTER).await;
        let (before, written) = (counts(t).await, export(t).await);
        let all = rows();
        let mut file = vec![connector("Good", json!({"category": "brand_new"}))];
        file.extend(all.iter().map(|(row, ..)| row.clone()));
        let problems = bad(t, &lines(&file)).await;
        // All but those that only the database can judge: what a relationship names.
        let named = |path: &str| problems.iter().any(|p| p.path.starts_with(path));
        let judged = |(_, field, reason): &(Json, &str, &str)| !reason.starts_with('`') || !field.starts_with("relationships");
        let judged = |row: &(Json, &str, &str)| judged(row) && row.2 != "`No Category`";
        for (i, row) in all.iter().enumerate().filter(|(_, row)| judged(row)) {
            assert!(named(&format!("line {}.{}", i + 2, row.1)), "{row:?} is not among {problems:#?}");
        }
        assert_eq!((counts(t).await, export(t).await), (before, written));
    }

    async fn a_line_that_is_no_json_is_reported_beside_the_other_bad_rows(t) {
        let text = format!("{}\n{{\"type\": \n{}\n", connector("A", json!({})), connector("B", json!({"direction": "up"})));
        let problems = bad(t, &text).await;
        assert_eq!(problems[0].path, "line 2");
        assert!(problems[0].issue.contains("no JSON"), "{problems:?}");
        assert_eq!(count(t, "connectors").await, 0);
    }

    async fn a_bad_row_that_only_the_database_shows_up_undoes_the_good_ones(t) {
        let mut orphan = connector("Orphan", json!({}));
        orphan["relationships"] = json!({"provider": {"data": {"type": "provider", "id": "nobody"}}});
        // More rows than one batch holds, so that some were written when the last one fails.
        let mut rows: Vec<_> = (0..1_200).map(|i| connector(&format!("C {i}"), json!({}))).collect();
        rows.push(orphan);
        let problems = bad(t, &lines(&rows)).await;
        assert_eq!((problems.len(), problems[0].path.as_str()), (1, "line 1201.relationships.provider"));
        assert_eq!(counts(t).await, [0; 6]);
    }

    async fn one_slug_twice_in_a_file_is_refused(t) {
        let problems = bad(t, &lines(&[connector("Same", json!({})), connector("same", json!({}))])).await;
        assert_eq!(problems[0].path, "line 2.attributes.slug");
        assert!(problems[0].issue.contains("line 1"), "{problems:?}");
    }

    async fn one_identifier_twice_in_a_file_is_refused(t) {
        let id = "0198a5b2-0000-7000-8000-000000000001";
        let with = |name: &str| {
            let mut row = connector(name, json!({}));
            row["id"] = json!(id);
            row
        };
        let problems = bad(t, &lines(&[with("One"), with("Two")])).await;
        assert!(problems[0].path.starts_with("line 2") && problems[0].issue.contains("line 1"), "{problems:?}");
        assert_eq!(count(t, "connectors").await, 0);
    }

    async fn a_row_that_takes_what_another_row_has_is_refused_in_a_sentence(t) {
        let id = |n: u8| format!("0198a5b2-0000-7000-8000-{n:012}");
        let row = |kind: &str, id: &str, attributes: Json| json!({"type": kind, "id": id, "attributes": attributes});
        good(t, &lines(&[
            row("category", &id(1), json!({"name": "C1", "slug": "c1"})),
            row("provider", &id(2), json!({"name": "P1", "slug": "p1"})),
            row("connector", &id(3), json!({"name": "X", "slug": "x", "category": "c1", "direction": "both"})),
            row("connector", &id(4), json!({"name": "Y", "slug": "y", "category": "c1", "direction": "both"})),
        ])).await;
        let written = export(t).await;
        for other in [
            row("category", &id(1), json!({"name": "C2", "slug": "c2"})),
            row("provider", &id(2), json!({"name": "P2", "slug": "p2"})),
            row("connector", &id(3), json!({"name": "Y", "slug": "y", "category": "c1", "direction": "both"})),
        ] {
            let problems = bad(t, &lines(&[other])).await;
            assert!(problems[0].issue.len() > 10, "{problems:?}");
        }
        assert_eq!(export(t).await, written);
    }

    async fn a_deleted_connector_leaves_its_slug_to_another(t) {
        good(t, &lines(&[connector("One", json!({}))])).await;
        t.execute("UPDATE connectors SET deleted_at = updated_at").await;
        let report = good(t, &lines(&[connector("One", json!({}))])).await;
        assert_eq!(report.updated, 0, "{report:?}");
        assert_eq!((count(t, "connectors").await, count(t, "connectors WHERE deleted_at IS NULL").await), (2, 1));
    }

    async fn the_identifier_of_a_deleted_connector_is_refused_in_a_sentence(t) {
        let mut row = connector("One", json!({}));
        row["id"] = json!("0198a5b2-0000-7000-8000-000000000001");
        good(t, &lines(&[row.clone()])).await;
        t.execute("UPDATE connectors SET deleted_at = updated_at").await;
        let problems = bad(t, &lines(&[row])).await;
        assert!(problems[0].issue.contains("deleted"), "{problems:?}");
    }
}
