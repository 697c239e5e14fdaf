//! GraphQL over WebSocket, after the protocol `graphql-transport-ws`: one socket, many operations
//! at once, each answered under the identifier its client gave it. The credential comes with the
//! first message, because browsers cannot set headers on a socket.
//!
//! # How a socket ends
//!
//! | code | when |
//! |---|---|
//! | 4400 | a message that is none of the protocol |
//! | 4401 | an operation before the socket was greeted |
//! | 4403 | the token is no good, or no longer: it is looked at twice a second |
//! | 4408 | no greeting within `init_timeout` |
//! | 4409 | an identifier that is in use |
//! | 4429 | a second greeting |
//! | 1001 | the server stops |
//! | 1013 | the client is too slow: it took no message for [`super::WRITE_LIMIT`], gave no sign of life for two ping intervals, or let its subscriptions fall behind |
//!
//! 1013 is "try again later" (RFC 6455, registry of close codes): the protocol has no code of its
//! own for it, and clients of the protocol take other codes from 1002 on as final, but this one
//! as a reason to connect again. With `after` and the last cursor they go on without a gap.

mod message;

use super::session::{self, Session};
use super::{WRITE_LIMIT, authorize, graphql};
use crate::app::App;
use crate::graphql::{Request as Question, Step};
use futures_util::stream::{AbortHandle, BoxStream, SelectAll, SplitSink, abortable, once};
use futures_util::{FutureExt, SinkExt, StreamExt};
use message::{Received, Told};
use poem::http::StatusCode;
use poem::web::websocket::{CloseCode, Message, WebSocket, WebSocketStream};
use poem::{FromRequest, IntoResponse, Request, RequestBody, Response};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

const PROTOCOL: &str = "graphql-transport-ws";

/// Most operations that run at once on one socket.
const MAX_RUNNING: usize = 32;

/// Why a socket is closed.
pub(super) struct Close(u16, &'static str);

const FORBIDDEN: Close = Close(4403, "Forbidden");
const SLOW: Close = Close(
    1013,
    "too slow; connect again and go on with the last cursor",
);

/// Takes a socket.
pub async fn upgrade(request: &Request, app: &Arc<App>) -> poem::Result<Response> {
    let offered = request.header("sec-websocket-protocol").unwrap_or_default();
    if !offered.split(',').any(|p| p.trim() == PROTOCOL) {
        let message = "a socket must speak `graphql-transport-ws`";
        let id = authorize::trace_id(request);
        let code = crate::error::Code::BadRequest;
        let status = StatusCode::BAD_REQUEST;
        return Ok(super::error::response(status, code, message, &id));
    }
    let socket = Socket {
        app: app.clone(),
        trace_id: authorize::trace_id(request),
        address: authorize::address(request),
        credential: request.header("authorization").map(str::to_owned),
        session: None,
        running: HashMap::new(),
        stopping: false,
    };
    let limit = Some(app.config.body_limit);
    let config = WebSocketConfig::default()
        .max_message_size(limit)
        .max_frame_size(limit);
    let upgrade = WebSocket::from_request(request, &mut RequestBody::default()).await?;
    let upgraded = upgrade
        .protocols([PROTOCOL])
        .config(config)
        .on_upgrade(move |stream| socket.serve(stream));
    Ok(upgraded.into_response())
}

struct Socket {
    app: Arc<App>,
    trace_id: String,
    address: Option<String>,
    /// What stands for the `Authorization` header.
    credential: Option<String>,
    /// Who asks, once the socket was greeted.
    session: Option<Arc<Session>>,
    running: HashMap<String, Operation>,
    /// The server stops: what runs may end, nothing begins.
    stopping: bool,
}

/// An operation that has not ended.
struct Operation {
    /// Ends it; what it says afterwards is not heard.
    handle: AbortHandle,
    subscribes: bool,
}

/// What operations say, with the identifier of each.
type Answers = SelectAll<BoxStream<'static, (String, Told)>>;
type Sink = SplitSink<WebSocketStream, Message>;

impl Socket {
    async fn serve(mut self, stream: WebSocketStream) {
        let (mut sink, mut messages) = stream.split();
        let mut guest = self.app.live.guest();
        let mut answers = Answers::new();
        let patience = tokio::time::sleep(Duration::from_secs(self.app.config.init_timeout));
        tokio::pin!(patience);
        let interval = Duration::from_secs(self.app.config.ping_interval);
        let mut ping = tokio::time::interval_at(Instant::now() + interval, interval);
        let mut heard = Instant::now();
        let mut revoked = over(None);
        let close = loop {
            if self.stopping && self.running.is_empty() {
                break Close(1001, "the server stops");
            }
            let said = tokio::select! {
                message = messages.next() => {
                    heard = Instant::now();
                    match message {
                        None | Some(Err(_) | Ok(Message::Close(_))) => return,
                        Some(Ok(Message::Text(text))) => {
                            let greeted = self.session.is_some();
                            let said = self.read(&text, &mut answers).await;
                            if !greeted {
                                revoked = over(self.session.clone());
                            }
                            said
                        }
                        Some(Ok(Message::Binary(_))) => Err(Close(4400, "messages are texts")),
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Vec::new()),
                    }
                }
                Some((id, told)) = answers.next() => self.told(&id, told),
                () = &mut patience, if self.session.is_none() => {
                    Err(Close(4408, "Connection initialisation timeout"))
                }
                () = &mut revoked => Err(FORBIDDEN),
                () = guest.stopped(), if !self.stopping => Ok(self.stop()),
                now = ping.tick() => match now.duration_since(heard) > interval * 2 {
                    true => Err(SLOW),
                    false => Ok(vec![Message::Ping(Vec::new())]),
                },
            };
            match said {
                Err(close) => break close,
                Ok(said) => match send(&mut sink, said).await {
                    Ok(()) => {}
                    Err(Some(close)) => break close,
                    Err(None) => return,
                },
            }
        };
        drop(answers);
        let reason = (CloseCode::from(close.0), close.1.to_owned());
        let closed = sink.send(Message::Close(Some(reason)));
        let _ = tokio::time::timeout(WRITE_LIMIT, closed).await;
    }

    /// Takes one message of the client and returns what is to be sent at once.
    async fn read(&mut self, text: &str, answers: &mut Answers) -> Result<Vec<Message>, Close> {
        match message::read(text)? {
            Received::Init(payload) => self.greet(&payload).await,
            Received::Ping => Ok(vec![message::pong()]),
            Received::Pong => Ok(Vec::new()),
            Received::Complete(id) => {
                if let Some(operation) = self.running.remove(&id) {
                    operation.handle.abort();
                }
                Ok(Vec::new())
            }
            Received::Subscribe(id, payload) => self.start(id, payload, answers).await,
        }
    }

    async fn greet(&mut self, payload: &Json) -> Result<Vec<Message>, Close> {
        if self.session.is_some() {
            return Err(Close(4429, "Too many initialisation requests"));
        }
        let sent = ["Authorization", "authorization"]
            .iter()
            .find_map(|name| payload.get(name));
        if let Some(credential) = sent.and_then(Json::as_str) {
            self.credential = Some(credential.to_owned());
        }
        let (address, trace_id) = (self.address.clone(), self.trace_id.clone());
        let credential = self.credential.as_deref();
        match Session::begin(&self.app, credential, address, trace_id).await {
            Ok(session) => self.session = Some(Arc::new(session)),
            Err(error) if session::refuses(&error) => return Err(FORBIDDEN),
            Err(_) => return Err(Close(1013, "the server cannot answer now; try again later")),
        }
        Ok(vec![message::acknowledge()])
    }

    /// Starts an operation, unless something about it is wrong already.
    async fn start(
        &mut self,
        id: String,
        payload: serde_json::Map<String, Json>,
        answers: &mut Answers,
    ) -> Result<Vec<Message>, Close> {
        let Some(session) = self.session.clone() else {
            return Err(Close(4401, "Unauthorized"));
        };
        if self.running.contains_key(&id) {
            return Err(Close(4409, "Subscriber for this id already exists"));
        }
        let refused = |code: &str, message: &str| {
            Ok(vec![message::refused(&id, code, message, &self.trace_id)])
        };
        if self.stopping {
            return refused("UNAVAILABLE", "the server stops; connect again");
        }
        if self.running.len() >= MAX_RUNNING {
            let issue = format!("the socket runs {MAX_RUNNING} operations, which is the limit");
            return refused("BAD_REQUEST", &issue);
        }
        let question = match graphql::question(payload) {
            Ok(question) => question,
            Err(refusal) => return refused("BAD_REQUEST", &refusal.message),
        };
        let actor = match session.actor().await {
            Ok(actor) => actor,
            Err(error) if session::refuses(&error) => return Err(FORBIDDEN),
            Err(error) => return refused(error.code().as_str(), &error.message()),
        };
        let subscribes = self.app.graph.subscribes(&question);
        let said = match subscribes {
            true => self.subscribe(question, &session),
            false => self.ask(question, actor),
        };
        let key = id.clone();
        let (said, handle) = abortable(said.map(move |told| (key.clone(), told)));
        answers.push(said.boxed());
        self.running.insert(id, Operation { handle, subscribes });
        Ok(Vec::new())
    }

    /// An operation with one answer.
    fn ask(&self, question: Question, actor: crate::service::Actor) -> BoxStream<'static, Told> {
        let app = self.app.clone();
        let limit = Duration::from_secs(app.config.request_timeout);
        let run = async move {
            let answer = app.graph.execute(question, actor, false);
            match tokio::time::timeout(limit, answer).await {
                Ok(answer) => Told::Answer(answer),
                Err(_) => Told::Late,
            }
        };
        once(run).boxed()
    }

    /// An operation with an answer for each event.
    fn subscribe(&self, question: Question, session: &Session) -> BoxStream<'static, Told> {
        let steps = self.app.graph.subscribe(question, session.follow(), None);
        let end = once(async { Told::Complete });
        steps.map(Told::Step).chain(end).boxed()
    }

    /// What is sent when an operation says something.
    fn told(&mut self, id: &str, told: Told) -> Result<Vec<Message>, Close> {
        if let Told::Step(Step::Behind(_)) = told {
            return Err(SLOW);
        }
        // One that ended with an error says `Complete` as well, which is not sent.
        if !self.running.contains_key(id) {
            return Ok(Vec::new());
        }
        let (messages, ends) = message::write(id, told);
        if ends && let Some(operation) = self.running.remove(id) {
            operation.handle.abort();
        }
        Ok(messages)
    }

    /// Ends what has no end of its own.
    fn stop(&mut self) -> Vec<Message> {
        self.stopping = true;
        let ended = self.running.extract_if(|_, operation| operation.subscribes);
        let complete = |(id, operation): (String, Operation)| {
            operation.handle.abort();
            message::complete(&id)
        };
        ended.map(complete).collect()
    }
}

/// Ends when the credential is no longer good; never if there is none yet.
fn over(session: Option<Arc<Session>>) -> futures_util::future::BoxFuture<'static, ()> {
    async move {
        match session {
            Some(session) => drop(session.over().await),
            None => std::future::pending().await,
        }
    }
    .boxed()
}

/// Sends messages; a client that takes too long for one is too slow, and `None` says that it is
/// gone.
async fn send(sink: &mut Sink, messages: Vec<Message>) -> Result<(), Option<Close>> {
    for message in messages {
        match tokio::time::timeout(WRITE_LIMIT, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(None),
            Err(_) => return Err(Some(SLOW)),
        }
    }
    Ok(())
}
