//! The messages of `graphql-transport-ws`, read and written.

use super::Close;
use crate::error::Error;
use crate::graphql::{Outcome, Response as Answer, Step};
use poem::web::websocket::Message;
use serde_json::{Map, Value as Json, json};

/// A message of the client.
pub(super) enum Received {
    Init(Json),
    Ping,
    Pong,
    Complete(String),
    Subscribe(String, Map<String, Json>),
}

/// What an operation says.
pub(super) enum Told {
    /// The one answer of a query or mutation.
    Answer(Answer),
    /// One of the answers of a subscription.
    Step(Step),
    /// A subscription has ended.
    Complete,
    /// It took too long.
    Late,
}

/// Reads a message.
pub(super) fn read(text: &str) -> Result<Received, Close> {
    const INVALID: Close = Close(4400, "not a message of graphql-transport-ws");
    let Ok(Json::Object(mut message)) = serde_json::from_str(text) else {
        return Err(INVALID);
    };
    let kind = message.remove("type").unwrap_or_default();
    let id = match message.remove("id") {
        Some(Json::String(id)) => Some(id),
        _ => None,
    };
    let payload = message.remove("payload").unwrap_or_default();
    match (kind.as_str().unwrap_or_default(), id, payload) {
        ("connection_init", _, payload) => Ok(Received::Init(payload)),
        ("ping", ..) => Ok(Received::Ping),
        ("pong", ..) => Ok(Received::Pong),
        ("complete", Some(id), _) => Ok(Received::Complete(id)),
        ("subscribe", Some(id), Json::Object(payload)) => Ok(Received::Subscribe(id, payload)),
        _ => Err(INVALID),
    }
}

fn text(json: &Json) -> Message {
    Message::Text(json.to_string())
}

/// The greeting was good.
pub(super) fn acknowledge() -> Message {
    text(&json!({"type": "connection_ack"}))
}

/// The answer to a ping.
pub(super) fn pong() -> Message {
    text(&json!({"type": "pong"}))
}

/// An operation has ended.
pub(super) fn complete(id: &str) -> Message {
    text(&json!({"id": id, "type": "complete"}))
}

/// An operation was not begun.
pub(super) fn refused(id: &str, code: &str, message: &str, trace_id: &str) -> Message {
    let extensions = json!({"code": code, "traceId": trace_id});
    failed(id, &json!([{"message": message, "extensions": extensions}]))
}

fn failed(id: &str, errors: &Json) -> Message {
    text(&json!({"id": id, "type": "error", "payload": errors}))
}

/// The errors of a written response document.
fn errors(body: &[u8]) -> Json {
    let mut body: Json = serde_json::from_slice(body).unwrap_or_default();
    body["errors"].take()
}

fn next(id: &str, body: Vec<u8>) -> Message {
    let (id, body) = (Json::from(id), String::from_utf8_lossy(&body));
    Message::Text(format!(
        "{{\"id\":{id},\"type\":\"next\",\"payload\":{body}}}"
    ))
}

/// What is sent of what an operation says, and whether it has ended with it.
pub(super) fn write(id: &str, told: Told) -> (Vec<Message>, bool) {
    match told {
        Told::Answer(answer) if answer.outcome == Outcome::Ran => {
            (vec![next(id, answer.body), complete(id)], true)
        }
        Told::Answer(refused) => (vec![failed(id, &errors(&refused.body))], true),
        Told::Step(Step::Next { body, .. }) => (vec![next(id, body)], false),
        Told::Step(Step::Refused(body) | Step::Behind(body)) => {
            (vec![failed(id, &errors(&body))], true)
        }
        Told::Complete => (vec![complete(id)], true),
        Told::Late => {
            let error = Error::Unavailable("an operation took too long".into());
            let extensions = json!({"code": error.code().as_str()});
            let errors = json!([{"message": error.message(), "extensions": extensions}]);
            (vec![failed(id, &errors)], true)
        }
    }
}
