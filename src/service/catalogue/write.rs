//! Writing a judged file: matching its rows with those there are, then making and changing, all
//! in one transaction.

mod listing;
mod picture;
mod reference;

use super::read::{File, Media};
use super::{Publish, Report};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::service::on_unique;
use entity::{
    category, connector, media, provider, provider_connector, workspace as workspace_entity,
};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Rows of one INSERT; the most parameters SQLite and PostgreSQL take are far above.
const BATCH: usize = 500;

/// Writes a file. Nothing is written if anything fails.
pub async fn write(
    db: &Db,
    file: File,
    publish: Publish,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Report> {
    let transaction = db.begin().await?;
    let mut writer = Writer::load(&transaction, publish).await?;
    writer.report.ignored.clone_from(&file.ignored);
    for row in &file.categories {
        writer.category(row).await?;
    }
    for row in &file.providers {
        writer.provider(row).await?;
    }
    if publish == Publish::AsFile {
        for row in &file.workspaces {
            writer.workspace(row).await?;
        }
    }
    let pictures: HashMap<&str, &Media> = file
        .media
        .iter()
        .filter_map(|m| Some((m.id.as_deref()?, m)))
        .collect();
    let mut problems = Vec::new();
    for (done, row) in file.connectors.iter().enumerate() {
        if let Err(problem) = writer.connector(row, &pictures).await? {
            problems.push(problem);
        }
        progress(done as u64 + 1);
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let report = writer.flush().await?;
    transaction.commit().await?;
    Ok(report)
}

/// Who publishes: the workspace and the root of its tree.
type Publisher = Option<(Uuid, Uuid)>;

struct Writer<'a> {
    transaction: &'a DatabaseTransaction,
    publish: Publish,
    /// The publisher of every row, unless the file says.
    by: Publisher,
    categories: HashMap<String, category::Model>,
    category_ids: HashMap<String, String>,
    providers: HashMap<String, provider::Model>,
    provider_ids: HashMap<String, String>,
    /// Publishers by identifier, external identifier, slug and identifier in the file.
    publishers: HashMap<String, (Uuid, Uuid)>,
    workspaces: HashMap<Uuid, workspace_entity::Model>,
    connectors: HashMap<(Option<Uuid>, String), connector::Model>,
    connector_ids: HashMap<Uuid, (Option<Uuid>, String)>,
    /// Identifiers of connectors that were deleted.
    deleted: HashSet<Uuid>,
    /// Where the file wrote a connector so far, by catalogue and slug.
    written: HashMap<(Option<Uuid>, String), String>,
    ties: HashMap<Uuid, provider_connector::Model>,
    new_media: Vec<media::ActiveModel>,
    new_connectors: Vec<connector::ActiveModel>,
    new_ties: Vec<provider_connector::ActiveModel>,
    report: Report,
}

impl<'a> Writer<'a> {
    /// What there is already, by the names a file can use.
    async fn load(transaction: &'a DatabaseTransaction, publish: Publish) -> Result<Self> {
        let workspaces = workspace_entity::Entity::find()
            .filter(workspace_entity::Column::DeletedAt.is_null())
            .all(transaction)
            .await?;
        let by = match publish {
            Publish::By(id) => {
                let found = workspaces
                    .iter()
                    .find(|w| w.id == id)
                    .map(|w| (w.id, w.organization_id));
                let missing = || Error::NotFound {
                    kind: "workspace",
                    id: id.to_string(),
                };
                Some(found.ok_or_else(missing)?)
            }
            Publish::AsFile | Publish::Global => None,
        };
        let mut publishers = HashMap::new();
        for row in &workspaces {
            let at = (row.id, row.organization_id);
            publishers.insert(row.slug.clone(), at);
            publishers.insert(row.id.to_string(), at);
            publishers.extend(row.external_workspace_id.clone().map(|id| (id, at)));
        }
        let live = connector::Entity::find().filter(connector::Column::DeletedAt.is_null());
        let connectors = live
            .order_by_asc(connector::Column::Pk)
            .all(transaction)
            .await?;
        let connector_ids = connectors
            .iter()
            .map(|c| (c.id, (c.organization_id, c.slug.clone())))
            .collect();
        let deleted: Vec<Uuid> = connector::Entity::find()
            .select_only()
            .column(connector::Column::Id)
            .filter(connector::Column::DeletedAt.is_not_null())
            .into_tuple()
            .all(transaction)
            .await?;
        let categories = category::Entity::find().all(transaction).await?;
        let providers = provider::Entity::find().all(transaction).await?;
        let ties = provider_connector::Entity::find().all(transaction).await?;
        Ok(Writer {
            transaction,
            publish,
            by,
            categories: categories
                .into_iter()
                .map(|c| (c.slug.clone(), c))
                .collect(),
            category_ids: HashMap::new(),
            providers: providers.into_iter().map(|p| (p.slug.clone(), p)).collect(),
            provider_ids: HashMap::new(),
            publishers,
            workspaces: workspaces.into_iter().map(|w| (w.id, w)).collect(),
            connectors: connectors
                .into_iter()
                .map(|c| ((c.organization_id, c.slug.clone()), c))
                .collect(),
            connector_ids,
            deleted: deleted.into_iter().collect(),
            written: HashMap::new(),
            ties: ties.into_iter().map(|t| (t.connector_id, t)).collect(),
            new_media: Vec::new(),
            new_connectors: Vec::new(),
            new_ties: Vec::new(),
            report: Report::default(),
        })
    }

    /// Saves a row that may have changed; touches `updated_at` only if it has.
    async fn save<A>(
        &mut self,
        mut row: A,
        touch: impl FnOnce(&mut A),
    ) -> Result<Option<<A::Entity as EntityTrait>::Model>>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        if !row.is_changed() {
            self.report.unchanged += 1;
            return Ok(None);
        }
        touch(&mut row);
        self.report.updated += 1;
        Ok(Some(
            row.update(self.transaction)
                .await
                .map_err(|e| taken(e, "file"))?,
        ))
    }

    async fn flush_media(&mut self) -> Result<()> {
        let media = std::mem::take(&mut self.new_media);
        self.report.created += media.len() as u64;
        if !media.is_empty() {
            media::Entity::insert_many(media)
                .exec_without_returning(self.transaction)
                .await?;
        }
        Ok(())
    }

    async fn flush_new(&mut self) -> Result<()> {
        self.flush_media().await?;
        let connectors = std::mem::take(&mut self.new_connectors);
        self.report.created += connectors.len() as u64;
        if !connectors.is_empty() {
            let inserted = connector::Entity::insert_many(connectors)
                .exec_without_returning(self.transaction)
                .await;
            inserted.map_err(|e| taken(e, "file"))?;
        }
        let ties = std::mem::take(&mut self.new_ties);
        if !ties.is_empty() {
            provider_connector::Entity::insert_many(ties)
                .exec_without_returning(self.transaction)
                .await?;
        }
        Ok(())
    }

    async fn flush(mut self) -> Result<Report> {
        self.flush_new().await?;
        Ok(self.report)
    }
}

/// What is unique in a way that the file does not show.
fn taken(error: DbErr, position: &str) -> Error {
    on_unique(
        error,
        position,
        "takes an identifier, a slug or an external identifier that another row has, or had before it was deleted",
    )
}

/// Sets a column only if the value is another one, so that an unchanged row stays unchanged.
fn put<T: Into<sea_orm::Value> + PartialEq>(column: &mut sea_orm::ActiveValue<T>, value: T) {
    if !matches!(column, Unchanged(known) if *known == value) {
        *column = Set(value);
    }
}

/// As [`put`], but what the file leaves out stays as it is.
fn keep<T>(column: &mut sea_orm::ActiveValue<Option<T>>, value: Option<T>)
where
    T: PartialEq,
    Option<T>: Into<sea_orm::Value>,
{
    if value.is_some() {
        put(column, value);
    }
}
