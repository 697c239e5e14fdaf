//! The messages of MCP that a probe sends, and how their replies are judged.

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

/// The header of a session.
pub(super) const SESSION: &str = "mcp-session-id";

/// The header of the version.
const VERSION: &str = "mcp-protocol-version";

/// Headers that a credential may not take the place of.
pub(super) const OURS: [&str; 9] = [
    "accept",
    "content-type",
    "content-length",
    "connection",
    "host",
    "mcp-method",
    SESSION,
    VERSION,
    "transfer-encoding",
];

/// The id of our only request.
const ID: u64 = 1;

/// Errors that only servers without sessions give: a header missing, a capability missing, an
/// unknown version, and an unknown method, as `initialize` is to them.
const STATELESS_ERRORS: [i64; 4] = [-32020, -32021, -32022, -32601];

/// What it means that the first message is answered with an error.
pub(super) const REFUSED: &str = "the server answers the first request of MCP with an error";

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// Up to 2025-11-25: a session begins with `initialize`.
    Sessions,
    /// From 2026-07-28 on: each request stands alone.
    Stateless,
}

impl Era {
    /// The newest version of the era.
    const fn version(self) -> &'static str {
        match self {
            Era::Sessions => "2025-11-25",
            Era::Stateless => "2026-07-28",
        }
    }

    /// The headers of the first message.
    pub(super) fn headers(self) -> HeaderMap {
        let mut headers = common();
        // In the era of sessions the version is agreed upon by this very message.
        if self == Era::Stateless {
            headers.insert(VERSION, HeaderValue::from_static(self.version()));
            headers.insert("mcp-method", HeaderValue::from_static("server/discover"));
        }
        headers
    }

    /// The first message.
    pub(super) fn hello(self) -> Value {
        let client = json!({ "name": "connectory", "version": env!("CARGO_PKG_VERSION") });
        let (method, params) = match self {
            Era::Sessions => (
                "initialize",
                json!({
                    "protocolVersion": self.version(),
                    "capabilities": {},
                    "clientInfo": client,
                }),
            ),
            Era::Stateless => (
                "server/discover",
                json!({ "_meta": {
                    "io.modelcontextprotocol/protocolVersion": self.version(),
                    "io.modelcontextprotocol/clientInfo": client,
                    "io.modelcontextprotocol/clientCapabilities": {},
                }}),
            ),
        };
        json!({ "jsonrpc": "2.0", "id": ID, "method": method, "params": params })
    }
}

/// The headers of all messages.
fn common() -> HeaderMap {
    HeaderMap::from_iter([
        (
            ACCEPT,
            HeaderValue::from_static("application/json, text/event-stream"),
        ),
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
    ])
}

/// The headers of what follows in a session: its id, if the server gave one, and its version.
pub(super) fn later(head: &HeaderMap, version: &str) -> HeaderMap {
    let mut headers = common();
    if let Some(id) = head.get(SESSION) {
        headers.insert(HeaderName::from_static(SESSION), id.clone());
    }
    if let Ok(version) = HeaderValue::from_str(version) {
        headers.insert(HeaderName::from_static(VERSION), version);
    }
    headers
}

/// What ends the opening of a session.
pub(super) fn initialized() -> Value {
    json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })
}

/// A reply to our request.
pub(super) enum Reply {
    /// It was carried out.
    Result(Value),
    /// It was not; the code says why.
    Error(i64),
}

impl Reply {
    /// Reads a JSON-RPC message; `None` if it is no reply to our request. An error may come
    /// without an id, where the server did not read so far.
    pub(super) fn read(bytes: &[u8]) -> Option<Reply> {
        let mut message: Value = serde_json::from_slice(bytes).ok()?;
        let ours = message.get("jsonrpc")? == "2.0";
        let id = message.get("id").cloned().unwrap_or(Value::Null);
        if let Some(error) = message.get("error").filter(|error| error.is_object()) {
            let code = error
                .get("code")
                .and_then(Value::as_i64)
                .unwrap_or_default();
            return (ours && (id == ID || id.is_null())).then_some(Reply::Error(code));
        }
        let result = message.get_mut("result")?.take();
        (ours && id == ID).then_some(Reply::Result(result))
    }

    /// Whether the server says that it is of the other era.
    pub(super) fn is_of_other_era(&self) -> bool {
        matches!(self, Reply::Error(code) if STATELESS_ERRORS.contains(code))
    }

    /// The version that the server speaks, if the reply is what the era's first message gets.
    pub(super) fn accepts(&self, era: Era) -> Result<String, &'static str> {
        let Reply::Result(result) = self else {
            return Err(REFUSED);
        };
        let object = |name| result.get(name).is_some_and(Value::is_object);
        let version = match era {
            Era::Sessions if object("serverInfo") => result.get("protocolVersion"),
            Era::Sessions => None,
            Era::Stateless => result.get("supportedVersions").and_then(|all| all.get(0)),
        };
        let version = version.and_then(Value::as_str);
        let version = version.filter(|_| object("capabilities"));
        let version =
            version.ok_or("the server answers the first request of MCP with something else")?;
        Ok(version.to_owned())
    }
}
