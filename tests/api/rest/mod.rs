//! REST: the Well dialect in its two renderings, over the network.

mod checker;
mod cost;
mod filter;
mod golden;
mod method;
mod narrow;
mod negotiation;
mod paging;
pub mod records;
mod shape;
mod strict;
mod tag;
mod tenancy;
mod write;

use crate::support::TestApp;
use serde_json::Value as Json;

/// The dialect's own media type.
pub const JSON: &str = "application/json";

/// The media type of JSON:API.
pub const JSON_API: &str = "application/vnd.api+json";

/// An answer.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn json(&self) -> Json {
        let text = || String::from_utf8_lossy(&self.body).into_owned();
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", text()))
    }

    /// The document, after making sure that the request succeeded.
    pub fn document(&self) -> Json {
        let json = self.json();
        assert_eq!(self.status, 200, "{json:#}");
        json
    }
}

/// Sends a request with headers of its own.
pub async fn send(t: &TestApp, method: &str, target: &str, headers: &[(&str, &str)]) -> Got {
    let method = method.parse().expect("a method");
    let mut request = t.http.request(method, format!("{}{target}", t.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.expect("the server answers");
    Got {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.bytes().await.expect("a body").to_vec(),
    }
}

/// Reads an address as a media type.
pub async fn get(t: &TestApp, token: &str, target: &str, accept: &str) -> Got {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("accept", accept)];
    send(t, "GET", target, &headers).await
}

/// Reads an address in the dialect's own rendering; anything but success fails the test.
pub async fn well(t: &TestApp, token: &str, target: &str) -> Json {
    get(t, token, target, JSON).await.document()
}

/// Reads an address as JSON:API; anything but success fails the test.
pub async fn strict(t: &TestApp, token: &str, target: &str) -> Json {
    get(t, token, target, JSON_API).await.document()
}

/// The identifiers of primary data, in order.
pub fn ids(document: &Json) -> Vec<String> {
    let data = document["data"].as_array().expect("a list");
    data.iter()
        .map(|r| r["id"].as_str().expect("an id").to_owned())
        .collect()
}
