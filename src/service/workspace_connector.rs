//! Installations: connectors put to use in workspaces. Installing, configuring, pausing, resuming
//! and uninstalling them. Credentials are not their business: those have a vault.

mod form;
mod install;
mod record;
pub mod remote;
mod state;

use super::form::{Given, Sent};
use super::reference;
use super::use_case::UseCase;
use super::work::{Work, outcome, same_revision, taken};
use super::write::{deleted, in_tree, missing, put, put_or_empty};
use super::{Actor, Capability, Entry, Outcome, now};
use crate::connect;
use crate::db::Arg;
use crate::error::{Error, Problem, Result};
use crate::touch;
use entity::connector::AuthorizationFlow;
use entity::workspace_connector::{ActiveModel, Column, DisconnectCode, Entity, Model, Status};
use entity::{connector, connector_mapping, sync_target};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use state::Event;
use uuid::Uuid;

pub(super) use state::may_sync;

/// The kind in sentences and codes.
const KIND: &str = "workspace_connector";

/// The root of records.
pub(crate) const ROOT: &str = "workspace_connectors";

/// Ways to change installations.
pub static USE_CASES: [UseCase; 5] = [
    UseCase {
        name: "workspace_connector_install",
        doc: "Installs a connector in a workspace. It is active at once if its service asks for no authorization, and awaits configuration otherwise.",
        capability: Capability::Installations,
        resource: crate::resource::workspace_connector::resource,
        form: &form::INSTALL,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(install::run(work, given)),
    },
    UseCase {
        name: "workspace_connector_configure",
        doc: "Changes label, settings, owner or rule of an installation; what is left out stays as it is.",
        capability: Capability::Installations,
        resource: crate::resource::workspace_connector::resource,
        form: &form::CONFIGURE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(configure(work, given)),
    },
    UseCase {
        name: "workspace_connector_pause",
        doc: "Switches an installation off: no sync of it begins until it is resumed.",
        capability: Capability::Installations,
        resource: crate::resource::workspace_connector::resource,
        form: &form::NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(pause(work, given)),
    },
    UseCase {
        name: "workspace_connector_resume",
        doc: "Switches an installation on again; one that was never configured awaits its configuration.",
        capability: Capability::Installations,
        resource: crate::resource::workspace_connector::resource,
        form: &form::NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(resume(work, given)),
    },
    UseCase {
        name: "workspace_connector_uninstall",
        doc: "Removes an installation, with its sync targets and mappings. Its sync logs and diagnostics stay.",
        capability: Capability::Installations,
        resource: crate::resource::workspace_connector::resource,
        form: &form::NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(uninstall(work, given)),
    },
];

/// The live installation of that identifier.
pub(crate) async fn find(connection: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Id.eq(id))
        .filter(Column::DeletedAt.is_null())
        .one(connection)
        .await?)
}

/// The live installation of that identifier, if it is the actor's to change.
pub(crate) async fn managed(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
) -> Result<Model> {
    let found = find(connection, id).await?;
    let model = found.ok_or_else(|| missing(KIND, id))?;
    if !in_tree(connection, &actor.viewer, model.workspace_id).await? {
        return Err(missing(KIND, id));
    }
    actor.manages(model.person_id)?;
    Ok(model)
}

/// The live installation that the input names, locked, and the actor's to change.
pub(crate) async fn to_change(work: &Work, given: &Given) -> Result<Model> {
    let id = given.id("id").value().unwrap_or_default();
    work.lock(id).await?;
    let model = managed(work.tx(), &work.actor, id).await?;
    same_revision(given.whole("revision").value(), model.revision)?;
    Ok(model)
}

/// The live installation that the attribute `workspace_connector` names, locked, and the actor's
/// to work with. What belongs to an installation is written behind its lock, so that nothing is
/// added to one that is being removed.
pub(super) async fn named(work: &Work, given: &Given) -> Result<Model> {
    let id = given.id("workspace_connector").value().unwrap_or_default();
    work.lock(id).await?;
    let found = find(work.tx(), id).await?;
    let unknown = || {
        Error::Invalid(vec![given.problem(
            "workspace_connector",
            "names no installation that this token reaches",
        )])
    };
    let model = found.ok_or_else(unknown)?;
    if !in_tree(work.tx(), &work.actor.viewer, model.workspace_id).await? {
        return Err(unknown());
    }
    work.actor.manages(model.person_id)?;
    Ok(model)
}

/// The state of a live installation; `None` if it is gone.
pub(super) async fn status(work: &Work, id: Uuid) -> Result<Option<Status>> {
    Ok(find(work.tx(), id).await?.map(|model| model.status))
}

/// Refuses an actor that may not change what belongs to an installation, be that removed or not.
pub(super) async fn permit(work: &Work, id: Uuid) -> Result<()> {
    let found = Entity::find()
        .filter(Column::Id.eq(id))
        .one(work.tx())
        .await?;
    let reached = match &found {
        Some(model) => in_tree(work.tx(), &work.actor.viewer, model.workspace_id).await?,
        None => false,
    };
    if !reached {
        return Err(Error::Forbidden(
            "it belongs to an installation of a workspace that this token does not reach".into(),
        ));
    }
    work.actor.manages(found.and_then(|model| model.person_id))
}

/// Saves a change and notes it.
pub(crate) async fn write(
    work: &mut Work,
    before: Model,
    mut active: ActiveModel,
) -> Result<Model> {
    touch!(active, before);
    let after = active.update(work.tx()).await;
    let after = after.map_err(|e| taken(e, KIND, taken_label))?;
    let entry = Entry::of(ROOT, after.id).in_workspace(after.workspace_id);
    let mut entry = Entry {
        revision: Some(after.revision),
        ..entry.changed(&before, &after)
    };
    record::mask(work, &mut entry, after.connector_id).await?;
    work.record(entry);
    Ok(after)
}

/// What is wrong when a change would make two connections of one owner to one server alike.
fn taken_label() -> Problem {
    let issue =
        "is that of another connection of its owner to the same server; give it another one";
    Problem::new("input.label", issue)
}

/// Notes that somebody asked for something that changed nothing.
pub(crate) fn note(work: &mut Work, row: &Model) {
    let entry = Entry::of(ROOT, row.id).in_workspace(row.workspace_id);
    work.record(Entry {
        revision: Some(row.revision),
        ..entry
    });
}

/// Saves a change, notes it, and answers it.
async fn save(work: &mut Work, before: Model, active: ActiveModel) -> Result<Outcome> {
    let after = write(work, before, active).await?;
    Ok(outcome(ROOT, after.id))
}

async fn configure(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    let mut problems = Vec::new();
    let mut active = before.clone().into_active_model();
    put_or_empty(&mut active.label, given.text("label"));
    put_or_empty(&mut active.config, given.json("config"));
    put_or_empty(&mut active.metadata, given.json("metadata"));
    put(&mut active.shared, given.boolean("shared"));
    let client = match remote::client(&given) {
        Ok(client) => client,
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    match install::owner(work, &given).await? {
        Sent::Absent => {}
        Sent::Null => active.person_id = Set(None),
        Sent::Value(Ok(person)) => active.person_id = Set(Some(person)),
        Sent::Value(Err(problem)) => problems.push(problem),
    }
    match given.id("connector_filter") {
        Sent::Absent => {}
        Sent::Null => active.connector_filter_id = Set(None),
        Sent::Value(id) => {
            let (connector, workspace) = (before.connector_id, before.workspace_id);
            match reference::rule(work, &given, id, connector, workspace).await? {
                Ok(rule) => active.connector_filter_id = Set(Some(rule)),
                Err(problem) => problems.push(problem),
            }
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if let Some((client, secret)) = client {
        let connect = work.backing.connect.clone();
        connect
            .give_client(work.tx(), before.id, client, secret)
            .await?;
    }
    save(work, before, active).await
}

/// Makes the step of an event, or says why it cannot be made now.
async fn turn(work: &mut Work, given: &Given, before: Model, event: Event) -> Result<Outcome> {
    let next = state::next(before.status, event);
    let status = next.map_err(|issue| Error::Conflict(given.problem("id", issue)))?;
    let mut active = before.clone().into_active_model();
    active.status = Set(status);
    save(work, before, active).await
}

async fn pause(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    turn(work, &given, before, Event::Pause).await
}

async fn resume(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    if before.connection_state.is_some() {
        return resume_connection(work, &given, before).await;
    }
    let event = match configured(work, &before).await? {
        true => Event::Resume,
        false => Event::ResumeUnconfigured,
    };
    turn(work, &given, before, event).await
}

/// Switches the installation of a remote server on again: it is as its connection stands.
async fn resume_connection(work: &mut Work, given: &Given, before: Model) -> Result<Outcome> {
    if before.disconnect_code == Some(DisconnectCode::ClientRequest) {
        let issue = "names a connection that was disconnected; connect it again";
        return Err(Error::Conflict(given.problem("id", issue)));
    }
    state::next(before.status, Event::Resume)
        .map_err(|issue| Error::Conflict(given.problem("id", issue)))?;
    let mut active = before.clone().into_active_model();
    active.status = Set(crate::connect::status(&before));
    save(work, before, active).await
}

/// Whether a connector's service lets nobody in without a grant.
fn asks_for_authorization(connector: &connector::Model) -> bool {
    !matches!(
        connector.authorization_flow,
        None | Some(AuthorizationFlow::None)
    )
}

/// Signs that an installation was configured once: a credential, or that it was paused, which only
/// one at work can be.
const CONFIGURED: &str = "\
SELECT EXISTS (SELECT 1 FROM connection_credentials c WHERE c.workspace_connector_id = $1) \
OR EXISTS (SELECT 1 FROM audit_events a WHERE a.record_id = $1 \
AND a.action = 'workspace_connector.pause' AND a.outcome = 'done')";

/// Whether an installation was ever configured, or needs not be.
async fn configured(work: &Work, model: &Model) -> Result<bool> {
    if model.config.is_some() {
        return Ok(true);
    }
    let connector = connector::Entity::find()
        .filter(connector::Column::Id.eq(model.connector_id))
        .one(work.tx())
        .await?;
    if !connector.is_some_and(|c| asks_for_authorization(&c)) {
        return Ok(true);
    }
    let args = vec![Arg::Uuid(model.id)];
    let rows = work.db.rows(CONFIGURED.to_owned(), args).await?;
    Ok(rows.first().and_then(|row| row.bool(0)).unwrap_or_default())
}

async fn uninstall(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    let mut active = before.clone().into_active_model();
    active.deleted_at = deleted();
    {
        use sync_target::{Column as C, Entity as E};
        let columns = [
            C::WorkspaceConnectorId,
            C::DeletedAt,
            C::UpdatedAt,
            C::Revision,
        ];
        remove_parts::<E>(work, columns, before.id).await?;
    }
    {
        use connector_mapping::{Column as C, Entity as E};
        let columns = [
            C::WorkspaceConnectorId,
            C::DeletedAt,
            C::UpdatedAt,
            C::Revision,
        ];
        remove_parts::<E>(work, columns, before.id).await?;
    }
    connect::forget(work, &[before.id]).await?;
    save(work, before, active).await
}

/// Marks the live rows of an installation in one table as deleted.
async fn remove_parts<E: EntityTrait>(
    work: &Work,
    [of, deleted_at, updated_at, revision]: [E::Column; 4],
    installation: Uuid,
) -> Result<()> {
    E::update_many()
        .col_expr(deleted_at, Expr::value(now()))
        .col_expr(updated_at, Expr::value(now()))
        .col_expr(revision, Expr::col(revision).add(1))
        .filter(of.eq(installation))
        .filter(deleted_at.is_null())
        .exec(work.tx())
        .await?;
    Ok(())
}
