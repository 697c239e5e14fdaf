//! Clients that repeat, race and vanish, and servers that are killed: nothing that was promised is
//! lost, nothing is done twice, and the record tells what happened.

mod audit;
mod crash;
mod cut;
mod idempotency;
mod ledger;
mod load;
mod races;
mod statements;

use crate::support::TestApp;
use connectory::db::Db;
use connectory::service::{token, workspace};
use entity::category;
use entity::membership::Role;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// A workspace with somebody who owns it, and the category `crm`.
pub struct Ground {
    /// The workspace, the root of a tree.
    pub workspace: Uuid,
    /// The owner's token.
    pub token: String,
}

impl Ground {
    /// Makes it in an empty database.
    pub async fn make(db: &Db) -> Ground {
        let row = category::ActiveModel {
            id: Set(Uuid::now_v7()),
            slug: Set("crm".into()),
            name: Set("CRM".into()),
            created_at: Set(chrono::Utc::now()),
            updated_at: Set(chrono::Utc::now()),
            ..Default::default()
        };
        let made = category::Entity::insert(row).exec_without_returning(db.orm());
        made.await.expect("a category");
        Self::another(db, "Acme", None).await
    }

    /// One more, below `parent` or a tree of its own.
    pub async fn another(db: &Db, name: &str, parent: Option<Uuid>) -> Ground {
        let new = workspace::New {
            name: name.into(),
            slug: None,
            parent,
        };
        let workspace = workspace::create(db, new).await.expect("a workspace").id;
        let token = token_of(db, workspace, Role::Owner).await;
        Ground { workspace, token }
    }
}

/// A token for a workspace.
pub async fn token_of(db: &Db, workspace: Uuid, role: Role) -> String {
    let new = token::New {
        workspace,
        role,
        name: "chaos".into(),
        expires_at: None,
    };
    token::create(db, new).await.expect("a token")
}

/// Mutations that the tests send: name, type of the input, member of the record, and the member
/// that says what was done to it.
const MUTATIONS: &[(&str, &str, &str, &str)] = &[
    (
        "connectorCreate",
        "ConnectorCreateInput",
        "connector",
        "name",
    ),
    (
        "connectorUpdate",
        "ConnectorUpdateInput",
        "connector",
        "name",
    ),
    ("connectorDelete", "ConnectorNameInput", "connector", "name"),
    (
        "workspaceCreate",
        "WorkspaceCreateInput",
        "workspace",
        "name",
    ),
    (
        "workspaceConnectorInstall",
        "WorkspaceConnectorInstallInput",
        "workspaceConnector",
        "status",
    ),
    (
        "workspaceConnectorPause",
        "WorkspaceConnectorNameInput",
        "workspaceConnector",
        "status",
    ),
    ("syncLogStart", "SyncLogStartInput", "syncLog", "status"),
    ("syncLogFinish", "SyncLogFinishInput", "syncLog", "status"),
];

/// The document of a mutation. Whatever it is called, its answer is `done`, the record in it
/// `record`, and what was done to that `said`.
pub fn document(mutation: &str) -> String {
    let found = MUTATIONS.iter().find(|(name, ..)| *name == mutation);
    let (name, input, record, said) = found.unwrap_or_else(|| panic!("{mutation} is not listed"));
    format!(
        "mutation ($input: {input}!) {{ done: {name}(input: $input) {{ \
         record: {record} {{ id revision said: {said} }} userErrors {{ field code message }} }} }}"
    )
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Whether it is what an earlier request was answered.
    pub replayed: bool,
    /// The document.
    pub body: Json,
}

impl Reply {
    /// The record of what was done; anything else fails the test.
    pub fn record(&self) -> &Json {
        let errors = &self.body["data"]["done"]["userErrors"];
        assert!(
            self.body.get("errors").is_none() && *errors == json!([]),
            "{:#}",
            self.body
        );
        &self.body["data"]["done"]["record"]
    }

    /// The code of the first mistake or error; `None` if it was done.
    pub fn code(&self) -> Option<&str> {
        let mistake = &self.body["data"]["done"]["userErrors"][0]["code"];
        let error = &self.body["errors"][0]["extensions"]["code"];
        mistake.as_str().or(error.as_str())
    }
}

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Client {
    /// Of the server at that GraphQL address.
    pub fn new(url: &str, token: &str) -> Client {
        Client {
            http: reqwest::Client::new(),
            url: url.to_owned(),
            token: token.to_owned(),
        }
    }

    /// Of a server under test.
    pub fn of(t: &TestApp, token: &str) -> Client {
        Self::new(&format!("{}/graphql", t.url), token)
    }

    /// Sends a document; an error if no whole answer came back.
    pub async fn try_send(
        &self,
        key: Option<&str>,
        query: &str,
        variables: &Json,
    ) -> Result<Reply, reqwest::Error> {
        let body = json!({"query": query, "variables": variables});
        let mut request = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .json(&body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let response = request.send().await?;
        Ok(Reply {
            status: response.status().as_u16(),
            replayed: response.headers().contains_key("idempotency-replayed"),
            body: response.json().await?,
        })
    }

    /// Sends a document.
    pub async fn send(&self, key: Option<&str>, query: &str, variables: Json) -> Reply {
        let sent = self.try_send(key, query, &variables).await;
        sent.expect("the server answers")
    }

    /// Sends one of [`MUTATIONS`].
    pub async fn mutate(&self, key: Option<&str>, mutation: &str, input: Json) -> Reply {
        self.send(key, &document(mutation), json!({"input": input}))
            .await
    }

    /// Makes a connector and returns its identifier.
    pub async fn connector(&self, slug: &str) -> String {
        let made = self.mutate(None, "connectorCreate", connector(slug)).await;
        made.record()["id"]
            .as_str()
            .expect("an identifier")
            .to_owned()
    }
}

/// The input of a connector to be made.
pub fn connector(slug: &str) -> Json {
    json!({"slug": slug, "name": slug, "category": "crm", "direction": "BOTH"})
}

/// A number out of the database.
pub async fn number(db: &Db, sql: &str) -> i64 {
    let rows = db
        .rows(sql.to_owned(), Vec::new())
        .await
        .expect("the statement runs");
    rows[0].int(0).expect("a number")
}
