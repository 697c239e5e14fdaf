//! A client of `graphql-transport-ws`.

use super::TestApp;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open socket.
pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens it and says nothing.
    pub async fn open(t: &TestApp, path: &str) -> Socket {
        let url = format!("{}{path}", t.url.replace("http://", "ws://"));
        let mut request = url.into_client_request().unwrap();
        let protocol = "graphql-transport-ws".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        Socket(connect_async(request).await.unwrap().0)
    }

    /// A socket whose token was accepted.
    pub async fn greeted(t: &TestApp, token: &str) -> Socket {
        let mut socket = Socket::open(t, "/graphql/ws").await;
        socket.greet(token).await;
        assert_eq!(socket.next().await.unwrap()["type"], "connection_ack");
        socket
    }

    /// Sends the greeting.
    pub async fn greet(&mut self, token: &str) {
        let payload = json!({"Authorization": format!("Bearer {token}")});
        self.send(&json!({"type": "connection_init", "payload": payload}))
            .await;
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &Json) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    /// The next message, or the code the server closed with.
    pub async fn next(&mut self) -> Result<Json, u16> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await;
            match message.expect("the server says something") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("neither a message nor a close: {other:?}"),
            }
        }
    }

    /// The data of the next event of an operation, by the key of its field.
    pub async fn event(&mut self, key: &str) -> Json {
        let message = self.next().await.expect("the socket is open");
        assert_eq!(message["type"], "next", "{message}");
        assert!(message["payload"].get("errors").is_none(), "{message}");
        message["payload"]["data"][key].clone()
    }

    /// Makes sure that nothing is told: what was asked last is the next thing answered.
    pub async fn silent(&mut self) {
        tokio::time::sleep(Duration::from_millis(800)).await;
        self.send(&json!({"type": "ping"})).await;
        assert_eq!(self.next().await.unwrap(), json!({"type": "pong"}));
    }
}

/// The message that starts an operation.
pub fn subscribe(id: &str, query: &str) -> Json {
    json!({"type": "subscribe", "id": id, "payload": {"query": query}})
}
