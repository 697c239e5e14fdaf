//! The events of one follower: first those it missed, from the table, then those that come. No
//! event is left out and none comes twice.

use super::feed::Shared;
use super::tail::{BATCH, Moment};
use super::{BUFFER, Event, Position};
use crate::error::Error;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// How soon the table is read again when the database does not answer.
const AGAIN: Duration = Duration::from_millis(250);

/// Why there are no more events.
#[derive(Debug)]
pub enum Ended {
    /// The follower was too slow; it may come back with its last cursor.
    Behind,
    /// The feed was ended.
    Stopped,
    /// The table cannot be read.
    Failed(Error),
}

/// What one follower has still to see.
pub struct Events {
    shared: Arc<Shared>,
    resource: &'static str,
    /// Everything up to here was seen or is in `missed`.
    last: Position,
    /// Read from the table and not yet seen.
    missed: VecDeque<Arc<Event>>,
    /// Where events come once those in the table up to the place were read.
    joined: Option<(Receiver<Arc<Event>>, Position)>,
    /// Changes of which this moment knew are left out.
    since: Option<Moment>,
}

impl Events {
    /// Events after a place.
    pub(super) fn from_place(shared: Arc<Shared>, resource: &'static str, last: Position) -> Self {
        Events {
            shared,
            resource,
            last,
            missed: VecDeque::new(),
            joined: None,
            since: None,
        }
    }

    /// Events that come through a receiver and that a moment did not know of.
    pub(super) fn from_now(
        shared: Arc<Shared>,
        resource: &'static str,
        receiver: Receiver<Arc<Event>>,
        since: Moment,
    ) -> Self {
        let last = Position::default();
        Events {
            joined: Some((receiver, last)),
            since: Some(since),
            ..Events::from_place(shared, resource, last)
        }
    }

    /// The next event. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Arc<Event>, Ended> {
        loop {
            if let Some(event) = self.missed.pop_front() {
                return Ok(event);
            }
            match &mut self.joined {
                Some((receiver, from)) if self.last >= *from => match receiver.recv().await {
                    Ok(event) if self.wants(&event) => return Ok(event),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return Err(Ended::Behind),
                    Err(RecvError::Closed) => return Err(Ended::Stopped),
                },
                _ => self.catch_up().await?,
            }
        }
    }

    fn wants(&mut self, event: &Event) -> bool {
        if event.position <= self.last {
            return false;
        }
        self.last = event.position;
        let known = self.since.as_ref().is_some_and(|s| s.knew(event.position));
        !known && *event.resource == *self.resource
    }

    /// Reads a few of the missed events. What happens meanwhile waits in the receiver; if it
    /// did not fit there, it is in the table by then, and a new receiver goes on from there.
    async fn catch_up(&mut self) -> Result<(), Ended> {
        let shared = self.shared.clone();
        let overrun = |(receiver, _): &(Receiver<_>, Position)| receiver.len() > BUFFER / 2;
        if self.joined.as_ref().is_none_or(overrun) {
            self.joined = Some(shared.join());
        }
        let to = self.joined.as_ref().map_or(self.last, |(_, to)| *to);
        let read = shared.tail.between(self.last, to, self.resource).await;
        let batch = match read {
            Ok(batch) => batch,
            Err(Error::Unavailable(_)) => {
                tokio::time::sleep(AGAIN).await;
                return Ok(());
            }
            Err(error) => return Err(Ended::Failed(error)),
        };
        let end = batch.end.filter(|_| batch.full).unwrap_or(to);
        self.last = self.last.max(end);
        debug_assert!(batch.events.len() <= BATCH, "a reading is bounded");
        self.missed.extend(batch.events.into_iter().map(Arc::new));
        Ok(())
    }
}
