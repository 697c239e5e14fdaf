//! The life of a connection: from an address through consent to an access token that stays fresh.
//! It speaks to other people's servers, and to them only through [`egress`]; it keeps secrets only
//! in the [`vault`]; what may happen to a connection stands in [`state`] and nowhere else. It knows
//! no face.

pub mod callback;
mod census;
mod change;
pub mod egress;
mod forget;
mod form;
pub mod keeper;
mod kept;
pub mod link;
mod login;
pub mod oauth;
mod open;
pub mod page;
pub mod preset;
pub mod probe;
pub mod proxy;
mod refresh;
mod secrets;
mod setting;
mod shown;
pub mod state;
mod subject;
mod text;
mod use_case;
pub mod vault;

pub use change::Reason;
pub(crate) use forget::forget;
pub use login::Browser;
pub use open::{Found, Wish};
pub use preset::Preset;
pub use refresh::Fresh;
pub use secrets::Held;
pub use setting::Settings;
pub use shown::Shown;
pub use subject::{Subject, status};
pub(crate) use text::clean;
pub use use_case::USE_CASES;

use crate::db::Db;
use crate::metrics::Metrics;
use crate::service::Backing;
use crate::store::{Seal, Store};
use egress::Egress;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::Mutex;
use uuid::Uuid;
use vault::Vault;

/// What connects to other servers. Cheap to clone.
#[derive(Clone)]
pub struct Connect(Arc<Inner>);

/// What connections are made with.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The files of media, for the use cases that change connections.
    pub store: Store,
    /// What signs addresses.
    pub seal: Seal,
    /// The way out.
    pub egress: Egress,
    /// The vault.
    pub vault: Vault,
    /// What is counted.
    pub metrics: Metrics,
}

struct Inner {
    parts: Parts,
    settings: Settings,
    /// What this process calls itself where it takes a lease.
    process: Uuid,
    /// Those in this process who renew a token of the same connection queue here.
    queues: moka::sync::Cache<Uuid, Arc<Mutex<()>>>,
    /// When connections were last counted.
    counted: Mutex<Option<std::time::Instant>>,
    /// Calls that pass through this process.
    traffic: proxy::Traffic,
}

impl Connect {
    /// Puts the parts together.
    pub fn new(parts: Parts, settings: Settings) -> Connect {
        let queues = moka::sync::Cache::builder()
            .max_capacity(100_000)
            .time_to_idle(std::time::Duration::from_secs(600))
            .build();
        let traffic = proxy::Traffic::new(settings.proxy.concurrency);
        Connect(Arc::new(Inner {
            parts,
            settings,
            process: Uuid::now_v7(),
            queues,
            counted: Mutex::default(),
            traffic,
        }))
    }

    /// The database.
    pub(crate) fn db(&self) -> &Db {
        &self.0.parts.db
    }

    /// What stands behind use cases.
    fn backing(&self) -> Backing {
        Backing {
            store: self.0.parts.store.clone(),
            seal: self.0.parts.seal.clone(),
            connect: self.clone(),
        }
    }

    /// The way out.
    pub fn egress(&self) -> &Egress {
        &self.0.parts.egress
    }

    /// Calls that pass through this process.
    pub fn traffic(&self) -> &proxy::Traffic {
        &self.0.traffic
    }

    /// The vault.
    pub fn vault(&self) -> &Vault {
        &self.0.parts.vault
    }

    /// What is counted.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.parts.metrics
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }
}

/// What is stored of something that must only be recognised: SHA-256, hexadecimal.
fn hashed(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}
