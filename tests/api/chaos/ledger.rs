//! What clients were told, held against what is stored.

use connectory::db::Db;
use entity::audit_event::{Column, Entity, Model, Outcome};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// A change as a client asks for it.
#[derive(Debug, Clone)]
pub struct Change {
    /// One of the listed mutations.
    pub mutation: &'static str,
    /// Its input.
    pub input: Json,
    /// The key it may be repeated by.
    pub key: Option<String>,
}

/// A change that a client was told of.
#[derive(Debug, Clone)]
pub struct Told {
    /// The record.
    pub id: Uuid,
    /// The revision it has since.
    pub revision: i64,
    /// Its name or status since, in small letters.
    pub said: String,
}

impl Told {
    /// Out of the record of an answer.
    pub fn of(record: &Json) -> Told {
        let text = |name: &str| record[name].as_str().unwrap_or_else(|| panic!("{record}"));
        Told {
            id: Uuid::parse_str(text("id")).expect("an identifier"),
            revision: record["revision"].as_i64().expect("a revision"),
            said: text("said").to_lowercase(),
        }
    }
}

/// What all clients of a load sent and were told.
pub struct Ledger {
    sent: Mutex<usize>,
    told: Mutex<Vec<Told>>,
    open: Mutex<Vec<Change>>,
    /// One permit for each change that was told of, to wait for.
    progress: Semaphore,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no writer panicked")
}

impl Ledger {
    /// An empty one.
    pub fn new() -> Ledger {
        Ledger {
            sent: Mutex::default(),
            told: Mutex::default(),
            open: Mutex::default(),
            progress: Semaphore::new(0),
        }
    }

    /// Notes that a change is asked for; repetitions of it are not noted.
    pub fn sent(&self) {
        *held(&self.sent) += 1;
    }

    /// Notes what a client was told.
    pub fn told(&self, told: Told) {
        held(&self.told).push(told);
        self.progress.add_permits(1);
    }

    /// Notes that a client does not know what became of a change.
    pub fn unanswered(&self, change: Change) {
        held(&self.open).push(change);
    }

    /// Waits until so many more changes were told of.
    pub async fn wait_for(&self, more: u32) {
        let limit = std::time::Duration::from_secs(120);
        let waited = tokio::time::timeout(limit, self.progress.acquire_many(more)).await;
        let permits = waited.expect("the load gets somewhere");
        permits.expect("it is never closed").forget();
    }

    /// How many changes were told of.
    pub fn count(&self) -> usize {
        held(&self.told).len()
    }

    /// Takes the changes of which nobody knows what became.
    pub fn take_unanswered(&self) -> Vec<Change> {
        std::mem::take(&mut held(&self.open))
    }

    /// Holds it against what is stored; returns how many changes are.
    pub async fn check(&self, db: &Db) -> usize {
        let (stored, sent, told) = (
            Stored::read(db).await,
            *held(&self.sent),
            held(&self.told).clone(),
        );
        stored.is_whole();
        let made = stored.events.len();
        assert!(
            told.len() <= made && made <= sent,
            "{} told, {made} made, {sent} sent",
            told.len()
        );
        let mut seen = HashSet::new();
        for told in &told {
            assert!(
                seen.insert((told.id, told.revision)),
                "two were told of one revision: {told:?}"
            );
            stored.holds(told);
        }
        made
    }
}

/// The tables that a load writes, and what the record says of them.
struct Stored {
    /// Revision and name or status, by identifier.
    rows: HashMap<Uuid, (i64, String)>,
    /// In the order in which they happened.
    events: Vec<Model>,
}

const ROWS: &str = "SELECT id, revision, name FROM connectors \
                    UNION ALL SELECT id, revision, status FROM workspace_connectors \
                    UNION ALL SELECT id, revision, status FROM workspace_connector_sync_logs";

impl Stored {
    async fn read(db: &Db) -> Stored {
        let found = db.rows(ROWS.into(), Vec::new()).await.expect("rows");
        let row = |row: &connectory::db::Row| {
            let said = row.text(2).expect("a text").to_lowercase();
            (
                row.uuid(0).expect("an identifier"),
                (row.int(1).expect("a number"), said),
            )
        };
        let written = ["connectors", "workspace_connectors", "sync_logs"];
        let events = Entity::find()
            .filter(Column::Resource.is_in(written))
            .filter(Column::Outcome.eq(Outcome::Done))
            .order_by_asc(Column::TransactionId)
            .order_by_asc(Column::Pk);
        Stored {
            rows: found.iter().map(row).collect(),
            events: events.all(db.orm()).await.expect("events"),
        }
    }

    /// Every event has its record and every record its events, one for each revision, in order.
    fn is_whole(&self) {
        let mut revisions: HashMap<Uuid, i64> = HashMap::new();
        for event in &self.events {
            let id = event.record_id.expect("a record");
            assert!(
                self.rows.contains_key(&id),
                "there is no record of {event:?}"
            );
            let last = revisions.entry(id).or_default();
            *last += 1;
            assert_eq!(event.revision.map(i64::from), Some(*last), "{event:?}");
        }
        for (id, (revision, _)) in &self.rows {
            assert_eq!(
                revisions.get(id),
                Some(revision),
                "events of {id}, and its revision"
            );
        }
    }

    /// What a client was told is in the record, and in the row unless that went on.
    fn holds(&self, told: &Told) {
        let is_it = |e: &&Model| {
            e.record_id == Some(told.id) && e.revision.map(i64::from) == Some(told.revision)
        };
        let event = self
            .events
            .iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("{told:?} is lost"));
        let after = event.after.as_ref().expect("what it became");
        let kept = after
            .get("name")
            .filter(|_| event.resource == "connectors")
            .or(after.get("status"));
        assert_eq!(
            kept.and_then(Json::as_str).map(str::to_lowercase),
            Some(told.said.clone()),
            "{event:?}"
        );
        let (revision, said) = &self.rows[&told.id];
        assert!(
            *revision >= told.revision,
            "{told:?} is lost: the row is at {revision}"
        );
        if *revision == told.revision {
            assert_eq!(*said, told.said, "{told:?}");
        }
    }
}
