//! Whether the server lives, and whether it can work.

use super::{authorize::trace_id, error};
use crate::app::App;
use crate::error::{Code, Error};
use poem::http::StatusCode;
use poem::{Request, Response, handler, web::Data};
use std::sync::Arc;

fn fine() -> Response {
    Response::builder()
        .content_type("application/json")
        .body(r#"{"status":"ok"}"#)
}

/// The process answers. It asks nothing of the database, so that a database that is away does
/// not get the process killed.
#[handler]
pub fn alive() -> Response {
    fine()
}

/// The database answers and is up to date.
#[handler]
pub async fn ready(app: Data<&Arc<App>>, request: &Request) -> Response {
    let id = trace_id(request);
    match app.pending_migrations().await {
        Ok(pending) if pending.is_empty() => fine(),
        Ok(pending) => {
            let message = format!("the database lacks migrations: {}", pending.join(", "));
            error::response(
                StatusCode::SERVICE_UNAVAILABLE,
                Code::Unavailable,
                &message,
                &id,
            )
        }
        Err(fault) => error::response_of(&Error::Unavailable(fault.to_string()), &id),
    }
}
