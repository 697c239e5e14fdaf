//! Connectors of an organization's catalogue: making, changing, deleting, publishing them. Those
//! of the shared catalogue are the operator's and read-only here.

mod create;
mod form;
pub(super) mod remote;

pub(crate) use remote::is_generic;

use super::form::Given;
use super::reference::Named;
use super::use_case::UseCase;
use super::work::{Work, live, outcome, same_revision, taken};
use super::write::{deleted, in_tree, missing, put, put_or_empty};
use super::{Capability, Entry, Outcome};
use crate::error::{Error, Problem, Result};
use crate::touch;
use entity::connector::{self, ActiveModel, Column, Entity, Model, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use uuid::Uuid;

/// The kind in sentences and codes.
pub(super) const KIND: &str = "connector";

/// The root of records.
pub(super) const ROOT: &str = "connectors";

/// Ways to change connectors.
pub static USE_CASES: [UseCase; 6] = [
    UseCase {
        name: "connector_create",
        doc: "Adds a connector to the organization's catalogue, with its publisher and logo if they are new.",
        capability: Capability::Catalogue,
        resource: crate::resource::connector::resource,
        form: &form::CREATE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(create::run(work, given)),
    },
    UseCase {
        name: "connector_update",
        doc: "Changes a connector; what is left out stays as it is.",
        capability: Capability::Catalogue,
        resource: crate::resource::connector::resource,
        form: &form::UPDATE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(update(work, given)),
    },
    UseCase {
        name: "connector_delete",
        doc: "Takes a connector out of the catalogue. Installations of it go on; new ones cannot be made.",
        capability: Capability::Catalogue,
        resource: crate::resource::connector::resource,
        form: &form::NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(delete(work, given)),
    },
    UseCase {
        name: "connector_restore",
        doc: "Brings a deleted connector back.",
        capability: Capability::Catalogue,
        resource: crate::resource::connector::resource,
        form: &form::NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(restore(work, given)),
    },
    UseCase {
        name: "connector_publish",
        doc: "Publishes a connector to the organization's catalogue: its status becomes active, and it can be installed.",
        capability: Capability::Catalogue,
        resource: crate::resource::connector::resource,
        form: &form::NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(turn(work, given, Status::Active)),
    },
    UseCase {
        name: "connector_withdraw",
        doc: "Withdraws a connector from the organization's catalogue: its status becomes inactive. Installations of it go on.",
        capability: Capability::Catalogue,
        resource: crate::resource::connector::resource,
        form: &form::NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(turn(work, given, Status::Inactive)),
    },
];

/// The connector that the input names by identifier or slug, locked, alive or deleted as asked,
/// and the actor's to change.
async fn to_change(work: &Work, given: &Given, alive: bool) -> Result<Model> {
    let key = given.text("id").value().unwrap_or_default();
    let id = identify(work, &key).await?;
    work.lock(id).await?;
    let model = match alive {
        true => live::<Entity>(work.tx(), Column::Id, Column::DeletedAt, id, KIND).await?,
        false => {
            let found = Entity::find()
                .filter(Column::Id.eq(id))
                .one(work.tx())
                .await?;
            found.ok_or_else(|| missing(KIND, id))?
        }
    };
    own(work, &model).await?;
    same_revision(given.whole("revision").value(), model.revision)?;
    Ok(model)
}

/// The identifier of the connector that a key names, which may be the identifier itself.
async fn identify(work: &Work, key: &str) -> Result<Uuid> {
    match Uuid::parse_str(key) {
        Ok(id) => Ok(id),
        Err(_) => by_slug(work, key).await,
    }
}

async fn by_slug(work: &Work, slug: &str) -> Result<Uuid> {
    let organization = work.actor.viewer.organization_id;
    let visible = Condition::any()
        .add(Column::OrganizationId.eq(organization))
        .add(Column::OrganizationId.is_null());
    let found = Entity::find()
        .filter(Column::Slug.eq(slug))
        .filter(Column::DeletedAt.is_null())
        .filter(visible)
        // The organization's own goes before a shared one of that name.
        .order_by_desc(Column::Pk)
        .one(work.tx())
        .await?;
    found.map(|c| c.id).ok_or_else(|| missing(KIND, slug))
}

/// Refuses connectors that the actor sees and may not change; those of others do not exist.
async fn own(work: &Work, model: &Model) -> Result<()> {
    let viewer = &work.actor.viewer;
    match model.organization_id {
        None => Err(Error::Forbidden(
            "connectors of the shared catalogue are read-only".into(),
        )),
        Some(id) if id != viewer.organization_id => Err(missing(KIND, model.id)),
        Some(_) => match model.published_by_id {
            Some(by) if in_tree(work.tx(), viewer, by).await? => Ok(()),
            _ => Err(Error::Forbidden(
                "the connector was published by a workspace that this token does not reach".into(),
            )),
        },
    }
}

/// Saves a change, notes it, and answers it.
async fn save(
    work: &mut Work,
    before: Model,
    mut active: ActiveModel,
    at: Problem,
) -> Result<Outcome> {
    touch!(active, before);
    let after = active
        .update(work.tx())
        .await
        .map_err(|e| taken(e, KIND, || at))?;
    let entry = Entry::of(ROOT, after.id).in_workspace(after.published_by_id);
    let entry = Entry {
        revision: Some(after.revision),
        ..entry.changed(&before, &after)
    };
    work.record(entry);
    Ok(outcome(ROOT, after.id))
}

/// What is wrong when the slug is another connector's.
fn slug_taken(given: &Given) -> Problem {
    given.problem(
        "slug",
        "is taken by another connector of the organization; choose another one",
    )
}

async fn update(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given, true).await?;
    let resolved = create::resolve(work, &given).await?;
    let mut active = before.clone().into_active_model();
    fill(&mut active, &given);
    if let Some(category) = resolved.category {
        active.category_id = Set(category);
    }
    if let Some((publisher, _)) = create::publisher(work, &given, &resolved).await? {
        active.published_by_id = Set(Some(publisher));
    }
    if let Some(logo) = create::logo(work, &given, &resolved, before.published_by_id).await? {
        active.logo_id = Set(logo);
    }
    save(work, before, active, slug_taken(&given)).await
}

async fn delete(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given, true).await?;
    let mut active = before.clone().into_active_model();
    active.deleted_at = deleted();
    save(work, before, active, slug_taken(&given)).await
}

async fn restore(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given, false).await?;
    if before.deleted_at.is_none() {
        let problem = given.problem("id", "names a connector that is not deleted");
        return Err(Error::Conflict(problem));
    }
    let mut active = before.clone().into_active_model();
    active.deleted_at = Set(None);
    let taken = given.problem(
        "id",
        "has a slug that another connector took meanwhile; change that one first",
    );
    save(work, before, active, taken).await
}

async fn turn(work: &mut Work, given: Given, to: Status) -> Result<Outcome> {
    let before = to_change(work, &given, true).await?;
    let mut active = before.clone().into_active_model();
    active.status = Set(to);
    save(work, before, active, slug_taken(&given)).await
}

/// Sets the plain columns that were sent.
fn fill(active: &mut ActiveModel, given: &Given) {
    put(&mut active.slug, given.text("slug"));
    put(&mut active.name, given.text("name"));
    put_or_empty(&mut active.description, given.text("description"));
    put(&mut active.direction, given.word("direction"));
    put(&mut active.tags, given.json("tags"));
    put(&mut active.status, given.word("status"));
    put_or_empty(&mut active.state, given.text("state"));
    put_or_empty(&mut active.version, given.text("version"));
    put_or_empty(&mut active.data_quality, given.json("data_quality"));
    put_or_empty(&mut active.redirect_url, given.text("redirect_url"));
    put_or_empty(&mut active.website, given.text("website"));
    put_or_empty(&mut active.endpoint_url, given.text("endpoint_url"));
    put_or_empty(&mut active.provider, given.word("provider"));
    put_or_empty(
        &mut active.authorization_flow,
        given.word("authorization_flow"),
    );
    put_or_empty(&mut active.transport, given.word("transport"));
    put_or_empty(
        &mut active.external_connector_id,
        given.text("external_connector_id"),
    );
    put_or_empty(&mut active.service_id, given.text("service_id"));
    put(
        &mut active.public_config_keys,
        given.json("public_config_keys"),
    );
}

/// The live connector of that identifier, if the actor sees it.
async fn visible(work: &Work, id: Uuid) -> Result<connector::Model> {
    let model = live::<Entity>(work.tx(), Column::Id, Column::DeletedAt, id, KIND).await?;
    match model.organization_id {
        Some(organization) if organization != work.actor.viewer.organization_id => {
            Err(missing(KIND, id))
        }
        _ => Ok(model),
    }
}

/// The connector that the attribute `connector` names, locked so that it is not deleted meanwhile;
/// a problem if there is none that the actor sees.
pub(super) async fn named(work: &Work, given: &Given) -> Result<Named<Model>> {
    let key = given.text("connector").value().unwrap_or_default();
    let found = match identify(work, &key).await {
        Ok(id) => {
            work.lock(id).await?;
            visible(work, id).await
        }
        Err(error) => Err(error),
    };
    match found {
        Ok(model) => Ok(Ok(model)),
        Err(Error::NotFound { .. }) => Ok(Err(given.problem(
            "connector",
            "names no connector of this organization or the shared catalogue",
        ))),
        Err(error) => Err(error),
    }
}
