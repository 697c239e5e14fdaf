//! A server whose every byte is decided by the test while it runs.

use crate::support::hostile::Request;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How long anything may take on a machine that is busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The server.
pub struct Stage {
    /// Its address.
    pub url: String,
    listener: TcpListener,
}

/// A request that has arrived, and the connection it came by.
pub struct Guest {
    /// The request, whole.
    pub request: Request,
    stream: BufReader<TcpStream>,
}

impl Stage {
    /// Opens it on a free port.
    pub async fn open() -> Stage {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        Stage { url, listener }
    }

    /// The next connection, of which nothing was read.
    pub async fn stream(&self) -> TcpStream {
        let accepted = tokio::time::timeout(PATIENCE, self.listener.accept()).await;
        accepted.expect("somebody comes").unwrap().0
    }

    /// The next request.
    pub async fn guest(&self) -> Guest {
        let mut stream = BufReader::new(self.stream().await);
        let request = tokio::time::timeout(PATIENCE, Request::read(&mut stream)).await;
        Guest {
            request: request.expect("it comes in time").expect("a request"),
            stream,
        }
    }

    /// Whether somebody waits to be let in.
    pub async fn is_asked(&self) -> bool {
        let moment = Duration::from_millis(200);
        tokio::time::timeout(moment, self.listener.accept())
            .await
            .is_ok()
    }
}

impl Guest {
    /// Sends bytes as they are.
    pub async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends bytes; whether the other side was still there.
    pub async fn try_say(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// The whole answer.
    pub async fn answer(mut self, status: &str, headers: &str, body: impl AsRef<[u8]>) {
        let length = body.as_ref().len();
        let head = format!(
            "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        self.say(head).await;
        self.say(body).await;
    }

    /// Begins a stream of events.
    pub async fn open_events(&mut self) {
        // Closed afterwards, so that each request has a connection of its own.
        let close = "connection: close\r\ntransfer-encoding: chunked";
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{close}\r\n\r\n");
        self.say(head).await;
    }

    /// One event.
    pub async fn event(&mut self, data: &str) {
        let event = format!("data: {data}\n\n");
        self.say(format!("{:x}\r\n{event}\r\n", event.len())).await;
    }

    /// The end of a stream of events.
    pub async fn close_events(&mut self) {
        self.say("0\r\n\r\n").await;
    }

    /// Waits until the other side has gone.
    pub async fn gone(&mut self) {
        let mut byte = [0];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut byte)).await;
        // Closed in good order or not.
        assert!(matches!(read.expect("it goes"), Ok(0) | Err(_)));
    }
}
