//! From a request's credential to who is asking.

use super::trace::TraceId;
use crate::app::App;
use crate::error::{Error, Result};
use crate::graphql::Session;
use crate::service::token;
use poem::Request;
use poem::http::header::AUTHORIZATION;

/// The trace id of the request.
pub fn trace_id(request: &Request) -> String {
    request
        .extensions()
        .get::<TraceId>()
        .map_or_else(String::new, |id| id.0.clone())
}

/// Who is asking, by the bearer token (RFC 6750); refuses a request without a good one.
pub async fn session(app: &App, request: &Request) -> Result<Session> {
    let missing = Error::Unauthorized("send an API token as `Authorization: Bearer <token>`");
    let mut headers = request.headers().get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (headers.next(), headers.next()) else {
        return Err(missing);
    };
    let parts = header.to_str().ok().and_then(|h| h.split_once(' '));
    let token = match parts {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(missing),
    };
    let identity = token::identify(&app.db, &app.tokens, token).await?;
    Ok(Session {
        viewer: identity.viewer,
        role: identity.role,
        token_name: identity.name,
        expires_at: identity.expires_at,
        trace_id: trace_id(request),
    })
}
