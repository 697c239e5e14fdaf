//! Every setting: name, default, meaning. The only module that reads the environment.
//!
//! Settings come from a TOML file (`connectory.toml` in the working folder, or the file that
//! `CONNECTORY_CONFIG` names) and from `CONNECTORY_*` variables, which win. A setting that is
//! unknown or malformed refuses to start and is named.

use crate::db;
use crate::error::{Error, Result};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where settings are looked for when no file is named.
const FILE: &str = "connectory.toml";

/// The settings, complete.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The database, `sqlite://path?mode=rwc` or `postgres://user@host/name`. The variable is
    /// `DATABASE_URL`.
    pub database_url: String,
    /// Most database connections; 0 chooses: 16 to PostgreSQL, one reader per core to SQLite.
    pub database_connections: u32,
    /// Seconds a request waits for a free connection before it is answered with 503.
    pub acquire_timeout: u64,
    /// Seconds after which the database gives up a question.
    pub statement_timeout: u64,
    /// Seconds after which a request is given up and answered with 503.
    pub request_timeout: u64,
    /// Seconds that running requests are given to end when the server is stopped.
    pub shutdown_timeout: u64,
    /// Most bytes of a request body.
    pub body_limit: usize,
    /// Worker threads; 0 chooses one per core.
    pub workers: usize,
    /// Whether to bring the database up to date at the start.
    pub migrate: bool,
    /// Whether to load the starter catalogue into an empty database.
    pub starter: bool,
    /// Whether `serve` makes a workspace and a token when the database has none; unset, it does
    /// so on SQLite.
    pub bootstrap: Option<bool>,
    /// Whether to serve GraphiQL.
    pub graphiql: bool,
    /// What to log: `error`, `warn`, `info`, `debug`, `trace`, or filters by module.
    pub log: String,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            database_url: "sqlite://connectory.db?mode=rwc".into(),
            database_connections: 0,
            acquire_timeout: 3,
            statement_timeout: 10,
            request_timeout: 30,
            shutdown_timeout: 20,
            body_limit: 1024 * 1024,
            workers: 0,
            migrate: true,
            starter: true,
            bootstrap: None,
            graphiql: true,
            log: "info,sea_orm_migration=warn,poem=warn,sqlx=warn".into(),
        }
    }
}

impl Config {
    /// Reads file and environment; `file` stands for what `CONNECTORY_CONFIG` would name.
    pub fn load(file: Option<PathBuf>) -> Result<Config> {
        let named = file.or_else(|| std::env::var_os("CONNECTORY_CONFIG").map(PathBuf::from));
        if let Some(file) = named.as_deref().filter(|f| !f.is_file()) {
            return Err(Error::invalid(
                "config",
                format!("names `{}`, which is not a file", file.display()),
            ));
        }
        let file = named.as_deref().unwrap_or(Path::new(FILE));
        let defaults = Figment::from(Serialized::defaults(Config::default()));
        let figment = if file.is_file() {
            defaults.merge(Toml::file_exact(file))
        } else {
            defaults
        };
        let figment = figment
            .merge(Env::prefixed("CONNECTORY_").ignore(&["config"]))
            .merge(Env::raw().only(&["DATABASE_URL"]));
        let config: Config = figment.extract().map_err(|e| refused(&e))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        let positive = [
            ("acquire_timeout", self.acquire_timeout),
            ("statement_timeout", self.statement_timeout),
            ("request_timeout", self.request_timeout),
            ("body_limit", self.body_limit as u64),
        ];
        match positive.into_iter().find(|(_, value)| *value == 0) {
            Some((name, _)) => Err(Error::invalid(name, "must be greater than 0")),
            None => Ok(()),
        }
    }

    /// Whether the database is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }

    /// How to connect.
    pub fn database(&self) -> db::Options {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let chosen = if self.is_sqlite() {
            u32::try_from(cores).unwrap_or(2).max(2)
        } else {
            16
        };
        db::Options {
            max_connections: if self.database_connections == 0 {
                chosen
            } else {
                self.database_connections
            },
            acquire_timeout: Duration::from_secs(self.acquire_timeout),
            statement_timeout: Duration::from_secs(self.statement_timeout),
        }
    }
}

/// A refusal that names the setting as the reader wrote it.
fn refused(error: &figment::Error) -> Error {
    let mut problems = Vec::new();
    for error in error.clone() {
        let from = error.metadata.as_ref().map_or_else(String::new, |m| {
            let file = m.source.as_ref().and_then(figment::Source::file_path);
            file.map_or_else(
                || format!(" ({})", m.name),
                |file| format!(" ({})", file.display()),
            )
        });
        let name = match (&error.kind, error.path.last()) {
            (figment::error::Kind::UnknownField(name, _), _) => name.clone(),
            (_, Some(name)) => name.clone(),
            (_, None) => "settings".to_owned(),
        };
        let issue = match &error.kind {
            figment::error::Kind::UnknownField(_, known) => {
                format!(
                    "is not a setting{from}; the settings are {}",
                    known.join(", ")
                )
            }
            kind => format!("cannot be read{from}: {kind}"),
        };
        problems.push(crate::error::Problem::new(name, issue));
    }
    Error::Invalid(problems)
}
