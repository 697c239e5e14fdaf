//! The Agent Stack face: connectors of one person, flat JSON, errors under `detail`. It parses a
//! request into one question to the engine or one call of a use case and writes the answer. It must
//! not know HTTP servers, SQL or any rule of connections; `http::agentstack` stands between it and
//! the network.
//!
//! A connector of this dialect is an installation with an address, in the workspace of the token,
//! that belongs to whoever asks or is shared with the workspace. Anything else does not exist here:
//! who administers sees no more than others.
//!
//! # The path of a request
//!
//! `route` finds the operation; `input` and `check` judge what was sent, in the words that
//! clients of the dialect know; `connector`, `list`, `preset` and `event` read; [`write`]
//! calls use cases; `fault` renders whatever went wrong.

pub mod callback;
mod check;
mod connector;
mod event;
mod fault;
mod input;
mod json;
mod list;
pub mod passage;
mod preset;
mod route;
mod write;

pub use fault::Fault;
pub use route::{Operation, PREFIX};

use crate::db::Db;
use crate::error::{Code, Error};
use crate::service::{Actor, Backing, Capability};
use serde_json::{Value as Json, json};

/// A request, read from the network.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The method, upper case.
    pub method: String,
    /// The path as it was sent, e.g. `/api/v1/connectors/presets`.
    pub path: String,
    /// The query as it was sent, without the question mark.
    pub query: String,
    /// Headers by lower-case name, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The identifier that finds the request in the log.
    pub trace_id: String,
}

impl Request {
    /// All values of a header, joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.iter().filter(|(n, _)| n == name);
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// The last value of a parameter of the query.
    fn parameter(&self, name: &str) -> Option<String> {
        let mut found = self.parameters().filter(|(n, _)| n == name);
        let last = found.by_ref().last();
        last.map(|(_, value)| value)
    }

    fn parameters(&self) -> impl Iterator<Item = (String, String)> + use<'_> {
        url::form_urlencoded::parse(self.query.as_bytes()).into_owned()
    }
}

/// An answer, to be written to the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers; a name may stand there twice.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer in JSON.
    fn json(status: u16, body: Vec<u8>) -> Answer {
        let content_type = "application/json".to_owned();
        Answer {
            status,
            headers: vec![("content-type", content_type)],
            body,
        }
    }

    /// The same with one more header.
    fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}

/// The face and what it needs.
pub struct AgentStack {
    db: Db,
    backing: Backing,
}

/// A request that has found its operation.
struct Call<'a> {
    caller: &'a Actor,
    request: &'a Request,
    operation: Operation,
    /// The identifier in the address, as it was sent.
    id: Option<String>,
    /// The body, where the operation reads one.
    body: Option<Json>,
}

impl AgentStack {
    /// The face over a database and what stands behind use cases.
    pub fn new(db: Db, backing: Backing) -> Self {
        AgentStack { db, backing }
    }

    /// Answers what needs no credential: addresses that do not exist, methods an address does not
    /// take, and bodies that cannot be read. `None` for all else.
    pub fn answer_to_anyone(&self, request: &Request) -> Option<Answer> {
        let judged = route::find(&request.method, &request.path)
            .and_then(|(operation, _)| json::body(operation, request));
        let fault = judged.err()?;
        Some(self.refuse(request, &fault))
    }

    /// Answers a request.
    pub async fn answer(&self, caller: &Actor, request: &Request) -> Answer {
        match self.run(caller, request).await {
            Ok(answer) => answer,
            Err(fault) => self.refuse(request, &fault),
        }
    }

    /// The answer for a fault; a cause that is not for the client goes into the log.
    pub fn refuse(&self, request: &Request, fault: &Fault) -> Answer {
        let answer = fault.answer(&request.trace_id);
        if answer.status != 401 {
            return answer;
        }
        let challenges = self.challenges().into_iter();
        challenges.fold(answer, |answer, c| answer.with("www-authenticate", c))
    }

    /// How a client can say who asks, as a refusal with 401 names it.
    pub fn challenges(&self) -> [String; 2] {
        let metadata = format!("{}{METADATA}", self.resource());
        [
            format!("Bearer resource_metadata=\"{metadata}\""),
            "Basic realm=\"connectory\"".to_owned(),
        ]
    }

    /// What this server says of itself as a protected resource (RFC 9728).
    pub fn metadata(&self) -> Json {
        json!({
            "resource": self.resource(),
            "bearer_methods_supported": ["header"],
            "resource_name": "Connectory",
        })
    }

    /// The identifier of this server as a protected resource: its public address.
    fn resource(&self) -> String {
        let url = &self.backing.connect.settings().public_url;
        url.as_str().trim_end_matches('/').to_owned()
    }

    async fn run(&self, caller: &Actor, request: &Request) -> Result<Answer, Fault> {
        let (operation, id) = route::find(&request.method, &request.path)?;
        let call = Call {
            caller,
            request,
            operation,
            id,
            body: json::body(operation, request)?,
        };
        if operation.writes() && caller.require(Capability::Installations).is_err() {
            return self.forbidden(&call).await;
        }
        match operation {
            Operation::List => self.list(&call).await,
            Operation::Presets => self.presets(&call).await,
            Operation::Get => self.get(&call).await,
            Operation::Events => self.events(&call).await,
            Operation::Create => self.create(&call).await,
            _ => self.change(&call).await,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::Failed(error)
    }
}

/// Where a server says what it is as a protected resource.
pub const METADATA: &str = "/.well-known/oauth-protected-resource";

/// What an operation comes to.
type Answered<T> = Result<T, Fault>;

/// A sentence of the dialect's own with a status.
fn said(status: u16, code: Code, detail: impl Into<String>) -> Fault {
    Fault::Said {
        status,
        code,
        detail: detail.into(),
        more: Vec::new(),
    }
}
