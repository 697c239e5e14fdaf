//! PostgreSQL that drops every connection in the middle of a load of writes. SQLite has none.

use super::Client;
use super::crash::{compare, prepare, serve};
use super::ledger::Ledger;
use super::load::{Load, Patience, repeat};
use crate::schema::Empty;
use serde_json::json;
use sqlx::Connection;
use std::sync::Arc;

/// More connections than the server's pool holds.
const CONNECTIONS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_connections_are_cut_tells_nothing_wrong_and_recovers() {
    let Some(e) = Empty::postgres().await else {
        return;
    };
    let ground = prepare(&e).await;
    let (ledger, server) = (Arc::new(Ledger::new()), serve(&e).await);
    let load = Load::start(&server, &ground.token, &ledger, "cut", Patience::Some);
    for _ in 0..5 {
        ledger.wait_for(30).await;
        assert!(cut(&e.url).await > 0, "there was nothing to cut");
    }
    ledger.wait_for(30).await;
    load.stop().await;
    let client = Client::new(&server.graphql, &ground.token);
    recovers(&e, &client).await;
    repeat(&client, &ledger, ledger.take_unanswered()).await;
    assert_eq!(server.stop("TERM").await.code, Some(0));
    compare(&e, &ledger).await;
    e.end().await;
}

/// Cuts the connections of a server at rest. Each may cost one request, and no more.
async fn recovers(e: &Empty, client: &Client) {
    const QUESTION: &str = "{ connectors(first: 1) { totalCount } }";
    cut(&e.url).await;
    let mut failed = 0;
    for _ in 0..CONNECTIONS {
        let reply = client.send(None, QUESTION, json!({})).await;
        match reply.code() {
            None => {}
            Some("UNAVAILABLE") => failed += 1,
            Some(_) => panic!("{reply:#?}"),
        }
    }
    assert!(failed < CONNECTIONS, "it does not recover");
    for _ in 0..CONNECTIONS {
        let reply = client.send(None, QUESTION, json!({})).await;
        assert_eq!(reply.code(), None, "{reply:#?}");
    }
    let made = client
        .mutate(None, "workspaceCreate", json!({"name": "Afterwards"}))
        .await;
    assert_eq!(made.record()["revision"], 1);
}

/// The connections of everybody else to a PostgreSQL database, cut; how many there were.
async fn cut(url: &str) -> i64 {
    let mut connection = sqlx::PgConnection::connect(url)
        .await
        .expect("PostgreSQL answers");
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()";
    let count = sqlx::query_scalar(sql).fetch_one(&mut connection).await;
    count.expect("they can be cut")
}
