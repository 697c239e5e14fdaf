//! Opening a database by its address.

use super::{Db, Readers};
use crate::error::{Error, Result};
use sea_orm::{SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::str::FromStr;
use std::sync::{Arc, atomic::AtomicU64};
use std::time::Duration;

/// What can be chosen about the connections.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Most connections: to PostgreSQL in all, to SQLite for reading.
    pub max_connections: u32,
    /// How long a request waits for a free connection before it is told to try later.
    pub acquire_timeout: Duration,
    /// How long PostgreSQL works on one statement before it gives up.
    pub statement_timeout: Duration,
}

/// Opens `sqlite://path?mode=rwc` or `postgres://user@host/name`.
pub async fn connect(url: &str, options: Options) -> Result<Db> {
    if url.starts_with("sqlite:") {
        sqlite(url, options).await
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        postgres(url, options).await
    } else {
        Err(Error::invalid("DATABASE_URL", "must begin with `sqlite://` or `postgres://`"))
    }
}

async fn sqlite(url: &str, options: Options) -> Result<Db> {
    let base = SqliteConnectOptions::from_str(url)
        .map_err(|e| Error::invalid("DATABASE_URL", format!("cannot be read: {e}")))?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(100)
        .with_regexp();
    // One writer: SQLite has one write lock, and queueing in the pool is fair where busy-waiting
    // is not. The writer connects first, since it may have to create the file.
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(options.acquire_timeout.max(Duration::from_secs(10)))
        .connect_with(base.clone().optimize_on_close(true, None))
        .await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(options.max_connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(options.acquire_timeout)
        .connect_lazy_with(base.create_if_missing(false).pragma("query_only", "on"));
    Ok(Db {
        readers: Readers::Sqlite(readers),
        orm: SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
        statements: Arc::new(AtomicU64::new(0)),
    })
}

async fn postgres(url: &str, options: Options) -> Result<Db> {
    let timeout = options.statement_timeout.as_millis().to_string();
    let connect = PgConnectOptions::from_str(url)
        .map_err(|e| Error::invalid("DATABASE_URL", format!("cannot be read: {e}")))?
        .application_name("connectory")
        // Compiling a page's plan takes longer than the page.
        .options([("statement_timeout", timeout.as_str()), ("jit", "off")]);
    let pool = PgPoolOptions::new()
        .max_connections(options.max_connections)
        // A ping before each statement would double the round trips; a broken connection fails
        // its request with 503 instead and leaves the pool.
        .test_before_acquire(false)
        .acquire_timeout(options.acquire_timeout)
        .connect_with(connect)
        .await?;
    Ok(Db {
        readers: Readers::Postgres(pool.clone()),
        orm: SqlxPostgresConnector::from_sqlx_postgres_pool(pool),
        statements: Arc::new(AtomicU64::new(0)),
    })
}
