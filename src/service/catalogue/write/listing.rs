//! Connectors: whom they belong to, what they match, what changes.

use super::{BATCH, Publisher, Writer, keep, put};
use crate::error::{Problem, Result};
use crate::service::catalogue::Publish;
use crate::service::catalogue::read::{Connector, Media};
use crate::service::{is_slug, new_id, now};
use entity::{connector, provider_connector};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveEnum, ActiveModelTrait, IntoActiveModel};
use std::collections::HashMap;
use uuid::Uuid;

impl Writer<'_> {
    /// Who publishes a row; a problem if the file names someone unknown.
    pub(super) fn publisher(&self, row: &Connector) -> std::result::Result<Publisher, Problem> {
        match (self.publish, &row.published_by) {
            (Publish::AsFile, Some(name)) => {
                self.publishers.get(name).copied().map(Some).ok_or_else(|| {
                    Problem::new(
                        format!("{}.relationships.published_by", row.position),
                        format!(
                            "names the workspace `{name}`, which is neither in the file nor known"
                        ),
                    )
                })
            }
            _ => Ok(self.by),
        }
    }

    pub(super) async fn category_of(
        &mut self,
        row: &Connector,
    ) -> Result<std::result::Result<Uuid, Problem>> {
        let slug = self
            .category_ids
            .get(&row.category)
            .unwrap_or(&row.category)
            .clone();
        let by_id = || self.categories.values().find(|c| c.id.to_string() == slug);
        if let Some(known) = self.categories.get(&slug).or_else(by_id) {
            return Ok(Ok(known.id));
        }
        if !is_slug(&slug) {
            let path = format!("{}.attributes.category", row.position);
            return Ok(Err(Problem::new(
                path,
                format!("names the category `{slug}`, which is not known"),
            )));
        }
        Ok(Ok(self
            .new_category(
                &row.position,
                &slug,
                &super::reference::title(&slug),
                None,
                None,
            )
            .await?))
    }

    pub(super) fn maker(&self, row: &Connector) -> std::result::Result<Option<Uuid>, Problem> {
        let Some(name) = &row.maker else {
            return Ok(None);
        };
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

    /// What stands against writing a row to `key`, where it is found at `found`.
    pub(super) fn clash(
        &mut self,
        row: &Connector,
        given: Option<Uuid>,
        found: &(Option<Uuid>, String),
    ) -> std::result::Result<(), Problem> {
        let refused = |field: &str, issue: String| {
            Err(Problem::new(format!("{}.{field}", row.position), issue))
        };
        if let Some(id) = given.filter(|id| self.deleted.contains(id)) {
            return refused(
                "id",
                format!("`{id}` is the identifier of a connector that was deleted"),
            );
        }
        let slug = &row.slug;
        let key = (found.0, slug.clone());
        if *found != key && self.connectors.contains_key(&key) {
            return refused(
                "attributes.slug",
                format!("`{slug}` is the slug of another connector of the catalogue"),
            );
        }
        match self.written.insert(key, row.position.clone()) {
            Some(other) => refused(
                "attributes.slug",
                format!("`{slug}` is also the slug of {other} in the same catalogue"),
            ),
            None => Ok(()),
        }
    }

    pub(super) async fn connector(
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
        if let Err(problem) = self.clash(row, given, &key) {
            return Ok(Err(problem));
        }
        let known = self.connectors.get(&key).cloned();
        let picture = match row.logo.as_deref() {
            None => None,
            Some(name) => match pictures.get(name) {
                Some(picture) => Some(*picture),
                None => {
                    let path = format!("{}.relationships.logo", row.position);
                    return Ok(Err(Problem::new(
                        path,
                        format!("names the media `{name}`, which is not in the file"),
                    )));
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
                self.new_connectors
                    .push(new_connector(id, row, category, publisher, logo)?);
                id
            }
        };
        self.tie(id, maker).await?;
        if self.new_connectors.len() >= BATCH {
            self.flush_new().await?;
        }
        Ok(Ok(()))
    }

    pub(super) async fn change(
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

    /// Ties a connector to the provider of its service; without one the tie stays as it is.
    pub(super) async fn tie(&mut self, connector: Uuid, maker: Option<Uuid>) -> Result<()> {
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
    keep(
        &mut active.authorization_flow,
        optional(row.authorization_flow.as_deref())?,
    );
    keep(&mut active.transport, optional(row.transport.as_deref())?);
    keep(
        &mut active.external_connector_id,
        row.external_connector_id.clone(),
    );
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
