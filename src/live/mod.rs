//! Live updates: every committed write as an event, in one order, to everybody who follows.
//!
//! The record of what happened (`audit_events`) is also the outbox: one row for each write, in the
//! transaction of the write, so that nothing is told that was rolled back and nothing is
//! forgotten that was committed. One task of the process reads new rows ([`Feed`]) and hands them
//! to those who follow; who was away reads from the table what happened since its [`Position`].
//! Which rows a viewer may see and how they are written is not known here.
//!
//! # Order
//!
//! Events are ordered by the number of their transaction, then by key. On PostgreSQL keys become
//! visible in the order of commits, so a reader that goes by keys alone would skip the row of a
//! transaction that began earlier and ends later. Nothing at or above the oldest transaction that
//! still runs is therefore looked at: below it, nothing can appear any more. A use case takes a
//! lock on its row before its transaction gets a number, so this order is also the order in which
//! one row was changed. SQLite has one writer, so there the key alone orders.
//!
//! # Falling behind
//!
//! Events wait for their followers in one ring for all ([`BUFFER`]). A follower that lets it run
//! round is ended and told so; nothing is lost, because it comes back with its last cursor and
//! reads what it missed from the table, at its own pace.

mod event;
mod events;
mod feed;
mod position;
mod quota;
mod tail;
mod topic;

pub use event::{Change, Event};
pub use events::{Ended, Events};
pub use feed::{BUFFER, Feed};
pub use position::Position;
pub use quota::{Permit, Quota};
pub use topic::{TOPICS, Topic, topic};

use crate::db::Db;
use std::future::Future;
use tokio::sync::watch;

/// What the process needs for live updates, once.
pub struct Live {
    /// The events.
    pub feed: Feed,
    /// How much each token follows.
    pub quota: Quota,
    stop: watch::Sender<bool>,
}

impl Live {
    /// Live updates from a database; each token may follow so many things at once.
    pub fn new(db: Db, subscriptions_per_token: usize) -> Self {
        Live {
            feed: Feed::new(db),
            quota: Quota::new(subscriptions_per_token),
            stop: watch::Sender::new(false),
        }
    }

    /// Says that the server stops: everything that has no end of its own is to end.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// A guest of the server that wants to know when it stops; see [`Live::empty`].
    pub fn guest(&self) -> Guest {
        Guest(self.stop.subscribe())
    }

    /// Waits until every [`Guest`] is gone.
    pub fn empty(&self) -> impl Future<Output = ()> {
        self.stop.closed()
    }
}

/// Held by what lasts longer than a request.
pub struct Guest(watch::Receiver<bool>);

impl Guest {
    /// Waits until the server stops.
    pub async fn stopped(&mut self) {
        // Without a sender the server is gone, which is the same.
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }
}
