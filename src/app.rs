//! The parts put together: a database that is up to date, its keys, the schema, the media store.

use crate::agentstack::AgentStack;
use crate::config::Config;
use crate::connect::egress::Egress;
use crate::connect::vault::{Vault, rotate};
use crate::connect::{Connect, Parts};
use crate::db::{self, Db, Dialect};
use crate::error::{Error, Result};
use crate::graphql::Graph;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::query::cursor::Sealer;
use crate::rest::Rest;
use crate::service::Backing;
use crate::service::{catalogue, setting, token};
use crate::store::{Seal, Store};
use migration::Migrator;
use sea_orm_migration::MigratorTrait;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Everything a face needs.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The GraphQL schema.
    pub graph: Graph,
    /// Live updates.
    pub live: Arc<Live>,
    /// The REST face.
    pub rest: Rest,
    /// The Agent Stack face.
    pub agentstack: AgentStack,
    /// The files of media.
    pub store: Store,
    /// What signs addresses of media.
    pub seal: Seal,
    /// The secrets of connections.
    pub vault: Vault,
    /// What connects to other servers.
    pub connect: Connect,
    /// What is counted.
    pub metrics: Metrics,
    /// Tokens that were seen a moment ago.
    pub tokens: token::Cache,
}

/// Connects for a command: the schema is brought up to date if the settings say so, and statements
/// may take as long as they need.
pub async fn open(config: &Config) -> Result<Db> {
    let options = db::Options {
        statement_timeout: Duration::ZERO,
        ..config.database()
    };
    let db = db::connect(&config.database_url, options).await?;
    if config.migrate {
        migrate(&db).await?;
    }
    Ok(db)
}

/// Connects for serving: statements that take too long are given up.
pub async fn open_to_serve(config: &Config) -> Result<Db> {
    db::connect(&config.database_url, config.database()).await
}

/// Brings the schema up to date. Safe beside other processes that do the same.
pub async fn migrate(db: &Db) -> Result<()> {
    let lock = db.lock_for_migration().await?;
    let mut done = Migrator::up(db.orm(), None).await;
    // SQLite has no lock that outlasts a transaction, and each change is one: if another process
    // made the same change first, what is left is to be looked at again.
    let mut tries = Migrator::migrations().len();
    while done.is_err() && db.dialect() == Dialect::Sqlite && tries > 0 {
        tries -= 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
        done = Migrator::up(db.orm(), None).await;
    }
    drop(lock);
    Ok(done?)
}

/// Loads the starter catalogue if there is no connector and no category; says how many
/// connectors it loaded.
pub async fn load_starter(db: &Db) -> Result<Option<u64>> {
    if !catalogue::is_empty(db).await? {
        return Ok(None);
    }
    let report =
        catalogue::import(db, catalogue::STARTER, catalogue::Publish::AsFile, &|_| ()).await?;
    Ok(Some(report.connectors))
}

impl App {
    /// Puts the parts together over an open database, for a server that listens on `address`.
    ///
    /// Refuses a database whose migrations are missing, or whose values need a key that is.
    pub async fn new(config: Config, db: Db, address: SocketAddr) -> Result<Arc<App>> {
        let pending = Migrator::get_pending_migrations(db.orm()).await?.len();
        if pending > 0 {
            let issue = format!(
                "names a database that lacks {pending} migrations; run `connectory migrate`"
            );
            return Err(Error::invalid("database_url", issue));
        }
        let sealer = Sealer::new(&setting::cursor_key(&db).await?);
        let store = Store::open(&config.media()?)?;
        let seal = Seal::new(&setting::media_key(&db).await?);
        let vault = Vault::from_config(&config)?;
        rotate::check(&db, &vault).await?;
        let metrics = Metrics::default();
        let parts = Parts {
            db: db.clone(),
            store: store.clone(),
            seal: seal.clone(),
            egress: Egress::new(&config.egress_allow)?,
            vault: vault.clone(),
            metrics: metrics.clone(),
        };
        let connect = Connect::new(parts, config.connections(address)?);
        let backing = Backing {
            store: store.clone(),
            seal: seal.clone(),
            connect: connect.clone(),
        };
        let live = Arc::new(Live::new(db.clone(), config.subscriptions_per_token));
        let graph = Graph::new(db.clone(), sealer.clone(), backing.clone(), live.clone());
        let rest = Rest::new(db.clone(), sealer, backing.clone());
        let agentstack = AgentStack::new(db.clone(), backing);
        Ok(Arc::new(App {
            config,
            db,
            graph,
            live,
            rest,
            agentstack,
            store,
            seal,
            vault,
            connect,
            metrics,
            tokens: token::Cache::default(),
        }))
    }

    /// Whether migrations are missing, by name.
    pub async fn pending_migrations(&self) -> Result<Vec<String>> {
        let pending = Migrator::get_pending_migrations(self.db.orm())
            .await
            .map_err(Error::from)?;
        Ok(pending.iter().map(|m| m.name().to_owned()).collect())
    }
}
