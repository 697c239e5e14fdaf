//! The errors of the house as GraphQL shows them.

use crate::error::{Code, Error};
use async_graphql::{ErrorExtensionValues, Pos, ServerError};

/// A located GraphQL error with `extensions.code` and, where there are some,
/// `extensions.problems`. Causes of internal faults go to the log and nowhere else.
pub fn server_error(error: &Error, pos: Pos) -> ServerError {
    if let Some(cause) = error.private() {
        tracing::error!(code = error.code().as_str(), cause, "a field failed");
    }
    let mut server = ServerError::new(error.message(), Some(pos));
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", error.code().as_str());
    if !error.problems().is_empty() {
        let problem = |p: &crate::error::Problem| async_graphql::value!({ "path": (p.path.clone()), "issue": (p.issue.clone()) });
        extensions.set(
            "problems",
            async_graphql::Value::List(error.problems().iter().map(problem).collect()),
        );
    }
    server.extensions = Some(extensions);
    server
}

/// What the parser says, without the line it quotes, which can be long; the place says as much.
pub fn parse_error(mut error: ServerError) -> ServerError {
    if let Some((_, expected)) = error.message.rsplit_once("\n  = ") {
        error.message = format!("the document cannot be parsed: {expected}");
    }
    error
}

/// An error without a place in the document.
pub fn request_error(code: Code, message: impl Into<String>) -> ServerError {
    let mut server = ServerError::new(message, None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.as_str());
    server.extensions = Some(extensions);
    server
}
