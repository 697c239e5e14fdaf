//! HTTP as it goes over the wire: requests are written byte by byte, because clients add headers
//! of their own.

mod abuse;
mod docs;
mod graphiql;
mod over_http;
mod service;
mod socket;

use crate::support::TestApp;
use serde_json::Value as Json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The newer media type of GraphQL answers.
const GRAPHQL: &str = "application/graphql-response+json";

/// An answer.
#[derive(Debug)]
struct Got {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("the body is UTF-8")
    }

    fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
}

/// The bytes of a request. Its length is added unless the headers say how the body is sent.
fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut out = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    let said = headers
        .iter()
        .any(|(name, _)| matches!(*name, "transfer-encoding" | "content-length"));
    if !said && (method == "POST" || !body.is_empty()) {
        out.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    let mut out = format!("{out}\r\n").into_bytes();
    out.extend_from_slice(body);
    out
}

/// Sends bytes and reads the answer to its end.
async fn exchange(t: &TestApp, bytes: &[u8]) -> Got {
    let mut stream = connect(t).await;
    // A server that has read enough may stop listening.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    parse(&answer)
}

async fn connect(t: &TestApp) -> TcpStream {
    let address = t.url.trim_start_matches("http://");
    TcpStream::connect(address)
        .await
        .expect("the server listens")
}

fn parse(answer: &[u8]) -> Got {
    let end = answer
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .expect("an answer with a head");
    let head = String::from_utf8(answer[..end].to_vec()).expect("the head is text");
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|l| l.split(' ').nth(1))
        .and_then(|s| s.parse().ok());
    let header = |line: &str| {
        let (name, value) = line.split_once(':').expect("a header");
        (name.to_ascii_lowercase(), value.trim().to_owned())
    };
    Got {
        status: status.expect("a status"),
        headers: lines.map(header).collect(),
        body: answer[end + 4..].to_vec(),
    }
}

async fn send(
    t: &TestApp,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Got {
    exchange(t, &request(method, target, headers, body)).await
}

/// Posts a body to `/graphql` as clients do.
async fn post(t: &TestApp, token: &str, body: &[u8]) -> Got {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept", GRAPHQL),
        ("content-type", "application/json"),
    ];
    send(t, "POST", "/graphql", &headers, body).await
}

/// A workspace of its own and an owner's token for it.
async fn owner(t: &TestApp) -> String {
    use connectory::service::workspace;
    let new = workspace::New {
        name: "Ours".into(),
        ..workspace::New::default()
    };
    let made = workspace::create(t.db(), new).await.expect("a workspace");
    t.token(made.id, entity::membership::Role::Owner).await
}
