//! Installing a connector. It takes the locks of the workspace, the connector and the rule before
//! it looks at them, so that none of them is deleted meanwhile.

use super::remote::{self, What};
use super::{KIND, ROOT, asks_for_authorization, record};
use crate::error::{Error, Result};
use crate::service::form::{Given, Sent};
use crate::service::reference::Named;
use crate::service::work::{Work, outcome, taken};
use crate::service::{Entry, Outcome, new_id, now, reference};
use entity::connector::Status as Availability;
use entity::workspace_connector::{ActiveModel, ConnectionState, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveEnum, ActiveModelTrait};
use uuid::Uuid;

/// The person that the input names as owner; only who administers may name another than
/// themselves, or none.
pub(super) async fn owner(work: &Work, given: &Given) -> Result<Sent<Named<Uuid>>> {
    let found = match given.text("person") {
        Sent::Absent => return Ok(Sent::Absent),
        Sent::Null => None,
        Sent::Value(key) => Some(reference::person(work, given, key).await?),
    };
    let own = work.actor.viewer.person_id;
    let another = found
        .as_ref()
        .is_none_or(|p| p.as_ref().is_ok_and(|id| *id != own));
    if another && !work.actor.administers() {
        return Err(Error::Forbidden(
            "members own the connections they install; an admin can name another owner".into(),
        ));
    }
    Ok(found.map_or(Sent::Null, Sent::Value))
}

/// Refuses connectors that cannot be installed at present.
fn available(given: &Given, model: &entity::connector::Model) -> Result<()> {
    if model.status == Availability::Active {
        return Ok(());
    }
    let status = model.status.to_value();
    Err(Error::Conflict(given.problem(
        "connector",
        format!(
            "names a connector whose status is `{status}`; only an `active` one can be installed"
        ),
    )))
}

/// Installs a connector.
pub(super) async fn run(work: &mut Work, given: Given) -> Result<Outcome> {
    let mut problems = Vec::new();
    let mut note = |found: Named<Uuid>| found.map_err(|p| problems.push(p)).ok();
    let workspace = note(reference::workspace(work, &given).await?);
    let person = match owner(work, &given).await? {
        Sent::Value(found) => note(found),
        Sent::Absent | Sent::Null => Some(work.actor.viewer.person_id),
    };
    let what = match remote::what(work, &given).await? {
        Ok(what) => Some(what),
        Err(problem) => note(Err(problem)).and(None),
    };
    let connector = what.as_ref().map(|what| &what.connector);
    let rule = match (given.id("connector_filter"), connector, workspace) {
        (Sent::Value(id), Some(connector), Some(workspace)) => {
            note(reference::rule(work, &given, id, connector.id, workspace).await?)
        }
        _ => None,
    };
    let (Some(what), Some(workspace), true) = (what, workspace, problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    available(&given, &what.connector)?;
    add(work, &given, what, (workspace, person, rule)).await
}

/// Writes the row.
async fn add(
    work: &mut Work,
    given: &Given,
    what: What,
    (workspace, person, rule): (Uuid, Option<Uuid>, Option<Uuid>),
) -> Result<Outcome> {
    let connector = &what.connector;
    let waits = what.url.is_some() || asks_for_authorization(connector);
    let row = ActiveModel {
        id: Set(new_id()),
        workspace_id: Set(workspace),
        connector_id: Set(connector.id),
        person_id: Set(person),
        connector_filter_id: Set(rule),
        status: Set(if waits {
            Status::ToConfigure
        } else {
            Status::Active
        }),
        label: Set(given.text("label").value()),
        config: Set(given.json("config").value()),
        connection_state: Set(what.url.as_ref().map(|_| ConnectionState::Created)),
        url: Set(what.url.map(String::from)),
        metadata: Set(what.metadata),
        shared: Set(given.boolean("shared").value().unwrap_or(false)),
        revision: Set(1),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let made = row.insert(work.tx()).await;
    let made = made.map_err(|e| taken(e, KIND, || remote::taken(given)))?;
    if let Some((id, secret)) = what.client {
        let connect = work.backing.connect.clone();
        connect.give_client(work.tx(), made.id, id, secret).await?;
    }
    let entry = Entry::of(ROOT, made.id).in_workspace(workspace).made(&made);
    let mut entry = Entry {
        revision: Some(made.revision),
        ..entry
    };
    record::hide(&mut entry, &connector.public_config_keys);
    work.record(entry);
    Ok(outcome(ROOT, made.id))
}
