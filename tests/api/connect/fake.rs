//! Somebody else's server, in this process: answers what a test says, records what it was asked,
//! and can be as rude as a socket allows.

use connectory::connect::egress::Egress;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers, names in small letters.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: String,
}

impl Seen {
    /// The origin that was asked.
    pub fn origin(&self) -> String {
        format!("http://{}", self.headers["host"])
    }

    /// A header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as a form; each name once.
    pub fn form(&self) -> HashMap<String, String> {
        let pairs: Vec<_> = url::form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect();
        let form: HashMap<_, _> = pairs.iter().cloned().collect();
        assert_eq!(form.len(), pairs.len(), "a parameter is there twice");
        form
    }

    /// The body as JSON.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}

/// What follows the body that was given.
#[derive(Debug, Clone)]
pub enum After {
    /// The end of the connection.
    End,
    /// Nothing, and no end.
    Silence,
    /// The same again and again.
    Forever,
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    after: After,
}

impl Reply {
    /// A status and nothing else.
    pub fn status(status: u16) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            after: After::End,
        }
    }

    /// JSON with status 200.
    pub fn json(body: &Json) -> Reply {
        Reply::status(200).body("application/json", &body.to_string())
    }

    /// A page with status 200.
    pub fn html() -> Reply {
        let page = "<!doctype html><title>Hello</title>";
        Reply::status(200).body("text/html; charset=utf-8", page)
    }

    /// No answer at all.
    pub fn silence() -> Reply {
        Reply::status(0).then(After::Silence)
    }

    /// An error of OAuth.
    pub fn error(status: u16, error: &str) -> Reply {
        let body = json!({"error": error, "error_description": "said so"}).to_string();
        Reply::status(status).body("application/json", &body)
    }

    /// With a body.
    pub fn body(self, mime: &str, body: &str) -> Reply {
        let mut reply = self.header("content-type", mime);
        reply.body = body.into();
        reply
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With something after the body.
    pub fn then(mut self, after: After) -> Reply {
        self.after = after;
        self
    }

    pub(super) async fn write(self, stream: &mut TcpStream) -> std::io::Result<()> {
        if self.status > 0 {
            let mut head = format!("HTTP/1.1 {} Fake\r\nconnection: close\r\n", self.status);
            if let After::End = self.after {
                head += &format!("content-length: {}\r\n", self.body.len());
            }
            for (name, value) in &self.headers {
                head += &format!("{name}: {value}\r\n");
            }
            stream.write_all(format!("{head}\r\n").as_bytes()).await?;
            stream.write_all(&self.body).await?;
        }
        match self.after {
            After::End => stream.shutdown().await,
            After::Silence => std::future::pending().await,
            After::Forever => loop {
                stream.write_all(&self.body).await?;
            },
        }
    }
}

/// The server. It ends when dropped.
pub struct Fake {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Fake {
    /// Listens, and answers each request as `answer` says.
    pub async fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (seen.clone(), Arc::new(answer));
        let task = tokio::spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let (log, answer) = (log.clone(), answer.clone());
                open.spawn(async move {
                    let Some(request) = read(&mut stream).await else {
                        return;
                    };
                    let reply = answer(&request);
                    log.lock().unwrap().push(request);
                    // Whoever asked may have left; that is theirs to do.
                    let _ = reply.write(&mut stream).await;
                });
            }
        });
        Fake { port, seen, task }
    }

    /// Its origin.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// An address of it.
    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.origin())).unwrap()
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The paths it was asked for so far.
    pub fn paths(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.path).collect()
    }

    /// The only request so far.
    pub fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }

    /// A way out that leads to it.
    pub fn egress(&self) -> Egress {
        egress(&[self])
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A way out that leads to some servers.
pub fn egress(fakes: &[&Fake]) -> Egress {
    let allow = fakes.iter().map(|fake| format!("127.0.0.1:{}", fake.port));
    Egress::new(&allow.collect::<Vec<_>>()).unwrap()
}

/// Reads one request.
pub(super) async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers: HashMap<_, _> = headers
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(0, |n| n.parse().unwrap());
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        (stream.read_buf(&mut body).await.ok()? > 0).then_some(())?;
    }
    Some(Seen {
        method,
        path,
        headers,
        body: String::from_utf8(body).ok()?,
    })
}
