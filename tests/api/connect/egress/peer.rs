//! A server on the loopback interface that answers from a script of bytes and records what
//! arrives.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How a request is answered.
pub enum Reply {
    /// These bytes, and the end.
    Bytes(Vec<u8>),
    /// These bytes, and then the second ones again and again.
    Endless(Vec<u8>, Vec<u8>),
    /// The same with a moment between them, so that no wait for the next one is long.
    Trickle(Vec<u8>, Vec<u8>),
    /// These bytes, and then nothing while the client waits.
    Silent(Vec<u8>),
}

/// See the module.
pub struct Peer {
    port: u16,
    connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

/// Between two parts of a trickle.
const MOMENT: Duration = Duration::from_millis(5);

/// What the peer says to those who only want to be counted.
const COUNTED: &str = "/counted";

impl Peer {
    /// Answers each request, given as it arrived.
    pub async fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().unwrap().port();
        let (connections, seen) = (Arc::<AtomicUsize>::default(), Arc::default());
        let (count, record, answer) = (connections.clone(), Arc::clone(&seen), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (record, answer) = (Arc::clone(&record), answer.clone());
                tokio::spawn(async move { serve(stream, &record, &*answer).await });
            }
        });
        Peer {
            port,
            connections,
            seen,
            task,
        }
    }

    /// Answers everything with 200 and `fine`.
    pub async fn fine() -> Peer {
        Peer::start(|_| Reply::Bytes(ok("fine"))).await
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// As an exception is written.
    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.authority())
    }

    /// The requests so far, each with its head and body.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// How many connections were made so far. One more is made to be counted: connections are
    /// accepted in their order, so what came before it has been counted when it is answered.
    pub async fn connections(&self) -> usize {
        let mut stream = TcpStream::connect(self.authority()).await.expect("a peer");
        let head = format!("GET {COUNTED} HTTP/1.1\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("a peer");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("a peer");
        self.connections.fetch_sub(1, Ordering::SeqCst) - 1
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with 200.
pub fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "", body)
}

/// An answer; each header ends with a line break.
pub fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// A redirect.
pub fn to(status: &str, location: &str) -> Reply {
    Reply::Bytes(answer(
        status,
        &format!("Location: {location}\r\n"),
        "moved",
    ))
}

async fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<String>>,
    answer: &(dyn Fn(&str) -> Reply + Send + Sync),
) {
    let Some(request) = arrived(&mut stream).await else {
        return;
    };
    if request.contains(COUNTED) {
        return;
    }
    seen.lock().unwrap().push(request.clone());
    // The client may be gone at any time.
    match answer(&request) {
        Reply::Bytes(bytes) => _ = stream.write_all(&bytes).await,
        Reply::Silent(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read(&mut [0; 1]).await;
        }
        Reply::Endless(first, again) => repeat(stream, first, again, Duration::ZERO).await,
        Reply::Trickle(first, again) => repeat(stream, first, again, MOMENT).await,
    }
}

/// Until the client is gone.
async fn repeat(mut stream: TcpStream, first: Vec<u8>, again: Vec<u8>, pause: Duration) {
    let mut going = stream.write_all(&first).await;
    while going.is_ok() {
        tokio::time::sleep(pause).await;
        going = stream.write_all(&again).await;
    }
}

/// One request, head and body; none where the client says nothing.
async fn arrived(stream: &mut TcpStream) -> Option<String> {
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut part).await.ok().filter(|l| *l > 0)?;
        all.extend_from_slice(&part[..length]);
        let text = String::from_utf8_lossy(&all).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let lower = head.to_lowercase();
        let length = lower.split_once("content-length: ").map(|(_, rest)| {
            let line = rest.lines().next().unwrap_or_default();
            line.parse::<usize>().unwrap_or_default()
        });
        if body.len() >= length.unwrap_or_default() {
            return Some(text);
        }
    }
}
