//! GraphiQL, from the program itself: no other host is asked for anything. The files are built
//! and packed by the maintainers (`graphiql/build/README.md`).

use crate::error::Error;
use crate::http::error::Refused;
use flate2::read::GzDecoder;
use poem::http::header;
use poem::{Request, Response, Result, handler, web::Path};
use std::io::Read;

#[path = "graphiql/dist/assets.rs"]
mod assets;

const PAGE: &[u8] = include_bytes!("graphiql/dist/index.html.gz");

/// What the page may load: its own files and the server it came from, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src data:; connect-src 'self' ws: wss:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page.
#[handler]
pub fn page(request: &Request) -> Result<Response> {
    let mut response = packed(request, PAGE, "text/html; charset=utf-8", "no-cache")?;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        poem::http::HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::REFERRER_POLICY,
        poem::http::HeaderValue::from_static("no-referrer"),
    );
    Ok(response)
}

/// A file of the page; its name changes with its content.
#[handler]
pub fn asset(request: &Request, Path(name): Path<String>) -> Result<Response> {
    let found = assets::ASSETS.iter().find(|(known, _, _)| *known == name);
    let missing = || {
        Refused(Error::NotFound {
            kind: "file",
            id: name.clone(),
        })
    };
    let (_, media_type, content) = found.ok_or_else(missing)?;
    packed(
        request,
        content,
        media_type,
        "public, max-age=31536000, immutable",
    )
}

/// Content packed with gzip, unpacked for clients that cannot.
fn packed(
    request: &Request,
    content: &'static [u8],
    media_type: &str,
    cache: &str,
) -> Result<Response> {
    let response = Response::builder()
        .header(header::VARY, "Accept-Encoding")
        .header(header::CACHE_CONTROL, cache)
        .content_type(media_type);
    let gzip = |h: &str| {
        h.split(',')
            .any(|e| e.trim().starts_with("gzip") && !e.replace(' ', "").ends_with(";q=0"))
    };
    if request.header(header::ACCEPT_ENCODING).is_some_and(gzip) {
        return Ok(response
            .header(header::CONTENT_ENCODING, "gzip")
            .body(content));
    }
    let mut plain = Vec::new();
    GzDecoder::new(content)
        .read_to_end(&mut plain)
        .map_err(|e| Refused(Error::internal(e)))?;
    Ok(response.body(plain))
}
