//! All rows of all tables as text, to see whether anything changed. The record of what happened is
//! left out, and when a token was last used, which is noted beside the requests.

use crate::support::TestApp;
use connectory::db::Arg;
use std::collections::BTreeMap;

/// Tables by name.
pub type Snapshot = BTreeMap<String, String>;

async fn texts(t: &TestApp, sql: String) -> Vec<String> {
    let rows = t.db().rows(sql, Vec::<Arg>::new()).await;
    let rows = rows.expect("the statement runs");
    rows.iter()
        .map(|row| row.text(0).unwrap_or_default().to_owned())
        .collect()
}

async fn tables(t: &TestApp) -> Vec<String> {
    let sql = match t.is_sqlite() {
        true => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        false => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
    };
    let mut all = texts(t, sql.to_owned()).await;
    all.retain(|name| name != "audit_events" && name != "seaql_migrations");
    assert!(all.len() > 15, "the tables are not found: {all:?}");
    all
}

async fn sqlite(t: &TestApp, table: &str) -> String {
    let columns = texts(t, format!("SELECT name FROM pragma_table_info('{table}')")).await;
    let quoted: Vec<_> = columns
        .iter()
        .filter(|name| *name != "last_used_at")
        .map(|name| format!("quote(\"{name}\")"))
        .collect();
    let line = quoted.join(" || '|' || ");
    let sql = format!(
        "SELECT coalesce(group_concat(line, char(10)), '') FROM (SELECT {line} AS line FROM \"{table}\" ORDER BY pk)"
    );
    texts(t, sql).await.remove(0)
}

async fn postgres(t: &TestApp, table: &str) -> String {
    let sql = format!(
        "SELECT coalesce(string_agg((to_jsonb(x) - 'last_used_at')::text, E'\\n' ORDER BY pk), '') FROM \"{table}\" x"
    );
    texts(t, sql).await.remove(0)
}

/// Reads everything.
pub async fn take(t: &TestApp) -> Snapshot {
    let mut all = Snapshot::new();
    for table in tables(t).await {
        let rows = match t.is_sqlite() {
            true => sqlite(t, &table).await,
            false => postgres(t, &table).await,
        };
        all.insert(table, rows);
    }
    all
}

/// Fails with the tables whose rows differ.
pub fn assert_same(before: &Snapshot, after: &Snapshot, what: &str) {
    for (table, rows) in before {
        assert_eq!(rows, &after[table], "{what} changed `{table}`");
    }
}
