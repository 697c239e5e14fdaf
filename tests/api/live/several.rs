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

/// Ends the connections that listen; says how many.
async fn deafen(t: &TestApp) -> usize {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let rows = t.db().rows(sql.to_owned(), Vec::new()).await;
    rows.expect("the statement runs").len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_that_listens_loses_nothing() {
    let Some(t) = TestApp::postgres().await else {
        return;
    };
    let two = Two::make(&t).await;
    let mut socket = following(&t, &two.root, "").await;
    let id = connector(&t, &two.root, "one").await;
    let mut last = socket.event("connectorChanged").await["revision"].as_i64();
    for n in 0..3 {
        assert_eq!(deafen(&t).await, 1, "one connection listens");
        rename(&t, &two.root, &id, &format!("{n}")).await;
        let revision = socket.event("connectorChanged").await["revision"].as_i64();
        assert_eq!(revision, last.map(|l| l + 1));
        last = revision;
        // It listens again soon.
        tokio::time::sleep(Duration::from_millis(1500)).await;
    }
    socket.silent().await;
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
