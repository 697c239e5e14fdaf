//! The two kinds of request that OAuth makes: reading a metadata document, and posting to an
//! endpoint on behalf of the protocol crate.

use super::document::Document;
use super::failure::Failure;
use crate::connect::egress::{Answer, Egress, Limits, Request};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use std::pin::Pin;
use std::time::Duration;
use url::Url;

/// Most bytes of a document or answer.
const SIZE: usize = 1024 * 1024;

/// Bounds of reading one metadata document.
const READING: Limits = Limits {
    time: Duration::from_secs(10),
    size: SIZE,
    redirects: 3,
};

/// Bounds of one request to an endpoint. What is posted is secret, so no redirect is followed.
const POSTING: Limits = Limits {
    time: Duration::from_secs(15),
    size: SIZE,
    redirects: 0,
};

/// Looks for a document at several places, and takes the first that `judge` takes. `absent` is what
/// it means that there is none; of other failures the first counts, or rather the first that is no
/// passing one.
pub(super) async fn search<T>(
    egress: &Egress,
    places: &[Url],
    absent: &'static str,
    judge: impl Fn(&Document) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut failure: Option<Failure> = None;
    for place in places {
        let read = read(egress, place).await;
        let judged = read.and_then(|found| found.map(|document| judge(&document)).transpose());
        match judged {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(now) if now.ends_search() => return Err(now),
            Err(now) => failure = Some(Failure::first(failure, now)),
        }
    }
    Err(failure.unwrap_or(Failure::Unsupported(absent)))
}

/// Reads a JSON document; `None` if there is none.
async fn read(egress: &Egress, url: &Url) -> Result<Option<Document>, Failure> {
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    let request = Request {
        method: Method::GET,
        url: url.clone(),
        headers,
        body: Vec::new(),
    };
    let answer = egress.send(request, READING).await?;
    later(answer.status)?;
    if answer.status != StatusCode::OK {
        return Ok(None);
    }
    // Servers that answer every address with their start page have no document there.
    let document = Document::parse(&answer.body).map(Some);
    document.ok_or_else(|| Failure::protocol(format!("the document at {url} is no JSON object")))
}

/// Posts a body to an endpoint.
pub(super) async fn post(
    egress: &Egress,
    endpoint: &Url,
    headers: HeaderMap,
    body: Vec<u8>,
) -> Result<Answer, Failure> {
    let request = Request {
        method: Method::POST,
        url: endpoint.clone(),
        headers,
        body,
    };
    let answer = egress.send(request, POSTING).await?;
    later(answer.status)?;
    if answer.status.is_redirection() {
        let status = answer.status.as_u16();
        return Err(Failure::protocol(format!(
            "the endpoint {endpoint} redirects (status {status}), which none may that takes secrets"
        )));
    }
    Ok(answer)
}

/// An endpoint that the protocol crate posts to. Where it lies is ours to say: the crate insists
/// on the scheme https for some, where the guard of [`Egress`] decides and knows the exceptions.
pub(super) struct Endpoint<'e> {
    egress: &'e Egress,
    url: &'e Url,
}

impl<'e> Endpoint<'e> {
    /// The endpoint at `url`.
    pub(super) fn new(egress: &'e Egress, url: &'e Url) -> Endpoint<'e> {
        Endpoint { egress, url }
    }

    /// Posts what the crate prepared.
    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let (head, body) = request.into_parts();
        let answer = post(self.egress, self.url, head.headers, body).await?;
        let status = status_of(&answer).ok_or_else(|| {
            let (url, status) = (self.url, answer.status.as_u16());
            Failure::protocol(format!(
                "the endpoint {url} answered with status {status} and no JSON that says why"
            ))
        })?;
        let mut response = HttpResponse::new(answer.body);
        *response.status_mut() = status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Endpoint<'_> {
    type Error = Failure;
    // Boxed: of an opaque future the compiler cannot tell that it may change threads.
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.answer(request))
    }
}

/// The status to go by, `None` for a failure without the member `error`. Some servers say 200 and
/// mean an error; RFC 6749 (5.2) has 400 for those.
fn status_of(answer: &Answer) -> Option<StatusCode> {
    let document = Document::parse(&answer.body);
    let says = |member| {
        let document = document.as_ref();
        document.is_some_and(|d| matches!(d.text(member), Ok(Some(_))))
    };
    match answer.status {
        StatusCode::OK if says("error") && !says("access_token") => Some(StatusCode::BAD_REQUEST),
        StatusCode::OK => Some(StatusCode::OK),
        other => says("error").then_some(other),
    }
}

/// Refuses a status that means trying again later.
fn later(status: StatusCode) -> Result<(), Failure> {
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Failure::ServerError(status.as_u16()));
    }
    Ok(())
}
