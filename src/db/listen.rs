//! What PostgreSQL tells those who listen: NOTIFY, on a connection that does nothing else.

use super::{Db, Source};
use crate::error::Result;
use sqlx::postgres::{PgListener, PgPoolOptions};
use std::time::Duration;

/// How long to wait for the connection, at first and after it broke.
const PATIENCE: Duration = Duration::from_secs(3);

/// A connection that is told of notifications on one channel.
pub struct Listener(PgListener);

impl Db {
    /// Listens on a channel. The connection is none of the pool's, so that it takes nothing from
    /// requests. SQLite has no channels: `None`.
    pub async fn listen(&self, channel: &str) -> Result<Option<Listener>> {
        let Source::Postgres(pool) = &self.source else {
            return Ok(None);
        };
        let own = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with((*pool.connect_options()).clone());
        let mut listener = PgListener::connect_with(&own).await?;
        listener.listen(channel).await?;
        Ok(Some(Listener(listener)))
    }
}

impl Listener {
    /// Waits until something was told, or the connection was lost and made anew: then something
    /// may have been missed. Wakes once for all that has come.
    pub async fn told(&mut self) -> Result<()> {
        self.0.try_recv().await?;
        while self.0.next_buffered().is_some() {}
        Ok(())
    }
}
