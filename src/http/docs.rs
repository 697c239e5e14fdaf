//! The REST reference: the OpenAPI document, and a page that shows it and can send requests. All of
//! it is part of the program: no other host is asked for anything. The page is built and packed by
//! the maintainers (`docs/build/README.md`).

use super::packed;
use crate::rest::openapi;
use flate2::{Compression, write::GzEncoder};
use poem::http::{StatusCode, header};
use poem::{Request, Response, Result, handler, web::Path};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::LazyLock;

#[path = "docs/dist/assets.rs"]
mod assets;

const PAGE: &[u8] = include_bytes!("docs/dist/index.html.gz");
const LICENCES: &[u8] = include_bytes!("docs/dist/licences.txt.gz");

/// What the page may load: its own files and the server it came from, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The OpenAPI document, packed, and its entity tag.
static DOCUMENT: LazyLock<(Vec<u8>, String)> = LazyLock::new(|| {
    let text = openapi::text();
    let tag = format!("\"{:x}\"", Sha256::digest(text.as_bytes()));
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let packed = packer
        .write_all(text.as_bytes())
        .and_then(|()| packer.finish());
    (packed.unwrap_or_default(), tag)
});

/// Writes the document beside the start of the server, which does not wait for it.
pub fn prepare() {
    std::thread::spawn(|| LazyLock::force(&DOCUMENT));
}

/// The OpenAPI document.
#[handler]
pub fn document(request: &Request) -> Result<Response> {
    let (content, tag) = &*DOCUMENT;
    let known = |tags: &str| {
        tags.split(',')
            .any(|t| t.trim().trim_start_matches("W/") == tag || t.trim() == "*")
    };
    let mut response = if request.header(header::IF_NONE_MATCH).is_some_and(known) {
        Response::builder()
            .status(StatusCode::NOT_MODIFIED)
            .finish()
    } else {
        packed::packed(request, content, "application/json", "no-cache")?
    };
    let headers = response.headers_mut();
    if let Ok(tag) = tag.parse() {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// The page.
#[handler]
pub fn page(request: &Request) -> Result<Response> {
    packed::page(request, PAGE, POLICY)
}

/// The licences of what the page is made of.
#[handler]
pub fn licences(request: &Request) -> Result<Response> {
    packed::packed(request, LICENCES, "text/plain; charset=utf-8", "no-cache")
}

/// A file of the page; its name changes with its content.
#[handler]
pub fn asset(request: &Request, Path(name): Path<String>) -> Result<Response> {
    packed::asset(request, assets::ASSETS, &name)
}
