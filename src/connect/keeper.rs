//! Keeps connections working without anybody asking: looks at each from time to time, renews
//! tokens before they lapse, ends logins that nobody finished. Any number of processes share the
//! work, since each look is claimed in the database before it begins; what a person does meanwhile
//! always stands, see `Guard`.
//!
//! # Why
//!
//! A claim moves the moment of the next look instead of marking the row: a process that dies
//! leaves nothing behind that another one would have to clean up, and the claim ends by itself.

mod claim;
mod look;

use super::Connect;
use super::change::jittered;
use crate::error::Result;
use crate::service::now;
use chrono::TimeDelta;
use claim::Claim;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// The longest pause before it is looked again what is due: another process may have connected
/// something meanwhile.
const PAUSE: TimeDelta = TimeDelta::seconds(2);

/// The pause after the database could not be asked.
const TROUBLE: TimeDelta = TimeDelta::seconds(5);

/// The keeper of one process.
#[derive(Debug)]
pub struct Keeper {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Stops a keeper.
#[derive(Debug, Clone)]
pub struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// From now on nothing new is taken up; a question to a server is given up, what is being
    /// written is finished.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// Hears that the keeper is to stop.
#[derive(Clone)]
struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Ends when the keeper is to stop.
    async fn stopped(&mut self) {
        // A keeper that was dropped is to stop as well.
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    /// What a wait comes to, unless the keeper is stopped first.
    async fn unless<T>(&mut self, wait: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = wait => Some(done),
            () = self.stopped() => None,
        }
    }
}

impl Keeper {
    /// Begins to keep connections, so many at once; with 0 it does nothing.
    pub fn start(connect: &Connect, parallelism: usize) -> Keeper {
        let (stop, stopped) = watch::channel(false);
        let connect = connect.clone();
        let task = tokio::spawn(async move {
            if parallelism > 0 {
                keep(connect, parallelism, Stop(stopped)).await;
            }
        });
        Keeper { stop, task }
    }

    /// What stops it.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.stop.clone())
    }

    /// Waits until all has ended; after `patience` what is left is cut off.
    pub async fn ended(mut self, patience: Duration) {
        self.stopper().stop();
        if tokio::time::timeout(patience, &mut self.task)
            .await
            .is_err()
        {
            tracing::warn!("checks of connections are cut off; others take them up again");
            self.task.abort();
        }
    }
}

/// Looks at all that is due now, one after the other; how many there were.
pub async fn once(connect: &Connect) -> Result<usize> {
    let (_never, stop) = watch::channel(false);
    let mut looked = 0;
    while let Some(claim) = claim::take(connect, 1).await?.pop() {
        guarded(connect.clone(), claim, Stop(stop.clone())).await;
        looked += 1;
    }
    Ok(looked)
}

/// Keeps until it is stopped, and ends with the last check.
async fn keep(connect: Connect, parallelism: usize, mut stop: Stop) {
    // Dropped with this task, and all checks with it.
    let mut running = JoinSet::new();
    loop {
        while running.try_join_next().is_some() {}
        let free = parallelism - running.len();
        let pause = match begin(&connect, free, &mut running, &stop).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::warn!(%error, "connections that are due cannot be looked up");
                jittered(TROUBLE)
            }
        };
        let wait = async {
            if running.len() < parallelism {
                tokio::time::sleep(pause.to_std().unwrap_or_default()).await;
            } else {
                running.join_next().await;
            }
        };
        if stop.unless(wait).await.is_none() {
            break;
        }
    }
    while running.join_next().await.is_some() {}
}

/// Begins as many checks as there is room for; says how long there is nothing to do.
async fn begin(
    connect: &Connect,
    free: usize,
    running: &mut JoinSet<()>,
    stop: &Stop,
) -> Result<TimeDelta> {
    let first = claim::first(connect).await?;
    let lag = first.map_or(TimeDelta::zero(), |first| now() - first);
    connect.metrics().lag(lag.max(TimeDelta::zero()));
    match first {
        None => return Ok(jittered(PAUSE)),
        Some(first) if first > now() => return Ok(jittered(PAUSE).min(first - now())),
        Some(_) => {}
    }
    for claim in claim::take(connect, free).await? {
        connect.metrics().claimed();
        running.spawn(guarded(connect.clone(), claim, stop.clone()));
    }
    Ok(TimeDelta::zero())
}

/// One check. Whatever goes wrong in it ends there: the row comes back when its claim ends.
async fn guarded(connect: Connect, claim: Claim, stop: Stop) {
    let id = claim.installation;
    let check = AssertUnwindSafe(look::check(&connect, &claim, stop)).catch_unwind();
    match check.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%id, %error, "a connection was not checked"),
        // The panic itself was logged where it happened.
        Err(_) => tracing::error!(%id, "the check of a connection panicked"),
    }
}
