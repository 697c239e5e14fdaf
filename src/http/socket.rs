//! GraphQL over WebSocket, after the protocol `graphql-transport-ws`: one socket, many operations
//! at once, each answered under the identifier its client gave it. The credential comes with the
//! first message, because browsers cannot set headers on a socket, and is looked at again for each
//! operation, so that a revoked token ends with the next one.

use super::{authorize, graphql};
use crate::app::App;
use crate::error::Error;
use crate::graphql::{Outcome, Response as Answer};
use crate::service::Actor;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, SinkExt, StreamExt, future::BoxFuture};
use poem::http::StatusCode;
use poem::web::websocket::{CloseCode, Message, WebSocket, WebSocketStream};
use poem::{FromRequest, IntoResponse, Request, RequestBody, Response};
use serde_json::{Map, Value as Json, json};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

const PROTOCOL: &str = "graphql-transport-ws";

/// How long a client may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most operations that run at once on one socket.
const MAX_RUNNING: usize = 32;

/// Why a socket is closed; the numbers are the protocol's.
struct Close(u16, &'static str);

/// Takes a socket.
pub async fn upgrade(request: &Request, app: &Arc<App>) -> poem::Result<Response> {
    let offered = request.header("sec-websocket-protocol").unwrap_or_default();
    if !offered.split(',').any(|p| p.trim() == PROTOCOL) {
        let message = "a socket must speak `graphql-transport-ws`";
        let id = authorize::trace_id(request);
        let code = crate::error::Code::BadRequest;
        return Ok(super::error::response(
            StatusCode::BAD_REQUEST,
            code,
            message,
            &id,
        ));
    }
    let header = request.header("authorization").map(str::to_owned);
    let socket = Socket {
        app: app.clone(),
        trace_id: authorize::trace_id(request),
        credential: header,
        greeted: false,
        running: HashSet::new(),
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
    /// What stands for the `Authorization` header.
    credential: Option<String>,
    greeted: bool,
    /// Identifiers of operations that are not yet answered.
    running: HashSet<String>,
}

type Running = FuturesUnordered<BoxFuture<'static, (String, Result<Answer, Error>)>>;

impl Socket {
    async fn serve(mut self, stream: WebSocketStream) {
        let (mut sink, mut messages) = stream.split();
        let mut running = Running::new();
        let patience = tokio::time::sleep(PATIENCE);
        tokio::pin!(patience);
        let close = loop {
            let answers = tokio::select! {
                message = messages.next() => match message {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return,
                    Some(Ok(Message::Text(text))) => self.read(&text, &mut running).await,
                    Some(Ok(Message::Binary(_))) => Err(Close(4400, "messages are texts")),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Vec::new()),
                },
                Some((id, answer)) = running.next() => self.answered(&id, answer),
                () = &mut patience, if !self.greeted => Err(Close(4408, "Connection initialisation timeout")),
            };
            match answers {
                Err(close) => break close,
                Ok(answers) => {
                    for answer in answers {
                        if sink.send(Message::Text(answer)).await.is_err() {
                            return;
                        }
                    }
                }
            }
        };
        let reason = CloseCode::from(close.0);
        let _ = sink
            .send(Message::Close(Some((reason, close.1.to_owned()))))
            .await;
    }

    /// Takes one message of the client and returns what is to be sent at once.
    async fn read(&mut self, text: &str, running: &mut Running) -> Result<Vec<String>, Close> {
        let invalid = Close(4400, "not a message of graphql-transport-ws");
        let Ok(Json::Object(mut message)) = serde_json::from_str(text) else {
            return Err(invalid);
        };
        let kind = message
            .get("type")
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned();
        let id = message.get("id").and_then(Json::as_str).map(str::to_owned);
        let payload = message.remove("payload").unwrap_or_default();
        match (kind.as_str(), id, payload) {
            ("connection_init", _, payload) => self.greet(&payload).await,
            ("ping", ..) => Ok(vec![json!({"type": "pong"}).to_string()]),
            ("pong", ..) => Ok(Vec::new()),
            ("complete", Some(id), _) => {
                self.running.remove(&id);
                Ok(Vec::new())
            }
            ("subscribe", Some(id), Json::Object(payload)) => {
                self.start(id, payload, running).await
            }
            _ => Err(invalid),
        }
    }

    async fn greet(&mut self, payload: &Json) -> Result<Vec<String>, Close> {
        if self.greeted {
            return Err(Close(4429, "Too many initialisation requests"));
        }
        let sent = ["Authorization", "authorization"]
            .iter()
            .find_map(|name| payload.get(name));
        if let Some(credential) = sent.and_then(Json::as_str) {
            self.credential = Some(credential.to_owned());
        }
        self.session().await.map_err(|_| Close(4403, "Forbidden"))?;
        self.greeted = true;
        Ok(vec![json!({"type": "connection_ack"}).to_string()])
    }

    async fn session(&self) -> Result<Actor, Error> {
        authorize::by_credential(&self.app, self.credential.as_deref(), self.trace_id.clone()).await
    }

    /// Starts an operation, unless something about it is wrong already.
    async fn start(
        &mut self,
        id: String,
        payload: Map<String, Json>,
        running: &mut Running,
    ) -> Result<Vec<String>, Close> {
        if !self.greeted {
            return Err(Close(4401, "Unauthorized"));
        }
        if self.running.contains(&id) {
            return Err(Close(4409, "Subscriber for this id already exists"));
        }
        let session = self.session().await.map_err(|_| Close(4403, "Forbidden"))?;
        let refused = |message: &str| {
            let errors = json!([{"message": message, "extensions": {"code": "BAD_REQUEST", "traceId": self.trace_id}}]);
            Ok(vec![
                json!({"id": id, "type": "error", "payload": errors}).to_string(),
            ])
        };
        if self.running.len() >= MAX_RUNNING {
            return refused(&format!(
                "the socket runs {MAX_RUNNING} operations, which is the limit"
            ));
        }
        let question = match graphql::question(payload) {
            Ok(question) => question,
            Err(refusal) => return refused(&refusal.message),
        };
        self.running.insert(id.clone());
        let (app, limit) = (
            self.app.clone(),
            Duration::from_secs(self.app.config.request_timeout),
        );
        let run = async move {
            let answer =
                tokio::time::timeout(limit, app.graph.execute(question, session, false)).await;
            (
                id,
                answer.map_err(|_| Error::Unavailable("an operation took too long".into())),
            )
        };
        running.push(run.boxed());
        Ok(Vec::new())
    }

    /// What is sent when an operation has ended; nothing if its client has lost interest.
    fn answered(&mut self, id: &str, answer: Result<Answer, Error>) -> Result<Vec<String>, Close> {
        if !self.running.remove(id) {
            return Ok(Vec::new());
        }
        let key = Json::from(id);
        let body = match answer {
            Ok(answer) if answer.outcome == Outcome::Ran => {
                let body = String::from_utf8_lossy(&answer.body).into_owned();
                let next = format!("{{\"id\":{key},\"type\":\"next\",\"payload\":{body}}}");
                return Ok(vec![
                    next,
                    json!({"id": id, "type": "complete"}).to_string(),
                ]);
            }
            Ok(refused) => serde_json::from_slice::<Json>(&refused.body).unwrap_or_default(),
            Err(error) => {
                json!({"errors": [{"message": error.message(), "extensions": {"code": error.code().as_str()}}]})
            }
        };
        Ok(vec![
            json!({"id": id, "type": "error", "payload": body["errors"]}).to_string(),
        ])
    }
}
