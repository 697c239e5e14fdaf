//! Several servers over one database, and a database that goes away for a while.

use super::{Two, connector, following, rename};
use crate::both;
use crate::support::TestApp;
use serde_json::json;
use std::time::{Duration, Instant};

both! {
    async fn writes_of_another_server_are_told(t) {
        let two = Two::make(t).await;
        let other = t.beside(|_| ()).await;
        let mut socket = following(t, &two.root, "").await;
        let id = connector(&other, &two.root, "one").await;
        let began = Instant::now();
        assert_eq!(socket.event("connectorChanged").await["id"], json!(id));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        for n in 0..10 {
            rename(if n % 2 == 0 { t } else { &other }, &two.root, &id, &format!("{n}")).await;
        }
        let mut last = 0;
        for _ in 0..10 {
            let revision = socket.event("connectorChanged").await["revision"].as_i64().unwrap();
            assert!(revision > last, "{revision} after {last}");
            last = revision;
        }
        socket.silent().await;
        other.end().await;
    }
}

/// Ends every connection to the database except that of who asks.
async fn cut(t: &TestApp) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    t.execute(sql).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_break_lose_nothing() {
    let Some(t) = TestApp::postgres().await else {
        return;
    };
    let two = Two::make(&t).await;
    let mut socket = following(&t, &two.root, "").await;
    let id = connector(&t, &two.root, "one").await;
    socket.event("connectorChanged").await;
    // A server that writes while the connections of the other break.
    let other = t.beside(|_| ()).await;
    for n in 0..3 {
        cut(&other).await;
        rename(&other, &two.root, &id, &format!("{n}")).await;
    }
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(
            socket.event("connectorChanged").await["revision"]
                .as_i64()
                .unwrap(),
        );
    }
    assert_eq!((told[1] - told[0], told[2] - told[1]), (1, 1), "{told:?}");
    other.end().await;
    // The server's own connections are made anew by the requests that find them broken.
    for _ in 0..8 {
        t.ask(
            &two.root,
            "{ connectors(first: 1) { nodes { id } } }",
            json!({}),
        )
        .await;
    }
    t.end().await;
}

/// A transaction that began earlier and ends later: its row has the lower key and comes last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_takes_long_is_neither_skipped_nor_overtaken() {
    use sea_orm::ConnectionTrait;
    let Some(t) = TestApp::postgres().await else {
        return;
    };
    let two = Two::make(&t).await;
    let slow = connector(&t, &two.root, "slow").await;
    let quick = connector(&t, &two.root, "quick").await;
    let mut socket = following(&t, &two.root, "").await;
    let transaction = t.db().begin().await.expect("a transaction");
    let copy = format!(
        "INSERT INTO audit_events (id, workspace_id, action, outcome, resource, record_id, revision, before, created_at, updated_at) \
         SELECT gen_random_uuid(), workspace_id, 'connector.update', 'done', resource, record_id, 99, '{{}}', created_at, updated_at \
         FROM audit_events WHERE record_id = '{slow}'"
    );
    transaction.execute_unprepared(&copy).await.expect("a row");
    rename(&t, &two.root, &quick, "Quick").await;
    // The quick one is committed, but something below it may still appear.
    socket.silent().await;
    transaction.commit().await.expect("committed");
    let first = socket.event("connectorChanged").await;
    assert_eq!(
        (&first["id"], &first["revision"]),
        (&json!(slow), &json!(99))
    );
    assert_eq!(socket.event("connectorChanged").await["id"], json!(quick));
    socket.silent().await;
    t.end().await;
}
