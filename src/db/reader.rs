//! The connections that read SQLite.
//!
//! # Why
//!
//! A pool of the driver asks each connection whether it lives when it comes back, and a time limit
//! set from outside asks it to stop for it; on SQLite both are messages to another thread, and
//! together they cost as much as a page. Here a connection carries its own time limit, set by
//! writing a number, and one that failed or was abandoned is closed instead of asked.

use super::{Arg, Row, arg};
use crate::error::{Error, Result};
use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Instructions SQLite runs between two looks at the clock, about a millisecond.
const STEPS: i32 = 50_000;

/// Connections for reading, opened when they are needed.
pub(super) struct Readers {
    connect: SqliteConnectOptions,
    free: Mutex<Vec<Reader>>,
    permits: Semaphore,
    count: u32,
    /// How long a question waits for a connection.
    wait: Duration,
    /// How long a statement may take; zero is for ever.
    limit: Duration,
    began: Instant,
}

struct Reader {
    connection: SqliteConnection,
    /// When the running statement must end, in milliseconds since `began`.
    end: Arc<AtomicU64>,
}

impl Readers {
    pub fn new(connect: SqliteConnectOptions, count: u32, wait: Duration, limit: Duration) -> Self {
        let permits = Semaphore::new(count as usize);
        Readers {
            connect,
            free: Mutex::default(),
            permits,
            count,
            wait,
            limit,
            began: Instant::now(),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    async fn open(&self) -> Result<Reader> {
        let mut connection = SqliteConnection::connect_with(&self.connect).await?;
        let end = Arc::new(AtomicU64::new(u64::MAX));
        if !self.limit.is_zero() {
            let (end, began) = (end.clone(), self.began);
            connection
                .lock_handle()
                .await?
                .set_progress_handler(STEPS, move || {
                    u64::try_from(began.elapsed().as_millis())
                        .is_ok_and(|now| now < end.load(Ordering::Relaxed))
                });
        }
        Ok(Reader { connection, end })
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        // The list is whole whatever thread stopped while holding it.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one reading statement.
    pub async fn rows(&self, sql: String, args: Vec<Arg>) -> Result<Vec<Row>> {
        let args = arg::sqlite(args).map_err(Error::Internal)?;
        let permit = tokio::time::timeout(self.wait, self.permits.acquire()).await;
        let busy = || Error::Unavailable("no connection became free in time".into());
        let _permit = permit.map_err(|_| busy())?.map_err(|_| busy())?;
        let known = self.free().pop();
        let mut reader = match known {
            Some(reader) => reader,
            None => self.open().await?,
        };
        let limit = u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX);
        reader
            .end
            .store(self.now().saturating_add(limit), Ordering::Relaxed);
        let query = sqlx::query_with(AssertSqlSafe(sql), args);
        let rows = query
            .fetch(&mut reader.connection)
            .map_ok(|row| Row::sqlite(&row))
            .try_collect()
            .await?;
        self.free().push(reader);
        Ok(rows)
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        let all = self.permits.acquire_many(self.count).await;
        self.permits.close();
        let readers = std::mem::take(&mut *self.free());
        for reader in readers {
            // The file is in order however a reader ends.
            let _ = reader.connection.close().await;
        }
        drop(all);
    }
}
