//! Writing a judged file: matching its rows with those there are, then making and changing, all
//! in one transaction.

use super::monogram::{FOLDER, svg};
use super::read::{Category, Connector, File, Media, Provider, Workspace};
use super::{Publish, Report};
use crate::db::Db;
use crate::error::{Error, Problem, Result};
use crate::service::{is_slug, new_id, now, workspace};
use entity::{category, connector, media, provider, provider_connector, workspace as workspace_entity};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{
    ActiveEnum, ActiveModelBehavior, ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder,
};
use std::collections::HashMap;
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
    let pictures: HashMap<&str, &Media> =
        file.media.iter().filter_map(|m| Some((m.id.as_deref()?, m))).collect();
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
                let found = workspaces.iter().find(|w| w.id == id).map(|w| (w.id, w.organization_id));
                let missing = || Error::NotFound { kind: "workspace", id: id.to_string() };
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
        let connectors = live.order_by_asc(connector::Column::Pk).all(transaction).await?;
        let connector_ids =
            connectors.iter().map(|c| (c.id, (c.organization_id, c.slug.clone()))).collect();
        let categories = category::Entity::find().all(transaction).await?;
        let providers = provider::Entity::find().all(transaction).await?;
        let ties = provider_connector::Entity::find().all(transaction).await?;
        Ok(Writer {
            transaction,
            publish,
            by,
            categories: categories.into_iter().map(|c| (c.slug.clone(), c)).collect(),
            category_ids: HashMap::new(),
            providers: providers.into_iter().map(|p| (p.slug.clone(), p)).collect(),
            provider_ids: HashMap::new(),
            publishers,
            workspaces: workspaces.into_iter().map(|w| (w.id, w)).collect(),
            connectors: connectors.into_iter().map(|c| ((c.organization_id, c.slug.clone()), c)).collect(),
            connector_ids,
            ties: ties.into_iter().map(|t| (t.connector_id, t)).collect(),
            new_media: Vec::new(),
            new_connectors: Vec::new(),
            new_ties: Vec::new(),
            report: Report::default(),
        })
    }

    /// Saves a row that may have changed; touches `updated_at` only if it has.
    async fn save<A>(&mut self, mut row: A, touch: impl FnOnce(&mut A)) -> Result<Option<<A::Entity as EntityTrait>::Model>>
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
        Ok(Some(row.update(self.transaction).await?))
    }

    async fn category(&mut self, row: &Category) -> Result<()> {
        self.category_ids.extend(row.id.clone().map(|id| (id, row.slug.clone())));
        if let Some(known) = self.categories.get(&row.slug) {
            let mut active = known.clone().into_active_model();
            put(&mut active.name, row.name.clone());
            keep(&mut active.description, row.description.clone());
            if let Some(saved) = self.save(active, |a| a.updated_at = Set(now())).await? {
                self.categories.insert(row.slug.clone(), saved);
            }
            return Ok(());
        }
        self.new_category(&row.slug, &row.name, row.description.clone(), row.id.as_deref()).await?;
        Ok(())
    }

    async fn new_category(
        &mut self,
        slug: &str,
        name: &str,
        description: Option<String>,
        id: Option<&str>,
    ) -> Result<Uuid> {
        let id = id.and_then(|id| Uuid::parse_str(id).ok()).unwrap_or_else(new_id);
        let row = category::ActiveModel {
            id: Set(id),
            slug: Set(slug.to_owned()),
            name: Set(name.to_owned()),
            description: Set(description),
            created_at: Set(now()),
            updated_at: Set(now()),
            ..Default::default()
        };
        let made = row.insert(self.transaction).await?;
        self.categories.insert(slug.to_owned(), made);
        self.report.created += 1;
        Ok(id)
    }

    async fn provider(&mut self, row: &Provider) -> Result<()> {
        self.provider_ids.extend(row.id.clone().map(|id| (id, row.slug.clone())));
        if let Some(known) = self.providers.get(&row.slug) {
            let mut active = known.clone().into_active_model();
            put(&mut active.name, row.name.clone());
            keep(&mut active.description, row.description.clone());
            keep(&mut active.url, row.url.clone());
            keep(&mut active.category, row.category.clone());
            put(&mut active.countries, row.countries.clone());
            put(&mut active.searchable_terms, row.searchable_terms.clone());
            if let Some(saved) = self.save(active, |a| a.updated_at = Set(now())).await? {
                self.providers.insert(row.slug.clone(), saved);
            }
            return Ok(());
        }
        let logo = self.monogram(&row.slug, &row.name, None);
        self.flush_media().await?;
        let id = row.id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
        let made = provider::ActiveModel {
            id: Set(id.unwrap_or_else(new_id)),
            slug: Set(row.slug.clone()),
            name: Set(row.name.clone()),
            description: Set(row.description.clone()),
            url: Set(row.url.clone()),
            category: Set(row.category.clone()),
            countries: Set(row.countries.clone()),
            searchable_terms: Set(row.searchable_terms.clone()),
            logo_id: Set(Some(logo)),
            created_at: Set(now()),
            updated_at: Set(now()),
            ..Default::default()
        };
        let made = made.insert(self.transaction).await?;
        self.providers.insert(row.slug.clone(), made);
        self.report.created += 1;
        Ok(())
    }

    /// A publishing workspace: matched by external identifier, identifier, then slug.
    async fn workspace(&mut self, row: &Workspace) -> Result<()> {
        let names = [row.external_id.as_ref(), row.id.as_ref(), Some(&row.slug)];
        let known = names.into_iter().flatten().find_map(|name| self.publishers.get(name)).copied();
        let at = match known {
            Some((id, organization)) => {
                if let Some(model) = self.workspaces.get(&id) {
                    let mut active = model.clone().into_active_model();
                    put(&mut active.name, row.name.clone());
                    keep(&mut active.description, row.description.clone());
                    keep(&mut active.website, row.website.clone());
                    keep(&mut active.external_workspace_id, row.external_id.clone());
                    if let Some(saved) = self.save(active, |a| a.updated_at = Set(now())).await? {
                        self.workspaces.insert(id, saved);
                    }
                }
                (id, organization)
            }
            None => self.new_workspace(row).await?,
        };
        let names = [row.external_id.clone(), row.id.clone(), Some(row.slug.clone())];
        self.publishers.extend(names.into_iter().flatten().map(|name| (name, at)));
        Ok(())
    }

    async fn new_workspace(&mut self, row: &Workspace) -> Result<(Uuid, Uuid)> {
        let mut active = workspace::row(&row.name, row.slug.clone(), None);
        if let Some(id) = row.id.as_deref().and_then(|id| Uuid::parse_str(id).ok()) {
            active.id = Set(id);
            active.organization_id = Set(id);
            active.path = Set(format!("/{id}/"));
        }
        active.description = Set(row.description.clone());
        active.website = Set(row.website.clone());
        active.external_workspace_id = Set(row.external_id.clone().or_else(|| row.id.clone().filter(|id| Uuid::parse_str(id).is_err())));
        let made = active.insert(self.transaction).await?;
        let at = (made.id, made.organization_id);
        self.workspaces.insert(made.id, made);
        self.report.created += 1;
        Ok(at)
    }

    /// Who publishes a row; a problem if the file names someone unknown.
    fn publisher(&self, row: &Connector) -> std::result::Result<Publisher, Problem> {
        match (self.publish, &row.published_by) {
            (Publish::AsFile, Some(name)) => self.publishers.get(name).copied().map(Some).ok_or_else(|| {
                Problem::new(
                    format!("{}.relationships.published_by", row.position),
                    format!("names the workspace `{name}`, which is neither in the file nor known"),
                )
            }),
            _ => Ok(self.by),
        }
    }

    async fn category_of(&mut self, row: &Connector) -> Result<std::result::Result<Uuid, Problem>> {
        let slug = self.category_ids.get(&row.category).unwrap_or(&row.category).clone();
        let by_id = || self.categories.values().find(|c| c.id.to_string() == slug);
        if let Some(known) = self.categories.get(&slug).or_else(by_id) {
            return Ok(Ok(known.id));
        }
        if !is_slug(&slug) {
            let path = format!("{}.attributes.category", row.position);
            return Ok(Err(Problem::new(path, format!("names the category `{slug}`, which is not known"))));
        }
        Ok(Ok(self.new_category(&slug, &title(&slug), None, None).await?))
    }

    fn maker(&self, row: &Connector) -> std::result::Result<Option<Uuid>, Problem> {
        let Some(name) = &row.maker else { return Ok(None) };
        let slug = self.provider_ids.get(name).unwrap_or(name);
        let by_id = || self.providers.values().find(|p| p.id.to_string() == *slug);
        match self.providers.get(slug).or_else(by_id) {
            Some(known) => Ok(Some(known.id)),
            None => Err(Problem::new(
                format!("{}.relationships.provider", row.position),
                format!("names the provider `{name}`, which is neither in the file nor known"),
            )),
        }
    }

    async fn connector(
        &mut self,
        row: &Connector,
        pictures: &HashMap<&str, &Media>,
    ) -> Result<std::result::Result<(), Problem>> {
        self.report.connectors += 1;
        let (publisher, maker) = match (self.publisher(row), self.maker(row)) {
            (Ok(publisher), Ok(maker)) => (publisher, maker),
            (Err(problem), _) | (_, Err(problem)) => return Ok(Err(problem)),
        };
        let category = match self.category_of(row).await? {
            Ok(category) => category,
            Err(problem) => return Ok(Err(problem)),
        };
        let organization = publisher.map(|p| p.1);
        self.report.private += u64::from(organization.is_some());
        let given = row.id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
        let key = given.and_then(|id| self.connector_ids.get(&id)).cloned();
        let key = key.unwrap_or_else(|| (organization, row.slug.clone()));
        let known = self.connectors.get(&key).cloned();
        let picture = match row.logo.as_deref() {
            None => None,
            Some(name) => match pictures.get(name) {
                Some(picture) => Some(*picture),
                None => {
                    let path = format!("{}.relationships.logo", row.position);
                    return Ok(Err(Problem::new(path, format!("names the media `{name}`, which is not in the file"))));
                }
            },
        };
        let id = match known {
            Some(known) => self.change(known, row, category, picture).await?,
            None => {
                let id = given.unwrap_or_else(new_id);
                let logo = match picture {
                    Some(picture) => self.new_picture(picture, row, publisher),
                    None => self.monogram(&row.slug, &row.name, publisher),
                };
                self.new_connectors.push(new_connector(id, row, category, publisher, logo)?);
                id
            }
        };
        self.tie(id, maker).await?;
        if self.new_connectors.len() >= BATCH {
            self.flush_new().await?;
        }
        Ok(Ok(()))
    }

    async fn change(
        &mut self,
        known: connector::Model,
        row: &Connector,
        category: Uuid,
        picture: Option<&Media>,
    ) -> Result<Uuid> {
        let id = known.id;
        if let (Some(picture), Some(logo)) = (picture, known.logo_id) {
            self.change_picture(logo, picture).await?;
        }
        let mut active = known.into_active_model();
        fill(&mut active, row, category)?;
        self.save(active, |a| a.updated_at = Set(now())).await?;
        Ok(id)
    }

    async fn change_picture(&mut self, id: Uuid, picture: &Media) -> Result<()> {
        let Some(known) = media::Entity::find().filter(media::Column::Id.eq(id)).one(self.transaction).await? else {
            return Ok(());
        };
        let mut active = known.into_active_model();
        keep(&mut active.file_name, picture.file_name.clone());
        keep(&mut active.content_type, picture.content_type.clone());
        keep(&mut active.file_size, picture.file_size);
        keep(&mut active.upload_url, picture.upload_url.clone());
        keep(&mut active.url, picture.url.clone().or_else(|| picture.upload_url.clone()));
        keep(&mut active.label, picture.label.clone());
        self.save(active, |a| a.updated_at = Set(now())).await?;
        Ok(())
    }

    fn new_picture(&mut self, picture: &Media, row: &Connector, publisher: Publisher) -> Uuid {
        let id = new_id();
        self.new_media.push(media::ActiveModel {
            media_type: Set(media_type(picture)),
            label: Set(picture.label.clone().or_else(|| Some(row.name.clone()))),
            file_name: Set(picture.file_name.clone()),
            content_type: Set(picture.content_type.clone()),
            file_size: Set(picture.file_size),
            url: Set(picture.url.clone().or_else(|| picture.upload_url.clone())),
            upload_url: Set(picture.upload_url.clone()),
            path: Set(picture.path.clone()),
            ..blank_media(id, publisher)
        });
        id
    }

    /// A generated logo.
    fn monogram(&mut self, slug: &str, name: &str, publisher: Publisher) -> Uuid {
        let id = new_id();
        self.new_media.push(media::ActiveModel {
            label: Set(Some(name.to_owned())),
            file_name: Set(Some(format!("{slug}.svg"))),
            content_type: Set(Some("image/svg+xml".to_owned())),
            file_size: Set(i32::try_from(svg(name).len()).ok()),
            url: Set(Some(format!("/media/{id}"))),
            path: Set(Some(format!("{FOLDER}{slug}.svg"))),
            uploaded_at: Set(Some(now())),
            ..blank_media(id, publisher)
        });
        id
    }

    /// Ties a connector to the provider of its service; without one the tie stays as it is.
    async fn tie(&mut self, connector: Uuid, maker: Option<Uuid>) -> Result<()> {
        let Some(maker) = maker else { return Ok(()) };
        if let Some(known) = self.ties.get(&connector) {
            let mut active = known.clone().into_active_model();
            put(&mut active.provider_id, maker);
            if active.is_changed() {
                active.updated_at = Set(now());
                active.update(self.transaction).await?;
            }
            return Ok(());
        }
        self.new_ties.push(provider_connector::ActiveModel {
            id: Set(new_id()),
            provider_id: Set(maker),
            connector_id: Set(connector),
            created_at: Set(now()),
            updated_at: Set(now()),
            ..Default::default()
        });
        Ok(())
    }

    async fn flush_media(&mut self) -> Result<()> {
        let media = std::mem::take(&mut self.new_media);
        self.report.created += media.len() as u64;
        if !media.is_empty() {
            media::Entity::insert_many(media).exec_without_returning(self.transaction).await?;
        }
        Ok(())
    }

    async fn flush_new(&mut self) -> Result<()> {
        self.flush_media().await?;
        let connectors = std::mem::take(&mut self.new_connectors);
        self.report.created += connectors.len() as u64;
        if !connectors.is_empty() {
            connector::Entity::insert_many(connectors).exec_without_returning(self.transaction).await?;
        }
        let ties = std::mem::take(&mut self.new_ties);
        if !ties.is_empty() {
            provider_connector::Entity::insert_many(ties).exec_without_returning(self.transaction).await?;
        }
        Ok(())
    }

    async fn flush(mut self) -> Result<Report> {
        self.flush_new().await?;
        Ok(self.report)
    }
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

/// The entity's enumeration for a word that was judged before.
fn word<E: ActiveEnum<Value = String>>(word: &str) -> Result<E> {
    Ok(E::try_from_value(&word.to_owned())?)
}

fn optional<E: ActiveEnum<Value = String>>(text: Option<&str>) -> Result<Option<E>> {
    text.map(word).transpose()
}

fn fill(active: &mut connector::ActiveModel, row: &Connector, category: Uuid) -> Result<()> {
    put(&mut active.slug, row.slug.clone());
    put(&mut active.name, row.name.clone());
    keep(&mut active.description, row.description.clone());
    put(&mut active.category_id, category);
    put(&mut active.direction, word(&row.direction)?);
    put(&mut active.tags, row.tags.clone());
    put(&mut active.status, word(&row.status)?);
    keep(&mut active.state, row.state.clone());
    keep(&mut active.version, row.version.clone());
    keep(&mut active.data_quality, row.data_quality.clone());
    keep(&mut active.redirect_url, row.redirect_url.clone());
    keep(&mut active.website, row.website.clone());
    keep(&mut active.endpoint_url, row.endpoint_url.clone());
    keep(&mut active.provider, optional(row.provider.as_deref())?);
    keep(&mut active.authorization_flow, optional(row.authorization_flow.as_deref())?);
    keep(&mut active.transport, optional(row.transport.as_deref())?);
    keep(&mut active.external_connector_id, row.external_connector_id.clone());
    keep(&mut active.service_id, row.service_id.clone());
    Ok(())
}

fn new_connector(
    id: Uuid,
    row: &Connector,
    category: Uuid,
    publisher: Publisher,
    logo: Uuid,
) -> Result<connector::ActiveModel> {
    // Every column is set, because rows of one INSERT must have the same columns.
    Ok(connector::ActiveModel {
        id: Set(id),
        slug: Set(row.slug.clone()),
        name: Set(row.name.clone()),
        description: Set(row.description.clone()),
        category_id: Set(category),
        direction: Set(word(&row.direction)?),
        tags: Set(row.tags.clone()),
        status: Set(word(&row.status)?),
        state: Set(row.state.clone()),
        version: Set(row.version.clone()),
        data_quality: Set(row.data_quality.clone()),
        redirect_url: Set(row.redirect_url.clone()),
        website: Set(row.website.clone()),
        endpoint_url: Set(row.endpoint_url.clone()),
        provider: Set(optional(row.provider.as_deref())?),
        authorization_flow: Set(optional(row.authorization_flow.as_deref())?),
        transport: Set(optional(row.transport.as_deref())?),
        external_connector_id: Set(row.external_connector_id.clone()),
        service_id: Set(row.service_id.clone()),
        published_by_id: Set(publisher.map(|p| p.0)),
        organization_id: Set(publisher.map(|p| p.1)),
        logo_id: Set(Some(logo)),
        created_at: Set(row.created_at.unwrap_or_else(now)),
        updated_at: Set(now()),
        ..Default::default()
    })
}

fn blank_media(id: Uuid, publisher: Publisher) -> media::ActiveModel {
    media::ActiveModel {
        id: Set(id),
        workspace_id: Set(publisher.map(|p| p.0)),
        organization_id: Set(publisher.map(|p| p.1)),
        media_type: Set(media::MediaType::Logo),
        label: Set(None),
        file_name: Set(None),
        content_type: Set(None),
        file_size: Set(None),
        url: Set(None),
        path: Set(None),
        upload_url: Set(None),
        is_primary: Set(true),
        uploaded_at: Set(None),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    }
}

fn media_type(picture: &Media) -> media::MediaType {
    // The word was judged when the file was read.
    media::MediaType::try_from_value(&picture.media_type).unwrap_or(media::MediaType::Logo)
}

/// `ci_cd` to `Ci cd`: a name for a category that is known by its slug alone.
fn title(slug: &str) -> String {
    let words = slug.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
