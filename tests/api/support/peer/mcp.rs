//! The MCP server of the official SDK.

use super::{Process, Provider, control, http};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// How the MCP server behaves; the default is open to all.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct McpOptions {
    /// `none`, `provider` (tokens of an authorization server), `static` (bearer tokens of the
    /// list) or `header` (an API key in a header).
    pub auth: &'static str,
    /// The authorization server, for `provider`.
    pub issuer: String,
    /// The client that asks it about tokens: `id` and `secret`.
    pub introspection: Json,
    /// A token must have this server as its audience.
    pub audience: bool,
    /// Token or key to the name of whom it belongs to.
    pub tokens: BTreeMap<String, String>,
    /// The header of the key, in lower case, for `header`.
    pub header: &'static str,
    /// Where the protected-resource metadata is: `header` (the challenge names it), `well-known`
    /// (at the place for the path, unnamed), `root` (at that of the origin) or `none`.
    pub metadata: &'static str,
    /// The scope the challenge and the metadata name; empty: none.
    pub scope: &'static str,
    /// A token without that scope is answered with 403.
    pub enforce_scope: bool,
    /// Answers are JSON documents instead of streams of events.
    pub json: bool,
    /// Answers are compressed for who accepts gzip.
    pub gzip: bool,
}

impl Default for McpOptions {
    fn default() -> Self {
        McpOptions {
            auth: "none",
            issuer: String::new(),
            introspection: json!({}),
            audience: true,
            tokens: BTreeMap::new(),
            header: "x-api-key",
            metadata: "header",
            scope: "",
            enforce_scope: false,
            json: false,
            gzip: false,
        }
    }
}

impl McpOptions {
    /// Protected by a provider.
    pub fn protected_by(provider: &Provider) -> McpOptions {
        let id = "resource-server";
        McpOptions {
            auth: "provider",
            issuer: provider.issuer.clone(),
            introspection: json!({"id": id, "secret": Provider::secret(id)}),
            scope: "mcp:call",
            ..McpOptions::default()
        }
    }

    /// Protected by one token or key, that of `anna`. `auth` is `static` or `header`.
    pub fn key(auth: &'static str, key: &str) -> McpOptions {
        McpOptions {
            auth,
            metadata: "none",
            tokens: BTreeMap::from([(key.to_owned(), "anna".to_owned())]),
            ..McpOptions::default()
        }
    }
}

/// The MCP server. Its tools are `echo`, `slow_count` (tells its progress), `big`, `whoami` and
/// `announce` (says something on the stream of a GET, which begins with "welcome").
pub struct Mcp {
    /// Its address.
    pub url: String,
    /// The origin of that.
    pub origin: String,
    http: reqwest::Client,
    process: Process,
}

impl Mcp {
    /// Starts it; `None` if this run does without peers.
    pub async fn start(options: McpOptions) -> Option<Mcp> {
        let process = Process::start("mcp.mjs", &json!(options)).await?;
        Some(Mcp {
            url: process.text("url"),
            origin: process.text("origin"),
            http: http(),
            process,
        })
    }

    /// `127.0.0.1:port`, as an exception of the egress guard names it.
    pub fn authority(&self) -> String {
        self.process.authority()
    }

    /// The requests it has seen, in order: `method`, `path`, `headers`, `rpc` (the method called)
    /// and `status`. A credential appears as `authorization-sha256` or `<header>-sha256`, the
    /// first 16 hexadecimal digits of its hash.
    pub async fn log(&self) -> Vec<Json> {
        let log = control(&self.http, false, format!("{}/test/log", self.origin)).await;
        log.as_array().expect("a list").clone()
    }

    /// The sessions that are open.
    pub async fn sessions(&self) -> Vec<Json> {
        let list = control(&self.http, false, format!("{}/test/sessions", self.origin)).await;
        list.as_array().expect("a list").clone()
    }

    /// The next `count` requests are answered with `status`; 401 brings a challenge.
    pub async fn fail(&self, count: u32, status: u16) {
        let url = format!("{}/test/fail?count={count}&status={status}", self.origin);
        control(&self.http, true, url).await;
    }
}
