//! The GraphQL face: documents in, JSON out. It parses and validates with async-graphql, plans a
//! root field and all below it as one question to the engine, and writes the answer from rows.
//! It must not know HTTP, SQL or any rule of the engine.
//!
//! # Why
//!
//! async-graphql resolves field by field: a boxed future and a map entry for each of the 700
//! fields of an ordinary page cost more than the page's statement. Its validation, introspection
//! and schema export are kept; execution of what the registry describes is ours, because it needs
//! no futures: everything below a root field is known when the field is reached.

mod argument;
mod document;
mod error;
mod input;
mod mutation;
mod name;
mod plan;
mod root;
mod rule;
mod stream;
mod subscription;
mod types;
mod variable;
mod write;

pub use name::camel;
pub use plan::{DEFAULT_PAGE, MAX_PAGE, MAX_ROWS};
pub use stream::Step;

use crate::db::Db;
use crate::error::Code;
use crate::live::Live;
use crate::query::cursor::Sealer;
use crate::service::Backing;
use crate::service::{Actor, Key};
use crate::store::Upload;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::registry::Registry;
use async_graphql::{IntrospectionMode, Schema, ServerError, Value};
use mutation::MutationRoot;
use root::QueryRoot;
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use subscription::SubscriptionRoot;

/// Longest error message; the parser quotes the line it fails on, however long.
const MAX_MESSAGE: usize = 600;

/// Most errors reported for a request that did not run; more of the same helps nobody.
const MAX_ERRORS: usize = 20;

/// Most failures reported beside data.
const MAX_FAILURES: usize = 100;

/// Bytes of document text that are kept parsed.
const CACHED_BYTES: u64 = 512 * 1024;

/// A request, in the words of the GraphQL-over-HTTP specification.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The document.
    pub query: String,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// Values of variables. A file is the number of one of `files`.
    pub variables: Map<String, Json>,
    /// Files that came with the request: checked and stored.
    pub files: Vec<Upload>,
    /// The key under which answers to its writes are kept.
    pub key: Option<Key>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It ran; there is `data`, perhaps beside errors.
    Ran,
    /// It did not run: parsing, validation or variables failed. There is no `data`.
    Refused,
    /// It did not run because only queries were allowed.
    QueriesOnly,
}

/// An answer: the response document, written.
pub struct Response {
    /// How it ended.
    pub outcome: Outcome,
    /// The JSON.
    pub body: Vec<u8>,
    /// Whether a write of it was answered from what was kept under its key.
    pub replayed: bool,
}

/// The schema and what it needs to run.
pub struct Graph {
    schema: Schema<QueryRoot, MutationRoot, SubscriptionRoot>,
    registry: Registry,
    documents: moka::sync::Cache<String, Arc<ExecutableDocument>>,
}

/// The schema's types, for coercion.
fn registry() -> Registry {
    let mut registry = Registry {
        types: Default::default(),
        directives: Default::default(),
        implements: Default::default(),
        query_type: "Query".into(),
        mutation_type: Some("Mutation".into()),
        subscription_type: Some("Subscription".into()),
        introspection_mode: IntrospectionMode::Enabled,
        enable_federation: false,
        federation_subscription: false,
        ignore_name_conflicts: Default::default(),
        enable_suggestions: true,
    };
    <bool as async_graphql::InputType>::create_type_info(&mut registry);
    <i32 as async_graphql::InputType>::create_type_info(&mut registry);
    <f64 as async_graphql::InputType>::create_type_info(&mut registry);
    <String as async_graphql::InputType>::create_type_info(&mut registry);
    <async_graphql::ID as async_graphql::InputType>::create_type_info(&mut registry);
    types::register(&mut registry);
    registry
}

/// The schema in the schema definition language; `schema.graphql` is this text.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .include_specified_by()
        .use_space_ident()
        .prefer_single_line_descriptions();
    Schema::new(QueryRoot, MutationRoot, SubscriptionRoot).sdl_with_options(options)
}

impl Graph {
    /// A schema over a database and the files of media, with its live updates.
    pub fn new(db: Db, sealer: Sealer, backing: Backing, live: Arc<Live>) -> Self {
        let schema = Schema::build(QueryRoot, MutationRoot, SubscriptionRoot)
            // A guess for each of a thousand unknown fields costs more than the rest of the check.
            .disable_suggestions()
            .data(db)
            .data(sealer)
            .data(backing)
            .data(live)
            .finish();
        let documents = moka::sync::Cache::builder()
            .max_capacity(CACHED_BYTES)
            .weigher(|text: &String, _| u32::try_from(text.len()).unwrap_or(u32::MAX))
            .build();
        Graph {
            schema,
            registry: registry(),
            documents,
        }
    }

    /// Runs a query or a mutation. `queries_only` refuses the latter, for transports that must be
    /// safe.
    pub async fn execute(&self, request: Request, session: Actor, queries_only: bool) -> Response {
        let trace_id = session.trace_id.clone();
        let replayed = Arc::new(AtomicBool::new(false));
        let means = mutation::Means {
            files: request.files.clone(),
            key: request.key.clone(),
            replayed: replayed.clone(),
        };
        let (inner, ty) = match self.prepare(request, session) {
            Ok(prepared) => prepared,
            Err(refused) => return refused,
        };
        let only = |outcome, message| {
            let error = error::request_error(Code::BadRequest, message);
            refused(outcome, vec![error], &trace_id)
        };
        if queries_only && ty != OperationType::Query {
            let message = format!("a {ty} cannot be sent by GET; send it by POST");
            return only(Outcome::QueriesOnly, message);
        }
        if ty == OperationType::Subscription {
            let message = "a subscription has many answers; send it over the WebSocket, or with `Accept: text/event-stream`";
            return only(Outcome::Refused, message.to_owned());
        }
        let mut response = self.schema.execute(inner.data(means)).await;
        let failed = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|e| e.path.is_empty());
        if failed {
            return refused(Outcome::Refused, response.errors, &trace_id);
        }
        response.errors.truncate(MAX_FAILURES);
        let body = write_response(Some(&response.data), &response.errors, &trace_id);
        Response {
            outcome: Outcome::Ran,
            body,
            replayed: replayed.load(Ordering::Relaxed),
        }
    }

    /// The request with its document parsed and checked and its variables coerced, and what kind
    /// of operation it asks for.
    fn prepare(
        &self,
        request: Request,
        session: Actor,
    ) -> Result<(async_graphql::Request, OperationType), Response> {
        let trace_id = session.trace_id.clone();
        let refuse = |errors| refused(Outcome::Refused, errors, &trace_id);
        let wrong = |code, issue| refuse(vec![error::request_error(code, issue)]);
        let document = self.document(&request.query).map_err(refuse)?;
        let name = request.operation_name.filter(|n| !n.is_empty());
        let operation = operation(&document, name.as_deref());
        let operation = operation.map_err(|issue| wrong(Code::BadRequest, issue))?;
        variable::check(&request.variables).map_err(|issue| wrong(Code::TooComplex, issue))?;
        let variables = variable::coerce(&self.registry, operation, &request.variables);
        let variables = variables.map_err(|wrong| {
            let error = |issue| error::request_error(Code::BadRequest, issue);
            refuse(wrong.into_iter().map(error).collect())
        })?;
        let mut inner = async_graphql::Request::new(request.query)
            .variables(variables)
            .data(session)
            .data(root::Progress::default());
        inner.operation_name = name;
        inner.set_parsed_query((*document).clone());
        Ok((inner, operation.ty))
    }

    /// A parsed document that has passed the check; from memory if it was seen before.
    fn document(&self, text: &str) -> Result<Arc<ExecutableDocument>, Vec<ServerError>> {
        if let Some(document) = self.documents.get(text) {
            return Ok(document);
        }
        let refused = |(code, issue)| vec![error::request_error(code, issue)];
        document::scan(text).map_err(|issue| refused((Code::TooComplex, issue)))?;
        let parsed = async_graphql::parser::parse_query(text)
            .map_err(|e| vec![error::parse_error(e.into())])?;
        document::check(&parsed).map_err(refused)?;
        rule::check(&self.registry, &parsed)?;
        let parsed = Arc::new(parsed);
        self.documents.insert(text.to_owned(), parsed.clone());
        Ok(parsed)
    }
}

/// The answer to a request that does not run.
fn refused(outcome: Outcome, mut errors: Vec<ServerError>, trace_id: &str) -> Response {
    errors.truncate(MAX_ERRORS);
    Response {
        outcome,
        body: write_response(None, &errors, trace_id),
        replayed: false,
    }
}

/// The operation to run (GraphQL specification, GetOperation).
fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, String> {
    let unknown = |name: &str| {
        format!(
            "there is no operation `{}` in the document",
            name.chars().take(80).collect::<String>()
        )
    };
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Single(_), Some(name)) => Err(unknown(name)),
        (DocumentOperations::Multiple(all), Some(name)) => {
            all.get(name).map(|o| &o.node).ok_or_else(|| unknown(name))
        }
        (DocumentOperations::Multiple(all), None) => match all.values().next() {
            Some(operation) if all.len() == 1 => Ok(&operation.node),
            _ => {
                Err("the document has several operations; say which one in `operationName`".into())
            }
        },
    }
}

/// Writes a response document. Binary values are JSON that was written already.
fn write_response(data: Option<&Value>, errors: &[ServerError], trace_id: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.map_or(0, written) + 256);
    out.push(b'{');
    if !errors.is_empty() {
        out.extend_from_slice(b"\"errors\":");
        let errors: Vec<Json> = errors.iter().map(|e| json_error(e, trace_id)).collect();
        let _ = serde_json::to_writer(&mut out, &errors);
    }
    if let Some(data) = data {
        if !errors.is_empty() {
            out.push(b',');
        }
        out.extend_from_slice(b"\"data\":");
        write_value(data, &mut out);
    }
    out.push(b'}');
    out
}

/// Bytes of what was written already, so that the answer is allocated once.
fn written(value: &Value) -> usize {
    match value {
        Value::Binary(json) => json.len(),
        Value::Object(object) => object
            .iter()
            .map(|(name, item)| name.len() + 4 + written(item))
            .sum(),
        _ => 0,
    }
}

fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Binary(json) => out.extend_from_slice(json),
        Value::List(list) => {
            out.push(b'[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_value(item, out);
            }
            out.push(b']');
        }
        Value::Object(object) => {
            out.push(b'{');
            for (i, (name, item)) in object.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                crate::db::write_text(name, out);
                out.push(b':');
                write_value(item, out);
            }
            out.push(b'}');
        }
        leaf => {
            let _ = serde_json::to_writer(out, leaf);
        }
    }
}

/// An error with its code and the trace id, its message cut to a length that fits a screen.
fn json_error(error: &ServerError, trace_id: &str) -> Json {
    let mut json = serde_json::to_value(error).unwrap_or_default();
    if let Some(object) = json.as_object_mut() {
        if error.message.len() > MAX_MESSAGE {
            let cut: String = error.message.chars().take(MAX_MESSAGE).collect();
            object.insert("message".into(), format!("{cut}…").into());
        }
        let extensions = object
            .entry("extensions")
            .or_insert_with(|| Json::Object(Map::new()));
        if let Some(extensions) = extensions.as_object_mut() {
            extensions
                .entry("code")
                .or_insert_with(|| Code::BadRequest.as_str().into());
            extensions.insert("traceId".into(), trace_id.into());
        }
    }
    json
}
