//! Forgetting connections whose installations are removed: nothing of them stays, and their tokens
//! are taken back where the authorization servers allow it.

use super::login::revoke;
use super::secrets::{self, Credentials};
use super::{Connect, Held};
use crate::error::Result;
use crate::service::work::Work;
use futures_util::StreamExt;
use std::time::Duration;
use uuid::Uuid;

/// How many authorization servers are spoken to at once.
const TOGETHER: usize = 8;

/// How long whoever removed the installations waits for that.
const PATIENCE: Duration = Duration::from_secs(10);

/// Erases what is kept of the connections of installations that are removed in this transaction.
/// Each is locked, so that nobody stores a secret of one meanwhile.
pub(crate) async fn forget(work: &mut Work, installations: &[Uuid]) -> Result<()> {
    let connect = work.backing.connect.clone();
    let mut held = Vec::new();
    for id in installations {
        match secrets::credentials(work.tx(), connect.vault(), *id).await {
            Ok(credentials) => held.extend(is_revocable(&credentials).then_some(credentials)),
            // What cannot be opened must be erased all the same.
            Err(error) => tracing::warn!(%id, %error, "the tokens of a connection are not revoked"),
        }
        secrets::forget(work.tx(), *id).await?;
    }
    if !held.is_empty() {
        work.afterwards(move || revoke_all(connect, held));
    }
    Ok(())
}

fn is_revocable(credentials: &Credentials) -> bool {
    matches!(
        credentials.held,
        Some(Held::Grant { .. } | Held::Machine { .. })
    )
}

/// Takes back what was granted; nothing depends on it.
async fn revoke_all(connect: Connect, held: Vec<Credentials>) {
    let all = futures_util::stream::iter(held)
        .for_each_concurrent(TOGETHER, |credentials| revoke(connect.clone(), credentials));
    if tokio::time::timeout(PATIENCE, all).await.is_err() {
        tracing::warn!("some tokens were erased and not revoked in time");
    }
}
