//! A load of writes: writers that make connectors, change them, install them, pause the
//! installations and note syncs of them, with keys and without.

use super::ledger::{Change, Ledger, Told};
use super::{Client, connector, document};
use crate::cli::serve::Server;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// Writers at once.
pub const WRITERS: usize = 8;

/// Most stories a writer tells, so that no load goes on for ever.
const STORIES: usize = 200;

/// Most repetitions of one request.
const REPEATS: usize = 100;

/// What a writer does when the server says that it cannot answer now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Stops, as when nothing is said at all.
    None,
    /// Repeats what has a key, and leaves the rest.
    Some,
}

/// A running load.
pub struct Load {
    writers: JoinSet<()>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Starts it; `name` tells its connectors from those of other loads.
    pub fn start(
        server: &Server,
        token: &str,
        ledger: &Arc<Ledger>,
        name: &str,
        patience: Patience,
    ) -> Load {
        let (mut writers, stop) = (JoinSet::new(), Arc::new(AtomicBool::new(false)));
        for number in 0..WRITERS {
            let writer = Writer {
                client: Client::new(&server.graphql, token),
                ledger: ledger.clone(),
                name: format!("{name}-{number}"),
                patience,
                stop: stop.clone(),
            };
            writers.spawn(writer.write());
        }
        Load { writers, stop }
    }

    /// Waits until every writer has noticed that the server is gone.
    pub async fn end(mut self) {
        while let Some(ended) = self.writers.join_next().await {
            ended.expect("a writer was told nothing wrong");
        }
    }

    /// Asks the writers to end after what they are at, and waits for it.
    pub async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.end().await;
    }
}

/// Why a writer cannot go on with a story.
enum Lost {
    /// The server is gone.
    Server,
    /// Nobody knows what became of a change.
    Thread,
}

struct Writer {
    client: Client,
    ledger: Arc<Ledger>,
    name: String,
    patience: Patience,
    stop: Arc<AtomicBool>,
}

impl Writer {
    async fn write(self) {
        for number in 0..STORIES {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            if let Err(Lost::Server) = self.story(number).await {
                return;
            }
        }
    }

    /// A connector's life. Every second story is told with keys.
    async fn story(&self, number: usize) -> Result<(), Lost> {
        let slug = format!("{}-{number}", self.name);
        let tell = |step: u32, mutation, input: Json| {
            let key = number.is_multiple_of(2).then(|| format!("{slug}/{step}"));
            self.tell(Change {
                mutation,
                input,
                key,
            })
        };
        let made = tell(0, "connectorCreate", connector(&slug)).await?;
        let named = |revision: i64| json!({"id": made.id, "revision": revision, "name": format!("{slug} at {revision}")});
        tell(1, "connectorUpdate", named(1)).await?;
        let installed = tell(
            2,
            "workspaceConnectorInstall",
            json!({"connector": made.id}),
        )
        .await?;
        let begun = tell(
            3,
            "syncLogStart",
            json!({"workspaceConnector": installed.id}),
        )
        .await?;
        tell(4, "syncLogFinish", json!({"id": begun.id, "revision": 1})).await?;
        let paused = json!({"id": installed.id, "revision": 1});
        tell(5, "workspaceConnectorPause", paused).await?;
        tell(6, "connectorUpdate", named(2)).await?;
        Ok(())
    }

    /// Asks for a change until something is known of it, or cannot be.
    async fn tell(&self, change: Change) -> Result<Told, Lost> {
        self.ledger.sent();
        for _ in 0..REPEATS {
            let lost = match ask(&self.client, &change).await {
                Ok(told) => {
                    self.ledger.told(told.clone());
                    return Ok(told);
                }
                Err(lost) => lost,
            };
            let repeat = self.patience == Patience::Some && change.key.is_some();
            if !repeat {
                self.ledger.unanswered(change);
                return Err(match self.patience {
                    Patience::None => Lost::Server,
                    Patience::Some => lost,
                });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the server does not recover: {change:?}");
    }
}

/// Asks for a change. An answer is either that it was done, or that the server cannot answer now;
/// anything else is wrong.
async fn ask(client: &Client, change: &Change) -> Result<Told, Lost> {
    let (document, variables) = (document(change.mutation), json!({"input": change.input}));
    let sent = client.try_send(change.key.as_deref(), &document, &variables);
    let Ok(reply) = sent.await else {
        return Err(Lost::Server);
    };
    match reply.code() {
        None => Ok(Told::of(reply.record())),
        Some("UNAVAILABLE") => Err(Lost::Thread),
        Some(_) => panic!("{change:?}: {reply:#?}"),
    }
}

/// Repeats changes of which nobody knows what became, twice each; those without a key are left.
/// Whether or not they were made before, they are made now, once, and both answers are the same.
pub async fn repeat(client: &Client, ledger: &Ledger, changes: Vec<Change>) -> usize {
    let mut count = 0;
    for change in changes.into_iter().filter(|c| c.key.is_some()) {
        let (document, variables) = (document(change.mutation), json!({"input": change.input}));
        let first = client
            .send(change.key.as_deref(), &document, variables.clone())
            .await;
        let second = client
            .send(change.key.as_deref(), &document, variables)
            .await;
        assert!(second.replayed, "{change:?}: {second:?}");
        assert_eq!(first.body, second.body, "{change:?}");
        ledger.told(Told::of(first.record()));
        count += 1;
    }
    count
}
