//! A running server over a database of its own.

use connectory::app::{self, App};
use connectory::config::Config;
use connectory::db::Db;
use connectory::http;
use connectory::secret::Secret;
use connectory::service::{Actor, token};
use entity::membership::Role;
use serde_json::{Value as Json, json};
use sqlx::{Connection, Executor};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// The key of the vault.
const KEY: &str = "Y29ubmVjdG9yeSB0ZXN0IGtleSwgbm90IHNlY3JldC4=";

/// A server under test.
pub struct TestApp {
    /// Its parts.
    pub app: Arc<App>,
    /// Where it listens, e.g. `http://127.0.0.1:41234`.
    pub url: String,
    /// A client.
    pub http: reqwest::Client,
    stop: tokio::sync::oneshot::Sender<()>,
    server: tokio::task::JoinHandle<()>,
    /// The folder of a SQLite database, or the name of a PostgreSQL one.
    place: Place,
    #[expect(dead_code, reason = "removed when dropped")]
    media: TempDir,
}

enum Place {
    Folder(#[expect(dead_code, reason = "removed when dropped")] TempDir),
    Database(String),
    /// That of another server under test.
    Borrowed,
}

/// An answer to a GraphQL request.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The document.
    pub body: Json,
}

impl Answer {
    /// `data`, after making sure that there are no errors.
    pub fn data(&self) -> &Json {
        assert!(self.body.get("errors").is_none(), "{:#}", self.body);
        &self.body["data"]
    }

    /// The first error.
    pub fn error(&self) -> &Json {
        let errors = self.body["errors"].as_array();
        errors
            .and_then(|e| e.first())
            .unwrap_or_else(|| panic!("no errors in {:#}", self.body))
    }
}

/// The administrative address of PostgreSQL; `None` if SQLite alone was asked for.
pub fn postgres_url() -> Option<String> {
    match std::env::var("TEST_DATABASE_URL") {
        Ok(url) => Some(url),
        Err(_) if std::env::var("TEST_SQLITE_ONLY").as_deref() == Ok("1") => None,
        Err(_) => panic!(
            "PostgreSQL is missing: run `tests/run`, or set TEST_DATABASE_URL to a server on which databases \
             can be made, or set TEST_SQLITE_ONLY=1 to test SQLite alone"
        ),
    }
}

/// The address of another database on the same server.
fn beside(url: &str, name: &str) -> String {
    let mut url = url::Url::parse(url).expect("TEST_DATABASE_URL is an address");
    url.set_path(name);
    url.into()
}

/// Makes a database on the PostgreSQL server.
async fn make_database(admin: &str, name: &str, template: Option<&str>) -> String {
    let mut connection = sqlx::PgConnection::connect(admin)
        .await
        .expect("PostgreSQL answers");
    let template = template.map_or(String::new(), |t| format!(" TEMPLATE {t}"));
    let sql = format!("CREATE DATABASE {name}{template}");
    connection
        .execute(sqlx::AssertSqlSafe(sql))
        .await
        .expect("a database can be made");
    beside(admin, name)
}

/// A migrated database to copy: migrating takes longer than most tests.
async fn template(admin: &str) -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let name = format!("connectory_template_{}", std::process::id());
            let url = make_database(admin, &name, None).await;
            let config = Config {
                database_url: url,
                database_connections: 2,
                ..Config::default()
            };
            app::open(&config)
                .await
                .expect("migrations run")
                .close()
                .await;
            name
        })
        .await
}

/// An empty, migrated PostgreSQL database: its address and name.
pub async fn postgres_database() -> Option<(String, String)> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let admin = postgres_url()?;
    let template = template(&admin).await;
    let name = format!(
        "connectory_test_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    Some((make_database(&admin, &name, Some(template)).await, name))
}

impl TestApp {
    /// Over SQLite, a file.
    pub async fn sqlite() -> TestApp {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("test.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        Self::start(url, Place::Folder(folder)).await
    }

    /// Over PostgreSQL; `None` if SQLite alone was asked for.
    pub async fn postgres() -> Option<TestApp> {
        let (url, name) = postgres_database().await?;
        Some(Self::start(url, Place::Database(name)).await)
    }

    async fn start(database_url: String, place: Place) -> TestApp {
        Self::start_with(database_url, place, |_| ()).await
    }

    /// Another server over the same database, with settings of its own.
    pub async fn beside(&self, settings: impl FnOnce(&mut Config)) -> TestApp {
        let url = self.app.config.database_url.clone();
        Self::start_with(url, Place::Borrowed, settings).await
    }

    async fn start_with(
        database_url: String,
        place: Place,
        settings: impl FnOnce(&mut Config),
    ) -> TestApp {
        let media = tempfile::tempdir().expect("a temporary folder");
        let mut config = Config {
            listen: "127.0.0.1:0".parse().expect("an address"),
            database_url,
            database_connections: 4,
            media_store: Some(media.path().display().to_string()),
            // Set, so that no test makes a key file, and servers over one database share it.
            encryption_keys: Some(Secret::new(KEY)),
            // Servers over one database may ask different peers; a test says which of them keeps.
            keeper_parallelism: 0,
            ..Config::default()
        };
        settings(&mut config);
        let db = app::open(&config).await.expect("the database opens");
        let (acceptor, address) = http::listen(config.listen).await.expect("a free port");
        let app = App::new(config, db, address)
            .await
            .expect("the application starts");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = app.clone();
        let server = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            http::serve(serving, acceptor, stopped)
                .await
                .expect("the server runs");
        });
        let url = format!("http://{address}");
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        TestApp {
            app,
            url,
            http,
            stop,
            server,
            place,
            media,
        }
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.app.db
    }

    /// Whether it is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.app.config.is_sqlite()
    }

    /// A token for a workspace.
    pub async fn token(&self, workspace: Uuid, role: Role) -> String {
        let new = token::New {
            workspace,
            role,
            name: "test".into(),
            expires_at: None,
        };
        token::create(self.db(), new).await.expect("a token")
    }

    /// Who a token speaks for, as a request would know it.
    pub async fn actor(&self, token: &str) -> Actor {
        let identity = token::identify(self.db(), &token::Cache::default(), token)
            .await
            .expect("a good token");
        Actor {
            viewer: identity.viewer,
            role: identity.role,
            token_id: Some(identity.id),
            token_name: identity.name,
            expires_at: identity.expires_at,
            address: Some("127.0.0.1".into()),
            trace_id: "test".into(),
        }
    }

    /// Asks a GraphQL question by POST.
    pub async fn ask(&self, token: &str, query: &str, variables: Json) -> Answer {
        let request = self
            .http
            .post(format!("{}/graphql", self.url))
            .bearer_auth(token)
            .header("accept", "application/graphql-response+json")
            .json(&json!({"query": query, "variables": variables}));
        let response = request.send().await.expect("the server answers");
        let status = response.status().as_u16();
        Answer {
            status,
            body: response.json().await.expect("the answer is JSON"),
        }
    }

    /// Asks a question without variables and returns `data`; errors fail the test.
    pub async fn data(&self, token: &str, query: &str) -> Json {
        self.ask(token, query, json!({})).await.data().clone()
    }

    /// Runs a statement on the database, for what no use case does.
    pub async fn execute(&self, sql: &str) {
        use sea_orm::ConnectionTrait;
        self.db()
            .orm()
            .execute_unprepared(sql)
            .await
            .unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    /// Asks the server to stop and does not wait for it.
    pub fn stop(&mut self) {
        let (other, _) = tokio::sync::oneshot::channel();
        let _ = std::mem::replace(&mut self.stop, other).send(());
    }

    /// Stops the server and drops the database.
    pub async fn end(self) {
        let _ = self.stop.send(());
        self.server.await.expect("the server ends in good order");
        if let (Place::Database(name), Some(admin)) = (&self.place, postgres_url()) {
            let mut connection = sqlx::PgConnection::connect(&admin)
                .await
                .expect("PostgreSQL answers");
            let sql = format!("DROP DATABASE {name} WITH (FORCE)");
            connection
                .execute(sqlx::AssertSqlSafe(sql))
                .await
                .expect("the database can be dropped");
        }
    }
}
