//! What passes through this process: how many calls of one connection at once, how many there were,
//! and which refusals stand in the record already.

use super::Refusal;
use crate::db::Db;
use crate::error::Result;
use crate::live::Quota;
use crate::service::workspace_connector::ROOT;
use crate::service::{Actor, Entry, audit};
use entity::audit_event::Outcome;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// What stands in the record where a call is refused.
const ACTION: &str = "workspace_connector.proxy";

/// How long a refusal speaks for those of the same kind that follow: agents try again and again, and
/// the record is read by people.
const QUIET: Duration = Duration::from_secs(600);

/// Who was refused what, and for which kind of reason.
type Told = (Option<Uuid>, Uuid, &'static str);

/// What passes through this process.
pub struct Traffic {
    /// What is counted.
    pub counts: Arc<Counts>,
    quota: Quota,
    told: moka::sync::Cache<Told, ()>,
}

/// What is counted, from the start of the process on.
#[derive(Debug, Default)]
pub struct Counts {
    calls: AtomicU64,
    refusals: AtomicU64,
    failures: AtomicU64,
    repetitions: AtomicU64,
    open: AtomicU64,
    bytes: AtomicU64,
}

/// The counts at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Calls that were admitted.
    pub calls: u64,
    /// Calls that were not.
    pub refusals: u64,
    /// Calls without an answer that could be passed on.
    pub failures: u64,
    /// Calls that were sent a second time, with a renewed token.
    pub repetitions: u64,
    /// Answers that are being passed on.
    pub open: u64,
    /// Bytes of answers that were passed on to their end.
    pub bytes: u64,
}

impl Counts {
    pub(super) fn call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failure(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn repetition(&self) {
        self.repetitions.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn begin(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end(&self, bytes: u64) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The counts now.
    pub fn now(&self) -> Counted {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counted {
            calls: read(&self.calls),
            refusals: read(&self.refusals),
            failures: read(&self.failures),
            repetitions: read(&self.repetitions),
            open: read(&self.open),
            bytes: read(&self.bytes),
        }
    }
}

impl Traffic {
    /// With so many calls of one connection at once.
    pub fn new(concurrency: usize) -> Traffic {
        let told = moka::sync::Cache::builder()
            .max_capacity(100_000)
            .time_to_live(QUIET)
            .build();
        Traffic {
            counts: Arc::default(),
            quota: Quota::new(concurrency),
            told,
        }
    }

    pub(super) fn quota(&self) -> &Quota {
        &self.quota
    }

    /// Counts a refusal, and notes it in the record if it says something new there.
    pub(super) async fn refused(
        &self,
        db: &Db,
        actor: &Actor,
        id: Uuid,
        refusal: &Refusal,
    ) -> Result<()> {
        self.counts.refusals.fetch_add(1, Ordering::Relaxed);
        let (kind, entry) = match refusal {
            // Whether the connection exists is not theirs to know, so it is not named.
            Refusal::Forbidden => ("forbidden", Entry::default()),
            Refusal::NotConnected { .. } => ("not connected", Entry::of(ROOT, id)),
            _ => return Ok(()),
        };
        let told = (actor.token_id, entry.record_id.unwrap_or_default(), kind);
        if !self.told.entry(told).or_insert(()).is_fresh() {
            return Ok(());
        }
        let entry = Entry {
            resource: ROOT,
            ..entry
        };
        let transaction = db.begin().await?;
        audit::write(&transaction, actor, ACTION, Outcome::Refused, entry).await?;
        transaction.commit().await?;
        Ok(())
    }
}
