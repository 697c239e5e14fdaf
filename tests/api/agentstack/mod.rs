//! The Agent Stack dialect through real HTTP: every row of its contract as a golden case, the same
//! on both databases, and what golden files cannot show: ownership, races, pages.

mod access;
mod endpoint;
mod list;
mod race;
mod script;
mod sdk;
mod transition;
mod validation;

use crate::support::TestApp;
use crate::support::hostile::Running;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value as Json;

/// Where the operations are.
const BASE: &str = "/api/v1/connectors";

/// An answer.
struct Got {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Got {
    fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// The document, after making sure of the status.
    fn ok(&self, status: u16) -> Json {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |v| v.to_str().expect("text"))
    }

    /// The identifier of the connector in the document.
    fn id(&self) -> String {
        let id = self.json()["id"].as_str().map(str::to_owned);
        id.unwrap_or_else(|| panic!("no identifier in {}", self.text))
    }
}

/// A request that is still to be sent.
struct Ask<'a> {
    t: &'a TestApp,
    token: &'a str,
    method: Method,
    path: String,
    body: Option<String>,
    headers: Vec<(&'static str, String)>,
}

impl Ask<'_> {
    fn body(mut self, body: &Json) -> Self {
        self.body = Some(body.to_string());
        self
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    async fn send(self) -> Got {
        let url = format!("{}{}", self.t.url, self.path);
        let mut request = self.t.http.request(self.method, url);
        request = match self.token.strip_prefix("basic ") {
            Some(password) => request.basic_auth("anybody", Some(password)),
            None if self.token.is_empty() => request,
            None => request.bearer_auth(self.token),
        };
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = self.body {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        let answer = request.send().await.expect("the server answers");
        Got {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.expect("a text"),
        }
    }
}

/// A request below the prefix, or of a whole address.
fn ask<'a>(t: &'a TestApp, token: &'a str, line: &str) -> Ask<'a> {
    let (method, path) = line.split_once(' ').expect("a method and a path");
    let path = match path.strip_prefix("..") {
        Some(whole) => whole.to_owned(),
        None => format!("{BASE}{}", path.trim_start_matches('.')),
    };
    Ask {
        t,
        token,
        method: method.parse().expect("a method"),
        path,
        body: None,
        headers: Vec::new(),
    }
}

/// A server beside `t` that may ask a peer.
async fn beside(t: &TestApp, peer: &Running) -> TestApp {
    let authority = peer.authority();
    t.beside(|config| config.egress_allow = vec![authority, "127.0.0.1:9".into()])
        .await
}

/// Follows an authorization URL as a browser would, to the end: what the server answers.
async fn log_in(t: &TestApp, authorization_url: &str) -> Got {
    let back = authorize(t, authorization_url).await;
    let path = back
        .strip_prefix(&t.url)
        .expect("the callback of this server");
    ask(t, "", &format!("GET ..{path}")).send().await
}

/// Follows an authorization URL to where the authorization server sends the browser.
async fn authorize(t: &TestApp, authorization_url: &str) -> String {
    let answer = t.http.get(authorization_url).send().await.expect("a peer");
    let location = &answer.headers()["location"];
    location.to_str().expect("an address").to_owned()
}

/// The authorization URL in a connector.
fn login(connector: &Json) -> String {
    let url = connector["auth_request"]["authorization_endpoint"].as_str();
    url.unwrap_or_else(|| panic!("no login in {connector:#}"))
        .to_owned()
}
