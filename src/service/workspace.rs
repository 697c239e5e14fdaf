//! Workspaces: making them, finding them.

use super::form::Given;
use super::work::{self, Work};
use super::{is_slug, new_id, now, on_unique, slugify};
use crate::db::Db;
use crate::error::{Error, Problem, Result};
use entity::workspace::{ActiveModel, Column, Entity, Kind, Model, Stage};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

/// The kind in sentences and codes.
pub(super) const KIND: &str = "workspace";

/// Longest name, in characters.
const MAX_NAME: usize = 100;

/// A workspace to be made.
#[derive(Debug, Clone, Default)]
pub struct New {
    /// Display name, 1 to 100 characters.
    pub name: String,
    /// Short name; made from the name when left out.
    pub slug: Option<String>,
    /// The workspace above; without one it is the root of a tree, an organization.
    pub parent: Option<Uuid>,
}

/// Makes a workspace. Fails with a conflict if the slug is taken.
pub async fn create(db: &Db, new: New) -> Result<Model> {
    let slug = new.slug.clone().unwrap_or_else(|| slugify(&new.name));
    let mut problems = Vec::new();
    if new.name.trim().is_empty() || new.name.chars().count() > MAX_NAME {
        problems.push(Problem::new(
            "name",
            format!("must have 1 to {MAX_NAME} characters"),
        ));
    }
    if new.name.contains('\0') {
        problems.push(Problem::new("name", "holds a NUL character"));
    }
    if !is_slug(&slug) {
        problems.push(Problem::new(
            "slug",
            format!(
                "must be lower-case letters, digits, `-` and `_`, 1 to 100 of them, not `{slug}`"
            ),
        ));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let transaction = db.begin().await?;
    let parent = match new.parent {
        None => None,
        Some(id) => Some(by_id(&transaction, id).await?),
    };
    let row = row(&new.name, slug, parent.as_ref());
    let made = row.insert(&transaction).await;
    let made =
        made.map_err(|e| on_unique(e, "slug", "is taken by another workspace; give another one"))?;
    transaction.commit().await?;
    Ok(made)
}

/// The row of a new workspace below `parent`.
pub(crate) fn row(name: &str, slug: String, parent: Option<&Model>) -> ActiveModel {
    let id = new_id();
    ActiveModel {
        id: Set(id),
        slug: Set(slug),
        name: Set(name.to_owned()),
        kind: Set(if parent.is_none() {
            Kind::Organization
        } else {
            Kind::Workspace
        }),
        organization_id: Set(parent.map_or(id, |p| p.organization_id)),
        parent_workspace_id: Set(parent.map(|p| p.id)),
        path: Set(format!("{}{id}/", parent.map_or("/", |p| p.path.as_str()))),
        trusted: Set(false),
        auto_extract_enabled: Set(true),
        stage: Set(Stage::Active),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    }
}

async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Model> {
    let live = Entity::find().filter(Column::DeletedAt.is_null());
    let found = live.filter(Column::Id.eq(id)).one(db).await?;
    found.ok_or_else(|| Error::NotFound {
        kind: "workspace",
        id: id.to_string(),
    })
}

/// A workspace by identifier or slug.
pub async fn find(db: &Db, name: &str) -> Result<Model> {
    if let Ok(id) = Uuid::parse_str(name) {
        return by_id(db.orm(), id).await;
    }
    let live = Entity::find().filter(Column::DeletedAt.is_null());
    let found = live.filter(Column::Slug.eq(name)).one(db.orm()).await?;
    found.ok_or_else(|| Error::NotFound {
        kind: "workspace",
        id: name.to_owned(),
    })
}

/// Makes a workspace directly below the actor's own, as the input describes it.
pub(in crate::service) async fn add_below(
    work: &mut Work,
    given: &Given,
    slug: String,
) -> Result<Model> {
    let viewer = &work.actor.viewer;
    let (parent, organization) = (viewer.workspace_id, viewer.organization_id);
    let id = new_id();
    let row = ActiveModel {
        id: Set(id),
        slug: Set(slug),
        name: Set(given.text("name").value().unwrap_or_default()),
        description: Set(given.text("description").value()),
        website: Set(given.text("website").value()),
        external_workspace_id: Set(given.text("external_workspace_id").value()),
        kind: Set(Kind::Workspace),
        organization_id: Set(organization),
        parent_workspace_id: Set(Some(parent)),
        path: Set(format!("{}{id}/", viewer.path)),
        trusted: Set(false),
        auto_extract_enabled: Set(true),
        stage: Set(Stage::Active),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let taken = |e| {
        work::taken(e, KIND, || {
            given.problem(
                "external_workspace_id",
                "is taken by another workspace of the organization",
            )
        })
    };
    let made = row.insert(work.tx()).await.map_err(taken)?;
    work.replant();
    Ok(made)
}
