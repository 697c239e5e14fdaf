//! Live updates: what is told, to whom, in which order, and that nothing is lost.

mod close;
mod events;
mod follow;
mod resume;
mod several;

use crate::support::{Socket, TestApp, subscribe};
use connectory::service::workspace;
use entity::membership::Role;
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// Two organizations, one with a workspace below its root.
struct Two {
    root: String,
    below: String,
    other: String,
    root_id: Uuid,
}

impl Two {
    async fn make(t: &TestApp) -> Two {
        let root_id = workspace_of(t, "Ours", None).await;
        let below_id = workspace_of(t, "Below", Some(root_id)).await;
        let other_id = workspace_of(t, "Theirs", None).await;
        t.execute("INSERT INTO categories (id, slug, name, created_at, updated_at) SELECT id, 'notes', 'Notes', created_at, updated_at FROM workspaces WHERE slug = 'ours'").await;
        Two {
            root: t.token(root_id, Role::Owner).await,
            below: t.token(below_id, Role::Owner).await,
            other: t.token(other_id, Role::Owner).await,
            root_id,
        }
    }
}

async fn workspace_of(t: &TestApp, name: &str, parent: Option<Uuid>) -> Uuid {
    let new = workspace::New {
        name: name.into(),
        parent,
        ..workspace::New::default()
    };
    workspace::create(t.db(), new)
        .await
        .expect("a workspace")
        .id
}

/// Runs a mutation and returns its record; mistakes fail the test.
async fn change(t: &TestApp, token: &str, mutation: &str, input: Json) -> Json {
    let mut name = mutation.to_owned();
    name[..1].make_ascii_uppercase();
    let record = match mutation {
        m if m.starts_with("workspaceConnector") => "workspaceConnector",
        m if m.starts_with("syncLog") => "syncLog",
        _ => "connector",
    };
    let form = match mutation {
        "connectorCreate" => "ConnectorCreateInput!",
        "connectorUpdate" => "ConnectorUpdateInput!",
        "workspaceConnectorInstall" => "WorkspaceConnectorInstallInput!",
        "workspaceConnectorPause" | "workspaceConnectorUninstall" => "WorkspaceConnectorNameInput!",
        _ => "ConnectorNameInput!",
    };
    let query = format!(
        "mutation($input: {form}) {{ {mutation}(input: $input) {{ {record} {{ id }} userErrors {{ message }} }} }}"
    );
    let answer = t.ask(token, &query, json!({"input": input})).await;
    let payload = answer.data()[mutation].clone();
    assert_eq!(payload["userErrors"], json!([]), "{mutation} {input}");
    payload[record].clone()
}

/// Makes a connector and returns its identifier.
async fn connector(t: &TestApp, token: &str, slug: &str) -> String {
    let input = json!({"slug": slug, "name": slug, "category": "notes", "direction": "IMPORT", "status": "ACTIVE"});
    let made = change(t, token, "connectorCreate", input).await;
    made["id"].as_str().expect("an identifier").to_owned()
}

async fn rename(t: &TestApp, token: &str, id: &str, name: &str) {
    change(t, token, "connectorUpdate", json!({"id": id, "name": name})).await;
}

/// A socket that follows connectors, and is known to.
async fn following(t: &TestApp, token: &str, arguments: &str) -> Socket {
    let mut socket = Socket::greeted(t, token).await;
    socket.send(&subscribe("live", &question(arguments))).await;
    settle().await;
    socket
}

/// The protocol does not say when a subscription has begun.
async fn settle() {
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
}

fn question(arguments: &str) -> String {
    format!(
        "subscription {{ connectorChanged{arguments} {{ action id revision at cursor connector {{ id name slug }} }} }}"
    )
}
