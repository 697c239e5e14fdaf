//! A real process that dies in the middle of a look.

use super::gate::Gate;
use super::{PAST, until};
use crate::both_empty;
use crate::chaos::Ground;
use crate::cli::serve::Server;
use crate::schema::Empty;
use connectory::app;
use connectory::db::{Arg, Db};
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};

async fn serve(e: &Empty, gate: &Gate, parallelism: &str) -> Server {
    let settings = [
        ("CONNECTORY_STARTER", "false"),
        ("CONNECTORY_BOOTSTRAP", "false"),
        ("CONNECTORY_LOG", "off"),
        ("CONNECTORY_EGRESS_ALLOW", &*gate.authority),
        ("CONNECTORY_KEEPER_PARALLELISM", parallelism),
    ];
    Server::start(e, &["serve"], &settings).await
}

async fn ask(server: &Server, token: &str, mutation: &str, input: Json) -> Json {
    let (name, kind) = mutation.split_once(' ').unwrap();
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ workspaceConnector {{ id connectionState }} \
         userErrors {{ message }} }} }}"
    );
    let sent = reqwest::Client::new()
        .post(&server.graphql)
        .bearer_auth(token);
    let sent = sent.json(&json!({"query": query, "variables": {"input": input}}));
    let body: Json = sent.send().await.unwrap().json().await.unwrap();
    let record = body["data"][name]["workspaceConnector"].clone();
    assert!(record.is_object(), "{body:#}");
    record
}

async fn execute(db: &Db, sql: &str) {
    db.orm().execute_unprepared(sql).await.expect(sql);
}

async fn count(db: &Db, condition: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM connections c JOIN workspace_connectors w ON w.id = c.workspace_connector_id \
         WHERE w.connection_state = 'connected' AND {condition}"
    );
    let rows = db.rows(sql.clone(), Vec::<Arg>::new()).await.expect(&sql);
    rows[0].int(0).unwrap()
}

both_empty! {
    async fn what_a_killed_process_was_looking_at_is_looked_at_by_another(e) {
        let gate = Gate::start().await;
        let db = app::open(&e.config()).await.expect("the database opens");
        let ground = Ground::make(&db).await;
        let first = serve(e, &gate, "4").await;
        let made = ask(&first, &ground.token, "workspaceConnectorInstall WorkspaceConnectorInstallInput", json!({"url": gate.url})).await;
        let input = json!({"id": made["id"]});
        let record = ask(&first, &ground.token, "workspaceConnectorConnect WorkspaceConnectorConnectInput", input).await;
        assert_eq!(record["connectionState"], "CONNECTED");
        gate.close();
        execute(&db, &format!("UPDATE workspace_connectors SET last_checked_at = {PAST}")).await;
        execute(&db, &format!("UPDATE connections SET next_check_at = {PAST}")).await;
        until("the first looks", async || gate.arrived() == 1).await;
        first.kill().await;
        assert_eq!(count(&db, &format!("c.next_check_at > {PAST} AND w.last_checked_at = {PAST}")).await, 1, "claimed, and not looked at");
        let second = serve(e, &gate, "4").await;
        // As the time of the claim does by itself.
        execute(&db, &format!("UPDATE connections SET next_check_at = {PAST}")).await;
        until("the second looks", async || gate.arrived() == 2).await;
        gate.open();
        until("the look ends", async || count(&db, &format!("w.last_checked_at > {PAST}")).await == 1).await;
        assert_eq!(second.stop("TERM").await.code, Some(0));
        db.close().await;
    }
}
