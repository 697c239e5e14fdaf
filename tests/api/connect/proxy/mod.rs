//! Calls that pass through to the server of a connection, over real HTTP on both sides.

mod client;
mod pass;
mod refused;
mod stage;
mod stream;
mod token;
mod upload;

use super::lifecycle::returned;
use crate::support::TestApp;
use crate::support::hostile::Running;
use connectory::config::Config;
use connectory::db::Arg;
use connectory::service::workspace;
use entity::membership::Role;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value as Json, json};
use url::Url;
use uuid::Uuid;

/// A server with a connection, and who owns that.
pub struct Desk {
    /// The server.
    pub server: TestApp,
    /// The workspace.
    pub workspace: Uuid,
    /// The owner's token.
    pub token: String,
    /// The connection.
    pub id: Uuid,
}

const INSTALL: &str = "mutation($url: String!) { workspaceConnectorInstall(input: {url: $url}) {
    workspaceConnector { id } userErrors { message } } }";

const CONNECT: &str = "mutation($input: WorkspaceConnectorConnectInput!) {
    workspaceConnectorConnect(input: $input) { authorizationUrl userErrors { message } } }";

impl Desk {
    /// A server beside `t` that may ask `url`, which is installed there and was never connected.
    pub async fn open(t: &TestApp, url: &str, settings: impl FnOnce(&mut Config)) -> Desk {
        let authority = Url::parse(url).unwrap().authority().to_owned();
        let server = t
            .beside(|config| {
                config.egress_allow = vec![authority];
                settings(config);
            })
            .await;
        let new = workspace::New {
            // Several of them share a database.
            name: format!("Acme {}", Uuid::new_v4()),
            ..Default::default()
        };
        let workspace = workspace::create(server.db(), new).await.unwrap().id;
        let token = server.token(workspace, Role::Member).await;
        let made = server.ask(&token, INSTALL, json!({ "url": url })).await;
        let made = made.data()["workspaceConnectorInstall"].clone();
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let id = made["workspaceConnector"]["id"].as_str().unwrap();
        Desk {
            id: id.parse().unwrap(),
            server,
            workspace,
            token,
        }
    }

    /// The same, and the row says that it is connected, without a credential.
    pub async fn connected(t: &TestApp, url: &str, settings: impl FnOnce(&mut Config)) -> Desk {
        let desk = Desk::open(t, url, settings).await;
        desk.put("connection_state = 'connected', status = 'active'")
            .await;
        desk
    }

    /// Connects it as a client does; what comes back.
    pub async fn connect(&self, mut how: Json) -> Json {
        how["id"] = json!(self.id);
        let done = self.server.ask(&self.token, CONNECT, json!({"input": how}));
        let done = done.await.data()["workspaceConnectorConnect"].clone();
        assert_eq!(done["userErrors"], json!([]), "{done}");
        done
    }

    /// Connects it by a login at the peer.
    pub async fn log_in(&self) {
        let begun = self.connect(json!({})).await;
        let url = begun["authorizationUrl"].as_str().expect("a login");
        let sent = self.server.http.get(url).send().await.unwrap();
        let back = sent.headers()["location"].to_str().unwrap();
        self.come_back(&Url::parse(back).unwrap()).await;
    }

    /// Finishes a login with where the browser was sent.
    pub async fn come_back(&self, back: &Url) {
        let connect = &self.server.app.connect;
        let landing = connect.complete(returned(back)).await.unwrap();
        assert_eq!(landing.error, None);
    }

    /// Sets columns of the installation, which no use case would.
    pub async fn put(&self, columns: &str) {
        let sql = format!("UPDATE workspace_connectors SET {columns}");
        self.server.execute(&sql).await;
    }

    /// The address that calls go to.
    pub fn url(&self) -> String {
        format!("{}/api/v1/connectors/{}/mcp", self.server.url, self.id)
    }

    /// A call of the owner.
    pub fn call(&self, method: Method) -> RequestBuilder {
        self.call_by(&self.token, method)
    }

    /// A call of somebody else.
    pub fn call_by(&self, token: &str, method: Method) -> RequestBuilder {
        let http = &self.server.http;
        http.request(method, self.url()).bearer_auth(token)
    }

    /// The owner asks for the list of tools.
    pub fn list(&self) -> RequestBuilder {
        let message = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/list"});
        self.call(Method::POST)
            .header("accept", "application/json, text/event-stream")
            .json(&message)
    }

    /// What a column of the installation says.
    pub async fn column(&self, name: &str) -> Option<String> {
        let sql = format!("SELECT {name} FROM workspace_connectors WHERE id = $1");
        let rows = self.server.db().rows(sql, vec![Arg::Uuid(self.id)]).await;
        let rows = rows.expect("the statement runs");
        let row = rows.first().expect("the installation");
        row.text(0).map(str::to_owned)
    }

    /// Where the connection stands.
    pub async fn state(&self) -> String {
        self.column("connection_state").await.unwrap()
    }

    /// How many rows a condition finds in a table.
    pub async fn count(&self, table: &str, condition: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table} WHERE {condition}");
        let rows = self.server.db().rows(sql, Vec::new()).await;
        rows.expect("the statement runs")[0].int(0).unwrap()
    }

    /// Stops the server.
    pub async fn end(self) {
        self.server.end().await;
    }
}

/// A refusal: its status, and the document without what differs each time.
pub async fn refusal(answer: Response) -> (u16, Json) {
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let mut body: Json = answer.json().await.expect("JSON");
    let id = body.as_object_mut().unwrap().remove("request_id");
    assert!(id.is_some_and(|id| id.as_str().unwrap().len() == 32));
    (status, body)
}

/// How often the peer was asked for a token by a refresh token.
pub fn refreshes(peer: &Running) -> usize {
    let asked = peer.asked("/token");
    let is_refresh = |form: std::collections::BTreeMap<String, String>| {
        form.get("grant_type").map(String::as_str) == Some("refresh_token")
    };
    asked.iter().filter(|r| is_refresh(r.form())).count()
}
