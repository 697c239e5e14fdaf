//! Opening a database by its address.

use super::reader::Readers;
use super::{Db, Source};
use crate::error::{Error, Result};
use sea_orm::{SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// What can be chosen about the connections.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Most connections: to PostgreSQL in all, to SQLite for reading.
    pub max_connections: u32,
    /// How long a request waits for a free connection before it is told to try later.
    pub acquire_timeout: Duration,
    /// How long the database works on one statement before it gives up; zero is for ever.
    pub statement_timeout: Duration,
}

/// Opens `sqlite://path?mode=rwc` or `postgres://user@host/name`.
pub async fn connect(url: &str, options: Options) -> Result<Db> {
    let opened = if url.starts_with("sqlite:") {
        patiently(|| sqlite(url, options)).await
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        postgres(url, options).await
    } else {
        Err(Error::invalid(
            "DATABASE_URL",
            "must begin with `sqlite://` or `postgres://`",
        ))
    };
    opened.map_err(|error| match error {
        Error::Invalid(_) => error,
        // The address is left out of the sentence: it can hold a password.
        other => Error::Unavailable(format!("DATABASE_URL cannot be opened: {}", cause(&other))),
    })
}

/// Tries again while another process turns a new file to WAL: for that SQLite takes a lock that it
/// does not wait for, whatever the busy timeout.
async fn patiently<F: Future<Output = Result<Db>>>(mut open: impl FnMut() -> F) -> Result<Db> {
    let mut opened = open().await;
    for _ in 0..100 {
        match &opened {
            Err(error) if cause(error).contains("database is locked") => {}
            _ => break,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        opened = open().await;
    }
    opened
}

fn cause(error: &Error) -> String {
    error.private().unwrap_or_else(|| error.message())
}

async fn sqlite(url: &str, options: Options) -> Result<Db> {
    let base = SqliteConnectOptions::from_str(url)
        .map_err(|e| Error::invalid("DATABASE_URL", format!("cannot be read: {e}")))?
        .journal_mode(SqliteJournalMode::Wal)
        // An answer that says "done" must hold after a loss of power as well.
        .synchronous(SqliteSynchronous::Full)
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
    // A page of 100 rows and the one that tells of more fit without the reader having to wait.
    let reading = base
        .create_if_missing(false)
        .row_buffer_size(128)
        .pragma("query_only", "on");
    let (wait, limit) = (options.acquire_timeout, options.statement_timeout);
    let readers = Readers::new(reading, options.max_connections, wait, limit);
    let orm = SqlxSqliteConnector::from_sqlx_sqlite_pool(writer);
    Ok(Db::new(Source::Sqlite(Arc::new(readers)), orm))
}

async fn postgres(url: &str, options: Options) -> Result<Db> {
    let timeout = options.statement_timeout.as_millis().to_string();
    let connect = PgConnectOptions::from_str(url)
        .map_err(|e| Error::invalid("DATABASE_URL", format!("cannot be read: {e}")))?
        .application_name("connectory")
        // Compiling a page's plan takes longer than the page.
        .options([("statement_timeout", timeout.as_str()), ("jit", "off")]);
    // A pool hides why it cannot connect behind the time it tried for.
    sqlx::PgConnection::connect_with(&connect)
        .await?
        .close()
        .await?;
    let pool = PgPoolOptions::new()
        .max_connections(options.max_connections)
        // A ping before each statement would double the round trips; a broken connection fails
        // its request with 503 instead and leaves the pool.
        .test_before_acquire(false)
        .acquire_timeout(options.acquire_timeout)
        .connect_with(connect)
        .await?;
    let orm = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
    Ok(Db::new(Source::Postgres(pool), orm))
}
