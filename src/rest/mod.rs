//! The REST face, the Well dialect: parses a request into one question to the engine (or one call
//! of a use case) and writes the answer in one of two renderings of the same document: the
//! dialect's own JSON, or strict JSON:API 1.1. It must not know HTTP servers, SQL or any rule of
//! the engine; `http::rest` stands between it and the network.
//!
//! # The path of a request
//!
//! [`route`] finds the operation in [`route::ROUTES`], the one table that the OpenAPI document is
//! made from as well; [`accept`] settles the rendering; [`parameter`] reads the query against what
//! the operation declares; its handler answers; [`fault`] renders whatever went wrong.

pub mod accept;
pub mod document;
pub mod fault;
pub mod filter;
pub mod name;
pub mod openapi;
pub mod parameter;
pub mod read;
pub mod records;
pub mod route;
pub mod write;

pub use accept::Rendering;
pub use fault::{Fault, Place};
pub use route::{Method, ROUTES, Route};

use crate::db::Db;
use crate::query::cursor::Sealer;
use crate::service::Actor;
use crate::service::Backing;
use crate::store::Upload;
use parameter::Parameters;

/// A request, read from the network.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The method, upper case.
    pub method: String,
    /// The path as it was sent, percent-encoded, e.g. `/v1/connectors/notion`.
    pub path: String,
    /// The query as it was sent, without the question mark.
    pub query: String,
    /// Headers by lower-case name, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body; empty if it came in parts.
    pub body: Vec<u8>,
    /// Fields of a body that came in parts.
    pub parts: Vec<write::Part>,
    /// Its files: checked and stored.
    pub files: Vec<Upload>,
    /// The identifier that finds the request in the log.
    pub trace_id: String,
}

impl Request {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All values of a header that is a list, joined by commas.
    pub fn list(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .headers
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
            .collect();
        (!values.is_empty()).then(|| values.join(","))
    }
}

/// An answer, to be written to the network.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer with a body in a rendering.
    pub fn new(status: u16, rendering: Rendering, body: Vec<u8>) -> Answer {
        Answer {
            status,
            headers: vec![("content-type", rendering.content_type().to_owned())],
            body,
        }
    }

    /// The same with one more header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}

/// A request that has found its operation: what a handler is called with.
pub struct Call<'a> {
    /// Who asks.
    pub caller: &'a Actor,
    /// The request.
    pub request: &'a Request,
    /// The operation.
    pub route: &'static Route,
    /// Values of the path's variables, decoded, by name.
    pub path: Vec<(&'static str, String)>,
    /// How to write the answer.
    pub rendering: Rendering,
    /// The query, read against what the operation declares.
    pub parameters: Parameters,
}

impl Call<'_> {
    /// The value of a variable of the path; empty if the template has none of that name.
    pub fn variable(&self, name: &str) -> &str {
        let found = self.path.iter().find(|(n, _)| *n == name);
        found.map_or("", |(_, value)| value)
    }
}

/// The face and what it needs.
pub struct Rest {
    /// The database.
    pub db: Db,
    /// Seals cursors.
    pub sealer: Sealer,
    /// The files of media.
    pub backing: Backing,
}

impl Rest {
    /// The face over a database and the files of media.
    pub fn new(db: Db, sealer: Sealer, backing: Backing) -> Self {
        Rest {
            db,
            sealer,
            backing,
        }
    }

    /// Answers a request.
    pub async fn answer(&self, caller: &Actor, request: Request) -> Answer {
        match self.run(caller, &request).await {
            Ok(answer) => answer,
            Err(fault) => self.refuse(&request, &fault),
        }
    }

    /// Answers what needs no credential: addresses that do not exist, methods an address does not
    /// take, and which it does take. `None` for all else.
    pub fn answer_to_anyone(&self, request: &Request) -> Option<Answer> {
        if request.method == "OPTIONS"
            && let Some(methods) = route::allowed(&request.path)
        {
            let nothing = Answer {
                status: 204,
                headers: Vec::new(),
                body: Vec::new(),
            };
            return Some(nothing.with("allow", methods));
        }
        match route::find(&request.method, &request.path) {
            Ok(_) => None,
            Err(fault) => Some(self.refuse(request, &fault)),
        }
    }

    /// The answer for a fault, in the rendering the request asks for.
    pub fn refuse(&self, request: &Request, fault: &Fault) -> Answer {
        let rendering = accept::negotiate(request.list("accept").as_deref());
        fault.answer(rendering.unwrap_or(Rendering::Well), &request.trace_id)
    }

    async fn run(&self, caller: &Actor, request: &Request) -> Result<Answer, Fault> {
        let found = route::find(&request.method, &request.path)?;
        let rendering = accept::negotiate(request.list("accept").as_deref())?;
        let content_type = request.header("content-type");
        match found.route.body {
            None => {}
            Some(route::Body::Upload) => accept::parts(content_type)?,
            Some(_) => accept::content(content_type)?,
        }
        let call = Call {
            caller,
            request,
            route: found.route,
            path: found.path,
            rendering,
            parameters: Parameters::read(found.route, &request.query)?,
        };
        (found.route.handler)(self, call).await
    }
}
