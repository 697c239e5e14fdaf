//! Workspaces: making them, finding them, changing and deleting them. Every way of making one, by
//! a client, on the command line or beside a connector, goes through `make`.

mod delete;
mod form;
mod update;

use super::form::Given;
use super::person;
use super::use_case::UseCase;
use super::work::{Work, outcome, same_revision};
use super::write::{missing, put, put_or_empty, workspace_in_tree};
use super::{Capability, Entry, Outcome, audit, membership, new_id, now, slugify};
use crate::db::Db;
use crate::error::{Error, Problem, Result};
use entity::membership::Role;
use entity::workspace::{ActiveModel, Column, Entity, Kind, Model, Stage};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// The kind in sentences and codes.
pub(super) const KIND: &str = "workspace";

/// The root of records.
const ROOT: &str = "workspaces";

/// Longest slug that a name gives, so that something can be put behind it.
const MAX_MADE_SLUG: usize = 90;

/// Ways to change workspaces.
pub static USE_CASES: [UseCase; 3] = [
    UseCase {
        name: "workspace_create",
        doc: "Makes a workspace below the token's own, or below another one of its tree, with somebody who owns it.",
        capability: Capability::Administration,
        resource: crate::resource::workspace::resource,
        form: &form::CREATE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(run(work, given)),
    },
    UseCase {
        name: "workspace_update",
        doc: "Changes a workspace; what is left out stays as it is.",
        capability: Capability::Administration,
        resource: crate::resource::workspace::resource,
        form: &form::UPDATE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(update::run(work, given)),
    },
    UseCase {
        name: "workspace_delete",
        doc: "Deletes a workspace that has none below it. With `force` its installations are taken away and its tokens revoked as well.",
        capability: Capability::Administration,
        resource: crate::resource::workspace::resource,
        form: &form::DELETE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(delete::run(work, given)),
    },
];

/// A workspace to be made on the command line.
#[derive(Debug, Clone, Default)]
pub struct New {
    /// Display name, 1 to 100 characters.
    pub name: String,
    /// Short name; made from the name when left out.
    pub slug: Option<String>,
    /// The workspace above; without one it is the root of a tree, an organization.
    pub parent: Option<Uuid>,
}

/// Makes a workspace. Fails with a conflict if the slug is taken, also one made from the name: who
/// types a command wants to know the slug.
pub async fn create(db: &Db, new: New) -> Result<Model> {
    let slug = new.slug.unwrap_or_else(|| slugify(&new.name));
    let mut sent = Map::new();
    sent.insert("name".into(), new.name.into());
    sent.insert("slug".into(), slug.clone().into());
    let given = form::CREATE.check(&sent, "", 0).map_err(Error::Invalid)?;
    let transaction = db.begin().await?;
    let parent = match new.parent {
        None => None,
        Some(id) => Some(by_id(&transaction, id).await?),
    };
    let made = make(
        &transaction,
        &given,
        parent.as_ref().map(Above::from),
        Some(slug),
    )
    .await?;
    transaction.commit().await?;
    Ok(made)
}

/// What a new workspace must know of the one above it.
#[derive(Clone, Copy)]
pub(crate) struct Above<'a> {
    id: Uuid,
    organization_id: Uuid,
    path: &'a str,
}

impl<'a> From<&'a Model> for Above<'a> {
    fn from(model: &'a Model) -> Self {
        Above {
            id: model.id,
            organization_id: model.organization_id,
            path: &model.path,
        }
    }
}

/// The row of a new workspace below `parent`.
pub(crate) fn row(name: &str, slug: String, parent: Option<Above<'_>>) -> ActiveModel {
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
        path: Set(format!("{}{id}/", parent.map_or("/", |p| p.path))),
        trusted: Set(false),
        auto_extract_enabled: Set(true),
        stage: Set(Stage::Active),
        revision: Set(1),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    }
}

/// Writes a new workspace as the input describes it. A slug that was chosen must be free; one that
/// is made from the name gives way to those that are there.
async fn make(
    connection: &impl ConnectionTrait,
    given: &Given,
    parent: Option<Above<'_>>,
    slug: Option<String>,
) -> Result<Model> {
    let name = given.text("name").value().unwrap_or_default();
    let first = slug.clone().unwrap_or_else(|| base(&name));
    let mut active = row(&name, first, parent);
    fill(&mut active, given);
    if let Some(made) = insert(connection, given, active.clone()).await? {
        return Ok(made);
    }
    if slug.is_some() {
        return Err(slug_taken(given));
    }
    // The end of a new identifier is random: no two requests try the same slug.
    let tail = new_id().simple().to_string();
    active.slug = Set(format!("{}-{}", base(&name), &tail[tail.len() - 8..]));
    let made = insert(connection, given, active).await?;
    made.ok_or_else(|| slug_taken(given))
}

/// Inserts a row; `None` if its slug is taken.
async fn insert(
    connection: &impl ConnectionTrait,
    given: &Given,
    row: ActiveModel,
) -> Result<Option<Model>> {
    let free = OnConflict::column(Column::Slug).do_nothing().to_owned();
    let done = Entity::insert(row)
        .on_conflict(free)
        .exec_with_returning(connection)
        .await;
    match done {
        Ok(made) => Ok(Some(made)),
        Err(DbErr::RecordNotInserted | DbErr::RecordNotFound(_)) => Ok(None),
        Err(error) => Err(taken(error, given)),
    }
}

/// A slug out of a name, with room behind it.
fn base(name: &str) -> String {
    let mut slug = slugify(name);
    slug.truncate(MAX_MADE_SLUG);
    match slug.trim_end_matches('-') {
        "" => KIND.to_owned(),
        slug => slug.to_owned(),
    }
}

/// Which of the two names of a workspace is another one's.
fn taken(error: DbErr, given: &Given) -> Error {
    let external = error.to_string().contains("external_workspace_id");
    super::work::taken(error, KIND, || {
        if external {
            given.problem(
                "external_workspace_id",
                "is taken by another workspace of the organization; choose another one",
            )
        } else {
            slug_problem(given)
        }
    })
}

fn slug_problem(given: &Given) -> Problem {
    given.problem("slug", "is taken by another workspace; choose another one")
}

fn slug_taken(given: &Given) -> Error {
    Error::Exists {
        kind: KIND,
        problem: slug_problem(given),
    }
}

/// Sets the plain columns that were sent.
fn fill(active: &mut ActiveModel, given: &Given) {
    put(&mut active.name, given.text("name"));
    put_or_empty(&mut active.description, given.text("description"));
    put_or_empty(&mut active.website, given.text("website"));
    put_or_empty(
        &mut active.external_workspace_id,
        given.text("external_workspace_id"),
    );
    put_or_empty(&mut active.avatar_image, given.text("avatar_image"));
    put_or_empty(&mut active.avatar_color, given.text("avatar_color"));
    put(
        &mut active.auto_extract_enabled,
        given.boolean("auto_extract_enabled"),
    );
    put_or_empty(&mut active.timezone, given.text("timezone"));
}

async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Model> {
    let live = Entity::find().filter(Column::DeletedAt.is_null());
    let found = live.filter(Column::Id.eq(id)).one(db).await?;
    found.ok_or_else(|| missing(KIND, id))
}

/// A workspace by identifier or slug.
pub async fn find(db: &Db, name: &str) -> Result<Model> {
    if let Ok(id) = Uuid::parse_str(name) {
        return by_id(db.orm(), id).await;
    }
    let live = Entity::find().filter(Column::DeletedAt.is_null());
    let found = live.filter(Column::Slug.eq(name)).one(db.orm()).await?;
    found.ok_or_else(|| missing(KIND, name))
}

/// The live workspace of the actor's tree that has this identifier, slug or external identifier;
/// where it is one of each, the earlier kind wins.
async fn in_tree(work: &Work, key: &str) -> Result<Option<Model>> {
    let path = &work.actor.viewer.path;
    let id = Uuid::parse_str(key).unwrap_or_default();
    let named = Condition::any()
        .add(Column::Id.eq(id))
        .add(Column::Slug.eq(key))
        .add(Column::ExternalWorkspaceId.eq(key));
    let found = Entity::find()
        .filter(Column::DeletedAt.is_null())
        .filter(Column::Path.gte(path))
        .filter(Column::Path.lt(format!("{path}~")))
        .filter(named)
        .all(work.tx())
        .await?;
    let rank = |w: &Model| (w.id != id, w.slug != key);
    Ok(found.into_iter().min_by_key(rank))
}

/// The workspace that an attribute names, the actor's own if it was left out; locked, so that it
/// cannot be deleted meanwhile.
pub(super) async fn place(work: &Work, given: &Given, name: &str) -> Result<Model> {
    let unknown = || {
        Error::Invalid(vec![
            given.problem(name, "names no workspace that this token reaches"),
        ])
    };
    let viewer = &work.actor.viewer;
    let id = match given.text(name).value() {
        None => viewer.workspace_id,
        Some(key) => in_tree(work, &key).await?.ok_or_else(unknown)?.id,
    };
    work.lock(id).await?;
    match workspace_in_tree(work.tx(), viewer, id).await {
        Err(Error::NotFound { .. }) => Err(unknown()),
        other => other,
    }
}

/// The workspace that the input names, locked, and at the revision that the client saw.
async fn to_change(work: &Work, given: &Given) -> Result<Model> {
    let key = given.text("id").value().unwrap_or_default();
    let found = in_tree(work, &key).await?;
    let id = found.ok_or_else(|| missing(KIND, key))?.id;
    work.lock(id).await?;
    let model = workspace_in_tree(work.tx(), &work.actor.viewer, id).await?;
    same_revision(given.whole("revision").value(), model.revision)?;
    Ok(model)
}

async fn run(work: &mut Work, given: Given) -> Result<Outcome> {
    let parent = place(work, &given, "parent").await?;
    let owner = person::named(work, given.nested("owner").value()).await?;
    let made = make(
        work.tx(),
        &given,
        Some((&parent).into()),
        given.text("slug").value(),
    )
    .await?;
    let place = membership::add(work, made.id, owner.id, Role::Owner).await?;
    work.replant();
    let mut after = audit::snapshot(&made);
    if let Some(members) = after.as_object_mut() {
        members.insert("owner".into(), with_person(audit::snapshot(&place), &owner));
    }
    let entry = Entry {
        revision: Some(made.revision),
        after: Some(after),
        ..Entry::of(ROOT, made.id).in_workspace(made.id)
    };
    work.record(entry);
    Ok(outcome(ROOT, made.id))
}

/// A membership for the record, with the person if that is new.
pub(super) fn with_person(mut membership: Json, person: &person::Named) -> Json {
    if let (Some(members), Some(made)) = (membership.as_object_mut(), &person.made) {
        members.insert("person".into(), json!(made));
    }
    membership
}

/// Makes a workspace directly below the actor's own, as the input describes it.
pub(in crate::service) async fn add_below(
    work: &mut Work,
    given: &Given,
    slug: String,
) -> Result<Model> {
    let viewer = &work.actor.viewer;
    let own = Above {
        id: viewer.workspace_id,
        organization_id: viewer.organization_id,
        path: &viewer.path,
    };
    let made = make(work.tx(), given, Some(own), Some(slug)).await?;
    work.replant();
    Ok(made)
}
