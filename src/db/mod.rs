//! The database: pools, dialects, parameters and rows. It knows no resource and no viewer.
//!
//! SQLite has one writing connection, whose transactions begin IMMEDIATE, and a pool of readers;
//! PostgreSQL has one pool. Reads of the engine go through [`Db::rows`]; writes use SeaORM on
//! [`Db::orm`].

mod arg;
mod connect;
mod listen;
mod reader;
mod row;

pub use arg::Arg;
pub use connect::{Options, connect};
pub use listen::Listener;
pub use row::{Cell, Row, Storage, write_text};

use crate::error::{Error, Result};
use reader::Readers;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sqlx::{AssertSqlSafe, PgPool};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Which SQL to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.44 or newer.
    Sqlite,
    /// PostgreSQL 14 or newer, built with ICU.
    Postgres,
}

/// The number of the advisory lock under which migrations run; any number, the same everywhere.
const MIGRATION_LOCK: i64 = 0x636f_6e6e_6563_746f;

#[derive(Clone)]
enum Source {
    Postgres(PgPool),
    Sqlite(Arc<Readers>),
    /// Everything inside one transaction, which sees what it wrote.
    Transaction(Arc<DatabaseTransaction>, Dialect),
}

/// A connected database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    source: Source,
    orm: DatabaseConnection,
    statements: Arc<AtomicU64>,
    changes: Arc<Notify>,
    trees: Arc<AtomicU64>,
}

impl Db {
    fn new(source: Source, mut orm: DatabaseConnection) -> Db {
        let statements = Arc::new(AtomicU64::new(0));
        let counted = statements.clone();
        orm.set_metric_callback(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        Db {
            source,
            orm,
            statements,
            changes: Arc::new(Notify::new()),
            trees: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Which SQL to write.
    pub fn dialect(&self) -> Dialect {
        match self.source {
            Source::Postgres(_) => Dialect::Postgres,
            Source::Sqlite(_) => Dialect::Sqlite,
            Source::Transaction(_, dialect) => dialect,
        }
    }

    /// The same database seen from inside a transaction: [`Db::rows`] reads what it wrote.
    pub fn within(&self, transaction: &Arc<DatabaseTransaction>) -> Db {
        Db {
            source: Source::Transaction(transaction.clone(), self.dialect()),
            ..self.clone()
        }
    }

    /// Waits until something may have been written: [`Db::committed`] in this process, counted
    /// from the call on and not only once it is waited for. Wakes once for any number of writes.
    pub fn changed(&self) -> Notified<'_> {
        self.changes.notified()
    }

    /// How often the tree of workspaces changed in this process; what was remembered about an
    /// earlier tree must be looked up again.
    pub fn trees(&self) -> u64 {
        self.trees.load(Ordering::Acquire)
    }

    /// Says that the tree of workspaces changed.
    pub fn replanted(&self) {
        self.trees.fetch_add(1, Ordering::AcqRel);
    }

    /// Tells those who wait in [`Db::changed`] that something was written.
    pub fn committed(&self) {
        self.changes.notify_waiters();
    }

    /// The connection that writes, and reads what it wrote.
    pub fn orm(&self) -> &DatabaseConnection {
        &self.orm
    }

    /// Statements run since the start, reading and writing ones; tests count with it.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Begins a transaction that writes. On SQLite it takes the write lock at once, so that it
    /// never fails half-way because another one wrote first.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.orm.begin_with_options(options).await?)
    }

    /// Runs one reading statement. The text must come from the engine, values from `args` only.
    pub async fn rows(&self, sql: String, args: Vec<Arg>) -> Result<Vec<Row>> {
        tracing::trace!(sql, "statement");
        // A statement inside a transaction is counted where those of the ORM are.
        if !matches!(self.source, Source::Transaction(..)) {
            self.statements.fetch_add(1, Ordering::Relaxed);
        }
        match &self.source {
            Source::Postgres(pool) => {
                let args = arg::postgres(args).map_err(Error::Internal)?;
                let rows = sqlx::query_with(AssertSqlSafe(sql), args)
                    .fetch_all(pool)
                    .await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
            Source::Sqlite(readers) => readers.rows(sql, args).await,
            Source::Transaction(transaction, _) => {
                let backend = transaction.get_database_backend();
                let args = args.into_iter().map(|arg| arg::orm(arg, backend));
                let statement = Statement::from_sql_and_values(backend, sql, args);
                let rows = transaction.query_all_raw(statement).await?;
                Ok(rows.into_iter().map(Row::orm).collect())
            }
        }
    }

    /// Runs a writing statement of the server's own, which belongs to no request and is not counted
    /// among theirs.
    pub async fn aside(&self, sql: &'static str, args: Vec<Arg>) -> Result<()> {
        match &self.source {
            Source::Postgres(pool) => {
                let args = arg::postgres(args).map_err(Error::Internal)?;
                sqlx::query_with(sql, args).execute(pool).await?;
            }
            Source::Sqlite(_) => {
                let args = arg::sqlite(args).map_err(Error::Internal)?;
                let pool = self.orm.get_sqlite_connection_pool();
                sqlx::query_with(sql, args).execute(pool).await?;
            }
            Source::Transaction(..) => {
                return Err(Error::internal("a transaction belongs to a request"));
            }
        }
        Ok(())
    }

    /// Waits until no other process migrates this database, and keeps others waiting until the
    /// returned lock is dropped. SQLite needs none beside its own write lock.
    pub async fn lock_for_migration(&self) -> Result<Option<sqlx::PgConnection>> {
        let Source::Postgres(pool) = &self.source else {
            return Ok(None);
        };
        // The lock belongs to the session, so it must not go back into the pool.
        let mut connection = pool.acquire().await?.detach();
        let lock = sqlx::query("SELECT pg_advisory_lock($1)").bind(MIGRATION_LOCK);
        lock.execute(&mut connection).await?;
        Ok(Some(connection))
    }

    /// Closes the pools; what runs is finished first.
    pub async fn close(&self) {
        match &self.source {
            Source::Postgres(pool) => pool.close().await,
            Source::Sqlite(readers) => {
                readers.close().await;
                self.orm.get_sqlite_connection_pool().close().await;
            }
            Source::Transaction(..) => {}
        }
    }
}
