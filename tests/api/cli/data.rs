//! `connectory generate`, `import` and `export`.

use super::{count, program, run, run_with};
use crate::both_empty;
use crate::schema::Empty;
use std::collections::BTreeMap;

const SIZE: &[&str] = &[
    "generate",
    "--workspaces",
    "12",
    "--connectors",
    "60",
    "--workspace-connectors",
    "900",
    "--seed",
];

async fn generate(e: &Empty, seed: &str) -> super::Run {
    run(e, &[SIZE, &[seed]].concat()).await
}

/// Every row of every table as text without its `pk`, and how many there are.
pub async fn dump(e: &Empty) -> BTreeMap<String, (i64, String)> {
    let db = connectory::app::open(&e.config())
        .await
        .expect("the database opens");
    let sql = if e.is_sqlite() {
        "SELECT t.name, 'SELECT count(*), group_concat(' || group_concat('quote(' || c.name || ')', ' || '','' || ') || ', ''\n'' ORDER BY id) FROM ' \
         || t.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name <> 'pk' \
         AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'seaql_migrations' GROUP BY t.name"
    } else {
        "SELECT table_name::text, 'SELECT count(*), string_agg((to_jsonb(t) - ''pk'')::text, E''\\n'' ORDER BY id) FROM ' || table_name || ' t' \
         FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'seaql_migrations'"
    };
    let tables = db
        .rows(sql.to_owned(), Vec::new())
        .await
        .expect("the tables");
    let mut all = BTreeMap::new();
    for table in &tables {
        let (name, sql) = (
            table.text(0).unwrap().to_owned(),
            table.text(1).unwrap().to_owned(),
        );
        let rows = db
            .rows(sql, Vec::new())
            .await
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        all.insert(
            name,
            (
                rows[0].int(0).unwrap(),
                rows[0].text(1).unwrap_or_default().to_owned(),
            ),
        );
    }
    db.close().await;
    all
}

/// A second database of the same kind.
async fn another(e: &Empty) -> Empty {
    if e.is_sqlite() {
        Empty::sqlite()
    } else {
        Empty::postgres().await.expect("there is a server")
    }
}

both_empty! {
    async fn the_same_seed_makes_the_same_rows(e) {
        let said = generate(e, "7").await.good();
        assert!(said.contains("generated-7"), "{said}");
        let (other, third) = (another(e).await, another(e).await);
        generate(&other, "7").await.good();
        generate(&third, "8").await.good();
        let (first, second, different) = (dump(e).await, dump(&other).await, dump(&third).await);
        assert_eq!((first["connectors"].0, first["workspaces"].0, first["workspace_connectors"].0), (60, 12, 900));
        for (table, rows) in &first {
            assert!(second[table] == *rows, "{table} differs");
            assert!(different[table] != *rows || rows.0 == 0, "{table} is the same for another seed");
        }
        other.end().await;
        third.end().await;
    }

    async fn a_seed_that_was_used_is_refused_and_nothing_is_written(e) {
        generate(e, "7").await.good();
        let before = dump(e).await;
        let refused = generate(e, "7").await.refused();
        assert!(refused.contains("`seed`"), "{refused}");
        assert!(dump(e).await == before, "rows were written");
        generate(e, "8").await.good();
        assert_eq!(count(e, "workspace_connectors").await, 1800);
    }

    async fn sizes_that_make_no_sense_are_refused_by_name(e) {
        for (args, named) in [
            (&["--workspaces", "0"][..], "workspaces"),
            (&["--connectors", "0", "--workspace-connectors", "5"], "connectors"),
            (&["--connectors", "-1"], "-1"),
            (&["--seed", "x"], "seed"),
        ] {
            let refused = run(e, &[&["generate"], args].concat()).await.refused();
            assert!(refused.starts_with("error: ") && refused.contains(named), "{args:?}: {refused}");
        }
    }

    async fn what_is_exported_can_be_imported_and_is_exported_equal(e) {
        run(e, &["migrate"]).await.good();
        generate(e, "3").await.good();
        let first = run(e, &["export"]).await.good();
        let other = another(e).await;
        let said = run_with(&other, &["import", "/dev/stdin"], &first).await.good();
        assert!(said.contains("connectors;"), "{said}");
        let second = run(&other, &["export"]).await.good();
        assert_eq!(first.lines().count(), second.lines().count());
        for (left, right) in first.lines().zip(second.lines()) {
            assert_eq!(left, right);
        }
        let again = run_with(&other, &["import", "/dev/stdin"], &first).await.good();
        assert!(again.contains(" 0 rows made, 0 changed"), "{again}");
        other.end().await;
    }

    async fn export_writes_a_file_whole_or_not_at_all(e) {
        run(e, &["migrate"]).await.good();
        let printed = run(e, &["export"]).await.good();
        run(e, &["export", "--output", "catalogue.ndjson"]).await.good();
        assert_eq!(std::fs::read_to_string(e.path("catalogue.ndjson")).expect("the file"), printed);
        let refused = run(e, &["export", "--output", "nowhere/catalogue.ndjson"]).await.refused();
        assert!(refused.contains("output"), "{refused}");
        let left = std::fs::read_dir(e.path("")).unwrap().filter(|f| f.as_ref().unwrap().path().extension().is_some_and(|x| x == "part"));
        assert_eq!(left.count(), 0, "a part was left");
    }

    async fn import_names_the_file_the_row_the_field_and_the_reason(e) {
        run(e, &["migrate", "--no-starter"]).await.good();
        let good = r#"{"type":"connector","attributes":{"name":"Good","category":"crm","direction":"both"}}"#;
        let bad = r#"{"type":"connector","attributes":{"name":"Bad","category":"crm","direction":"up"}}"#;
        std::fs::write(e.path("good.ndjson"), good).expect("a file");
        std::fs::write(e.path("bad.ndjson"), format!("{good}\n{bad}\n")).expect("a file");
        std::fs::write(e.path("latin.ndjson"), b"\xff\xfe").expect("a file");
        let first = run(e, &["import", "bad.ndjson", "good.ndjson"]).await;
        assert_eq!(first.code, Some(1), "{first:#?}");
        for word in ["bad.ndjson", "line 2", "attributes.direction", "up", "import, export, both"] {
            assert!(first.err.contains(word), "{word}: {first:#?}");
        }
        assert!(first.out.starts_with("good.ndjson: 1 connectors"), "{first:#?}");
        assert_eq!(count(e, "connectors").await, 1);
        for file in ["latin.ndjson", "missing.ndjson"] {
            assert!(run(e, &["import", file]).await.refused().contains(file));
        }
    }

    async fn import_publishes_as_it_is_told(e) {
        let file = r#"{"type":"connector","attributes":{"name":"Ours","category":"crm","direction":"both"}}"#;
        std::fs::write(e.path("ours.ndjson"), file).expect("a file");
        run(e, &["workspace", "create", "Acme"]).await.good();
        let refused = run(e, &["import", "ours.ndjson", "--workspace", "nobody"]).await.refused();
        assert!(refused.contains("nobody"), "{refused}");
        let said = run(e, &["import", "ours.ndjson", "--workspace", "acme"]).await.good();
        assert!(said.contains("--global"), "who sees them is not said: {said}");
        run(e, &["import", "ours.ndjson", "--global"]).await.good();
        assert_eq!(count(e, "connectors").await, 2);
        assert_eq!(count(e, "connectors WHERE organization_id IS NULL").await, 1);
        let both = program(e).args(["import", "ours.ndjson", "--global", "--workspace", "acme"]).output().await;
        assert_eq!(both.expect("the program runs").status.code(), Some(2));
    }
}
