//! What surrounds every request: a trace id in the answer and in each log line, a time limit, and
//! JSON for whatever goes wrong, a panic included.

use super::error;
use crate::error::Code;
use crate::metrics::Metrics;
use futures_util::FutureExt;
use poem::http::{HeaderValue, StatusCode};
use poem::{Endpoint, IntoResponse, Request, Response, Result};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Instrument;

/// The identifier of a request, 32 hexadecimal digits.
#[derive(Debug, Clone)]
pub struct TraceId(pub String);

/// The trace id a client sent in `traceparent` (W3C Trace Context), or a new one.
fn trace_id(request: &Request) -> String {
    let sent = request.header("traceparent").and_then(|header| {
        let hex = |part: &str, length| {
            part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let some = |part: &str| part.bytes().any(|b| b != b'0');
        // A later version may have more parts.
        let mut parts = header.split('-');
        let (version, id, parent, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let shaped = hex(version, 2) && hex(id, 32) && hex(parent, 16) && hex(flags, 2);
        let valid = shaped && version != "ff" && some(id) && some(parent);
        (valid && (version != "00" || parts.next().is_none())).then(|| id.to_owned())
    });
    sent.unwrap_or_else(|| uuid::Uuid::now_v7().simple().to_string())
}

/// What kind of route a path belongs to, for the figures: few words, whatever clients ask for.
fn kind_of_route(path: &str) -> &'static str {
    match path.split('/').nth(1).unwrap_or_default() {
        "graphql" => "graphql",
        "v1" => "rest",
        "api" if path.ends_with("/mcp") => "proxy",
        "api" => "connectors",
        "media" => "media",
        "connect" => "page",
        "docs" | "graphiql" | "openapi.json" | "schema.graphql" => "documentation",
        "healthz" | "readyz" | "metrics" => "operation",
        _ => "other",
    }
}

/// Runs a request.
pub async fn traced<E>(
    endpoint: Arc<E>,
    mut request: Request,
    (limit, metrics): (Duration, Metrics),
) -> Result<Response>
where
    E: Endpoint,
    E::Output: IntoResponse,
{
    let id = trace_id(&request);
    request.extensions_mut().insert(TraceId(id.clone()));
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let kind = kind_of_route(&path);
    let span = tracing::info_span!("request", trace_id = %id, %method, path);
    let began = Instant::now();
    let run = async {
        let answer =
            AssertUnwindSafe(tokio::time::timeout(limit, endpoint.call(request))).catch_unwind();
        let response = match answer.await {
            Ok(Ok(Ok(response))) => response.into_response(),
            Ok(Ok(Err(fault))) => refused(fault, &id),
            Ok(Err(_)) => {
                tracing::error!("given up: it took longer than the limit");
                error::response(
                    StatusCode::SERVICE_UNAVAILABLE,
                    Code::Unavailable,
                    "the request took too long",
                    &id,
                )
            }
            // The panic itself was logged where it happened.
            Err(_) => error::response(
                StatusCode::INTERNAL_SERVER_ERROR,
                Code::Internal,
                "something went wrong on the server",
                &id,
            ),
        };
        let (status, milliseconds) = (response.status().as_u16(), began.elapsed().as_millis());
        tracing::debug!(status, milliseconds, "answered");
        metrics.answered(kind, status, began.elapsed());
        response
    };
    let mut response = run.instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-trace-id", value);
    }
    Ok(response)
}

/// What poem refuses by itself, as JSON.
fn refused(fault: poem::Error, id: &str) -> Response {
    let status = fault.status();
    if let Some(fault) = fault.downcast_ref::<error::Refused>() {
        return error::response_of(&fault.0, id);
    }
    let (code, message) = match status {
        StatusCode::NOT_FOUND => (Code::NotFound, "there is nothing at this address"),
        StatusCode::METHOD_NOT_ALLOWED => {
            (Code::BadRequest, "this address does not take that method")
        }
        s if s.is_server_error() => (Code::Internal, "something went wrong on the server"),
        _ => (Code::BadRequest, "the request cannot be read"),
    };
    if status.is_server_error() {
        tracing::error!(cause = %fault, "failed");
    }
    error::response(status, code, message, id)
}
