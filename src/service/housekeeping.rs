//! What a server process does beside answering: throwing away what is no longer kept. Any number of
//! processes may do so at once.

use super::idempotency;
use crate::db::Db;
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_secs(600);

/// Keeps house until it is dropped.
pub async fn run(db: Db) {
    loop {
        // Not at once: a process that was just started has other things to do.
        tokio::time::sleep(EVERY).await;
        match idempotency::sweep(&db).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "forgot answers of old idempotency keys"),
            Err(error) => tracing::warn!(%error, "old idempotency keys stay for now"),
        }
    }
}
