//! A keep-alive HTTP client that costs next to nothing, so that the servers get the processor.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a burst measured.
#[derive(Debug, Clone, Default)]
pub struct Burst {
    /// Answers in a second.
    pub rate: f64,
    /// Median and 99th percentile of the time of an answer, in milliseconds.
    pub p50: f64,
    pub p99: f64,
    /// Answers.
    pub count: usize,
}

/// What stands in a request for a number that no other request has.
pub const NUMBER: &str = "@@@@@@@@@@";

/// Writes a new number into a request, wherever one is wanted.
fn number(request: &mut [u8], places: &[usize]) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    if places.is_empty() {
        return;
    }
    let text = format!(
        "{:0width$}",
        NEXT.fetch_add(1, Ordering::Relaxed),
        width = NUMBER.len()
    );
    for place in places {
        request[*place..place + NUMBER.len()].copy_from_slice(text.as_bytes());
    }
}

/// Where numbers are wanted in a request.
fn places(request: &[u8]) -> Vec<usize> {
    let windows = request.windows(NUMBER.len()).enumerate();
    let wanted = windows.filter(|(_, text)| *text == NUMBER.as_bytes());
    wanted.map(|(place, _)| place).collect()
}

/// One request, written.
pub fn request(path: &str, token: Option<&str>, body: Option<&str>) -> Vec<u8> {
    let authorization = token.map_or(String::new(), |t| format!("authorization: Bearer {t}\r\n"));
    match body {
        None => format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{authorization}\r\n").into_bytes(),
        Some(body) => format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\n{authorization}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
    }
}

/// A connection that answers one request after the other.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends a request and returns the body of its answer; any status but 200 ends the run.
    pub async fn ask(&mut self, request: &[u8]) -> std::io::Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            self.stream.read_buf(&mut self.buffer).await?;
            let Some(head) = find(&self.buffer, b"\r\n\r\n") else {
                continue;
            };
            let header = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
            assert!(
                header.starts_with("http/1.1 200"),
                "{}",
                String::from_utf8_lossy(&self.buffer)
            );
            let length = header
                .lines()
                .find_map(|l| l.strip_prefix("content-length: "));
            let length: usize = length
                .and_then(|l| l.trim().parse().ok())
                .expect("a content length");
            let start = head + 4;
            while self.buffer.len() < start + length {
                self.stream.read_buf(&mut self.buffer).await?;
            }
            return Ok(&self.buffer[start..start + length]);
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

/// Asks for a while over several connections.
pub async fn burst(
    address: SocketAddr,
    request: &[u8],
    connections: usize,
    time: Duration,
) -> Burst {
    let end = Instant::now() + time;
    let ask = |mut request: Vec<u8>| async move {
        let places = places(&request);
        let mut connection = Connection::open(address).await.expect("the server listens");
        let mut times = Vec::new();
        while Instant::now() < end {
            number(&mut request, &places);
            let began = Instant::now();
            connection.ask(&request).await.expect("the server answers");
            times.push(began.elapsed());
        }
        times
    };
    let began = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|_| tokio::spawn(ask(request.to_vec())))
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("the task ends"));
    }
    let took = began.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1000.0;
    Burst {
        rate: times.len() as f64 / took,
        p50: at(0.5),
        p99: at(0.99),
        count: times.len(),
    }
}
