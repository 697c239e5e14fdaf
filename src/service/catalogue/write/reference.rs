//! Rows that connectors refer to: categories, providers, publishing workspaces.

use super::{Writer, keep, put, taken};
use crate::error::Result;
use crate::service::catalogue::read::{Category, Provider, Workspace};
use crate::service::{new_id, now, workspace};
use entity::{category, provider};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use uuid::Uuid;

impl Writer<'_> {
    pub(super) async fn category(&mut self, row: &Category) -> Result<()> {
        self.category_ids
            .extend(row.id.clone().map(|id| (id, row.slug.clone())));
        if let Some(known) = self.categories.get(&row.slug) {
            let mut active = known.clone().into_active_model();
            put(&mut active.name, row.name.clone());
            keep(&mut active.description, row.description.clone());
            if let Some(saved) = self.save(active, |a| a.updated_at = Set(now())).await? {
                self.categories.insert(row.slug.clone(), saved);
            }
            return Ok(());
        }
        self.new_category(
            &row.position,
            &row.slug,
            &row.name,
            row.description.clone(),
            row.id.as_deref(),
        )
        .await?;
        Ok(())
    }

    pub(super) async fn new_category(
        &mut self,
        position: &str,
        slug: &str,
        name: &str,
        description: Option<String>,
        id: Option<&str>,
    ) -> Result<Uuid> {
        let id = id
            .and_then(|id| Uuid::parse_str(id).ok())
            .unwrap_or_else(new_id);
        let row = category::ActiveModel {
            id: Set(id),
            slug: Set(slug.to_owned()),
            name: Set(name.to_owned()),
            description: Set(description),
            created_at: Set(now()),
            updated_at: Set(now()),
            ..Default::default()
        };
        let made = row
            .insert(self.transaction)
            .await
            .map_err(|e| taken(e, position))?;
        self.categories.insert(slug.to_owned(), made);
        self.report.created += 1;
        Ok(id)
    }

    pub(super) async fn provider(&mut self, row: &Provider) -> Result<()> {
        self.provider_ids
            .extend(row.id.clone().map(|id| (id, row.slug.clone())));
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
        let made = made
            .insert(self.transaction)
            .await
            .map_err(|e| taken(e, &row.position))?;
        self.providers.insert(row.slug.clone(), made);
        self.report.created += 1;
        Ok(())
    }

    /// A publishing workspace: matched by external identifier, identifier, then slug.
    pub(super) async fn workspace(&mut self, row: &Workspace) -> Result<()> {
        let names = [row.external_id.as_ref(), row.id.as_ref(), Some(&row.slug)];
        let known = names
            .into_iter()
            .flatten()
            .find_map(|name| self.publishers.get(name))
            .copied();
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
        let names = [
            row.external_id.clone(),
            row.id.clone(),
            Some(row.slug.clone()),
        ];
        self.publishers
            .extend(names.into_iter().flatten().map(|name| (name, at)));
        Ok(())
    }

    pub(super) async fn new_workspace(&mut self, row: &Workspace) -> Result<(Uuid, Uuid)> {
        let mut active = workspace::row(&row.name, row.slug.clone(), None);
        if let Some(id) = row.id.as_deref().and_then(|id| Uuid::parse_str(id).ok()) {
            active.id = Set(id);
            active.organization_id = Set(id);
            active.path = Set(format!("/{id}/"));
        }
        active.description = Set(row.description.clone());
        active.website = Set(row.website.clone());
        active.external_workspace_id = Set(row
            .external_id
            .clone()
            .or_else(|| row.id.clone().filter(|id| Uuid::parse_str(id).is_err())));
        let made = active
            .insert(self.transaction)
            .await
            .map_err(|e| taken(e, &row.position))?;
        let at = (made.id, made.organization_id);
        self.workspaces.insert(made.id, made);
        self.report.created += 1;
        Ok(at)
    }
}

/// `ci_cd` to `Ci cd`: a name for a category that is known by its slug alone.
pub(super) fn title(slug: &str) -> String {
    let words = slug.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
