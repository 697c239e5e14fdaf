//! Limits, and how sockets end.

use super::{Two, connector, following, question, rename, settle};
use crate::both;
use crate::support::{Socket, TestApp, subscribe};
use connectory::service::token;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

both! {
    async fn a_token_follows_so_much_and_no_more_over_all_its_sockets(t) {
        let two = Two::make(t).await;
        let small = t.beside(|c| c.subscriptions_per_token = 3).await;
        let (mut one, mut other) = (Socket::greeted(&small, &two.root).await, Socket::greeted(&small, &two.root).await);
        for id in ["a", "b"] {
            one.send(&subscribe(id, &question(""))).await;
        }
        settle().await;
        other.send(&subscribe("c", &question(""))).await;
        settle().await;
        other.send(&subscribe("d", &question(""))).await;
        let error = other.next().await.unwrap();
        assert_eq!((&error["id"], &error["type"]), (&json!("d"), &json!("error")));
        assert!(error["payload"][0]["message"].as_str().unwrap().contains("3 subscriptions"), "{error}");
        let mut foreign = Socket::greeted(&small, &two.other).await;
        foreign.send(&subscribe("x", &question(""))).await;
        foreign.silent().await;
        // What ends makes room, whether it was completed or its socket went away.
        one.send(&json!({"type": "complete", "id": "a"})).await;
        settle().await;
        other.send(&subscribe("d", &question(""))).await;
        other.silent().await;
        drop(one);
        settle().await;
        other.send(&subscribe("e", &question(""))).await;
        other.silent().await;
        small.end().await;
    }

    async fn a_socket_runs_so_many_operations(t) {
        let two = Two::make(t).await;
        let mut socket = Socket::greeted(t, &two.root).await;
        for n in 0..33 {
            socket.send(&subscribe(&n.to_string(), &question(""))).await;
        }
        let error = socket.next().await.unwrap();
        assert_eq!((&error["id"], &error["type"]), (&json!("32"), &json!("error")), "{error}");
        socket.send(&subscribe("5", &question(""))).await;
        assert_eq!(socket.next().await, Err(4409));
    }

    async fn a_revoked_token_ends_what_it_follows(t) {
        let two = Two::make(t).await;
        let mut socket = following(t, &two.below, "").await;
        token::revoke(t.db(), &two.below).await.unwrap();
        let began = Instant::now();
        assert_eq!(socket.next().await, Err(4403));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }

    async fn who_says_nothing_is_sent_away(t) {
        let strict = t.beside(|c| c.init_timeout = 1).await;
        let mut socket = Socket::open(&strict, "/graphql/ws").await;
        assert_eq!(socket.next().await, Err(4408));
        strict.end().await;
    }

    async fn the_server_gives_signs_of_life_and_wants_some(t) {
        let two = Two::make(t).await;
        let lively = t.beside(|c| c.ping_interval = 1).await;
        let mut socket = following(&lively, &two.root, "").await;
        let ping = tokio::time::timeout(Duration::from_secs(3), socket.0.next()).await;
        assert!(matches!(ping, Ok(Some(Ok(Message::Ping(_))))), "{ping:?}");
        // As long as this side does not read, it does not answer.
        tokio::time::sleep(Duration::from_secs(4)).await;
        // Pings that are answered only now may find the connection gone before the close is read.
        let ended = tokio::time::timeout(Duration::from_secs(5), async {
            loop {
                match socket.0.next().await {
                    Some(Ok(Message::Close(Some(frame)))) => break Some(u16::from(frame.code)),
                    Some(Ok(Message::Ping(_))) => {}
                    Some(Err(_)) => break None,
                    other => panic!("neither a ping nor an end: {other:?}"),
                }
            }
        });
        let code = ended.await.expect("the server ends a silent socket");
        assert!(code.is_none_or(|code| code == 1013), "{code:?}");
        lively.end().await;
    }

    async fn a_server_that_stops_says_so(t) {
        let two = Two::make(t).await;
        let mut other = t.beside(|_| ()).await;
        let mut socket = following(&other, &two.root, "").await;
        let idle = Socket::greeted(&other, &two.root).await;
        let began = Instant::now();
        other.stop();
        assert_eq!(socket.next().await.unwrap(), json!({"id": "live", "type": "complete"}));
        for mut socket in [socket, idle] {
            assert_eq!(socket.next().await, Err(1001));
        }
        other.end().await;
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }

    async fn an_identifier_can_be_used_again_after_it_was_completed(t) {
        let two = Two::make(t).await;
        let mut socket = Socket::greeted(t, &two.root).await;
        let slow = subscribe("1", "{ connectors(first: 100) { totalCount nodes { name } } }");
        for _ in 0..10 {
            socket.0.feed(Message::text(slow.to_string())).await.unwrap();
            socket.0.feed(Message::text(json!({"type": "complete", "id": "1"}).to_string())).await.unwrap();
        }
        socket.send(&subscribe("1", "{ __typename }")).await;
        // Those that were answered before their end was read come first; none comes later.
        loop {
            let message = socket.next().await.unwrap();
            if message["payload"] == json!({"data": {"__typename": "Query"}}) {
                break;
            }
        }
        assert_eq!(socket.next().await.unwrap(), json!({"id": "1", "type": "complete"}));
        socket.silent().await;
    }
}

/// More events than wait for anybody, while a follower takes none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_falls_behind_is_ended_and_can_go_on() {
    let t = TestApp::sqlite().await;
    let two = Two::make(&t).await;
    let id = connector(&t, &two.root, "one").await;
    let feed = &t.app.live.feed;
    let mut slow = feed.follow("connectors", None).await.expect("events");
    rename(&t, &two.root, &id, "two").await;
    let seen = slow.next().await.expect("an event").position;
    let many = format!(
        "INSERT INTO audit_events (id, workspace_id, action, outcome, resource, record_id, revision, before, created_at, updated_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) \
         SELECT randomblob(16), workspace_id, 'connector.update', 'done', resource, record_id, 100 + i, '{{}}', created_at, updated_at \
         FROM n, audit_events WHERE pk = (SELECT max(pk) FROM audit_events)",
        connectory::live::BUFFER + 10
    );
    t.execute(&many).await;
    // Once somebody else was told the last one, all were handed out.
    let mut quick = feed.follow("connectors", Some(seen)).await.expect("events");
    for n in 1..=connectory::live::BUFFER + 10 {
        let event = quick.next().await.expect("an event");
        assert_eq!(event.revision, i64::try_from(100 + n).ok());
    }
    tokio::time::sleep(Duration::from_millis(800)).await;
    let ended = loop {
        if let Err(ended) = slow.next().await {
            break ended;
        }
    };
    assert!(
        matches!(ended, connectory::live::Ended::Behind),
        "{ended:?}"
    );
    t.end().await;
}
