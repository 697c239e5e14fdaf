//! Writers that are in each other's way: one of them is done, and the others are told.

use super::{Client, Ground, Reply, connector, number};
use crate::both;
use crate::support::TestApp;
use futures_util::future::{join, join_all};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// How often two requests are raced.
const HEATS: usize = 16;

/// How many replies have which code.
fn tally(replies: &[Reply]) -> HashMap<Option<&str>, usize> {
    replies.iter().fold(HashMap::new(), |mut tally, reply| {
        *tally.entry(reply.code()).or_default() += 1;
        tally
    })
}

/// The actions in the record about some records, in the order in which they happened.
async fn actions(t: &TestApp, ids: &[&str]) -> Vec<String> {
    use entity::audit_event::{Column, Entity};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
    let ids = ids
        .iter()
        .map(|id| uuid::Uuid::parse_str(id).expect("an identifier"));
    let events = Entity::find()
        .filter(Column::RecordId.is_in(ids))
        .order_by_asc(Column::TransactionId)
        .order_by_asc(Column::Pk);
    let events = events.all(t.db().orm()).await.expect("events");
    events.into_iter().map(|e| e.action).collect()
}

/// Two requests at once, the one or the other first on the way.
async fn race(
    heat: usize,
    one: impl Future<Output = Reply>,
    two: impl Future<Output = Reply>,
) -> (Reply, Reply) {
    if heat.is_multiple_of(2) {
        join(one, two).await
    } else {
        let (two, one) = join(two, one).await;
        (one, two)
    }
}

both! {
    async fn one_of_32_connectors_of_one_slug_is_made(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        let replies = join_all((0..32).map(|_| client.mutate(None, "connectorCreate", connector("notes")))).await;
        assert_eq!(tally(&replies), HashMap::from([(None, 1), (Some("CONFLICT"), 31)]), "{replies:#?}");
        let mistaken = replies.iter().filter(|r| r.code().is_some());
        for reply in mistaken {
            assert_eq!(reply.body["data"]["done"]["userErrors"][0]["field"], json!(["input", "slug"]));
        }
        assert_eq!(number(t.db(), "SELECT count(*) FROM connectors").await, 1);
        assert_eq!(number(t.db(), "SELECT count(*) FROM audit_events WHERE action = 'connector.create'").await, 1);
    }

    async fn one_of_16_changes_of_one_revision_is_made(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        let id = client.connector("notes").await;
        let change = |n: usize| json!({"id": id, "revision": 1, "name": format!("by {n}")});
        let replies = join_all((0..16).map(|n| client.mutate(None, "connectorUpdate", change(n)))).await;
        assert_eq!(tally(&replies), HashMap::from([(None, 1), (Some("PRECONDITION_FAILED"), 15)]), "{replies:#?}");
        let winner = replies.iter().find(|r| r.code().is_none()).expect("one");
        assert_eq!(winner.record()["revision"], 2);
        let stored = t.data(&ground.token, "{ connectors { nodes { name revision } } }").await;
        let expected = json!([{"name": winner.record()["said"], "revision": 2}]);
        assert_eq!(stored["connectors"]["nodes"], expected);
        assert_eq!(number(t.db(), "SELECT count(*) FROM audit_events WHERE action = 'connector.update'").await, 1);
    }

    async fn nothing_is_installed_once_its_connector_is_deleted(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        let mut installed = 0;
        for heat in 0..HEATS {
            let id = client.connector(&format!("notes-{heat}")).await;
            let install = client.mutate(None, "workspaceConnectorInstall", json!({"connector": id}));
            let delete = client.mutate(None, "connectorDelete", json!({"id": id}));
            let (install, delete) = race(heat, install, delete).await;
            delete.record();
            match install.code() {
                Some(code) => assert_eq!(code, "BAD_REQUEST", "{install:#?}"),
                None => {
                    installed += 1;
                    let made = install.record()["id"].as_str().expect("an identifier");
                    let order = actions(t, &[&id, made]).await;
                    assert_eq!(order, ["connector.create", "workspace_connector.install", "connector.delete"]);
                }
            }
        }
        assert_eq!(number(t.db(), "SELECT count(*) FROM workspace_connectors").await, installed);
    }

    async fn nothing_changes_a_connector_once_it_is_deleted(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        for heat in 0..HEATS {
            let id = client.connector(&format!("notes-{heat}")).await;
            let update = client.mutate(None, "connectorUpdate", json!({"id": id, "name": "other"}));
            let delete = client.mutate(None, "connectorDelete", json!({"id": id}));
            let (update, delete) = race(heat, update, delete).await;
            delete.record();
            let order = actions(t, &[&id]).await;
            match update.code() {
                Some(code) => {
                    assert_eq!(code, "NOT_FOUND", "{update:#?}");
                    assert_eq!(order, ["connector.create", "connector.delete"]);
                }
                None => assert_eq!(order, ["connector.create", "connector.update", "connector.delete"]),
            }
            assert_eq!(delete.record()["revision"].as_i64(), i64::try_from(order.len()).ok());
        }
    }
}

/// A connector made, changed, installed and deleted, by one writer.
async fn life(client: &Client, slug: &str) -> Vec<Reply> {
    let made = client
        .mutate(None, "connectorCreate", connector(slug))
        .await;
    let id: Json = made.body["data"]["done"]["record"]["id"].clone();
    let changed = client
        .mutate(
            None,
            "connectorUpdate",
            json!({"id": id, "revision": 1, "name": "other"}),
        )
        .await;
    let installed = client
        .mutate(None, "workspaceConnectorInstall", json!({"connector": id}))
        .await;
    let deleted = client
        .mutate(None, "connectorDelete", json!({"id": id, "revision": 2}))
        .await;
    vec![made, changed, installed, deleted]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_writers_of_one_file_wait_their_turn() {
    let t = TestApp::sqlite().await;
    let ground = Ground::make(t.db()).await;
    let client = Client::of(&t, &ground.token);
    let slugs: Vec<_> = (0..64).map(|writer| format!("notes-{writer}")).collect();
    let lives = join_all(slugs.iter().map(|slug| life(&client, slug))).await;
    for reply in lives.iter().flatten() {
        assert_eq!((reply.status, reply.code()), (200, None), "{reply:#?}");
    }
    let events = "SELECT count(*) FROM audit_events WHERE resource IN ('connectors', 'workspace_connectors')";
    assert_eq!(number(t.db(), events).await, 64 * 4);
    t.end().await;
}
