//! HTTP/1.1 on a bare socket, so that an answer can be wrong in every way a framework would not
//! let it be. One request for each connection.

use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{Duration, sleep};

/// What arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, without its question mark.
    pub query: String,
    /// The headers, names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The bytes of the answer that were taken from us so far.
    pub sent: Arc<AtomicU64>,
}

impl Request {
    /// The first header of a name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The body as a form.
    pub fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(&self.body)
            .into_owned()
            .collect()
    }

    /// The query as a form.
    pub fn parameters(&self) -> BTreeMap<String, String> {
        let pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.into_owned().collect()
    }

    /// The body as JSON, null if it is none.
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Everything in it as text, to look for what must not be there.
    pub fn text(&self) -> String {
        format!("{self:?} {}", String::from_utf8_lossy(&self.body))
    }

    /// Reads one; `None` if the connection ends before it does.
    pub async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
        let line = line(stream).await?;
        let mut words = line.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut request = Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            sent: Arc::default(),
        };
        loop {
            let line = self::line(stream).await?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':')?;
            let header = (name.to_ascii_lowercase(), value.trim().to_owned());
            request.headers.push(header);
        }
        request.body = body(stream, &request).await?;
        Some(request)
    }
}

/// A line without its end.
async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|n| *n > 0)?;
    line.truncate(line.trim_end().len());
    Some(line)
}

/// The body, by its length or in chunks.
async fn body(stream: &mut BufReader<TcpStream>, request: &Request) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    if request.header("transfer-encoding").is_none() {
        let length = request.header("content-length").unwrap_or("0");
        body.resize(length.parse().ok()?, 0);
        stream.read_exact(&mut body).await.ok()?;
        return Some(body);
    }
    loop {
        let size = line(stream).await?;
        let mut chunk = vec![0; usize::from_str_radix(&size, 16).ok()?];
        stream.read_exact(&mut chunk).await.ok()?;
        line(stream).await?;
        if chunk.is_empty() {
            return Some(body);
        }
        body.extend(chunk);
    }
}

/// What is sent back.
#[derive(Clone, Debug)]
pub enum Reply {
    /// An answer with a status, headers and a body.
    Whole(u16, Vec<(String, String)>, Vec<u8>),
    /// Nothing: the connection stays open and silent.
    Silence,
    /// A head that never ends: one header after the other.
    EndlessHead,
    /// A body of this type that never ends: its beginning, and then this, again and again.
    EndlessBody(&'static str, Vec<u8>, Vec<u8>),
    /// A body of this type that comes a byte at a time, and never to an end.
    Trickle(&'static str),
    /// The connection is closed without a word.
    Hangup,
}

impl Reply {
    /// A JSON document.
    pub fn json(status: u16, document: &Json) -> Reply {
        Reply::of(status, "application/json", document.to_string())
    }

    /// A body of a content type.
    pub fn of(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Reply {
        Reply::Whole(
            status,
            vec![("content-type".into(), kind.into())],
            body.into(),
        )
    }

    /// A redirect.
    pub fn redirect(status: u16, to: &str) -> Reply {
        Reply::of(status, "text/plain", "").with("location", to)
    }

    /// With one more header.
    pub fn with(mut self, name: &str, value: &str) -> Reply {
        if let Reply::Whole(_, headers, _) = &mut self {
            headers.push((name.into(), value.into()));
        }
        self
    }

    /// Sends it. An error means that the other side has gone, which is its right.
    pub(super) async fn send(
        self,
        stream: &mut BufReader<TcpStream>,
        sent: &AtomicU64,
    ) -> std::io::Result<()> {
        let mut out = Out { stream, sent };
        match self {
            Reply::Whole(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} Whatever\r\nconnection: close\r\n");
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                // These have no body, so they have no length either.
                if !matches!(status, 204 | 304) {
                    head.push_str(&format!("content-length: {}\r\n", body.len()));
                }
                out.write(format!("{head}\r\n").as_bytes()).await?;
                for piece in body.chunks(64 * 1024) {
                    out.write(piece).await?;
                }
                out.stream.get_mut().shutdown().await
            }
            Reply::Silence => out.until_gone().await,
            Reply::EndlessHead => {
                out.write(b"HTTP/1.1 200 OK\r\n").await?;
                out.forever(b"x-more: and more\r\n", Duration::from_millis(5))
                    .await
            }
            Reply::EndlessBody(kind, start, more) => {
                out.open(kind).await?;
                out.write(&start).await?;
                out.forever(&more, Duration::ZERO).await
            }
            Reply::Trickle(kind) => {
                out.open(kind).await?;
                out.forever(b" ", Duration::from_millis(20)).await
            }
            Reply::Hangup => Ok(()),
        }
    }
}

/// A socket that counts.
struct Out<'a> {
    stream: &'a mut BufReader<TcpStream>,
    sent: &'a AtomicU64,
}

impl Out<'_> {
    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes).await?;
        self.sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// The head of a body that ends with the connection.
    async fn open(&mut self, kind: &str) -> std::io::Result<()> {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n");
        self.write(head.as_bytes()).await
    }

    async fn forever(&mut self, bytes: &[u8], pause: Duration) -> std::io::Result<()> {
        loop {
            self.write(bytes).await?;
            sleep(pause).await;
        }
    }

    async fn until_gone(&mut self) -> std::io::Result<()> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).await.map(|_| ())
    }
}
