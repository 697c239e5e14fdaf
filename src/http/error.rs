//! Errors of addresses outside GraphQL and REST, on their way through poem; they look as REST's do.

use crate::error::{Code, Error, Problem};
use crate::rest::fault;
use poem::http::{HeaderValue, StatusCode};
use poem::{Response, error::ResponseError};

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
    of(error.code())
}

fn of(code: Code) -> StatusCode {
    StatusCode::from_u16(fault::status(code)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The answer for an error of the house; causes go to the log.
pub fn response_of(error: &Error, trace_id: &str) -> Response {
    if let Some(cause) = error.private() {
        tracing::error!(code = error.code().as_str(), cause, "failed");
    }
    let message = error.message();
    written(
        status(error),
        error.code(),
        &message,
        error.problems(),
        trace_id,
    )
}

/// An answer that says what went wrong.
pub fn response(status: StatusCode, code: Code, message: &str, trace_id: &str) -> Response {
    written(status, code, message, &[], trace_id)
}

fn written(
    status: StatusCode,
    code: Code,
    message: &str,
    problems: &[Problem],
    trace_id: &str,
) -> Response {
    let body = fault::flat(
        (code.as_str(), fault::title(code)),
        status.as_u16(),
        message,
        problems,
        trace_id,
    );
    with_hints(
        status,
        Response::builder()
            .status(status)
            .content_type("application/json; charset=utf-8")
            .body(body.to_string()),
    )
}

/// Adds the headers that go with a status, whatever the body.
pub fn with_hints(status: StatusCode, mut response: Response) -> Response {
    if let Some((name, value)) = fault::hint(status.as_u16()) {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
