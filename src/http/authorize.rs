//! From a request's credential to who is asking.

use super::trace::TraceId;
use crate::app::App;
use crate::error::{Error, Result};
use crate::service::{Actor, token};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
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
pub async fn session(app: &App, request: &Request) -> Result<Actor> {
    let actor = by_credential(app, sent(request), trace_id(request)).await?;
    Ok(Actor {
        address: address(request),
        ..actor
    })
}

/// The same, or by a user name and a password (RFC 7617): the password is the token, and the name
/// says nothing. Only for addresses whose clients need it.
pub async fn session_or_password(app: &App, request: &Request) -> Result<Actor> {
    let credential = credential(request);
    let actor = by_credential(app, credential.as_deref(), trace_id(request)).await?;
    Ok(Actor {
        address: address(request),
        ..actor
    })
}

/// What stands in the one `Authorization` header; a password as the token that it is.
pub fn credential(request: &Request) -> Option<String> {
    let sent = sent(request)?;
    let token = password(sent).map(|token| format!("Bearer {token}"));
    Some(token.unwrap_or_else(|| sent.to_owned()))
}

/// What stands in the one `Authorization` header.
fn sent(request: &Request) -> Option<&str> {
    let mut headers = request.headers().get_all(AUTHORIZATION).iter();
    match (headers.next(), headers.next()) {
        (Some(header), None) => header.to_str().ok(),
        _ => None,
    }
}

/// The password of a credential of the scheme `Basic`; `None` if it is of another.
fn password(credential: &str) -> Option<String> {
    let (scheme, pair) = credential.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = BASE64_STANDARD.decode(pair.trim()).ok();
    let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
    let password = pair.as_deref().and_then(|pair| pair.split_once(':'));
    // One that cannot be read is no good token either.
    Some(password.map_or_else(String::new, |(_, password)| password.to_owned()))
}

/// The network address of the client: that of the connection. What a header says about it is
/// not believed.
pub fn address(request: &Request) -> Option<String> {
    let remote = request.remote_addr().as_socket_addr();
    remote.map(|address| address.ip().to_string())
}

/// Who is asking, by what stands in an `Authorization` header or for one.
pub async fn by_credential(app: &App, credential: Option<&str>, trace_id: String) -> Result<Actor> {
    let token = match credential.and_then(|c| c.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => {
            return Err(Error::Unauthorized(
                "send an API token as `Authorization: Bearer <token>`",
            ));
        }
    };
    let identity = token::identify(&app.db, &app.tokens, token).await?;
    Ok(identity.actor(trace_id))
}
