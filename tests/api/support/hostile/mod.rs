//! A peer that misbehaves on command: an MCP server and an authorization server in one process
//! and at one origin, both decent until told otherwise.
//!
//! ```ignore
//! let peer = Hostile { mcp: Mcp::Html, ..Hostile::default() }.start().await;
//! let peer = Hostile { server: Document::patched(json!({"issuer": "https://evil.example"})), .. }
//! ```
//!
//! Every request is kept for the assertions ([`Running::requests`]), and the manner can be changed
//! while it runs ([`Running::change`]). For a mix-up or a foreign issuer, start two and name the
//! one in the metadata of the other.

mod authorization;
mod issued;
mod mcp;
mod wire;

pub use authorization::{Authorize, Discovery, Iss, Registration, Revocation, Token};
pub use mcp::{Door, Mcp};
pub use wire::Request;

use wire::Reply;

use issued::Issued;
use serde_json::Value as Json;
use std::sync::{Arc, Mutex};
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// 50 MB of padding.
pub const HUGE: usize = 50_000_000;

/// How the peer behaves. The default is a protected MCP server with everything a client needs.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// Who may talk to `/mcp`.
    pub door: Door,
    /// How `/mcp` answers whoever may.
    pub mcp: Mcp,
    /// The scope the challenge names.
    pub scope: Option<&'static str>,
    /// The protected-resource metadata, at the place for the path and at that of the origin.
    pub resource: Document,
    /// The metadata of the authorization server.
    pub server: Document,
    /// The place of that.
    pub discovery: Discovery,
    /// The path of the issuer: empty, or such as `/tenant/one`.
    pub issuer_path: &'static str,
    /// Dynamic registration.
    pub registration: Registration,
    /// What happens to a browser at the authorization endpoint.
    pub authorize: Authorize,
    /// The `iss` of the authorization response (RFC 9207).
    pub iss: Iss,
    /// Whether PKCE with S256 is asked for and checked.
    pub pkce: bool,
    /// How the token endpoint answers.
    pub token: Token,
    /// So many token requests are answered with 503 before any other rule holds.
    pub failing: u32,
    /// What `expires_in` says; `None`: it is left out.
    pub expires_in: Option<i64>,
    /// Whether there are refresh tokens.
    pub refreshes: bool,
    /// A used refresh token is replaced, and using it again kills all that came of it.
    pub rotation: bool,
    /// The revocation endpoint.
    pub revocation: Revocation,
}

impl Default for Hostile {
    fn default() -> Self {
        Hostile {
            door: Door::Bearer,
            mcp: Mcp::Document,
            scope: None,
            resource: Document::Right,
            server: Document::Right,
            discovery: Discovery::OAuth,
            issuer_path: "",
            registration: Registration::On,
            authorize: Authorize::Grant,
            iss: Iss::Right,
            pkce: true,
            token: Token::Right,
            failing: 0,
            expires_in: Some(3600),
            refreshes: true,
            rotation: true,
            revocation: Revocation::On,
        }
    }
}

/// How a JSON document is served.
#[derive(Clone, Debug)]
pub enum Document {
    /// As it should be.
    Right,
    /// Changed by a JSON Merge Patch (RFC 7396): null removes a member.
    Patched(Json),
    /// 404.
    Missing,
    /// Some other status.
    Status(u16),
    /// 200 and a web page.
    Html,
    /// 200, said to be JSON, and not.
    Garbage,
    /// As it should be, but for 50 MB of padding.
    Huge,
    /// It begins and never ends.
    Endless,
    /// No answer.
    Silence,
    /// To somewhere else; a path leads back here.
    Redirect(String),
}

impl Document {
    /// Changed by a merge patch.
    pub fn patched(patch: Json) -> Document {
        Document::Patched(patch)
    }

    /// The reply that is made of the right document.
    fn reply(&self, mut right: Json) -> Reply {
        match self {
            Document::Right => Reply::json(200, &right),
            Document::Patched(patch) => {
                merge(&mut right, patch);
                Reply::json(200, &right)
            }
            Document::Missing => Reply::of(404, "text/plain", "not found"),
            Document::Status(status) => Reply::of(*status, "text/plain", "no"),
            Document::Html => Reply::of(200, "text/html", "<!doctype html><h1>Welcome</h1>"),
            Document::Garbage => Reply::of(200, "application/json", "{\"issuer\": \"http"),
            Document::Huge => {
                right["padding"] = "x".repeat(HUGE).into();
                Reply::json(200, &right)
            }
            Document::Endless => Reply::EndlessBody(
                "application/json",
                b"{\"padding\": \"".to_vec(),
                vec![b'x'; 64 * 1024],
            ),
            Document::Silence => Reply::Silence,
            Document::Redirect(to) => Reply::redirect(302, to),
        }
    }
}

/// RFC 7396.
pub fn merge(target: &mut Json, patch: &Json) {
    let Some(changes) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Json::Object(serde_json::Map::new());
    }
    let Some(members) = target.as_object_mut() else {
        return;
    };
    for (name, change) in changes {
        if change.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Json::Null), change);
        }
    }
}

/// What a running peer is and knows.
struct State {
    origin: String,
    manner: Mutex<Hostile>,
    requests: Mutex<Vec<Request>>,
    issued: Mutex<Issued>,
}

impl State {
    fn manner(&self) -> Hostile {
        self.manner.lock().unwrap().clone()
    }
}

/// A running peer, which ends when it is dropped.
pub struct Running {
    /// The address of its MCP server.
    pub url: String,
    /// Its origin.
    pub origin: String,
    /// Its issuer identifier.
    pub issuer: String,
    state: Arc<State>,
    server: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Hostile {
    /// Starts it on a free port.
    pub async fn start(self) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let issuer = format!("{origin}{}", self.issuer_path);
        let state = Arc::new(State {
            origin: origin.clone(),
            manner: Mutex::new(self),
            requests: Mutex::default(),
            issued: Mutex::default(),
        });
        let server = tokio::spawn(listen(listener, state.clone())).abort_handle();
        Running {
            url: format!("{origin}/mcp"),
            origin,
            issuer,
            state,
            server,
        }
    }
}

async fn listen(listener: TcpListener, state: Arc<State>) {
    // Dropped with this task, and all connections with it.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, state.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let mut stream = BufReader::new(stream);
    let Some(request) = Request::read(&mut stream).await else {
        return;
    };
    state.requests.lock().unwrap().push(request.clone());
    let reply = answer(&state, &request);
    // Whoever has heard enough may hang up.
    let _ = reply.send(&mut stream, &request.sent).await;
}

fn answer(state: &State, request: &Request) -> Reply {
    let manner = state.manner();
    if request.path == "/mcp" {
        return mcp::answer(state, &manner, request);
    }
    if request
        .path
        .starts_with("/.well-known/oauth-protected-resource")
    {
        return mcp::metadata(state, &manner, request);
    }
    authorization::answer(state, &manner, request)
}

impl Running {
    /// `127.0.0.1:port`, as an exception of the egress guard names it.
    pub fn authority(&self) -> String {
        self.origin.trim_start_matches("http://").to_owned()
    }

    /// Everything it was asked, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }

    /// What it was asked at one path.
    pub fn asked(&self, path: &str) -> Vec<Request> {
        let mut requests = self.requests();
        requests.retain(|r| r.path == path);
        requests
    }

    /// Changes its manner from now on.
    pub fn change(&self, change: impl FnOnce(&mut Hostile)) {
        change(&mut self.state.manner.lock().unwrap());
    }

    /// All access tokens die, as if their time were up.
    pub fn expire_access(&self) {
        self.state.issued.lock().unwrap().access.clear();
    }

    /// All tokens die.
    pub fn revoke_all(&self) {
        *self.state.issued.lock().unwrap() = Issued::default();
    }

    /// Whether a token, of either kind, is good now.
    pub fn knows(&self, token: &str) -> bool {
        self.state.issued.lock().unwrap().knows(token)
    }

    /// Makes an access token, as one that a person has pasted.
    pub fn access_token(&self) -> String {
        let mut issued = self.state.issued.lock().unwrap();
        let family = issued.family();
        issued.access(family)
    }
}
