//! The one task of a process that reads new events and hands them to all who follow.

use super::tail::{Moment, Tail};
use super::{Event, Events, Position};
use crate::db::{Db, Dialect, Listener};
use crate::error::{Error, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, broadcast};
use tokio::task::JoinHandle;

/// Events that wait for the slowest follower; a power of two.
pub const BUFFER: usize = 4096;

/// The channel on which PostgreSQL tells of new rows.
const CHANNEL: &str = "connectory_events";

/// The table is looked at after this time even if nothing was told: a notification can be lost
/// with its connection, and other processes beside SQLite tell nothing.
const POLL: [(Dialect, Duration); 2] = [
    (Dialect::Postgres, Duration::from_secs(1)),
    (Dialect::Sqlite, Duration::from_millis(500)),
];

/// How soon to look again while rows wait for older transactions, at first and at most.
const WAITING: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// How soon to try again when the database does not answer, at first and at most.
const BROKEN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));

/// The events of a database, for any number of followers.
pub struct Feed {
    db: Db,
    running: OnceCell<Running>,
}

/// Begun with the first follower, ended with the feed.
struct Running {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the task and the followers share.
pub(super) struct Shared {
    pub tail: Tail,
    /// Everything up to here was handed out.
    end: Mutex<Position>,
    sender: broadcast::Sender<Arc<Event>>,
}

impl Feed {
    /// The events of a database. Nothing is read before somebody follows.
    pub fn new(db: Db) -> Self {
        Feed {
            db,
            running: OnceCell::new(),
        }
    }

    /// Follows the events of one resource: those after a place, or those of changes that are
    /// committed from now on.
    pub async fn follow(&self, resource: &'static str, after: Option<Position>) -> Result<Events> {
        let running = self.running.get_or_try_init(|| begin(&self.db)).await?;
        let shared = running.shared.clone();
        match after {
            None => {
                // Joined first: what is committed after the moment is looked at comes this way.
                let (receiver, _) = shared.join();
                let since: Moment = shared.tail.now().await?;
                Ok(Events::from_now(shared, resource, receiver, since))
            }
            Some(place) if shared.tail.has(place).await? => {
                Ok(Events::from_place(shared, resource, place))
            }
            Some(_) => Err(Error::invalid(
                "after",
                "names an event that is not kept here; read the present state and follow without it",
            )),
        }
    }
}

async fn begin(db: &Db) -> Result<Running> {
    let tail = Tail::open(db).await?;
    let end = tail.end().await?;
    let shared = Arc::new(Shared {
        tail,
        end: Mutex::new(end),
        sender: broadcast::Sender::new(BUFFER),
    });
    let task = tokio::spawn(run(shared.clone()));
    Ok(Running { shared, task })
}

impl Shared {
    fn end(&self) -> MutexGuard<'_, Position> {
        // A position is whole whatever thread stopped while holding it.
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on everything comes through the receiver, everything up to the place is in the
    /// table.
    pub fn join(&self) -> (broadcast::Receiver<Arc<Event>>, Position) {
        let end = self.end();
        (self.sender.subscribe(), *end)
    }

    /// Hands out what has come since; says whether more may be expected soon.
    async fn hand_out(&self) -> Result<bool> {
        loop {
            let place = *self.end();
            let batch = self.tail.after(place).await?;
            let Some(last) = batch.end else { break };
            let mut end = self.end();
            for event in batch.events {
                // Without followers there is nobody to tell.
                let _ = self.sender.send(Arc::new(event));
            }
            *end = last;
            if !batch.full {
                break;
            }
        }
        self.tail.waits().await
    }
}

/// Twice as long, up to a limit.
fn longer(pause: Duration, most: Duration) -> Duration {
    (pause * 2).min(most)
}

async fn run(shared: Arc<Shared>) {
    let db = shared.tail.db().clone();
    let dialect = db.dialect();
    let poll = POLL.iter().find(|(d, _)| *d == dialect).map(|(_, p)| *p);
    let poll = poll.unwrap_or(Duration::from_secs(1));
    let mut listener = None;
    let (mut waiting, mut broken) = (WAITING.0, BROKEN.0);
    let mut deaf = false;
    loop {
        // Both are asked before the table is read, so that no write falls between.
        let changed = db.changed();
        if listener.is_none() {
            listener = listen(&db, &mut deaf).await;
        }
        let pause = match shared.hand_out().await {
            Ok(true) => {
                broken = BROKEN.0;
                let pause = waiting;
                waiting = longer(waiting, WAITING.1);
                pause
            }
            Ok(false) => {
                (waiting, broken) = (WAITING.0, BROKEN.0);
                poll
            }
            Err(error) => {
                tracing::warn!(%error, "live updates wait for the database");
                tokio::time::sleep(broken).await;
                broken = longer(broken, BROKEN.1);
                continue;
            }
        };
        tokio::select! {
            () = changed => {}
            () = told(&mut listener) => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// A connection that is told of writes of other processes; `None` if there is none now, which is
/// said once.
async fn listen(db: &Db, deaf: &mut bool) -> Option<Listener> {
    match db.listen(CHANNEL).await {
        Ok(listener) => {
            *deaf = false;
            listener
        }
        Err(error) => {
            if !std::mem::replace(deaf, true) {
                tracing::warn!(%error, "live updates are not told of changes and look for them");
            }
            None
        }
    }
}

/// Waits until something was told; without a connection, for ever.
async fn told(listener: &mut Option<Listener>) {
    let Some(open) = listener else {
        return std::future::pending().await;
    };
    if let Err(error) = open.told().await {
        tracing::warn!(%error, "live updates lost the connection that tells of changes");
        *listener = None;
    }
}
