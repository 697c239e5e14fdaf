//! Answers pass as they come, at the pace of whoever is slower, and end with whoever leaves.

use super::stage::{PATIENCE, Stage};
use super::{Desk, refusal};
use crate::both;
use crate::support::TestApp;
use reqwest::{Method, Response};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// The next piece of an answer.
async fn piece(answer: &mut Response) -> reqwest::Result<Option<String>> {
    let piece = timeout(PATIENCE, answer.chunk()).await;
    let piece = piece.expect("something comes in time")?;
    Ok(piece.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()))
}

/// The next event, which there must be.
async fn event(answer: &mut Response) -> String {
    let piece = piece(answer).await;
    piece.expect("no fault").expect("not the end")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_pass_one_by_one() {
    let t = TestApp::sqlite().await;
    let stage = Stage::open().await;
    let desk = Desk::connected(&t, &stage.url, |_| ()).await;
    let opening = async {
        let mut guest = stage.guest().await;
        guest.open_events().await;
        guest
    };
    let get = desk.call(Method::GET).header("accept", "text/event-stream");
    // The head comes though nothing follows it.
    let (answer, mut guest) = tokio::join!(get.send(), opening);
    let mut answer = answer.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["x-accel-buffering"], "no");
    for data in ["one", "two", "three"] {
        guest.event(data).await;
        // The next one is not sent before this one has arrived.
        assert_eq!(event(&mut answer).await, format!("data: {data}\n\n"));
    }
    guest.close_events().await;
    assert_eq!(piece(&mut answer).await.unwrap(), None);
    desk.end().await;
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_of_other_requests_does_not_cut_an_answer() {
    let t = TestApp::sqlite().await;
    let stage = Stage::open().await;
    let desk = Desk::connected(&t, &stage.url, |config| config.request_timeout = 1).await;
    let longer = Duration::from_millis(1500);
    let answering = async {
        let mut guest = stage.guest().await;
        sleep(longer).await;
        guest.open_events().await;
        guest.event("one").await;
        sleep(longer).await;
        guest.event("two").await;
        guest.close_events().await;
    };
    let reading = async { desk.list().send().await.unwrap().text().await.unwrap() };
    let (read, ()) = tokio::join!(reading, answering);
    assert_eq!(read, "data: one\n\ndata: two\n\n");
    desk.end().await;
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_ends_it_for_the_other() {
    let t = TestApp::sqlite().await;
    let stage = Stage::open().await;
    let desk = Desk::connected(&t, &stage.url, |_| ()).await;
    // Before the answer begins.
    let call = tokio::spawn(desk.list().send());
    let mut guest = stage.guest().await;
    call.abort();
    guest.gone().await;
    // While it lasts.
    let opening = async {
        let mut guest = stage.guest().await;
        guest.open_events().await;
        guest.event("one").await;
        guest
    };
    let (answer, mut guest) = tokio::join!(desk.list().send(), opening);
    let mut answer = answer.unwrap();
    assert_eq!(event(&mut answer).await, "data: one\n\n");
    drop(answer);
    guest.gone().await;
    // The server goes, in the middle of it: that is no end.
    for head in ["content-length: 100\r\n", "transfer-encoding: chunked\r\n"] {
        let breaking = async {
            let mut guest = stage.guest().await;
            guest
                .say(format!("HTTP/1.1 200 OK\r\n{head}\r\n5\r\nbegun\r\n"))
                .await;
        };
        let (answer, ()) = tokio::join!(desk.list().send(), breaking);
        assert!(answer.unwrap().bytes().await.is_err(), "{head}");
    }
    desk.end().await;
    t.end().await;
}

/// Far more than buffers of a system hold.
const LONG: usize = 64 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_does_not_read_holds_the_server_up_and_not_the_memory() {
    let t = TestApp::sqlite().await;
    let stage = Stage::open().await;
    let desk = Desk::connected(&t, &stage.url, |_| ()).await;
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let sending = async move {
        let mut guest = stage.guest().await;
        guest
            .say(format!("HTTP/1.1 200 OK\r\ncontent-length: {LONG}\r\n\r\n"))
            .await;
        let part = vec![b'x'; 64 * 1024];
        for _ in 0..LONG / part.len() {
            guest.say(&part).await;
            count.fetch_add(part.len(), Ordering::SeqCst);
        }
        guest
    };
    let sending = tokio::spawn(sending);
    let mut answer = desk.list().send().await.unwrap();
    let mut before = usize::MAX;
    // Until nothing moves any more.
    while before != sent.load(Ordering::SeqCst) {
        before = sent.load(Ordering::SeqCst);
        sleep(Duration::from_millis(500)).await;
    }
    assert!(before < LONG / 2, "{before} bytes were taken and not read");
    let mut read = 0;
    while let Some(bytes) = answer.chunk().await.unwrap() {
        read += bytes.len();
    }
    assert_eq!(read, LONG);
    sending.await.unwrap();
    desk.end().await;
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_and_not_reading_end_an_answer() {
    let t = TestApp::sqlite().await;
    let stage = Stage::open().await;
    let desk = Desk::connected(&t, &stage.url, |config| {
        config.proxy_idle_timeout = 1;
        config.proxy_concurrency = 1;
    })
    .await;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let falling_silent = async {
        let mut guest = stage.guest().await;
        guest.say(format!("{head}data: one\n\n")).await;
        guest.gone().await;
    };
    let reading = async {
        let mut answer = desk.list().send().await.unwrap();
        assert_eq!(event(&mut answer).await, "data: one\n\n");
        assert!(piece(&mut answer).await.is_err(), "it is no end");
    };
    tokio::join!(reading, falling_silent);
    // The connection to the server is given back though the caller keeps theirs.
    let call = tokio::spawn(settled(desk.list()));
    let mut guest = stage.guest().await;
    guest.say(head).await;
    let part = vec![b'x'; 64 * 1024];
    let all = timeout(PATIENCE, async { while guest.try_say(&part).await {} }).await;
    all.expect("the server is let go");
    let answer = call.await.unwrap();
    assert!(
        answer.bytes().await.is_err(),
        "what was not read in time is no whole"
    );
    desk.end().await;
    t.end().await;
}

/// The answer to a call once no other one is in its way.
async fn settled(call: reqwest::RequestBuilder) -> Response {
    let trying = async {
        loop {
            let answer = call.try_clone().unwrap().send().await.unwrap();
            if answer.status() != 429 {
                return answer;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, trying)
        .await
        .expect("the leave to call is given back")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_calls_at_once_and_no_more() {
    let t = TestApp::sqlite().await;
    let stage = Stage::open().await;
    let desk = Desk::connected(&t, &stage.url, |config| config.proxy_concurrency = 2).await;
    let begin = async || {
        let opening = async {
            let mut guest = stage.guest().await;
            guest.open_events().await;
            guest
        };
        let (answer, guest) = tokio::join!(desk.list().send(), opening);
        (answer.unwrap(), guest)
    };
    let (first, mut guest) = begin().await;
    let (second, _guest) = begin().await;
    let answer = desk.list().send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "1");
    let detail = "Connector has 2 calls under way, which is the most there may be";
    let wanted = json!({"detail": detail, "code": "TOO_MANY_REQUESTS"});
    assert_eq!(refusal(answer).await, (429, wanted));
    // One that is read to its end makes room, and so does one that is left.
    guest.close_events().await;
    assert_eq!(first.text().await.unwrap(), "");
    for answer in [None, Some(second)] {
        drop(answer);
        let answering = async { stage.guest().await.answer("200 OK", "", "said").await };
        let (answer, ()) = tokio::join!(settled(desk.list()), answering);
        assert_eq!(answer.text().await.unwrap(), "said");
    }
    let counted = desk.server.app.connect.traffic().counts.now();
    assert_eq!((counted.calls, counted.failures), (4, 0));
    assert!(counted.refusals >= 1);
    desk.end().await;
    t.end().await;
}

const DISCONNECT: &str = "mutation($id: ID!) { workspaceConnectorDisconnect(input: {id: $id}) {
    userErrors { message } } }";

both! {
    async fn who_may_no_longer_read_does_not(t) {
        let stage = Stage::open().await;
        let desk = Desk::connected(t, &stage.url, |_| ()).await;
        for disconnects in [true, false] {
            let opening = async {
                let mut guest = stage.guest().await;
                guest.open_events().await;
                guest.event("one").await;
                guest
            };
            let get = desk.call(Method::GET);
            let (answer, mut guest) = tokio::join!(get.send(), opening);
            let mut answer = answer.unwrap();
            assert_eq!(event(&mut answer).await, "data: one\n\n");
            if disconnects {
                let gone = desk.server.ask(&desk.token, DISCONNECT, json!({"id": desk.id})).await;
                gone.data();
            } else {
                desk.server.execute("UPDATE api_tokens SET revoked_at = created_at").await;
            }
            assert!(piece(&mut answer).await.is_err(), "it breaks off");
            guest.gone().await;
            desk.put("connection_state = 'connected', status = 'active', disconnect_code = NULL, disconnect_reason = NULL, disconnect_permanent = NULL").await;
        }
        desk.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_server_ends_what_has_no_end_and_waits_for_what_has() {
    let t = TestApp::sqlite().await;
    let stage = Stage::open().await;
    let mut desk = Desk::connected(&t, &stage.url, |_| ()).await;
    let mut answers = Vec::new();
    let mut guests = Vec::new();
    for method in [Method::GET, Method::POST] {
        let opening = async {
            let mut guest = stage.guest().await;
            guest.open_events().await;
            guest.event("one").await;
            guest
        };
        let (answer, guest) = tokio::join!(desk.call(method).send(), opening);
        let mut answer = answer.unwrap();
        assert_eq!(event(&mut answer).await, "data: one\n\n");
        answers.push(answer);
        guests.push(guest);
    }
    desk.server.stop();
    assert_eq!(piece(&mut answers[0]).await.unwrap(), None, "in good order");
    guests[0].gone().await;
    guests[1].event("two").await;
    assert_eq!(event(&mut answers[1]).await, "data: two\n\n");
    guests[1].close_events().await;
    assert_eq!(piece(&mut answers[1]).await.unwrap(), None);
    desk.end().await;
    t.end().await;
}
