//! GraphiQL, from the program itself: no other host is asked for anything. The files are built
//! and packed by the maintainers (`graphiql/build/README.md`).

use super::packed;
use poem::{Request, Response, Result, handler, web::Path};

#[path = "graphiql/dist/assets.rs"]
mod assets;

const PAGE: &[u8] = include_bytes!("graphiql/dist/index.html.gz");

/// What the page may load: its own files and the server it came from, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src data:; connect-src 'self' ws: wss:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page.
#[handler]
pub fn page(request: &Request) -> Result<Response> {
    packed::page(request, PAGE, POLICY)
}

/// A file of the page; its name changes with its content.
#[handler]
pub fn asset(request: &Request, Path(name): Path<String>) -> Result<Response> {
    packed::asset(request, assets::ASSETS, &name)
}
