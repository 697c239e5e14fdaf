//! Errors as HTTP shows them, outside GraphQL: one flat JSON object with the status, a stable
//! code and the trace id.

use crate::error::{Code, Error};
use poem::http::{StatusCode, header};
use poem::{Response, error::ResponseError};
use serde_json::json;

/// An error of the house on its way through poem.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub Error);

impl ResponseError for Refused {
    fn status(&self) -> StatusCode {
        status(&self.0)
    }
}

/// The status of an error.
pub fn status(error: &Error) -> StatusCode {
    match error.code() {
        Code::BadRequest | Code::TooComplex => StatusCode::BAD_REQUEST,
        Code::Unauthorized => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Conflict | Code::KeyReused => StatusCode::CONFLICT,
        Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Code::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The answer for an error of the house; causes go to the log.
pub fn response_of(error: &Error, trace_id: &str) -> Response {
    if let Some(cause) = error.private() {
        tracing::error!(code = error.code().as_str(), cause, "failed");
    }
    response(status(error), error.code(), &error.message(), trace_id)
}

/// An answer that says what went wrong.
pub fn response(status: StatusCode, code: Code, message: &str, trace_id: &str) -> Response {
    let body = json!({
        "code": code.as_str(),
        "status": status.as_u16(),
        "title": status.canonical_reason().unwrap_or("Error"),
        "message": message,
        "meta": {"trace_id": trace_id, "log_id": trace_id},
    });
    with_hints(
        status,
        Response::builder()
            .status(status)
            .content_type("application/json")
            .body(body.to_string()),
    )
}

/// Adds the headers that go with a status, whatever the body.
pub fn with_hints(status: StatusCode, mut response: Response) -> Response {
    let hint = match status {
        StatusCode::UNAUTHORIZED => Some((
            header::WWW_AUTHENTICATE,
            "Bearer realm=\"connectory\", error=\"invalid_token\"",
        )),
        StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, "1")),
        _ => None,
    };
    if let Some((name, value)) = hint {
        response
            .headers_mut()
            .insert(name, poem::http::HeaderValue::from_static(value));
    }
    response
}
