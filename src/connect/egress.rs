//! The one way out: every request to somebody else's server leaves through here, and only to
//! addresses that were checked. It knows nothing of what is asked or answered.
//!
//! # What holds
//!
//! An address is judged before anything is sent ([`Egress::judge`]): its scheme, its port, its
//! host. A name is resolved once for each connection; one address of it that is not of the public
//! internet refuses the name, and the connection is made to one of the addresses that were
//! checked. Redirects are followed here and not by the client, each judged as the first address
//! was. Proxies of the environment are not used, and nothing is unpacked.
//!
//! The exceptions of the setting `egress_allow` are asked by a client of their own, so that no
//! connection made for one is ever used for anything else.

pub mod address;
mod exception;
mod fault;
mod oauth;
mod redirect;
mod resolve;
mod target;

pub use exception::Exceptions;
pub use fault::Fault;
pub use oauth::OAuth;
pub use resolve::{Lookup, Names, System};

use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Method, Response, StatusCode, redirect::Policy};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use target::Way;
use url::Url;

/// How long a server may take to accept a connection; the lookup and TLS are part of it.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a connection is kept for the next request.
const IDLE: Duration = Duration::from_secs(30);

/// Headers that belong to a connection and not to what is asked.
const OF_CONNECTION: &[&str] = &[
    "connection",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A request to somebody else's server.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// Headers; those of the connection are set here.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

/// What came back, read to its end.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, not unpacked.
    pub body: Vec<u8>,
    /// The address that answered, after redirects.
    pub url: Url,
}

/// How much of a server's time and bytes one request may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the first step to the last byte.
    pub time: Duration,
    /// Most bytes of the body.
    pub size: usize,
    /// Most redirects that are followed; each is checked as the first address was. With 0 a
    /// redirect is an answer like any other; beyond a higher number it is refused.
    pub redirects: usize,
}

/// Sends requests to checked addresses. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Egress {
    guarded: Client,
    excepted: Client,
    exceptions: Arc<Exceptions>,
}

impl Egress {
    /// With exceptions, each `host:port`, that may be asked though they are private or without TLS.
    pub fn new(allow: &[String]) -> Result<Egress, crate::error::Error> {
        Egress::with_lookup(allow, Arc::new(System))
    }

    /// As [`Egress::new`], with somebody else to ask for the addresses of names.
    pub fn with_lookup(
        allow: &[String],
        lookup: Arc<dyn Lookup>,
    ) -> Result<Egress, crate::error::Error> {
        let exceptions = Arc::new(Exceptions::parse(allow)?);
        let client = |names, https| {
            Client::builder()
                .no_proxy()
                .no_gzip()
                .no_brotli()
                .no_deflate()
                .no_zstd()
                .redirect(Policy::none())
                .connect_timeout(CONNECT)
                .pool_idle_timeout(IDLE)
                .user_agent(concat!("connectory/", env!("CARGO_PKG_VERSION")))
                .https_only(https)
                .dns_resolver(Arc::new(names))
                .build()
                .map_err(crate::error::Error::internal)
        };
        Ok(Egress {
            guarded: client(Names::guarded(lookup.clone()), true)?,
            excepted: client(Names::open(lookup), false)?,
            exceptions,
        })
    }

    /// Whether an address may be asked, as far as that can be told before its name is resolved.
    pub fn judge(&self, url: &Url) -> Result<(), Fault> {
        target::judge(url, &self.exceptions).map(|_| ())
    }

    /// Sends a request and reads the answer to its end.
    pub async fn send(&self, request: Request, limits: Limits) -> Result<Answer, Fault> {
        let answer = tokio::time::timeout(limits.time, self.follow(request, limits)).await;
        answer.unwrap_or(Err(Fault::TooSlow))
    }

    /// Sends a request whose body and answer are streamed; no redirect is followed. `patience`
    /// bounds the time to the head of the answer.
    pub async fn open(
        &self,
        request: reqwest::Request,
        patience: Duration,
    ) -> Result<Response, Fault> {
        let answer = tokio::time::timeout(patience, self.ask(request)).await;
        answer.unwrap_or(Err(Fault::TooSlow))
    }

    async fn follow(&self, mut request: Request, limits: Limits) -> Result<Answer, Fault> {
        for left in (0..=limits.redirects).rev() {
            let answer = self.ask(request.to_send()).await?;
            let to = match limits.redirects {
                0 => None,
                _ => redirect::location(&request.url, answer.status(), answer.headers())?,
            };
            match to {
                None => return read(answer, limits.size).await,
                Some(to) if left > 0 => request = redirect::follow(request, answer.status(), to)?,
                Some(_) => break,
            }
        }
        let issue = format!("the server redirects more than {} times", limits.redirects);
        Err(Fault::Refused(issue))
    }

    /// One request, one head of an answer.
    async fn ask(&self, mut request: reqwest::Request) -> Result<Response, Fault> {
        let client = match target::judge(request.url(), &self.exceptions)? {
            Way::Guarded => &self.guarded,
            Way::Excepted => &self.excepted,
        };
        let headers = request.headers_mut();
        for name in OF_CONNECTION {
            headers.remove(*name);
        }
        // Whoever prints a request on its way prints no value.
        for value in headers.values_mut() {
            value.set_sensitive(true);
        }
        Ok(client.execute(request).await?)
    }
}

/// Reads a body, and stops where it grows too large.
async fn read(mut answer: Response, size: usize) -> Result<Answer, Fault> {
    let announced = answer.content_length().unwrap_or_default();
    if usize::try_from(announced).map_or(true, |announced| announced > size) {
        return Err(Fault::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if chunk.len() > size - body.len() {
            return Err(Fault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status: answer.status(),
        url: answer.url().clone(),
        headers: std::mem::take(answer.headers_mut()),
        body,
    })
}

impl Request {
    fn to_send(&self) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().remove(header::CONTENT_LENGTH);
        if !self.body.is_empty() {
            *request.body_mut() = Some(self.body.clone().into());
        }
        request
    }
}

impl fmt::Debug for Request {
    /// Headers and bodies carry credentials, queries may: none is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &shown(&self.url))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body.len())
            .finish()
    }
}

impl fmt::Debug for Answer {
    /// As for [`Request`]: an answer may be a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("url", &shown(&self.url))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body.len())
            .finish()
    }
}

fn shown(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}
