//! Pictures by address: who may see one, what caches may keep, and the part of it that was asked
//! for. Bytes are passed on as they come from the store.

use super::condition::{self, Extent, Unmet};
use super::{authorize, error, error::Refused};
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::service::media::{self, Asker, Picture, Source};
use crate::store::{self, Key};
use chrono::Utc;
use poem::error::ReadBodyError;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::web::{Data, Path, Query};
use poem::{Body, Request, Response, ResponseBuilder, handler};
use serde::Deserialize;
use std::ops::Range;
use std::sync::Arc;
use uuid::Uuid;

/// An SVG opened as a page may style itself and show pixels it spells out, and nothing else.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox";
/// Seconds that caches keep a file, which never changes: a year, the most that is understood.
const YEAR: i64 = 31_536_000;
/// Seconds that caches keep a picture made from words that may change.
const HOUR: i64 = 3_600;

/// What an address may carry.
#[derive(Debug, Deserialize)]
pub struct Signed {
    /// Lets its holder see the picture.
    token: Option<String>,
}

/// A picture, or the part of it that was asked for.
#[handler]
pub async fn show(
    app: Data<&Arc<App>>,
    request: &Request,
    Path(id): Path<String>,
    Query(signed): Query<Signed>,
) -> poem::Result<Response> {
    answer(&app, request, &id, signed)
        .await
        .map_err(|e| Refused(e).into())
}

async fn answer(app: &App, request: &Request, id: &str, signed: Signed) -> Result<Response> {
    let missing = || Error::NotFound {
        kind: "media",
        id: id.chars().take(60).collect(),
    };
    let key = Uuid::parse_str(id).map_err(|_| missing())?;
    let session = match request.header(header::AUTHORIZATION) {
        Some(_) => Some(authorize::session(app, request).await?),
        None => None,
    };
    let until = signed
        .token
        .and_then(|token| media::shown_until(&app.seal, key, &token));
    let asker = match (&session, until) {
        (_, Some(_)) => Asker::Holder,
        (Some(session), None) => Asker::Viewer(&session.viewer),
        (None, None) => Asker::Anyone,
    };
    let picture = media::find(&app.db, key, asker).await?;
    // What is everyone's is not bounded by the end of an address.
    let lifetime = until.filter(|_| !picture.shared);
    let lifetime = lifetime.map(|until| (until - Utc::now()).num_seconds().max(0));
    send(app, request, &picture, lifetime).await
}

/// Takes the bytes of an upload that was begun; the token in the address is the permission.
#[handler]
pub async fn receive(
    app: Data<&Arc<App>>,
    request: &Request,
    body: Body,
    Path(id): Path<String>,
    Query(signed): Query<Signed>,
) -> poem::Result<Response> {
    take(&app, request, body, &id, signed)
        .await
        .map_err(|e| Refused(e).into())
}

async fn take(
    app: &App,
    request: &Request,
    body: Body,
    id: &str,
    signed: Signed,
) -> Result<Response> {
    // No row has the identifier of zeros.
    let id = Uuid::parse_str(id).unwrap_or_default();
    let token = signed.token.unwrap_or_default();
    let expected = media::expected(&app.db, &app.seal, id, &token).await?;
    let content_type = request.content_type().unwrap_or_default();
    if !content_type.eq_ignore_ascii_case(expected.content_type) {
        let issue = format!("must be `{}`, as agreed", expected.content_type);
        return Err(Error::invalid("Content-Type", issue));
    }
    let size = expected.size;
    let unlike = || Error::invalid("body", format!("must have {size} bytes, as agreed"));
    let bytes = match body.into_bytes_limit(size).await {
        Ok(bytes) if bytes.len() == size => bytes,
        Ok(_) | Err(ReadBodyError::PayloadTooLarge) => return Err(unlike()),
        Err(_) => return Err(Error::invalid("body", "broke off; send it again, whole")),
    };
    app.store.put_incoming(id, bytes).await?;
    Ok(Response::builder().status(StatusCode::NO_CONTENT).finish())
}

/// Answers with a picture that whoever asks may see, for `lifetime` seconds if that is bounded.
async fn send(
    app: &App,
    request: &Request,
    picture: &Picture,
    lifetime: Option<i64>,
) -> Result<Response> {
    let (method, headers) = (request.method(), request.headers());
    let tag = format!("\"{}\"", picture.sha256);
    let response = described(picture, &tag, lifetime);
    match condition::precondition(headers, &tag) {
        Ok(()) => {}
        Err(Unmet::NotModified) => {
            return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
        }
        Err(Unmet::PreconditionFailed) => {
            let issue = "the picture is not the one that `If-Match` names";
            return Ok(refused(request, StatusCode::PRECONDITION_FAILED, issue));
        }
    }
    let size = size(app, picture).await?;
    let part = match condition::extent(method, headers, &tag, size) {
        Extent::Whole => None,
        Extent::Part(part) => Some(part),
        Extent::Unsatisfiable => return Ok(unsatisfiable(request, size)),
    };
    let response = sized(response, picture, size, part.as_ref());
    if *method == Method::HEAD {
        return Ok(response.finish());
    }
    Ok(response.body(body(app, picture, size, part).await?))
}

/// What every good answer says about a picture, also that the client has it already.
fn described(picture: &Picture, tag: &str, lifetime: Option<i64>) -> ResponseBuilder {
    let (longest, changes) = match picture.source {
        Source::Stored(_) => (YEAR, ", immutable"),
        Source::Made(_) => (HOUR, ""),
    };
    let seconds = lifetime.map_or(longest, |lifetime| lifetime.min(longest));
    let who = if picture.shared { "public" } else { "private" };
    let cached = format!("{who}, max-age={seconds}{changes}");
    let response = Response::builder()
        .header(header::ETAG, tag)
        .header(header::CACHE_CONTROL, cached)
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        // Pages of other origins are what pictures are for.
        .header("cross-origin-resource-policy", "cross-origin");
    if picture.shared {
        response
    } else {
        // A cache that several people share must ask for each of them.
        response.header(header::VARY, "Authorization")
    }
}

/// What an answer with bytes says about them.
fn sized(
    response: ResponseBuilder,
    picture: &Picture,
    size: u64,
    part: Option<&Range<u64>>,
) -> ResponseBuilder {
    let name = store::disposition(&picture.file_name);
    let response = response
        .content_type(picture.format.content_type())
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CONTENT_DISPOSITION, name);
    let Some(part) = part else {
        return response.header(header::CONTENT_LENGTH, size);
    };
    let sent = format!("bytes {}-{}/{size}", part.start, part.end - 1);
    response
        .status(StatusCode::PARTIAL_CONTENT)
        .header(header::CONTENT_LENGTH, part.end - part.start)
        .header(header::CONTENT_RANGE, sent)
}

fn refused(request: &Request, status: StatusCode, issue: &str) -> Response {
    error::response(
        status,
        Code::BadRequest,
        issue,
        &authorize::trace_id(request),
    )
}

fn unsatisfiable(request: &Request, size: u64) -> Response {
    let issue = format!("the range begins behind the end of the picture, which has {size} bytes");
    let mut response = refused(request, StatusCode::RANGE_NOT_SATISFIABLE, &issue);
    if let Ok(whole) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, whole);
    }
    response
}

/// The number of bytes of a picture.
async fn size(app: &App, picture: &Picture) -> Result<u64> {
    match &picture.source {
        Source::Made(bytes) => Ok(bytes.len() as u64),
        Source::Stored(key) => match picture.size {
            Some(size) => Ok(size),
            None => app.store.head(key).await?.ok_or_else(|| lost(key)),
        },
    }
}

/// The bytes, all or some.
async fn body(app: &App, picture: &Picture, size: u64, part: Option<Range<u64>>) -> Result<Body> {
    let key = match &picture.source {
        Source::Stored(key) => key,
        Source::Made(bytes) => {
            let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
            let part = part.map_or(0..bytes.len(), |p| within(p.start)..within(p.end));
            return Ok(Body::from_bytes(bytes.slice(part)));
        }
    };
    let content = app.store.get(key, part).await?.ok_or_else(|| lost(key))?;
    if content.size != size {
        let cause = format!(
            "the file {key} has {} bytes, its row says {size}",
            content.size
        );
        return Err(Error::internal(cause));
    }
    Ok(Body::from_bytes_stream(content.stream))
}

/// A row names a file that is not there. For the client there is none; the log says which.
fn lost(key: &Key) -> Error {
    tracing::error!(%key, "a media row names a file that the store does not have");
    Error::NotFound {
        kind: "media",
        id: key.to_string(),
    }
}
