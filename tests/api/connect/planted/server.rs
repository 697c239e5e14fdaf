//! The server whose every byte is looked at.

use super::trace::Secrets;
use crate::cli::{program, run};
use crate::schema::Empty;
use crate::support::hostile::Running;
use serde_json::{Value as Json, json};
use sqlx::Connection;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

/// The file of its log.
const LOG: &str = "server.log";

/// A running server, and all it answered.
pub struct Served {
    child: Child,
    /// Kept open: a program whose words nobody takes ends.
    #[expect(dead_code, reason = "held until the server ends")]
    said: Lines<BufReader<ChildStdout>>,
    url: String,
    token: String,
    log: std::path::PathBuf,
    /// A browser, which follows nothing by itself.
    pub browser: reqwest::Client,
    /// What it answered, and to what.
    answers: Vec<(String, Vec<u8>)>,
}

impl Served {
    /// Starts it, saying as much as it can.
    pub async fn start(e: &Empty, token: &str, peers: [&Running; 3]) -> Served {
        let allowed = peers.map(Running::authority).join(",");
        let log = e.path(LOG);
        let mut command = program(e);
        command.arg("serve").envs([
            ("CONNECTORY_LISTEN", "127.0.0.1:0"),
            ("CONNECTORY_LOG", "trace"),
            ("CONNECTORY_STARTER", "false"),
            ("CONNECTORY_BOOTSTRAP", "false"),
            ("CONNECTORY_CHECK_INTERVAL", "1"),
            ("CONNECTORY_EGRESS_ALLOW", &allowed),
        ]);
        let written = std::fs::File::create(&log).expect("a file");
        command.stdout(Stdio::piped()).stderr(written);
        let mut child = command.spawn().expect("the program starts");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let line = said.next_line().await.expect("a line").expect("it serves");
        let graphql = line.split_whitespace().last().expect("an address");
        let browser = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Served {
            child,
            said,
            url: graphql.trim_end_matches("/graphql").to_owned(),
            token: token.to_owned(),
            log,
            browser,
            answers: Vec::new(),
        }
    }

    /// Keeps an answer, and returns its body.
    pub async fn read(&mut self, answer: reqwest::Response) -> Vec<u8> {
        let (what, head) = (
            answer.url().path().to_owned(),
            format!("{:?}", answer.headers()),
        );
        let body = answer.bytes().await.expect("a body").to_vec();
        self.answers.push((what.clone(), head.into_bytes()));
        self.answers.push((what, body.clone()));
        body
    }

    /// Sends a mutation with a key under which its answer is kept.
    async fn mutate(&mut self, name: &str, kind: &str, extra: &str, input: Json) -> Json {
        let query = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ workspaceConnector {{ id connectionState disconnectReason metadata }} \
             {extra} userErrors {{ field code message }} }} }}"
        );
        let sent = self
            .browser
            .post(format!("{}/graphql", self.url))
            .bearer_auth(&self.token);
        let sent = sent.header("idempotency-key", uuid::Uuid::new_v4().to_string());
        let sent = sent.json(&json!({"query": query, "variables": {"input": input}}));
        let answer = sent.send().await.expect("the server answers");
        if extra == "authorizationUrl" {
            // It is for the person, and holds the state.
            let body: Json = answer.json().await.expect("JSON");
            return body["data"][name].clone();
        }
        let body = self.read(answer).await;
        let body: Json = serde_json::from_slice(&body).expect("JSON");
        body["data"][name].clone()
    }

    /// Installs, and answers the identifier.
    pub async fn install(&mut self, input: Json) -> String {
        let done = self.refused_install(input).await;
        let id = done["workspaceConnector"]["id"].as_str();
        id.unwrap_or_else(|| panic!("{done:#}")).to_owned()
    }

    /// Installs, or not.
    pub async fn refused_install(&mut self, input: Json) -> Json {
        self.mutate(
            "workspaceConnectorInstall",
            "WorkspaceConnectorInstallInput",
            "",
            input,
        )
        .await
    }

    /// Connects, or not.
    pub async fn connect(&mut self, input: Json) -> Json {
        let by_hand = ["accessToken", "apiKey", "clientCredentials"];
        let extra = match by_hand.iter().any(|name| input.get(name).is_some()) {
            true => "",
            false => "authorizationUrl",
        };
        self.mutate(
            "workspaceConnectorConnect",
            "WorkspaceConnectorConnectInput",
            extra,
            input,
        )
        .await
    }

    /// Something else with an installation.
    pub async fn act(&mut self, name: &str, id: &str) -> Json {
        let kind = match name {
            "Uninstall" => "WorkspaceConnectorNameInput",
            _ => "WorkspaceConnectorConnectionInput",
        };
        let extra = if name == "Test" { "report" } else { "" };
        self.mutate(
            &format!("workspaceConnector{name}"),
            kind,
            extra,
            json!({"id": id}),
        )
        .await
    }

    /// A call to the connected server.
    pub async fn call_through(&mut self, id: &str) {
        let sent = self
            .browser
            .post(format!("{}/api/v1/connectors/{id}/mcp", self.url));
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
        let sent = sent
            .bearer_auth(&self.token)
            .header("accept", "application/json, text/event-stream")
            .json(&call);
        let answer = sent.send().await.expect("the server answers");
        assert!(
            ![404, 405].contains(&answer.status().as_u16()),
            "calls do not pass"
        );
        // What the connector's server itself says, its owner may read.
        if !answer.status().is_server_error() {
            self.read(answer).await;
        }
    }

    /// Everything that can be read.
    pub async fn look_around(&mut self) {
        let all = "{ workspaceConnectors(first: 50) { nodes { id url label status connectionState disconnectCode disconnectReason \
             tokenExpiresAt authorizationExpiresAt metadata config } } \
             auditEvents(first: 100) { nodes { action outcome before after } } }";
        let sent = self
            .browser
            .post(format!("{}/graphql", self.url))
            .bearer_auth(&self.token);
        let answer = sent
            .json(&json!({"query": all}))
            .send()
            .await
            .expect("an answer");
        let body = self.read(answer).await;
        let body: Json = serde_json::from_slice(&body).expect("JSON");
        assert!(body.get("errors").is_none(), "{body:#}");
        for path in [
            "/metrics",
            "/api/v1/connectors",
            "/v1/workspace-connectors",
            "/healthz",
            "/nowhere",
        ] {
            let sent = self
                .browser
                .get(format!("{}{path}", self.url))
                .bearer_auth(&self.token);
            let answer = sent.send().await.expect("an answer");
            self.read(answer).await;
        }
    }

    /// What is found in its answers.
    pub fn found(&self, secrets: &Secrets) -> Vec<String> {
        let answers = self.answers.iter();
        answers
            .flat_map(|(what, bytes)| secrets.found(&format!("answer of {what}"), bytes))
            .collect()
    }

    /// Stops it; its log.
    pub async fn stop(mut self) -> String {
        let id = self.child.id().expect("it runs");
        let mut kill = tokio::process::Command::new("kill");
        assert!(
            kill.arg(id.to_string())
                .status()
                .await
                .expect("kill runs")
                .success()
        );
        assert_eq!(self.child.wait().await.expect("it ends").code(), Some(0));
        std::fs::read_to_string(&self.log).expect("the log is text")
    }
}

/// All that the program and the database write out, by name.
pub async fn dumps(e: &Empty) -> Vec<(String, String)> {
    let audit = run(e, &["audit", "export"]).await.good();
    // Nothing of the catalogue is of these connections, but it is written all the same.
    let catalogue = run(e, &["export"]).await.good();
    let tables = tables(e).await;
    vec![
        ("the record".into(), audit),
        ("the catalogue and all tables".into(), catalogue + &tables),
    ]
}

/// Every row of every table as text.
async fn tables(e: &Empty) -> String {
    if e.is_sqlite() {
        // The file itself was read already.
        let bytes = std::fs::read(e.path("connectory.db")).expect("the database");
        return String::from_utf8_lossy(&bytes).into_owned();
    }
    let mut connection = sqlx::PgConnection::connect(&e.url)
        .await
        .expect("PostgreSQL answers");
    let names =
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let names: Vec<String> = sqlx::query_scalar(names)
        .fetch_all(&mut connection)
        .await
        .expect("names");
    assert!(names.len() > 20, "{names:?}");
    let mut all = String::new();
    for name in names {
        let sql = format!("SELECT t::text FROM \"{name}\" t");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_all(&mut connection)
            .await
            .expect("rows");
        all.extend(rows);
    }
    all
}
