//! The real program, stopped in the middle of a load of writes, at once or in good order.

use super::ledger::Ledger;
use super::load::{Load, Patience, repeat};
use super::{Client, Ground};
use crate::both_empty;
use crate::cli::serve::Server;
use crate::schema::Empty;
use connectory::app;
use sqlx::Connection;
use std::sync::Arc;
use std::time::Duration;

/// The server over that database, with nothing in it but what the tests make.
pub async fn serve(e: &Empty) -> Server {
    let settings = [
        ("CONNECTORY_STARTER", "false"),
        ("CONNECTORY_BOOTSTRAP", "false"),
        // Nobody reads what it would say.
        ("CONNECTORY_LOG", "off"),
    ];
    Server::start(e, &["serve"], &settings).await
}

/// The tables, and what a load needs in them.
pub async fn prepare(e: &Empty) -> Ground {
    let db = app::open(&e.config()).await.expect("the database opens");
    let ground = Ground::make(&db).await;
    db.close().await;
    ground
}

/// Holds the ledger against the database; returns how many changes are stored.
pub async fn compare(e: &Empty, ledger: &Ledger) -> usize {
    let db = app::open(&e.config()).await.expect("the database opens");
    let made = ledger.check(&db).await;
    db.close().await;
    made
}

/// Waits until PostgreSQL has noticed that a server is gone: what it was committing is committed.
async fn settle(e: &Empty) {
    const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' \
                          AND datname = current_database() AND pid <> pg_backend_pid()";
    if e.is_sqlite() {
        return;
    }
    let mut connection = sqlx::PgConnection::connect(&e.url)
        .await
        .expect("PostgreSQL answers");
    for _ in 0..3000 {
        let others = sqlx::query_scalar(OTHERS).fetch_one(&mut connection).await;
        if others.is_ok_and(|count: i64| count == 0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a connection of a server that is gone stays");
}

/// How many changes are told of before each blow, so that the blows fall at different steps.
const ROUNDS: [u32; 4] = [9, 31, 64, 110];

both_empty! {
    async fn a_killed_server_keeps_what_it_told_and_makes_nothing_by_halves(e) {
        let ground = prepare(e).await;
        let ledger = Arc::new(Ledger::new());
        let (mut repeated, mut server) = (0, serve(e).await);
        for (round, told) in ROUNDS.into_iter().enumerate() {
            let name = format!("round-{round}");
            let load = Load::start(&server, &ground.token, &ledger, &name, Patience::None);
            ledger.wait_for(told).await;
            server.kill().await;
            load.end().await;
            settle(e).await;
            compare(e, &ledger).await;
            server = serve(e).await;
            let open = ledger.take_unanswered();
            assert!(!open.is_empty(), "the server was killed between two loads");
            let client = Client::new(&server.graphql, &ground.token);
            repeated += repeat(&client, &ledger, open).await;
            compare(e, &ledger).await;
        }
        assert!(repeated > 0, "no request with a key was under way");
        assert_eq!(server.stop("TERM").await.code, Some(0));
        compare(e, &ledger).await;
    }

    async fn a_server_that_is_asked_to_stop_finishes_what_it_began_and_begins_nothing_more(e) {
        let ground = prepare(e).await;
        let ledger = Arc::new(Ledger::new());
        for (round, told) in ROUNDS[..3].iter().enumerate() {
            let server = serve(e).await;
            let name = format!("round-{round}");
            let load = Load::start(&server, &ground.token, &ledger, &name, Patience::None);
            ledger.wait_for(*told).await;
            let end = server.stop("TERM").await;
            assert_eq!(end.code, Some(0), "{end:#?}");
            load.end().await;
            let open = ledger.take_unanswered();
            assert!(!open.is_empty(), "the load ended before the server did");
            // Nothing was done that nobody was told of.
            assert_eq!(compare(e, &ledger).await, ledger.count(), "{open:#?}");
        }
    }
}
