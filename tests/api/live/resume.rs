//! Coming back: with the cursor of the last event nothing is missed and nothing comes twice.

use super::{Two, connector, following, question, rename};
use crate::both;
use crate::support::{Socket, TestApp, subscribe};
use rand::{Rng, SeedableRng};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::time::Duration;

/// Writers that run at once, and what each does.
const WRITERS: usize = 4;
const CHANGES: usize = 25;

fn after(cursor: Option<&str>) -> String {
    cursor.map_or_else(String::new, |c| format!("(after: \"{c}\")"))
}

/// Revisions by row, in the order they were told.
type Told = BTreeMap<String, Vec<i64>>;

fn note(told: &mut Told, event: &Json) {
    let id = event["id"].as_str().expect("an identifier").to_owned();
    let revision = event["revision"].as_i64().expect("a revision");
    told.entry(id).or_default().push(revision);
}

async fn write(t: &TestApp, token: &str, writer: usize) {
    let id = connector(t, token, &format!("w{writer}")).await;
    for n in 1..CHANGES {
        rename(t, token, &id, &format!("{writer}.{n}")).await;
    }
}

/// Reads with connections that end at random, until everything was told.
async fn read(t: &TestApp, token: &str, first: String, seed: u64) -> Told {
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    let (mut told, mut cursor) = (Told::new(), first);
    let mut count = 0;
    while count < WRITERS * CHANGES {
        let mut socket = Socket::greeted(t, token).await;
        socket
            .send(&subscribe("1", &question(&after(Some(&cursor)))))
            .await;
        for _ in 0..random.random_range(1..15) {
            if count == WRITERS * CHANGES {
                break;
            }
            let event = socket.event("connectorChanged").await;
            note(&mut told, &event);
            cursor = event["cursor"].as_str().expect("a cursor").to_owned();
            count += 1;
        }
    }
    let mut socket = Socket::greeted(t, token).await;
    socket
        .send(&subscribe("1", &question(&after(Some(&cursor)))))
        .await;
    socket.silent().await;
    told
}

/// What the record holds.
async fn held(t: &TestApp) -> Told {
    let sql = "SELECT record_id, CAST(revision AS BIGINT) FROM audit_events WHERE outcome = 'done' AND resource = 'connectors' ORDER BY revision";
    let rows = t.db().rows(sql.to_owned(), Vec::new()).await.expect("rows");
    let mut told = Told::new();
    for row in rows {
        let id = row.uuid(0).expect("a record").to_string();
        told.entry(id)
            .or_default()
            .push(row.int(1).expect("a revision"));
    }
    told
}

both! {
    async fn what_happened_meanwhile_is_told_first(t) {
        let two = Two::make(t).await;
        let mut socket = following(t, &two.root, "").await;
        let id = connector(t, &two.root, "one").await;
        let cursor = socket.event("connectorChanged").await["cursor"].clone();
        drop(socket);
        rename(t, &two.root, &id, "a").await;
        rename(t, &two.root, &id, "b").await;
        let mut socket = following(t, &two.root, &after(cursor.as_str())).await;
        rename(t, &two.root, &id, "c").await;
        let mut revisions = Vec::new();
        for _ in 0..3 {
            revisions.push(socket.event("connectorChanged").await["revision"].as_i64().unwrap());
        }
        assert_eq!(revisions[2] - revisions[0], 2, "{revisions:?}");
        socket.silent().await;
    }

    async fn a_cursor_of_something_else_is_refused(t) {
        let two = Two::make(t).await;
        connector(t, &two.root, "one").await;
        let page = t.data(&two.root, "{ connectors { pageInfo { endCursor } } }").await;
        let foreign = page["connectors"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned();
        let unknown = connectory::live::Position { transaction: 1, pk: 1_000_000 };
        let sealer = connectory::query::cursor::Sealer::new(&connectory::service::setting::cursor_key(t.db()).await.unwrap());
        for (cursor, says) in [
            (foreign, "is not a cursor of a change"),
            ("nonsense".to_owned(), "is not a cursor of a change"),
            (unknown.seal(&sealer), "is not kept here"),
        ] {
            let mut socket = Socket::greeted(t, &two.root).await;
            socket.send(&subscribe("1", &question(&after(Some(&cursor))))).await;
            let error = socket.next().await.unwrap();
            assert_eq!(error["type"], "error", "{error}");
            assert!(error["payload"].to_string().contains(says), "{error}");
            assert_eq!(error["payload"][0]["extensions"]["code"], "BAD_REQUEST");
        }
    }

    async fn readers_that_come_and_go_miss_nothing_while_writers_run(t) {
        let two = Two::make(t).await;
        let mut socket = following(t, &two.root, "").await;
        let first = connector(t, &two.root, "first").await;
        let cursor = socket.event("connectorChanged").await["cursor"].as_str().unwrap().to_owned();
        let writers = futures_util::future::join_all((0..WRITERS).map(|w| write(t, &two.root, w)));
        let readers = futures_util::future::join_all((0..3).map(|seed| read(t, &two.root, cursor.clone(), seed)));
        let all = async { tokio::join!(writers, readers).1 };
        let all = tokio::time::timeout(Duration::from_secs(120), all).await.expect("everything is told");
        let mut held = held(t).await;
        held.remove(&first);
        assert_eq!(held.values().map(Vec::len).sum::<usize>(), WRITERS * CHANGES);
        for told in all {
            assert_eq!(told, held);
        }
        let mut live = Told::new();
        for _ in 0..WRITERS * CHANGES {
            note(&mut live, &socket.event("connectorChanged").await);
        }
        assert_eq!(live, held, "also for one that never left");
    }
}
