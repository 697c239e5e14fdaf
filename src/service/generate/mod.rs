//! A made-up data set of any size: the same numbers and the same seed give the same rows, on any
//! machine and either database. Distributions are skewed as real ones are: a few workspaces have
//! most installations, a few connectors are installed everywhere, most installations work.

mod row;
mod word;

use crate::db::Db;
use crate::error::{Error, Result};
use crate::service::on_unique;
use entity::{
    category, connector, connector_mapping, media, membership, person, provenance_link, provider,
    provider_connector, sync_diagnostic, sync_log, sync_target, workspace, workspace_connector,
};
use row::Maker;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, EntityTrait};

/// How much to make.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Workspaces, the root of their tree included; at least 1.
    pub workspaces: usize,
    /// Connectors, each with a logo.
    pub connectors: usize,
    /// Installations; every tenth has a sync log, every hundredth mappings, diagnostics and links.
    pub workspace_connectors: usize,
    /// The seed.
    pub seed: u64,
}

/// What was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// The slug of the root workspace: its tokens see every row.
    pub root: String,
    /// Rows of all tables.
    pub rows: u64,
}

/// Parameters of one INSERT; SQLite takes 32,766 and PostgreSQL 65,535.
const PARAMETERS: usize = 30_000;

/// Makes the data set in one transaction. `progress` is told the rows made so far. Fails with a
/// conflict if the seed was used before.
pub async fn generate(db: &Db, size: Size, progress: &(dyn Fn(u64) + Sync)) -> Result<Made> {
    if size.workspaces == 0 {
        return Err(Error::invalid("workspaces", "must be at least 1"));
    }
    if size.connectors == 0 && size.workspace_connectors > 0 {
        return Err(Error::invalid(
            "connectors",
            "must be at least 1 when there are workspace connectors",
        ));
    }
    let transaction = db.begin().await?;
    let mut maker = Maker::new(size);
    let mut sink = Sink {
        transaction: &transaction,
        progress,
        rows: 0,
    };
    let root = maker.root_slug();
    sink.batches::<workspace::Entity, _>(size.workspaces, |i| maker.workspace(i))
        .await?;
    sink.batches::<person::Entity, _>(size.workspaces, |i| maker.person(i))
        .await?;
    sink.batches::<membership::Entity, _>(size.workspaces, |i| maker.membership(i))
        .await?;
    let known = category::Entity::find().all(&transaction).await?;
    let missing = maker.categories(known);
    sink.rows(missing).await?;
    let providers = maker.provider_count();
    sink.batches::<provider::Entity, _>(providers, |i| maker.provider(i))
        .await?;
    sink.batches::<media::Entity, _>(size.connectors, |i| maker.logo(i))
        .await?;
    sink.batches::<connector::Entity, _>(size.connectors, |i| maker.connector(i))
        .await?;
    sink.batches::<provider_connector::Entity, _>(size.connectors, |i| maker.tie(i))
        .await?;
    installations(&mut sink, &mut maker, size).await?;
    let rows = sink.rows;
    transaction.commit().await?;
    // Fresh tables have no statistics, and plans made without them are poor.
    db.orm().execute_unprepared("ANALYZE").await?;
    Ok(Made { root, rows })
}

async fn installations(sink: &mut Sink<'_>, maker: &mut Maker, size: Size) -> Result<()> {
    let count = size.workspace_connectors;
    sink.batches::<workspace_connector::Entity, _>(count, |i| maker.installation(i))
        .await?;
    sink.batches::<sync_log::Entity, _>(count.div_ceil(10), |i| maker.sync_log(i * 10))
        .await?;
    sink.batches::<connector_mapping::Entity, _>(count.div_ceil(100), |i| maker.mapping(i * 100))
        .await?;
    sink.batches::<sync_diagnostic::Entity, _>(count.div_ceil(100), |i| maker.diagnostic(i * 100))
        .await?;
    sink.batches::<sync_target::Entity, _>(count.div_ceil(100), |i| maker.target(i * 100))
        .await?;
    sink.batches::<provenance_link::Entity, _>(count.div_ceil(50), |i| maker.link(i * 50))
        .await
}

struct Sink<'a> {
    transaction: &'a DatabaseTransaction,
    progress: &'a (dyn Fn(u64) + Sync),
    rows: u64,
}

impl Sink<'_> {
    async fn batches<E, A>(&mut self, count: usize, mut make: impl FnMut(usize) -> A) -> Result<()>
    where
        E: EntityTrait,
        A: ActiveModelTrait<Entity = E> + Send,
    {
        use sea_orm::Iterable;
        let batch = (PARAMETERS / E::Column::iter().count().max(1)).max(1);
        let mut at = 0;
        while at < count {
            let end = (at + batch).min(count);
            self.rows((at..end).map(&mut make).collect::<Vec<_>>())
                .await?;
            at = end;
        }
        Ok(())
    }

    async fn rows<E, A>(&mut self, rows: Vec<A>) -> Result<()>
    where
        E: EntityTrait,
        A: ActiveModelTrait<Entity = E> + Send,
    {
        if rows.is_empty() {
            return Ok(());
        }
        self.rows += rows.len() as u64;
        let inserted = E::insert_many(rows)
            .exec_without_returning(self.transaction)
            .await;
        inserted.map_err(|e| {
            on_unique(
                e,
                "seed",
                "was used before in this database; give another one",
            )
        })?;
        (self.progress)(self.rows);
        Ok(())
    }
}
