//! Rotation on both databases: every value moves, none is lost, whatever servers do meanwhile.

use super::{fresh, id, over, refusal, vault};
use crate::both_empty;
use crate::cli::{Run, program, run};
use crate::schema::Empty;
use chrono::Utc;
use connectory::app;
use connectory::connect::vault::rotate::{self, SEALED};
use connectory::connect::vault::{Place, Vault};
use connectory::db::Db;
use connectory::service::generate::{Size, generate};
use entity::{connection_authorization, connection_credential, workspace_connector};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// A migrated database with some installations.
pub async fn prepare(e: &Empty) -> (Db, Vec<Uuid>) {
    let db = app::open(&e.config()).await.expect("the database opens");
    let size = Size {
        workspaces: 1,
        connectors: 2,
        workspace_connectors: 130,
        seed: 1,
    };
    generate(&db, size, &|_| ()).await.expect("rows");
    let rows = workspace_connector::Entity::find().all(db.orm()).await;
    let ids = rows.expect("rows").iter().map(|row| row.id).collect();
    (db, ids)
}

fn credential(row: Uuid, name: &str) -> Place<'_> {
    Place {
        table: "connection_credentials",
        row,
        field: name,
    }
}

fn authorization(row: Uuid) -> Place<'static> {
    Place {
        table: "connection_authorizations",
        row,
        field: "sealed",
    }
}

/// Keeps a secret of a connection, as a server does.
pub async fn keep(db: &Db, vault: &Vault, connection: Uuid, name: &str, plain: &str) -> Uuid {
    let row = Uuid::now_v7();
    let sealed = vault.seal(&credential(row, name), plain.as_bytes());
    let sealed = sealed.expect("it is sealed");
    let model = connection_credential::ActiveModel {
        id: Set(row),
        workspace_connector_id: Set(connection),
        name: Set(name.to_owned()),
        key_id: Set(Vault::key_id_of(&sealed).expect("a sealed value")),
        ciphertext: Set(sealed),
        created_at: Set(Utc::now()),
        updated_at: Set(Utc::now()),
        ..Default::default()
    };
    model.insert(db.orm()).await.expect("a row");
    row
}

/// Begins a grant of access; `None` leaves nothing sealed in it.
async fn begin(db: &Db, vault: &Vault, connection: Uuid, plain: Option<&str>) -> Uuid {
    let row = Uuid::now_v7();
    let seal = |plain: &str| vault.seal(&authorization(row), plain.as_bytes());
    let model = connection_authorization::ActiveModel {
        id: Set(row),
        workspace_connector_id: Set(connection),
        state_hash: Set(row.to_string()),
        sealed: Set(plain.map_or(Vec::new(), |p| seal(p).expect("it is sealed"))),
        expires_at: Set(Utc::now()),
        created_at: Set(Utc::now()),
        updated_at: Set(Utc::now()),
        ..Default::default()
    };
    model.insert(db.orm()).await.expect("a row");
    row
}

/// Every value of the database in the clear, each under `key` and labelled so.
async fn all(db: &Db, vault: &Vault, key: &str) -> BTreeMap<Uuid, String> {
    let mut found = BTreeMap::new();
    let mut open = |place: Place<'_>, sealed: &[u8]| {
        assert_eq!(Vault::key_id_of(sealed).as_deref(), Some(key), "{place}");
        let plain = vault.open(&place, sealed).expect("it opens");
        found.insert(
            place.row,
            String::from_utf8(plain.to_vec()).expect("a text"),
        );
    };
    let rows = connection_credential::Entity::find().all(db.orm()).await;
    for row in rows.expect("rows") {
        assert_eq!(row.key_id, key, "the column does not follow");
        open(credential(row.id, &row.name), &row.ciphertext);
    }
    let rows = connection_authorization::Entity::find().all(db.orm()).await;
    let rows = rows.expect("rows");
    for row in rows.iter().filter(|row| !row.sealed.is_empty()) {
        open(authorization(row.id), &row.sealed);
    }
    found
}

/// Writes an own value again and again, as servers do when tokens are refreshed, and checks that
/// what it finds is what it wrote; what it wrote last.
async fn write(
    db: Db,
    vault: Vault,
    connection: Uuid,
    stop: Arc<AtomicBool>,
) -> BTreeMap<Uuid, String> {
    let mut wrote = BTreeMap::new();
    for n in 0..10 {
        let plain = format!("first {n}");
        let row = keep(&db, &vault, connection, &format!("written {n}"), &plain).await;
        wrote.insert(row, (format!("written {n}"), plain));
    }
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        for (row, (name, plain)) in &mut wrote {
            let place = credential(*row, name);
            let find = connection_credential::Entity::find();
            let find = find.filter(connection_credential::Column::Id.eq(*row));
            let found = find.one(db.orm()).await.expect("an answer").expect("a row");
            let opened = vault.open(&place, &found.ciphertext).expect("it opens");
            assert_eq!(
                std::str::from_utf8(&opened),
                Ok(plain.as_str()),
                "a value was overwritten"
            );
            number += 1;
            *plain = format!("value {number}");
            let sealed = vault.seal(&place, plain.as_bytes()).expect("it is sealed");
            let key = Vault::key_id_of(&sealed).expect("a sealed value");
            let update = connection_credential::Entity::update_many()
                .col_expr(
                    connection_credential::Column::Ciphertext,
                    Expr::value(sealed),
                )
                .col_expr(connection_credential::Column::KeyId, Expr::value(key))
                .filter(connection_credential::Column::Id.eq(*row));
            assert_eq!(
                update
                    .exec(db.orm())
                    .await
                    .expect("it is written")
                    .rows_affected,
                1
            );
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    wrote
        .into_iter()
        .map(|(row, (_, plain))| (row, plain))
        .collect()
}

/// How many values a rotation says to have moved.
fn moved(said: &str) -> u64 {
    let line = said
        .lines()
        .find(|line| line.starts_with("Values sealed anew"));
    let number = line.and_then(|line| line.strip_suffix('.')?.rsplit(' ').next());
    let number = number.map(str::parse).and_then(Result::ok);
    number.unwrap_or_else(|| panic!("{said}"))
}

both_empty! {
    async fn every_value_moves_to_the_first_key(e) {
        let (db, connections) = prepare(e).await;
        let (old, new) = (fresh(), fresh());
        let (before, both, after) = (vault(&[&old]), vault(&[&new, &old]), vault(&[&new]));
        let mut planted = BTreeMap::new();
        for n in 0..260 {
            let connection = connections[n % connections.len()];
            let (name, plain) = (format!("secret {n}"), format!("plain {n}"));
            planted.insert(keep(&db, &before, connection, &name, &plain).await, plain);
        }
        // A connection has one login at a time.
        for (n, connection) in connections.iter().enumerate().take(120) {
            let plain = format!("verifier {n}");
            planted.insert(begin(&db, &before, *connection, Some(&plain)).await, plain);
        }
        let early = keep(&db, &after, connections[0], "early", "moved already").await;
        planted.insert(early, "moved already".into());
        begin(&db, &before, connections[120], None).await;
        let touched = |rows: Vec<connection_credential::Model>| rows.into_iter().map(|r| (r.id, r.updated_at)).collect::<BTreeMap<_, _>>();
        let times = touched(connection_credential::Entity::find().all(db.orm()).await.expect("rows"));

        let report = rotate::run(&db, &both, Duration::ZERO).await.expect("it ends");
        assert_eq!((report.moved, report.unreadable), (380, vec![]));
        assert_eq!(all(&db, &after, &id(&new)).await, planted);
        assert_eq!(touched(connection_credential::Entity::find().all(db.orm()).await.expect("rows")), times);
        rotate::check(&db, &after).await.expect("the old key is needed no more");
        assert_eq!(rotate::uses(&db).await.expect("numbers"), BTreeMap::from([(Some(id(&new)), 381)]));
        assert_eq!(rotate::run(&db, &both, Duration::ZERO).await.expect("it ends").moved, 0);
        db.close().await;
    }

    async fn values_move_while_servers_write(e) {
        let (db, connections) = prepare(e).await;
        let path = e.path("connectory.key");
        let serving = over(&path);
        let mut planted = BTreeMap::new();
        for n in 0..150 {
            let (name, plain) = (format!("secret {n}"), format!("plain {n}"));
            planted.insert(keep(&db, &serving, connections[n % 5], &name, &plain).await, plain);
        }
        let old = serving.current_key_id();
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = connections[5..8].iter().map(|connection| {
            tokio::spawn(write(db.clone(), serving.clone(), *connection, stop.clone()))
        }).collect();
        let said = run(e, &["keys", "rotate"]).await.good();
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            planted.extend(writer.await.expect("no value was lost"));
        }
        let new = over(&path).current_key_id();
        assert_ne!(new, old);
        assert!(said.contains(&format!("Made the key `{new}`")) && moved(&said) >= 150, "{said}");
        assert!(said.contains(&format!("No value needs `{old}`")), "{said}");
        assert_eq!(all(&db, &serving, &new).await, planted);
        assert_eq!(over(&path).key_ids(), [new, old], "the old key is kept");
        db.close().await;
    }

    async fn prune_drops_the_keys_that_no_value_needs(e) {
        let (db, connections) = prepare(e).await;
        let path = e.path("connectory.key");
        let serving = over(&path);
        let row = keep(&db, &serving, connections[0], "token", "kept").await;
        run(e, &["keys", "rotate"]).await.good();
        assert_eq!(over(&path).key_ids().len(), 2);
        let mut prune = program(e);
        prune.args(["keys", "rotate", "--prune"]).env("CONNECTORY_REQUEST_TIMEOUT", "1");
        let said = Run::from(prune.output().await.expect("the program runs")).good();
        let left = over(&path);
        assert_eq!(left.key_ids().len(), 1, "{said}");
        assert!(said.contains("Dropped"), "{said}");
        // A process that was there all the time opens it, and so does a new one.
        for vault in [&serving, &left] {
            let values = all(&db, vault, &left.current_key_id()).await;
            assert_eq!(values, BTreeMap::from([(row, "kept".to_owned())]));
        }
        db.close().await;
    }

    async fn values_move_to_a_key_that_was_put_first_by_hand(e) {
        let (db, connections) = prepare(e).await;
        let path = e.path("connectory.key");
        let serving = over(&path);
        let row = keep(&db, &serving, connections[0], "token", "kept").await;
        let old = serving.current_key_id();
        let new = over(&path).renew().expect("a key").expect("a file");
        let said = run(e, &["keys", "rotate", "--no-new-key"]).await.good();
        assert!(!said.contains("Made") && moved(&said) == 1, "{said}");
        assert_eq!(over(&path).key_ids(), [new.clone(), old]);
        assert_eq!(all(&db, &serving, &new).await, BTreeMap::from([(row, "kept".to_owned())]));
        db.close().await;
    }

    async fn a_value_that_cannot_be_opened_is_named_and_keeps_its_key(e) {
        let (db, connections) = prepare(e).await;
        let path = e.path("connectory.key");
        let serving = over(&path);
        let good = keep(&db, &serving, connections[0], "token", "kept").await;
        let bad = keep(&db, &serving, connections[1], "moved", "hidden words").await;
        let sealed = serving.seal(&credential(good, "token"), b"hidden words").expect("it is sealed");
        let update = connection_credential::Entity::update_many()
            .col_expr(connection_credential::Column::Ciphertext, Expr::value(sealed))
            .filter(connection_credential::Column::Id.eq(bad));
        update.exec(db.orm()).await.expect("it is changed");
        let old = serving.current_key_id();
        let mut prune = program(e);
        prune.args(["keys", "rotate", "--prune"]).env("CONNECTORY_REQUEST_TIMEOUT", "1");
        let run = Run::from(prune.output().await.expect("the program runs"));
        assert_eq!(run.code, Some(1), "{run:#?}");
        assert!(run.err.contains(&bad.to_string()) && run.err.contains("`moved`"), "{run:#?}");
        assert!(!format!("{run:?}").contains("hidden"), "{run:#?}");
        assert!(!run.err.contains(&good.to_string()) && moved(&run.out) == 1, "{run:#?}");
        let left = over(&path);
        assert_eq!(left.key_ids().len(), 2, "a key that is needed was dropped");
        let uses = rotate::uses(&db).await.expect("numbers");
        assert_eq!(uses, BTreeMap::from([(Some(old), 1), (Some(left.current_key_id()), 1)]));
        db.close().await;
    }

    async fn a_server_that_keeps_to_another_key_is_told_of(e) {
        let (db, connections) = prepare(e).await;
        let (old, new) = (fresh(), fresh());
        let row = keep(&db, &vault(&[&old]), connections[0], "token", "kept").await;
        // It writes at once what it had: no other order of steps keeps a rotation from its end.
        let server: &[&str] = if e.is_sqlite() {
            &["CREATE TRIGGER server AFTER UPDATE ON connection_credentials BEGIN \
               UPDATE connection_credentials SET ciphertext = OLD.ciphertext WHERE pk = NEW.pk; END"]
        } else {
            &[
                "CREATE FUNCTION server() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN NEW.ciphertext = OLD.ciphertext; RETURN NEW; END $$",
                "CREATE TRIGGER server BEFORE UPDATE ON connection_credentials FOR EACH ROW EXECUTE FUNCTION server()",
            ]
        };
        for statement in server {
            db.orm().execute_unprepared(statement).await.expect("a trigger");
        }
        let refused = rotate::run(&db, &vault(&[&new, &old]), Duration::ZERO).await;
        assert!(refusal(refused).contains("restart the servers"));
        let rows = connection_credential::Entity::find().all(db.orm()).await.expect("rows");
        let opened = vault(&[&old]).open(&credential(row, "token"), &rows[0].ciphertext);
        assert_eq!(*opened.expect("it opens"), b"kept");
        db.close().await;
    }

    async fn operators_that_rotate_at_once_lose_nothing(e) {
        let (db, connections) = prepare(e).await;
        let path = e.path("connectory.key");
        let serving = over(&path);
        let mut planted = BTreeMap::new();
        for n in 0..120 {
            let (name, plain) = (format!("secret {n}"), format!("plain {n}"));
            planted.insert(keep(&db, &serving, connections[n % 5], &name, &plain).await, plain);
        }
        let (one, two, three) = tokio::join!(run(e, &["keys", "rotate"]), run(e, &["keys", "rotate"]), run(e, &["keys", "rotate"]));
        for run in [one, two, three] {
            run.good();
        }
        let left = over(&path);
        assert_eq!(left.key_ids().len(), 4, "a key was lost");
        assert_eq!(all(&db, &left, &left.current_key_id()).await, planted);
        db.close().await;
    }
}

#[test]
fn every_column_of_bytes_is_rotated() {
    let folder = crate::house::at("entity/src");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let text = std::fs::read_to_string(entry.expect("a file").path()).expect("a text");
        let table = text
            .split("table_name = \"")
            .nth(1)
            .and_then(|t| t.split('"').next());
        for part in text.split("column_type = \"Blob\"").skip(1) {
            let column = part.split("pub ").nth(1).and_then(|p| p.split(':').next());
            found.push((
                table.expect("a table").to_owned(),
                column.expect("a column").to_owned(),
            ));
        }
    }
    found.sort();
    let mut listed: Vec<_> = SEALED
        .iter()
        .map(|s| (s.table.to_owned(), s.blob.to_owned()))
        .collect();
    listed.sort();
    assert_eq!(
        found, listed,
        "left: columns of bytes; right: those that rotation knows"
    );
}
