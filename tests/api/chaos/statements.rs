//! What writes cost: statements, without those that begin and end the transaction, and
//! transactions.

use super::{Client, Ground, connector, number};
use crate::both;
use crate::support::TestApp;
use serde_json::{Value as Json, json};

/// A connector with a publisher and a logo that are new as well.
fn with_company(slug: &str) -> Json {
    let mut input = connector(slug);
    input["publishedBy"] = json!({"name": format!("Makers of {slug}")});
    input["logo"] =
        json!({"url": "https://example.com/logo.png", "label": "Logo", "contentType": "image/png"});
    input
}

/// Sends a mutation and returns the identifier of its record and how many statements it took. The
/// token is known before: a change of the tree of workspaces has it looked up again.
async fn cost(t: &TestApp, client: &Client, mutation: &str, input: Json) -> (Json, u64) {
    client.send(None, "{ viewer { role } }", json!({})).await;
    let before = t.db().statements();
    let reply = client.mutate(None, mutation, input).await;
    let took = t.db().statements() - before;
    (reply.record()["id"].clone(), took)
}

/// Rows that one creation made, by the transaction that wrote them.
const TRANSACTIONS: &str = "SELECT count(DISTINCT t) FROM (\
    SELECT xmin::text AS t FROM connectors WHERE slug = 'second' \
    UNION ALL SELECT xmin::text FROM workspaces WHERE name = 'Makers of second' \
    UNION ALL SELECT m.xmin::text FROM media m JOIN connectors c ON c.logo_id = m.id WHERE c.slug = 'second' \
    UNION ALL SELECT a.xmin::text FROM audit_events a JOIN connectors c ON c.id = a.record_id WHERE c.slug = 'second') rows";

both! {
    async fn writes_take_few_statements_and_always_as_many(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        let (connector_id, create) = cost(t, &client, "connectorCreate", with_company("second")).await;
        assert!(create <= 6, "a creation with publisher and logo took {create} statements");
        if !t.is_sqlite() {
            assert_eq!(number(t.db(), TRANSACTIONS).await, 1);
        }
        let (_, plain) = cost(t, &client, "connectorCreate", connector("third")).await;
        let change = json!({"id": connector_id, "name": "Other"});
        let (_, update) = cost(t, &client, "connectorUpdate", change).await;
        let (installed, install) = cost(t, &client, "workspaceConnectorInstall", json!({"connector": connector_id})).await;
        let (_, pause) = cost(t, &client, "workspaceConnectorPause", json!({"id": installed})).await;
        let (_, delete) = cost(t, &client, "connectorDelete", json!({"id": connector_id})).await;
        // On PostgreSQL each lock is a statement: one for a change, two for an installation.
        let took = [create, plain, update, install, pause, delete];
        let golden = if t.is_sqlite() { [6, 4, 5, 5, 4, 5] } else { [6, 4, 6, 7, 5, 6] };
        assert_eq!(took, golden, "create with publisher and logo, create, update, install, pause, delete");
    }
}
