//! Behind every filterable or sortable stored column stands an index.

use crate::both;
use crate::support::TestApp;
use connectory::query::Source;
use connectory::resource::RESOURCES;
use std::collections::BTreeSet;

/// Columns that clients may ask for and no index leads with, with the reason.
const WITHOUT: &[(&str, &str, &str)] = &[];

/// On SQLite the key of the table is the table itself; partial indexes serve no general question.
const SQLITE: &str = "SELECT t.name, i.name FROM sqlite_master t, pragma_table_info(t.name) i WHERE t.type = 'table' AND i.pk = 1 \
    UNION SELECT t.name, i.name FROM sqlite_master t, pragma_index_list(t.name) l, pragma_index_info(l.name) i \
    WHERE t.type = 'table' AND i.seqno = 0 AND l.partial = 0";

const POSTGRES: &str = "SELECT t.relname::text, a.attname::text FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
    JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0] \
    WHERE n.nspname = 'public' AND i.indpred IS NULL";

/// Table and column of each column that leads an index.
async fn leading(t: &TestApp) -> BTreeSet<(String, String)> {
    let sql = if t.is_sqlite() { SQLITE } else { POSTGRES };
    let rows = t
        .db()
        .rows(sql.to_owned(), Vec::new())
        .await
        .expect("the statement runs");
    rows.iter()
        .map(|r| (r.text(0).unwrap().to_owned(), r.text(1).unwrap().to_owned()))
        .collect()
}

both! {
    async fn an_index_leads_with_every_column_that_clients_may_ask_for(t) {
        let leading = leading(t).await;
        let mut missing = BTreeSet::new();
        for resource in RESOURCES.iter() {
            for field in resource.fields.iter().filter(|f| f.asked()) {
                if let Source::Column(column) = field.source
                    && !leading.contains(&(resource.table.to_owned(), column.to_owned()))
                {
                    missing.insert((resource.table, column));
                }
            }
        }
        let known: BTreeSet<_> = WITHOUT.iter().map(|(table, column, _)| (*table, *column)).collect();
        assert_eq!(missing, known, "left: columns without an index; right: the exceptions of this test");
    }

    async fn an_index_leads_with_every_column_that_a_relation_follows(t) {
        let leading = leading(t).await;
        for resource in RESOURCES.iter() {
            for relation in &resource.relations {
                let sides = [(resource.table, relation.from), ((relation.target)().table, relation.to)];
                for (table, column) in sides {
                    let found = leading.contains(&(table.to_owned(), column.to_owned()));
                    assert!(found, "{}.{} follows {table}.{column}, which has no index", resource.name, relation.name);
                }
            }
        }
    }
}
