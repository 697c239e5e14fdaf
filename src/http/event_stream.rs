//! GraphQL over server-sent events, after the protocol of that name, distinct connections: one
//! request, one operation. Each answer is an event `next`, its identifier the cursor of what it
//! tells, so that a client that comes back with `Last-Event-ID` goes on where it was; the last
//! event is `complete`. A query or a mutation is answered by one `next`.
//!
//! # Slow clients
//!
//! [`WAITING`] events wait for a client. One that takes none for [`super::WRITE_LIMIT`] is let go:
//! its connection ends without `complete`, and it can come back with its last cursor.

use super::WRITE_LIMIT;
use super::session::Session;
use crate::app::App;
use crate::graphql::{Request, Step};
use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Body, Response};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{self, Sender};

/// Events that wait for a client.
const WAITING: usize = 16;

/// The media type.
pub(super) const MEDIA_TYPE: &str = "text/event-stream";

/// The event after which there is none. A browser drops events without `data`.
const COMPLETE: &str = "event: complete\ndata:\n\n";

/// An event with an answer. JSON as it is written here has no line ends.
fn next(body: &[u8], cursor: Option<&str>) -> String {
    let body = String::from_utf8_lossy(body);
    let id = cursor.map_or_else(String::new, |cursor| format!("id: {cursor}\n"));
    format!("event: next\n{id}data: {body}\n\n")
}

/// One answer as a whole stream.
pub(super) fn once(body: &[u8]) -> Response {
    let events = next(body, None) + COMPLETE;
    response(Body::from_string(events))
}

/// The answers of a subscription.
pub(super) fn many(
    app: &Arc<App>,
    session: Session,
    request: Request,
    resume: Option<String>,
) -> Response {
    let (sender, receiver) = mpsc::channel(WAITING);
    let pump = Pump {
        ping: Duration::from_secs(app.config.ping_interval),
        app: app.clone(),
        sender,
    };
    tokio::spawn(pump.run(session, request, resume));
    response(Body::from_bytes_stream(received(receiver)))
}

fn received(
    receiver: mpsc::Receiver<String>,
) -> impl Stream<Item = Result<String, std::io::Error>> {
    let receive = async |mut receiver: mpsc::Receiver<String>| {
        let event = receiver.recv().await?;
        Some((Ok(event), receiver))
    };
    stream::unfold(receiver, receive)
}

fn response(body: Body) -> Response {
    let mut response = Response::builder().status(StatusCode::OK).body(body);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Accept, Authorization"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Proxies that collect answers would keep events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// Moves answers to the client, in a task of its own: a client that does not read must not keep
/// the subscription from noticing.
struct Pump {
    app: Arc<App>,
    ping: Duration,
    sender: Sender<String>,
}

/// The stream is at its end.
struct Over;

impl Pump {
    async fn run(self, session: Session, request: Request, resume: Option<String>) {
        // Whatever ends it has said so already; the connection ends with the sender.
        let _ = self.answers(session, request, resume).await;
    }

    async fn answers(
        &self,
        session: Session,
        request: Request,
        resume: Option<String>,
    ) -> Result<Infallible, Over> {
        let mut guest = self.app.live.guest();
        let mut steps = self.app.graph.subscribe(request, session.follow(), resume);
        let revoked = session.over();
        tokio::pin!(revoked);
        // Headers go out with the first byte, and a client waits for them.
        self.send(":\n\n".into()).await?;
        loop {
            tokio::select! {
                step = steps.next() => self.step(step).await?,
                error = &mut revoked => {
                    let extensions = json!({"code": error.code().as_str()});
                    let errors = json!({"errors": [{"message": error.message(), "extensions": extensions}]});
                    self.send(next(errors.to_string().as_bytes(), None)).await?;
                    self.complete().await?;
                }
                () = guest.stopped() => self.complete().await?,
                () = self.sender.closed() => return Err(Over),
                () = tokio::time::sleep(self.ping) => self.send(":\n\n".into()).await?,
            }
        }
    }

    async fn step(&self, step: Option<Step>) -> Result<(), Over> {
        match step {
            Some(Step::Next { body, cursor }) => self.send(next(&body, cursor.as_deref())).await,
            Some(Step::Refused(body) | Step::Behind(body)) => {
                self.send(next(&body, None)).await?;
                self.complete().await
            }
            None => self.complete().await,
        }
    }

    async fn complete(&self) -> Result<(), Over> {
        self.send(COMPLETE.into()).await?;
        Err(Over)
    }

    async fn send(&self, event: String) -> Result<(), Over> {
        let sent = self.sender.send_timeout(event, WRITE_LIMIT).await;
        sent.map_err(|_| Over)
    }
}
