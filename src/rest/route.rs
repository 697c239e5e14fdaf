//! The table of operations. The matcher, the methods an address allows and the OpenAPI document
//! all read it, so that nothing is served that is not documented.

mod table;

pub use table::ROUTES;

use super::parameter::{Parameter, Shape};
use super::{Answer, Call, Fault, Rest};
use crate::query::Resource;
use futures_util::future::BoxFuture;
use std::borrow::Cow;

/// What an operation does to its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or asks with a body.
    Post,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// The body an operation reads.
#[derive(Clone, Copy)]
pub enum Body {
    /// A document with a resource to make or change.
    Document(fn() -> &'static Resource),
    /// A question to records.
    RecordsQuery,
    /// A question for statistics of records.
    RecordsStatistics,
    /// A file and its facts, `multipart/form-data`.
    Upload,
}

/// The body an operation answers with.
#[derive(Clone, Copy)]
pub enum Content {
    /// None.
    Empty,
    /// A document with one resource.
    One(fn() -> &'static Resource),
    /// A document with a page of resources.
    Page(fn() -> &'static Resource, Paging),
    /// Rows of records.
    Records,
    /// Statistics of records.
    Statistics,
    /// An error.
    Error,
}

/// How a list is paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// By number unless a cursor is sent: `meta` has `page`, `limit`, `total`, `total_pages`.
    Number,
    /// By cursor: `meta` has `total` and `count`, `links.next` the cursor of the next page.
    Cursor,
}

/// An answer an operation can give.
#[derive(Clone, Copy)]
pub struct Outcome {
    /// The status.
    pub status: u16,
    /// When, in a sentence.
    pub doc: &'static str,
    /// The body.
    pub content: Content,
}

/// What answers an operation.
pub type Handler = for<'a> fn(&'a Rest, Call<'a>) -> BoxFuture<'a, Result<Answer, Fault>>;

/// An operation.
#[derive(Clone, Copy)]
pub struct Route {
    /// The method; a GET answers HEAD as well.
    pub method: Method,
    /// The address, variables in braces, e.g. `/v1/connectors/{connector_id}`.
    pub path: &'static str,
    /// Other addresses of the same, accepted and not documented on their own.
    pub aliases: &'static [&'static str],
    /// Its name, unique and stable.
    pub operation_id: &'static str,
    /// The group it is documented in.
    pub tag: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else there is to know.
    pub description: &'static str,
    /// Parameters, in groups that operations share; see [`Route::parameters`].
    pub groups: &'static [&'static [Parameter]],
    /// The body it reads.
    pub body: Option<Body>,
    /// What it answers, errors that every operation has (see [`COMMON`]) not repeated.
    pub outcomes: &'static [Outcome],
    /// What answers it.
    pub handler: Handler,
}

/// The errors that every operation can answer with.
pub const COMMON: &[Outcome] = &[
    error(
        400,
        "The request is malformed: an unknown or malformed parameter, filter, order or page, all named.",
    ),
    error(
        401,
        "The credential is missing, unknown, revoked or expired.",
    ),
    error(
        406,
        "The client accepts no media type that the address answers with.",
    ),
    error(
        503,
        "The database cannot answer now; trying again later may work.",
    ),
];

/// An outcome with an error.
pub const fn error(status: u16, doc: &'static str) -> Outcome {
    Outcome {
        status,
        doc,
        content: Content::Error,
    }
}

impl Route {
    /// All parameters.
    pub fn parameters(&self) -> impl Iterator<Item = &'static Parameter> + use<> {
        self.groups.iter().copied().flatten()
    }

    /// Whether it has a parameter of that shape.
    pub fn declares(&self, shape: impl Fn(Shape) -> bool) -> bool {
        self.parameters().any(|p| shape(p.shape))
    }
}

/// A route and the values of its variables.
pub struct Found {
    /// The route.
    pub route: &'static Route,
    /// The values, decoded, by name.
    pub path: Vec<(&'static str, String)>,
}

/// The route of a request. A slash at the end is accepted, HEAD is GET.
pub fn find(method: &str, path: &str) -> Result<Found, Fault> {
    let method = if method == "HEAD" { "GET" } else { method };
    match at(path)
        .into_iter()
        .find(|f| f.route.method.name() == method)
    {
        Some(found) => Ok(found),
        None => Err(match allowed(path) {
            Some(methods) => Fault::MethodNotAllowed(methods),
            None => Fault::not_found("address", path),
        }),
    }
}

/// The methods an address takes, as `Allow` lists them; `None` if there is no such address.
pub fn allowed(path: &str) -> Option<String> {
    let mut methods: Vec<_> = at(path).iter().map(|f| f.route.method.name()).collect();
    if methods.is_empty() {
        return None;
    }
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    Some(methods.join(", "))
}

/// All routes of an address.
fn at(path: &str) -> Vec<Found> {
    let sent: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let found = |route: &'static Route| {
        let mut templates = std::iter::once(&route.path).chain(route.aliases);
        let path = templates.find_map(|template| fit(template, &sent))?;
        Some(Found { route, path })
    };
    ROUTES.iter().filter_map(found).collect()
}

/// The values of the variables of `template` if `sent` fits it.
fn fit(template: &'static str, sent: &[&str]) -> Option<Vec<(&'static str, String)>> {
    let mut values = Vec::new();
    let mut parts = template.split('/');
    for sent in sent {
        let part = parts.next()?;
        match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            Some(name) => values.push((name, decode(sent).filter(|v| !v.is_empty())?.into_owned())),
            None if part == *sent => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some(values)
}

/// A percent-encoded segment; `None` if it is no UTF-8.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    if !segment.contains('%') {
        return Some(Cow::Borrowed(segment));
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| char::from(b?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}
