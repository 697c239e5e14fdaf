//! What a database consists of, read from its own catalogue, so that two can be compared.

use sea_orm::sea_query::Table;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, IdenStatic, Identity, Iterable,
    RelationTrait, Schema, Statement,
};
use std::collections::{BTreeMap, BTreeSet};

/// Name, type, whether it must have a value, and collation of a column.
type Column = (String, String, bool, String);

/// Tables, foreign keys and indexes.
#[derive(Debug, Default, PartialEq)]
pub struct Shape {
    /// The columns of each table, by name.
    pub tables: BTreeMap<String, BTreeSet<Column>>,
    /// Table, column and the table that the column names.
    pub references: BTreeSet<(String, String, String)>,
    /// Names of indexes and what makes them.
    pub indexes: BTreeSet<(String, String)>,
}

const SQLITE: [&str; 3] = [
    "SELECT t.name a, c.name b, c.type c, CASE WHEN c.\"notnull\" + c.pk > 0 THEN 'NO' ELSE 'YES' END d, '' e \
     FROM sqlite_master t, pragma_table_info(t.name) c \
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'seaql_migrations'",
    "SELECT t.name a, f.\"from\" b, f.\"table\" c FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'",
    "SELECT name a, sql b FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
];

const POSTGRES: [&str; 3] = [
    "SELECT table_name::text a, column_name::text b, data_type::text c, is_nullable::text d, coalesce(collation_name::text, '') e \
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'seaql_migrations'",
    "SELECT t.relname::text a, a.attname::text b, f.relname::text c FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid \
     JOIN pg_class f ON f.oid = k.confrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1] WHERE k.contype = 'f'",
    "SELECT indexname::text a, indexdef::text b FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'",
];

impl Shape {
    /// What is there.
    pub async fn read(db: &DatabaseConnection) -> Shape {
        let backend = db.get_database_backend();
        let [columns, references, indexes] = if backend == DbBackend::Sqlite {
            SQLITE
        } else {
            POSTGRES
        };
        let mut shape = Shape::default();
        for row in rows(db, columns, ["a", "b", "c", "d", "e"]).await {
            let [table, name, ty, null, collation] = row;
            shape.tables.entry(table).or_default().insert((
                name,
                ty.to_lowercase(),
                null == "NO",
                collation,
            ));
        }
        shape.references = rows(db, references, ["a", "b", "c"])
            .await
            .into_iter()
            .map(|[a, b, c]| (a, b, c))
            .collect();
        shape.indexes = rows(db, indexes, ["a", "b"])
            .await
            .into_iter()
            .map(|[a, b]| (a, b))
            .collect();
        shape
    }
}

async fn rows<const N: usize>(
    db: &DatabaseConnection,
    sql: &str,
    names: [&str; N],
) -> Vec<[String; N]> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db
        .query_all_raw(statement)
        .await
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    rows.iter()
        .map(|row| names.map(|name| row.try_get("", name).expect("a text")))
        .collect()
}

/// What the entities say: their tables are made in the database, read and dropped again.
pub async fn declared(db: &DatabaseConnection) -> Shape {
    let mut references = BTreeSet::new();
    macro_rules! all {
        ($($name:ident)*) => {$(
            make(db, entity::$name::Entity).await;
            for relation in entity::$name::Relation::iter() {
                references.extend(reference::<entity::$name::Entity>(&relation));
            }
        )*};
    }
    all!(api_token audit_event category connection connection_authorization connection_credential connector connector_filter);
    all!(connector_mapping idempotency_key instance_setting media membership person provenance_link provider);
    all!(provider_connector sync_diagnostic sync_log sync_target workspace workspace_connector);
    let mut shape = Shape::read(db).await;
    shape.references = references;
    shape
}

/// The table of an entity, without foreign keys: they go in rings.
async fn make<E: EntityTrait>(db: &DatabaseConnection, entity: E) {
    let backend = db.get_database_backend();
    let schema = Schema::new(backend);
    let mut table = Table::create();
    table.table(entity.table_ref());
    for column in E::Column::iter() {
        let mut definition = schema.get_column_def::<E>(column);
        let text = matches!(
            definition.get_column_type(),
            Some(sea_orm::ColumnType::Text)
        );
        if text && backend == DbBackend::Postgres {
            // Every text of the product compares by bytes, which an entity cannot say.
            definition.extra("COLLATE \"C\"");
        }
        table.col(definition);
    }
    db.execute(&table)
        .await
        .unwrap_or_else(|e| panic!("{}: {e}", entity.table_name()));
}

/// Table, column and named table of a relation on the side that holds the identifier.
fn reference<E: EntityTrait>(relation: &impl RelationTrait) -> Option<(String, String, String)> {
    let relation = relation.def();
    let Identity::Unary(column) = &relation.from_col else {
        return None;
    };
    let target = relation.to_tbl.sea_orm_table().to_string();
    let is_own = E::Column::iter().any(|c| c.as_str() == column.to_string() && c.as_str() != "id");
    is_own.then(|| {
        (
            E::default().table_name().to_owned(),
            column.to_string(),
            target,
        )
    })
}
