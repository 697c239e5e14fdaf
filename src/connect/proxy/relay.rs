//! The body of an answer on its way from a server to a caller: in pieces as they come, unchanged,
//! and never more than a few of them here. It knows nothing of what is in them.
//!
//! A task of its own moves them, so that a caller who does not read keeps neither the server's
//! connection nor the leave to call for longer than the answer may pause.

use super::Counts;
use crate::live::Permit;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use reqwest::Response;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};
use tracing::Instrument;

/// Pieces that wait for a caller.
const WAITING: usize = 2;

/// Breaks the caller's connection off.
type Cut = Arc<dyn Fn() + Send + Sync>;

/// Why an answer ends before it is at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The server that passes it on stops.
    Stopping,
    /// The caller may no longer read it.
    Barred,
    /// The caller has gone.
    Left,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// To its end.
    Whole,
    /// Ended from here.
    Ended(End),
    /// The caller went away.
    Left,
    /// The caller did not read.
    Unread,
    /// The server went away.
    Broken,
    /// The server paused for too long.
    Silent,
}

/// An answer to be passed on.
pub struct Relayed {
    /// The answer; its head was passed on.
    pub answer: Response,
    /// The leave to call, held as long as the answer lasts.
    pub permit: Permit,
    /// How long it may pause, and how long it may be left unread.
    pub idle: Duration,
    /// What is counted.
    pub counts: Arc<Counts>,
}

/// Passes the body of an answer on until `end` comes. What breaks off here breaks off there: only a
/// body that came to its end, or that the stopping server ends, has an end. `cut` breaks off what
/// cannot be told so by its body.
pub fn relay(
    relayed: Relayed,
    end: impl Future<Output = End> + Send + 'static,
    cut: impl Fn() + Send + Sync + 'static,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let (sender, receiver) = mpsc::channel(WAITING);
    let cut: Cut = Arc::new(cut);
    let (status, unread) = (relayed.answer.status().as_u16(), cut.clone());
    let moving = async move {
        let began = Instant::now();
        let (counts, permit) = (relayed.counts.clone(), relayed.permit);
        counts.begin();
        let mut mover = Mover {
            answer: relayed.answer,
            sender,
            idle: relayed.idle,
            bytes: 0,
        };
        let outcome = mover.run(end).await;
        counts.end(mover.bytes);
        if outcome == Outcome::Unread {
            // Nobody will ask for the rest, so nobody would hear that it fails.
            unread();
        }
        drop(permit);
        let milliseconds = began.elapsed().as_millis();
        let bytes = mover.bytes;
        tracing::debug!(status, bytes, milliseconds, ?outcome, "passed on");
    };
    tokio::spawn(moving.in_current_span());
    received(receiver, cut)
}

/// What the caller is sent. A sender that is gone without having said that this is all has failed.
fn received(receiver: Receiver<Option<Bytes>>, cut: Cut) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some(receiver), move |receiver| {
        let cut = cut.clone();
        async move {
            let mut receiver = receiver?;
            match receiver.recv().await {
                Some(Some(bytes)) => Some((Ok(bytes), Some(receiver))),
                Some(None) => None,
                None => {
                    // What has come so far is sent first.
                    yield_now().await;
                    cut();
                    Some((Err(io::Error::other("the answer broke off")), None))
                }
            }
        }
    })
}

struct Mover {
    answer: Response,
    sender: Sender<Option<Bytes>>,
    idle: Duration,
    bytes: u64,
}

impl Mover {
    async fn run(&mut self, end: impl Future<Output = End>) -> Outcome {
        tokio::pin!(end);
        let outcome = tokio::select! {
            outcome = self.pieces() => outcome,
            end = &mut end => Outcome::Ended(end),
        };
        let complete = matches!(outcome, Outcome::Whole | Outcome::Ended(End::Stopping));
        if !complete {
            return outcome;
        }
        match self.sender.send_timeout(None, self.idle).await {
            Err(SendTimeoutError::Timeout(_)) => Outcome::Unread,
            // Whoever has all that was announced does not wait for the end.
            Ok(()) | Err(SendTimeoutError::Closed(_)) => outcome,
        }
    }

    /// Moves piece by piece until one side has no more.
    async fn pieces(&mut self) -> Outcome {
        loop {
            let piece = tokio::select! {
                piece = timeout(self.idle, self.answer.chunk()) => piece,
                () = self.sender.closed() => return Outcome::Left,
            };
            let bytes = match piece {
                Ok(Ok(Some(bytes))) => bytes,
                Ok(Ok(None)) => return Outcome::Whole,
                Ok(Err(_)) => return Outcome::Broken,
                Err(_) => return Outcome::Silent,
            };
            let length = bytes.len() as u64;
            match self.sender.send_timeout(Some(bytes), self.idle).await {
                Ok(()) => self.bytes += length,
                Err(SendTimeoutError::Closed(_)) => return Outcome::Left,
                Err(SendTimeoutError::Timeout(_)) => return Outcome::Unread,
            }
        }
    }
}
