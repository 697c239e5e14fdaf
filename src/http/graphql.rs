//! GraphQL over HTTP, after the specification of that name (draft of 2025): both media types,
//! GET for queries, POST as `application/json` or as a form with files behind a header, so that no
//! form of another site can send a request; statuses as the media type demands. A client that
//! prefers `text/event-stream` is answered with server-sent events, subscriptions included.

use super::session::Session;
use super::{authorize, error, event_stream, multipart};
use crate::app::App;
use crate::error::{Code, Error};
use crate::graphql::{Outcome, Request as Question, Response as Answer};
use crate::service::Key;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Body, Request, Response, Result};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";
const EVENTS: &str = event_stream::MEDIA_TYPE;

/// A refusal before the document is looked at.
pub(super) struct Refusal {
    status: StatusCode,
    code: Code,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Refusal {
            status: StatusCode::BAD_REQUEST,
            code: Code::BadRequest,
            message: message.into(),
        }
    }

    pub(super) fn too_large(message: String) -> Self {
        Refusal {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            code: Code::PayloadTooLarge,
            message,
        }
    }
}

impl From<Error> for Refusal {
    fn from(fault: Error) -> Self {
        if let Some(cause) = fault.private() {
            tracing::error!(code = fault.code().as_str(), cause, "failed");
        }
        Refusal {
            status: error::status(&fault),
            code: fault.code(),
            message: fault.message(),
        }
    }
}

/// The endpoint, all methods.
pub async fn endpoint(mut request: Request) -> Result<Response> {
    let upgrade = request
        .header(header::UPGRADE)
        .is_some_and(|to| to.eq_ignore_ascii_case("websocket"));
    if let (true, Some(app)) = (upgrade, request.data::<Arc<App>>()) {
        return super::socket::upgrade(&request, app).await;
    }
    let trace_id = authorize::trace_id(&request);
    let Some(media_type) = negotiate(request.headers().get_all(header::ACCEPT).iter()) else {
        let message = format!("this address answers as {GRAPHQL}, {JSON} or {EVENTS}");
        let refusal = Refusal {
            status: StatusCode::NOT_ACCEPTABLE,
            code: Code::BadRequest,
            message,
        };
        return Ok(refused(&refusal, JSON, &trace_id));
    };
    if wants_page(&request) {
        return Ok(Response::builder()
            .status(StatusCode::SEE_OTHER)
            .header(header::LOCATION, "/graphiql")
            .finish());
    }
    Ok(match answer(&mut request, media_type).await {
        Ok(response) => response,
        // What did not become a stream is answered as to anybody else.
        Err(refusal) if media_type == EVENTS => refused(&refusal, JSON, &trace_id),
        Err(refusal) => refused(&refusal, media_type, &trace_id),
    })
}

/// A browser that opens the address without a question is sent to GraphiQL.
fn wants_page(request: &Request) -> bool {
    request.method() == Method::GET
        && request.uri().query().is_none()
        && request
            .header(header::ACCEPT)
            .is_some_and(|accept| accept.contains("text/html"))
        && request
            .data::<Arc<App>>()
            .is_some_and(|app| app.config.graphiql)
}

async fn answer(
    request: &mut Request,
    media_type: &'static str,
) -> std::result::Result<Response, Refusal> {
    let app = request.data::<Arc<App>>().cloned();
    let app = app.ok_or_else(|| Refusal::from(Error::internal("the route has no application")))?;
    let get = match *request.method() {
        Method::GET => true,
        Method::POST => false,
        _ => {
            let message = "this address takes GET and POST".to_owned();
            return Err(Refusal {
                status: StatusCode::METHOD_NOT_ALLOWED,
                code: Code::BadRequest,
                message,
            });
        }
    };
    let session = authorize::session(&app, request).await?;
    let mut question = if get {
        from_query(request.uri().query().unwrap_or_default())?
    } else if multipart::is(request) {
        multipart::question(&app, request, &session).await?
    } else {
        is_json(request)?;
        from_body(request.take_body(), app.config.body_limit).await?
    };
    if media_type == EVENTS && app.graph.subscribes(&question) {
        return subscribe(&app, request, question).await;
    }
    question.key = key(request, &question)?;
    let answer = app.graph.execute(question, session, get).await;
    let replayed = answer.replayed;
    let mut response = once(answer, media_type);
    if replayed {
        let headers = response.headers_mut();
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The answer to a query or a mutation.
fn once(answer: Answer, media_type: &'static str) -> Response {
    match (answer.outcome, media_type) {
        (Outcome::QueriesOnly, EVENTS) => {
            written(StatusCode::METHOD_NOT_ALLOWED, JSON, answer.body)
        }
        (Outcome::QueriesOnly, _) => {
            written(StatusCode::METHOD_NOT_ALLOWED, media_type, answer.body)
        }
        (_, EVENTS) => event_stream::once(&answer.body),
        (Outcome::Refused, GRAPHQL) => written(StatusCode::BAD_REQUEST, media_type, answer.body),
        // Clients of the older media type take any other status for a broken server.
        (Outcome::Refused | Outcome::Ran, _) => written(StatusCode::OK, media_type, answer.body),
    }
}

/// The answers to a subscription, from where the client was before, if it says so.
async fn subscribe(
    app: &Arc<App>,
    request: &Request,
    question: Question,
) -> std::result::Result<Response, Refusal> {
    let credential = request.header(header::AUTHORIZATION);
    let (address, trace_id) = (authorize::address(request), authorize::trace_id(request));
    let session = Session::begin(app, credential, address, trace_id).await?;
    let resume = request.header("last-event-id").filter(|id| !id.is_empty());
    let resume = resume.map(str::to_owned);
    Ok(event_stream::many(app, session, question, resume))
}

/// The key under which answers to the request's mutations are kept. It stands for the document,
/// the operation and its variables.
fn key(request: &Request, question: &Question) -> std::result::Result<Option<Key>, Refusal> {
    let mut sent = request.headers().get_all("idempotency-key").iter();
    let key = match (sent.next(), sent.next()) {
        (None, _) => return Ok(None),
        (Some(key), None) => String::from_utf8_lossy(key.as_bytes()),
        _ => return Err(Refusal::bad("`Idempotency-Key` is given twice")),
    };
    let variables = Json::Object(question.variables.clone()).to_string();
    let operation = question.operation_name.as_deref().unwrap_or_default();
    let mut parts = vec![
        question.query.as_bytes(),
        operation.as_bytes(),
        variables.as_bytes(),
    ];
    let files: Vec<_> = question.files.iter().map(|f| f.stored().sha256).collect();
    parts.extend(files.iter().map(|f| f.as_bytes()));
    Ok(Some(Key::new(&key, &parts)?))
}

/// The best media type of both sides; `None` if there is none.
fn negotiate<'a>(accept: impl Iterator<Item = &'a HeaderValue>) -> Option<&'static str> {
    let mut ranges = Vec::new();
    for header in accept {
        ranges.extend(
            header
                .to_str()
                .unwrap_or_default()
                .split(',')
                .filter(|r| !r.trim().is_empty()),
        );
    }
    if ranges.is_empty() {
        return Some(JSON);
    }
    let mut best = None;
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts
            .find_map(|p| p.strip_prefix("q="))
            .and_then(|q| q.parse().ok())
            .unwrap_or(1.0_f32);
        let offered = match name.as_str() {
            GRAPHQL => GRAPHQL,
            EVENTS => EVENTS,
            // A browser says what it likes best first; pages are not ours to give.
            JSON | "application/*" | "*/*" | "text/html" => JSON,
            _ => continue,
        };
        if quality > 0.0 && best.is_none_or(|(_, q)| quality > q) {
            best = Some((offered, quality));
        }
    }
    best.map(|(offered, _)| offered)
}

fn is_json(request: &Request) -> std::result::Result<(), Refusal> {
    let sent = request
        .content_type()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut parts = sent.split(';').map(str::trim);
    let json = parts.next() == Some(JSON);
    let utf8 = parts
        .filter_map(|p| p.strip_prefix("charset="))
        .all(|c| c.trim_matches('"') == "utf-8");
    if json && utf8 {
        return Ok(());
    }
    let message = "send the request as `Content-Type: application/json`, UTF-8".to_owned();
    Err(Refusal {
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        code: Code::BadRequest,
        message,
    })
}

async fn from_body(body: Body, limit: usize) -> std::result::Result<Question, Refusal> {
    let bytes = body
        .into_bytes_limit(limit)
        .await
        .map_err(|fault| match fault {
            poem::error::ReadBodyError::PayloadTooLarge => Refusal::too_large(format!(
                "the body is larger than the limit of {limit} bytes"
            )),
            _ => Refusal::bad("the body cannot be read"),
        })?;
    question(parameters(&bytes)?)
}

/// The parameters of a request that are written as JSON.
pub(super) fn parameters(bytes: &[u8]) -> std::result::Result<Map<String, Json>, Refusal> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Refusal::bad(
            "batches are not taken; send one request at a time",
        ));
    }
    match serde_json::from_slice(bytes) {
        Ok(Parameters(parameters)) => Ok(parameters),
        Err(fault) if fault.is_data() => Err(Refusal::bad(fault.to_string())),
        Err(fault) => Err(Refusal::bad(format!("the body is no JSON: {fault}"))),
    }
}

/// A JSON object without repeated names.
struct Parameters(Map<String, Json>);

impl<'de> serde::Deserialize<'de> for Parameters {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Parameters;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object with `query` as the body")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Parameters, A::Error> {
                let mut parameters = Map::new();
                while let Some((name, value)) = map.next_entry::<String, Json>()? {
                    if parameters.contains_key(&name) {
                        let name: String = name.chars().take(60).collect();
                        return Err(serde::de::Error::custom(format!("`{name}` is given twice")));
                    }
                    parameters.insert(name, value);
                }
                Ok(Parameters(parameters))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

fn from_query(query: &str) -> std::result::Result<Question, Refusal> {
    let mut parameters = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let value = match &*name {
            "query" | "operationName" => Json::String(value.into_owned()),
            "variables" | "extensions" if value.is_empty() => Json::Null,
            "variables" | "extensions" => serde_json::from_str(&value)
                .map_err(|fault| Refusal::bad(format!("`{name}` is no JSON: {fault}")))?,
            _ => continue,
        };
        if parameters.insert(name.to_string(), value).is_some() {
            return Err(Refusal::bad(format!("`{name}` is given twice")));
        }
    }
    question(parameters)
}

/// The parameters of a request, their shapes judged.
pub(super) fn question(
    mut parameters: Map<String, Json>,
) -> std::result::Result<Question, Refusal> {
    let query = match parameters.remove("query") {
        Some(Json::String(query)) => query,
        None | Some(Json::Null) => {
            return Err(Refusal::bad(
                "`query` is missing; it holds the GraphQL document",
            ));
        }
        Some(_) => return Err(Refusal::bad("`query` must be a text")),
    };
    let operation_name = match parameters.remove("operationName") {
        None | Some(Json::Null) => None,
        Some(Json::String(name)) => Some(name),
        Some(_) => return Err(Refusal::bad("`operationName` must be a text")),
    };
    let variables = match parameters.remove("variables") {
        None | Some(Json::Null) => Map::new(),
        Some(Json::Object(variables)) => variables,
        Some(_) => return Err(Refusal::bad("`variables` must be an object")),
    };
    match parameters.remove("extensions") {
        None | Some(Json::Null | Json::Object(_)) => Ok(Question {
            query,
            operation_name,
            variables,
            ..Question::default()
        }),
        Some(_) => Err(Refusal::bad("`extensions` must be an object")),
    }
}

fn refused(refusal: &Refusal, media_type: &'static str, trace_id: &str) -> Response {
    let error = json!({
        "message": refusal.message,
        "extensions": {"code": refusal.code.as_str(), "traceId": trace_id},
    });
    let response = written(
        refusal.status,
        media_type,
        json!({"errors": [error]}).to_string().into_bytes(),
    );
    error::with_hints(refusal.status, response)
}

fn written(status: StatusCode, media_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::builder().status(status).body(body);
    let content_type = if media_type == GRAPHQL {
        "application/graphql-response+json; charset=utf-8"
    } else {
        "application/json; charset=utf-8"
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // Answers depend on the token, so no shared cache may keep them.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::VARY,
        HeaderValue::from_static("Accept, Authorization"),
    );
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
    }
    response
}
