//! The catalogue as files: reading them in, writing them out, and the starter that fills an empty
//! database.
//!
//! A file holds resources in the shape of JSON:API: a list document (`{"data": [...],
//! "included": [...]}`), an array of resources, or one resource a line. Rows are matched by
//! identifier, slug and external identifier; what matches is updated, what does not is made, so
//! reading a file twice changes nothing. A file is read all or not at all.

mod export;
mod file;
mod monogram;
mod read;
mod write;

pub use export::export;
pub use monogram::{FOLDER as MONOGRAMS, svg as monogram};

use crate::db::Db;
use crate::error::{Error, Result};
use entity::{category, connector};
use sea_orm::EntityTrait;
use uuid::Uuid;

/// The catalogue that comes with the program.
pub const STARTER: &str = include_str!("starter.ndjson");

/// Who publishes the connectors of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publish {
    /// Whoever the file names; nobody (everyone's catalogue) where it names no one.
    AsFile,
    /// Nobody: they go into everyone's catalogue, whatever the file says.
    Global,
    /// This workspace, whatever the file says.
    By(Uuid),
}

/// What reading a file did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Connectors in the file.
    pub connectors: u64,
    /// Rows made, of all kinds.
    pub created: u64,
    /// Rows changed.
    pub updated: u64,
    /// Rows that were already as the file says.
    pub unchanged: u64,
    /// Attributes that were left out because no column holds them, with how often.
    pub ignored: std::collections::BTreeMap<String, u64>,
    /// Connectors that only an organization of the file can see.
    pub private: u64,
}

/// Whether the database holds no catalogue at all.
pub async fn is_empty(db: &Db) -> Result<bool> {
    let connector = connector::Entity::find().one(db.orm()).await?;
    let category = category::Entity::find().one(db.orm()).await?;
    Ok(connector.is_none() && category.is_none())
}

/// Reads a file in. `progress` is told how many rows are done. Every bad row is reported with its
/// position, field and reason, and then nothing is written.
pub async fn import(
    db: &Db,
    text: &str,
    publish: Publish,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Report> {
    let items = file::items(text).map_err(Error::Invalid)?;
    let file = read::read(items).map_err(Error::Invalid)?;
    write::write(db, file, publish, progress).await
}
