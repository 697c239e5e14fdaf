//! What a caller sends: short bodies whole, long ones as they come, none without end.

use super::stage::{Guest, PATIENCE, Stage};
use super::{Desk, refusal};
use crate::support::TestApp;
use futures_util::stream;
use reqwest::{Body, Method};
use serde_json::json;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::timeout;

const MIB: usize = 1024 * 1024;

/// A body of pieces that come one after the other, without a length of its own.
fn pieces(pieces: Vec<Vec<u8>>) -> Body {
    Body::wrap_stream(stream::iter(pieces.into_iter().map(io::Result::Ok)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_arrives_as_it_was_sent() {
    let t = TestApp::sqlite().await;
    let stage = Stage::open().await;
    let desk = Desk::connected(&t, &stage.url, |_| ()).await;
    let noise = |length: usize| {
        (0..length)
            .map(|n| (n * 31 % 251) as u8)
            .collect::<Vec<_>>()
    };
    for length in [0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB] {
        let whole = noise(length);
        let in_parts: Vec<_> = whole.chunks(40_000).map(<[u8]>::to_vec).collect();
        for body in [Body::from(whole.clone()), pieces(in_parts)] {
            let known = body.as_bytes().is_some();
            let call = desk.call(Method::POST).header("content-encoding", "br");
            let taking = async {
                let guest = stage.guest().await;
                let request = guest.request.clone();
                guest.answer("202 Accepted", "", "").await;
                request
            };
            let (answer, seen) = tokio::join!(call.body(body).send(), taking);
            assert_eq!(answer.unwrap().status(), 202);
            assert!(seen.body == whole, "{length} {known}");
            assert_eq!(seen.header("content-encoding"), Some("br"));
            if known && length > 0 {
                let length = length.to_string();
                assert_eq!(seen.header("content-length"), Some(length.as_str()));
            }
        }
    }
    desk.end().await;
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_body_is_on_its_way_before_it_is_all_there() {
    let t = TestApp::sqlite().await;
    let stage = Stage::open().await;
    let desk = Desk::connected(&t, &stage.url, |_| ()).await;
    let (sender, receiver) = mpsc::channel::<Vec<u8>>(1);
    let body = stream::unfold(receiver, async |mut receiver| {
        let piece = receiver.recv().await?;
        Some((io::Result::Ok(piece), receiver))
    });
    let call = desk
        .call(Method::POST)
        .body(Body::wrap_stream(Box::pin(body)));
    let call = tokio::spawn(call.send());
    sender.send(vec![b'a'; 2 * MIB]).await.unwrap();
    let mut stream = stage.stream().await;
    let mut seen = vec![0; MIB];
    let reading = timeout(PATIENCE, stream.read_exact(&mut seen)).await;
    reading.expect("it comes in time").unwrap();
    // Only now the caller sends on.
    sender.send(b"the end".to_vec()).await.unwrap();
    drop(sender);
    while !seen.ends_with(b"the end\r\n0\r\n\r\n") {
        let mut part = vec![0; 64 * 1024];
        let read = timeout(PATIENCE, stream.read(&mut part)).await;
        let length = read.expect("it comes in time").unwrap();
        assert_ne!(length, 0, "it breaks off");
        seen.extend_from_slice(&part[..length]);
        seen.drain(..seen.len().saturating_sub(100));
    }
    stream
        .write_all(b"HTTP/1.1 202 Accepted\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(call.await.unwrap().unwrap().status(), 202);
    desk.end().await;
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_refused() {
    let t = TestApp::sqlite().await;
    let stage = Stage::open().await;
    for limit in [1000, 3 * MIB] {
        let desk = Desk::connected(&t, &stage.url, |config| config.proxy_body_limit = limit);
        let desk = desk.await;
        let wanted = json!({"detail": format!("The body is larger than the limit of {limit} bytes"),
            "code": "PAYLOAD_TOO_LARGE"});
        // By what it says of itself: nobody is asked.
        let announced = desk.call(Method::POST).body(vec![b'x'; limit + 1]);
        let answer = announced.send().await.unwrap();
        assert_eq!(refusal(answer).await, (413, wanted.clone()));
        assert!(!stage.is_asked().await);
        // By what comes: whoever was asked meanwhile never gets all of it.
        let body = pieces(vec![vec![b'x'; limit / 10]; 11]);
        let call = tokio::spawn(desk.call(Method::POST).body(body).send());
        if limit > MIB {
            let mut stream = stage.stream().await;
            let mut seen = Vec::new();
            let _ = timeout(PATIENCE, stream.read_to_end(&mut seen)).await;
            assert!(
                !seen.ends_with(b"\r\n0\r\n\r\n"),
                "it is not ended as if it were whole"
            );
        }
        assert_eq!(refusal(call.await.unwrap().unwrap()).await, (413, wanted));
        // What is just not too large passes.
        let taking = async { Guest::answer(stage.guest().await, "202 Accepted", "", "").await };
        let call = desk.call(Method::POST).body(vec![b'x'; limit]);
        let (answer, ()) = tokio::join!(call.send(), taking);
        assert_eq!(answer.unwrap().status(), 202);
        desk.put("deleted_at = updated_at").await;
        desk.end().await;
    }
    t.end().await;
}
