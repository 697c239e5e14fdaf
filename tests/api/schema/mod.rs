//! Migrations: up, down and up again, what they leave, and that the tables are the entities'.

mod empty;
mod shape;

pub use empty::Empty;

use crate::support::World;
use crate::{both, both_empty};
use connectory::app;
use connectory::query::{Kind, Source};
use connectory::resource::RESOURCES;
use migration::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use sea_orm_migration::MigratorTrait;
use shape::Shape;

async fn connect(e: &Empty) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(&e.url);
    options.max_connections(2).sqlx_logging(false);
    sea_orm::Database::connect(options)
        .await
        .expect("the database opens")
}

both_empty! {
    async fn migrations_go_up_and_down_and_up_again(e) {
        let db = connect(e).await;
        Migrator::up(&db, None).await.expect("up");
        let first = Shape::read(&db).await;
        assert!(first.tables.len() > 20, "{first:#?}");
        Migrator::down(&db, None).await.expect("down");
        let left = Shape::read(&db).await;
        assert!(left.tables.is_empty() && left.references.is_empty() && left.indexes.is_empty(), "{left:#?}");
        Migrator::up(&db, None).await.expect("up again");
        assert_eq!(Shape::read(&db).await, first);
    }

    async fn every_migration_can_be_taken_back_alone(e) {
        let db = connect(e).await;
        let steps = Migrator::migrations().len();
        let mut shapes = Vec::new();
        for _ in 0..steps {
            shapes.push(Shape::read(&db).await);
            Migrator::up(&db, Some(1)).await.expect("one up");
        }
        for before in shapes.iter().rev() {
            Migrator::down(&db, Some(1)).await.expect("one down");
            assert_eq!(Shape::read(&db).await, *before);
        }
    }

    async fn tables_and_columns_are_those_of_the_entities(e) {
        let db = connect(e).await;
        Migrator::up(&db, None).await.expect("up");
        let migrated = Shape::read(&db).await;
        Migrator::down(&db, None).await.expect("down");
        let declared = shape::declared(&db).await;
        for (table, columns) in &declared.tables {
            assert_eq!(migrated.tables.get(table), Some(columns), "{table}: left as migrated, right as the entity says");
        }
        assert_eq!(migrated.tables.len(), declared.tables.len(), "a table has no entity");
        assert_eq!(migrated.references, declared.references, "left: foreign keys; right: relations of the entities");
    }

    async fn a_second_run_changes_nothing(e) {
        let first = app::open(&e.config()).await.expect("migrations run");
        let before = Shape::read(first.orm()).await;
        first.close().await;
        let second = app::open(&e.config()).await.expect("nothing is left to do");
        assert_eq!(Shape::read(second.orm()).await, before);
        second.close().await;
    }

    async fn several_processes_can_migrate_one_database_at_once(e) {
        let open = || {
            let config = e.config();
            tokio::spawn(async move { app::open(&config).await })
        };
        let tasks: Vec<_> = (0..4).map(|_| open()).collect();
        for task in tasks {
            let db = task.await.expect("no panic").unwrap_or_else(|e| panic!("{e}"));
            assert!(Migrator::get_pending_migrations(db.orm()).await.expect("they can be read").is_empty());
            db.close().await;
        }
    }

    async fn texts_compare_by_bytes(e) {
        let db = app::open(&e.config()).await.expect("migrations run");
        let insert = |n: u32, slug: &str| {
            let id = if e.is_sqlite() { format!("x'{n:032x}'") } else { format!("'{n:032x}'::uuid") };
            format!(
                "INSERT INTO categories (id, slug, name, created_at, updated_at) VALUES \
                 ({id}, '{slug}', 'n', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')"
            )
        };
        for (n, slug) in (1..).zip(["b", "B", "a", "ä", "Z", "_"]) {
            db.orm().execute_unprepared(&insert(n, slug)).await.expect("a category");
        }
        let rows = db.rows("SELECT slug FROM categories ORDER BY slug".into(), Vec::new()).await.expect("rows");
        let slugs: Vec<_> = rows.iter().filter_map(|r| r.text(0)).collect();
        assert_eq!(slugs, ["B", "Z", "_", "a", "b", "ä"]);
        db.close().await;
    }
}

both! {
    async fn columns_of_words_refuse_an_unknown_one(t) {
        World::make(t).await;
        let listed = RESOURCES.iter().flat_map(|r| r.fields.iter().map(move |f| (r.table, f)));
        let words = listed.filter_map(|(table, field)| match (field.kind, field.source) {
            (Kind::Enum(_), Source::Column(column)) => Some((table, column)),
            _ => None,
        });
        let all: Vec<_> = words.chain([("api_tokens", "role")]).collect();
        assert!(all.len() > 15, "{all:?}");
        for (table, column) in all {
            let statement = if table == "audit_events" {
                // Its rows cannot be changed, so a new one is tried.
                let columns = "id, action, resource, created_at, updated_at";
                format!(
                    "INSERT INTO {table} ({columns}, {column}) SELECT id, 'a', 'b', created_at, updated_at, 'nonsense' FROM workspaces"
                )
            } else {
                let count = t.db().rows(format!("SELECT count(*) FROM {table}"), Vec::new()).await.expect("a number");
                assert_ne!(count[0].int(0), Some(0), "{table} has no row to try it on");
                format!("UPDATE {table} SET {column} = 'nonsense'")
            };
            let change = t.db().orm().execute_unprepared(&statement).await;
            let refusal = change.expect_err(&format!("{table}.{column} takes any word")).to_string();
            assert!(refusal.to_lowercase().contains("check constraint"), "{table}.{column}: {refusal}");
        }
    }
}
