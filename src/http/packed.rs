//! Files that are part of the program, held packed with gzip: pages, what they load, documents.

use super::error::Refused;
use crate::error::Error;
use flate2::read::GzDecoder;
use poem::http::{HeaderValue, header};
use poem::{Request, Response, Result};
use std::io::Read;

/// A file: name, media type, and content packed with gzip.
pub type Asset = (&'static str, &'static str, &'static [u8]);

/// A page under its content security policy.
pub fn page(request: &Request, content: &'static [u8], policy: &'static str) -> Result<Response> {
    let mut response = packed(request, content, "text/html; charset=utf-8", "no-cache")?;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    Ok(response)
}

/// A file that a page loads; its name changes with its content.
pub fn asset(request: &Request, assets: &[Asset], name: &str) -> Result<Response> {
    let found = assets.iter().find(|(known, _, _)| *known == name);
    let missing = || {
        Refused(Error::NotFound {
            kind: "file",
            id: name.to_owned(),
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
pub fn packed(
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
