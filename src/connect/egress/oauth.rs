//! The way out for the OAuth client, which brings its own form of a request.

use super::{Answer, Egress, Fault, Limits, Request};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use std::future::Future;
use std::pin::Pin;
use url::Url;

/// Sends what the OAuth client asks for, within limits.
#[derive(Debug, Clone)]
pub struct OAuth {
    /// Where it goes out.
    pub egress: Egress,
    /// What one request may take.
    pub limits: Limits,
}

impl<'c> AsyncHttpClient<'c> for OAuth {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Fault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = outward(request)?;
            inward(self.egress.send(request, self.limits).await?)
        })
    }
}

fn outward(request: HttpRequest) -> Result<Request, Fault> {
    let (head, body) = request.into_parts();
    let url = Url::parse(&head.uri.to_string());
    Ok(Request {
        method: head.method,
        url: url.map_err(|_| Fault::Refused("the address cannot be read".into()))?,
        headers: head.headers,
        body,
    })
}

fn inward(answer: Answer) -> Result<HttpResponse, Fault> {
    let mut response = http::Response::new(answer.body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}
