//! Pictures by address.

use super::{authorize, error::Refused};
use crate::app::App;
use crate::error::Error;
use crate::service::media;
use poem::http::{StatusCode, header};
use poem::{Request, Response, Result, handler, web::Data, web::Path};
use std::sync::Arc;
use uuid::Uuid;

/// A picture. It cannot change, so caches may keep it and ask with its ETag.
#[handler]
pub async fn show(
    app: Data<&Arc<App>>,
    request: &Request,
    Path(id): Path<String>,
) -> Result<Response> {
    let missing = || {
        Refused(Error::NotFound {
            kind: "media",
            id: id.chars().take(60).collect(),
        })
    };
    let key = Uuid::parse_str(&id).map_err(|_| missing())?;
    let session = match request.header(header::AUTHORIZATION) {
        Some(_) => Some(authorize::session(&app, request).await.map_err(Refused)?),
        None => None,
    };
    let svg = media::picture(&app.db, key, session.as_ref().map(|s| &s.viewer))
        .await
        .map_err(Refused)?;
    let tag = format!("\"{}\"", key.simple());
    let response = Response::builder()
        .header(header::ETAG, &tag)
        .header(
            header::CACHE_CONTROL,
            if session.is_some() {
                "private, max-age=3600"
            } else {
                "public, max-age=3600"
            },
        )
        .header(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        );
    if request
        .header(header::IF_NONE_MATCH)
        .is_some_and(|sent| sent.contains(&tag))
    {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(response.content_type("image/svg+xml").body(svg))
}
