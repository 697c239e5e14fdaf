//! A database of one's own with nothing in it, not even tables.

use crate::support::app::postgres_url;
use connectory::config::Config;
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::path::PathBuf;
use tempfile::TempDir;
use uuid::Uuid;

/// An empty database and a folder beside it.
pub struct Empty {
    /// Its address.
    pub url: String,
    folder: TempDir,
    /// The name of a PostgreSQL database.
    name: Option<String>,
}

impl Empty {
    /// A file that is not there yet.
    pub fn sqlite() -> Empty {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("connectory.db").display()
        );
        Empty {
            url,
            folder,
            name: None,
        }
    }

    /// A database on the server; `None` if SQLite alone was asked for.
    pub async fn postgres() -> Option<Empty> {
        let admin = postgres_url()?;
        let name = format!("connectory_empty_{}", Uuid::new_v4().simple());
        run(&admin, format!("CREATE DATABASE {name}")).await;
        let mut url = url::Url::parse(&admin).expect("TEST_DATABASE_URL is an address");
        url.set_path(&name);
        Some(Empty {
            url: url.into(),
            folder: tempfile::tempdir().expect("a temporary folder"),
            name: Some(name),
        })
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Settings for it.
    pub fn config(&self) -> Config {
        Config {
            database_url: self.url.clone(),
            database_connections: 3,
            ..Config::default()
        }
    }

    /// Whether it is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.name.is_none()
    }

    /// Drops it.
    pub async fn end(self) {
        if let (Some(name), Some(admin)) = (&self.name, postgres_url()) {
            run(&admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn run(admin: &str, sql: String) {
    let mut connection = sqlx::PgConnection::connect(admin)
        .await
        .expect("PostgreSQL answers");
    connection
        .execute(AssertSqlSafe(sql))
        .await
        .expect("the server makes and drops databases");
}

/// A test on both databases with an [`Empty`] one.
#[macro_export]
macro_rules! both_empty {
    ($($(#[$meta:meta])* async fn $name:ident($e:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$meta])*
            async fn check($e: &$crate::schema::Empty) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let e = $crate::schema::Empty::sqlite();
                check(&e).await;
                e.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(e) = $crate::schema::Empty::postgres().await {
                    check(&e).await;
                    e.end().await;
                }
            }
        }
    )*};
}
