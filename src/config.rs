//! Every setting: name, default, meaning. The only module that reads the environment.
//!
//! Settings come from a TOML file (`connectory.toml` in the working folder, or the file that
//! `CONNECTORY_CONFIG` names) and from `CONNECTORY_*` variables, which win. A setting that is
//! unknown or malformed refuses to start and is named.

mod list;

use crate::connect::egress::Exceptions;
use crate::db;
use crate::error::{Error, Result};
use crate::secret::{self, Secret};
use crate::store::{Bucket, Options, Place};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where settings are looked for when no file is named.
const FILE: &str = "connectory.toml";

/// The settings, complete.
#[derive(Clone, Serialize, Deserialize)]
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
    /// Most subscriptions of one token at once, over all its connections to this process.
    pub subscriptions_per_token: usize,
    /// Seconds between signs of life on a WebSocket or an event stream; a client that gives none
    /// for twice as long is taken for gone.
    pub ping_interval: u64,
    /// Seconds a WebSocket may take to say who it is.
    pub init_timeout: u64,
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
    /// Whether to serve the REST reference page.
    pub docs: bool,
    /// Where the files of media lie: a folder, `file://…` or `s3://bucket/prefix`; unset, the
    /// folder `media` beside a SQLite database, otherwise in the working folder.
    pub media_store: Option<String>,
    /// Region of the bucket.
    pub media_store_region: Option<String>,
    /// Address of the service that has the bucket, where it is not Amazon's.
    pub media_store_endpoint: Option<String>,
    /// Access key for the bucket; unset, the credential of the machine is used.
    pub media_store_access_key: Option<Secret>,
    /// Secret key that belongs to the access key.
    pub media_store_secret_key: Option<Secret>,
    /// Whether addresses name the bucket in the path and not in the host; unset, with an
    /// endpoint they do.
    pub media_store_path_style: Option<bool>,
    /// Most bytes of a media file.
    pub media_limit: usize,
    /// Servers of others that may be asked though they are private or without TLS, each exactly
    /// `host:port`, separated by commas; a list in the file.
    #[serde(deserialize_with = "list::read")]
    pub egress_allow: Vec<String>,
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
            subscriptions_per_token: 100,
            ping_interval: 20,
            init_timeout: 10,
            workers: 0,
            migrate: true,
            starter: true,
            bootstrap: None,
            graphiql: true,
            docs: true,
            media_store: None,
            media_store_region: None,
            media_store_endpoint: None,
            media_store_access_key: None,
            media_store_secret_key: None,
            media_store_path_style: None,
            media_limit: 10 * 1024 * 1024,
            egress_allow: Vec::new(),
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
            ("media_limit", self.media_limit as u64),
            ("ping_interval", self.ping_interval),
            ("init_timeout", self.init_timeout),
        ];
        match positive.into_iter().find(|(_, value)| *value == 0) {
            Some((name, _)) => Err(Error::invalid(name, "must be greater than 0")),
            // The column of the size ends there.
            None if i32::try_from(self.media_limit).is_err() => {
                let issue = format!("must be at most {}", i32::MAX);
                Err(Error::invalid("media_limit", issue))
            }
            None => {
                Exceptions::parse(&self.egress_allow)?;
                self.media().map(|_| ())
            }
        }
    }

    /// Where media files lie.
    pub fn media(&self) -> Result<Options> {
        let named = |issue| Error::invalid("media_store", issue);
        let place = match &self.media_store {
            Some(address) => Place::parse(address).map_err(named)?,
            None => Place::folder(self.beside_database("media"), false).map_err(named)?,
        };
        let place = match place {
            Place::Bucket(bucket) => Place::Bucket(self.bucket(bucket)?),
            folder => self.without_bucket(folder)?,
        };
        Ok(Options {
            place,
            limit: self.media_limit,
        })
    }

    /// A name in the folder of a SQLite database, or in the working folder.
    fn beside_database(&self, name: &str) -> PathBuf {
        let file = self.database_url.strip_prefix("sqlite:");
        let file = file.map(|f| f.strip_prefix("//").unwrap_or(f));
        let file = file.map(|f| f.split('?').next().unwrap_or_default());
        let folder = file.and_then(|f| Path::new(f).parent());
        folder.map_or_else(|| PathBuf::from(name), |folder| folder.join(name))
    }

    /// The settings of a bucket, complete.
    fn bucket(&self, bucket: Bucket) -> Result<Bucket> {
        let keys = (&self.media_store_access_key, &self.media_store_secret_key);
        let credential = match keys {
            (Some(key), Some(secret)) => Some((key.clone(), secret.clone())),
            (None, None) => None,
            (Some(_), None) => {
                let issue = "is missing; it belongs to `media_store_access_key`";
                return Err(Error::invalid("media_store_secret_key", issue));
            }
            (None, Some(_)) => {
                let issue = "is missing; it belongs to `media_store_secret_key`";
                return Err(Error::invalid("media_store_access_key", issue));
            }
        };
        if let Some(endpoint) = &self.media_store_endpoint {
            let known = url::Url::parse(endpoint)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            if !known {
                let issue = "must be an address such as `https://host:port`";
                return Err(Error::invalid("media_store_endpoint", issue));
            }
        }
        Ok(Bucket {
            region: self.media_store_region.clone(),
            endpoint: self.media_store_endpoint.clone(),
            credential,
            path_style: self.media_store_path_style,
            ..bucket
        })
    }

    /// Settings of a bucket without a bucket are a mistake somebody wants to hear of.
    fn without_bucket(&self, folder: Place) -> Result<Place> {
        let set = [
            ("media_store_region", self.media_store_region.is_some()),
            ("media_store_endpoint", self.media_store_endpoint.is_some()),
            (
                "media_store_access_key",
                self.media_store_access_key.is_some(),
            ),
            (
                "media_store_secret_key",
                self.media_store_secret_key.is_some(),
            ),
            (
                "media_store_path_style",
                self.media_store_path_style.is_some(),
            ),
        ];
        match set.into_iter().find(|(_, set)| *set) {
            Some((name, _)) => {
                let issue = "belongs to a bucket, and `media_store` is not `s3://…`";
                Err(Error::invalid(name, issue))
            }
            None => Ok(folder),
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

impl fmt::Debug for Config {
    /// Every setting by name; keys and passwords are hidden.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = Config {
            database_url: secret::without_password(&self.database_url),
            ..self.clone()
        };
        let settings = serde_json::to_value(shown).map_err(|_| fmt::Error)?;
        f.debug_map()
            .entries(settings.as_object().into_iter().flatten())
            .finish()
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
        // Of a list, the path goes on to the value.
        let name = match (&error.kind, error.path.first()) {
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
