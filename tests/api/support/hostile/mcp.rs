//! The MCP server of the hostile peer.

use super::{Hostile, Reply, Request, State};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value as Json, json};
use std::io::Write;

/// Who may talk to the MCP server. Whoever brings an access token of this peer always may.
#[derive(Clone, Debug)]
pub enum Door {
    /// Everybody.
    Open,
    /// Others get 401, and the challenge names the metadata.
    Bearer,
    /// Others get 401, and the challenge names no metadata: it is at its well-known place.
    Bare,
    /// Others get 401 without a challenge.
    Silent,
    /// Others get 401 with these values of `WWW-Authenticate`, one header each.
    Challenge(Vec<String>),
    /// Everybody gets 401 and the challenge, whatever they bring.
    Shut,
}

/// How the MCP server answers whoever may talk to it.
#[derive(Clone, Debug)]
pub enum Mcp {
    /// As it should, with a JSON document.
    Document,
    /// As it should, with a stream of events that then ends.
    Events,
    /// As it should, with a stream of events that never ends: comments follow the answer.
    OpenEvents,
    /// A stream of events, none of which answers.
    EndlessEvents,
    /// A status and a text.
    Status(u16, String),
    /// No answer.
    Silence,
    /// The connection is closed without a word.
    Hangup,
    /// A head that never ends.
    EndlessHead,
    /// A JSON document that never ends.
    EndlessBody,
    /// A JSON document that comes a byte at a time and never ends.
    Trickle,
    /// 200 and a web page.
    Html,
    /// 202, as if there were nothing to say.
    Accepted,
    /// A redirect with a status and where it leads; `/mcp` leads in a circle.
    Redirect(u16, String),
    /// As it should, compressed with gzip whether that was asked for or not.
    Gzip,
    /// A JSON-RPC error.
    Error,
    /// 200, said to be JSON, and not.
    Garbage,
    /// A JSON-RPC result to another request.
    OtherId,
    /// A status, and the credential that was sent, repeated in the body.
    Parrot(u16),
}

/// The session the server gives out.
const SESSION: &str = "a-session";

/// The answer at `/mcp`.
pub(super) fn answer(state: &State, manner: &Hostile, request: &Request) -> Reply {
    let bearer = request.header("authorization");
    let bearer = bearer.and_then(|a| a.strip_prefix("Bearer "));
    let known = bearer.is_some_and(|t| state.issued.lock().unwrap().access.contains_key(t));
    match &manner.door {
        Door::Open => {}
        Door::Shut => return challenge(state, manner),
        _ if !known => return challenge(state, manner),
        _ => {}
    }
    let right = result(request);
    match &manner.mcp {
        Mcp::Document => decent(request, |body| Reply::json(200, body)),
        Mcp::Events => decent(request, |body| {
            Reply::of(200, "text/event-stream", event(body))
        }),
        Mcp::OpenEvents => Reply::EndlessBody(
            "text/event-stream",
            event(&right).into(),
            b": still here\n\n".to_vec(),
        ),
        Mcp::EndlessEvents => {
            let news = json!({"jsonrpc": "2.0", "method": "notifications/message",
                "params": {"level": "info", "data": "news"}});
            let news = event(&news);
            Reply::EndlessBody("text/event-stream", Vec::new(), news.into())
        }
        Mcp::Status(status, text) => Reply::of(*status, "text/plain", text.as_str()),
        Mcp::Silence => Reply::Silence,
        Mcp::Hangup => Reply::Hangup,
        Mcp::EndlessHead => Reply::EndlessHead,
        Mcp::EndlessBody => Reply::EndlessBody(
            "application/json",
            b"{\"jsonrpc\": \"2.0\", \"padding\": \"".to_vec(),
            vec![b'x'; 64 * 1024],
        ),
        Mcp::Trickle => Reply::Trickle("application/json"),
        Mcp::Html => Reply::of(200, "text/html", "<!doctype html><h1>Welcome</h1>"),
        Mcp::Accepted => Reply::of(202, "text/plain", ""),
        Mcp::Redirect(status, to) => Reply::redirect(*status, to),
        Mcp::Gzip => decent(request, |body| {
            Reply::of(200, "application/json", gzip(body)).with("content-encoding", "gzip")
        }),
        Mcp::Error => {
            let error = json!({"code": -32603, "message": "nothing works"});
            Reply::json(
                200,
                &json!({"jsonrpc": "2.0", "id": id(request), "error": error}),
            )
        }
        Mcp::Garbage => Reply::of(200, "application/json", "{\"jsonrpc\": \"2.0\", "),
        Mcp::OtherId => {
            let mut other = right;
            other["id"] = json!("another");
            Reply::json(200, &other)
        }
        Mcp::Parrot(status) => Reply::of(*status, "text/plain", request.text()),
    }
}

fn id(request: &Request) -> Json {
    request.json()["id"].clone()
}

/// The right answer to a request: what a server says of itself, or an empty result.
fn result(request: &Request) -> Json {
    let asked = request.json();
    let result = if asked["method"] == "initialize" {
        json!({"protocolVersion": asked["params"]["protocolVersion"], "capabilities": {"tools": {}},
            "serverInfo": {"name": "hostile", "version": "1.0.0"}})
    } else {
        json!({})
    };
    json!({"jsonrpc": "2.0", "id": asked["id"], "result": result})
}

/// A notification is accepted, a session ended, and any request answered the given way.
fn decent(request: &Request, say: impl Fn(&Json) -> Reply) -> Reply {
    match &*request.method {
        "POST" if id(request).is_null() => Reply::of(202, "text/plain", ""),
        "POST" => say(&result(request)).with("mcp-session-id", SESSION),
        "DELETE" => Reply::of(204, "text/plain", ""),
        _ => Reply::of(405, "text/plain", "").with("allow", "POST, DELETE"),
    }
}

fn event(message: &Json) -> String {
    format!("event: message\ndata: {message}\n\n")
}

fn gzip(body: &Json) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body.to_string().as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// 401.
fn challenge(state: &State, manner: &Hostile) -> Reply {
    let refused = Reply::json(401, &json!({"error": "unauthorized"}));
    let mut parts = Vec::new();
    match &manner.door {
        Door::Challenge(values) => {
            let add = |reply: Reply, value: &String| reply.with("www-authenticate", value);
            return values.iter().fold(refused, add);
        }
        Door::Silent => return refused,
        Door::Bare => {}
        Door::Open | Door::Bearer | Door::Shut => parts.push(format!(
            "resource_metadata=\"{}/.well-known/oauth-protected-resource/mcp\"",
            state.origin
        )),
    }
    parts.extend(manner.scope.map(|scope| format!("scope=\"{scope}\"")));
    let value = format!("Bearer {}", parts.join(", "));
    refused.with("www-authenticate", value.trim_end())
}

/// The protected-resource metadata, for the path and for the origin.
pub(super) fn metadata(state: &State, manner: &Hostile, request: &Request) -> Reply {
    let path = request
        .path
        .trim_start_matches("/.well-known/oauth-protected-resource");
    if !matches!(path, "" | "/mcp") {
        return Reply::of(404, "text/plain", "not found");
    }
    manner.resource.reply(json!({
        "resource": format!("{}/mcp", state.origin),
        "authorization_servers": [format!("{}{}", state.origin, manner.issuer_path)],
        "bearer_methods_supported": ["header"],
    }))
}
