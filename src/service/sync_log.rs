//! Sync logs: the runs of installations. A run is scheduled or begins at once, is in progress, and
//! ends well or badly; no other step is possible, and what has ended stays as it is.

use super::form::{Attribute as A, Form, Given, Sent, Shape as S};
use super::state::{self, Step};
use super::use_case::UseCase;
use super::work::{Work, live, outcome, same_revision};
use super::write::{in_tree, missing};
use super::{Capability, Entry, Outcome, new_id, now, workspace_connector};
use crate::error::{Error, Result};
use crate::resource::choice;
use crate::touch;
use chrono::{DateTime, Utc};
use entity::sync_log::{ActiveModel, Column, Entity, Model, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// The kind in sentences and codes.
const KIND: &str = "sync_log";

/// The root of records.
const ROOT: &str = "sync_logs";

/// Bytes of `metadata` when written.
const METADATA: usize = 10_000;

/// Bytes of `error`: it is in an index, which takes no longer ones.
const ERROR_BYTES: usize = 2000;

/// What happens to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Start,
    Progress,
    Finish,
    Fail,
}

/// All that may happen.
const STEPS: &[Step<Status, Event>] = &[
    Step {
        event: Event::Start,
        done: "started",
        from: &[Status::Scheduled],
        to: Status::InProgress,
    },
    Step {
        event: Event::Progress,
        done: "said to progress",
        from: &[Status::InProgress],
        to: Status::InProgress,
    },
    Step {
        event: Event::Finish,
        done: "finished",
        from: &[Status::InProgress],
        to: Status::Success,
    },
    Step {
        event: Event::Fail,
        done: "failed",
        from: &[Status::InProgress],
        to: Status::Error,
    },
];

const ID: A = A::new("id", S::Id, "The run.").required();
const FACTS: A = A::new(
    "metadata",
    S::Object(METADATA),
    "Counts and facts. Members replace those of the same name, `null` removes one, and the others stay.",
);

static START: Form = Form {
    name: "SyncLogStart",
    doc: "A run to be started: a new one of an installation, or one that is scheduled.",
    attributes: &[
        A::new(
            "workspace_connector",
            S::Id,
            "The installation of a new run.",
        ),
        A::new("id", S::Id, "The scheduled run that starts now."),
        A::REVISION,
        A::new(
            "trigger_type",
            S::Word(&choice::SYNC_TRIGGER),
            "What started it.",
        ),
        A::new(
            "cloud_task_id",
            S::Text(1, 255),
            "Identifier of the task that runs it.",
        ),
        A::new(
            "scheduled",
            S::Boolean,
            "Whether it waits for its turn; it starts at once unless said so.",
        ),
        FACTS,
    ],
};

static PROGRESS: Form = Form {
    name: "SyncLogProgress",
    doc: "What a run has done so far.",
    attributes: &[ID, A::REVISION, FACTS.required()],
};

static FINISH: Form = Form {
    name: "SyncLogFinish",
    doc: "A run that ended well.",
    attributes: &[ID, A::REVISION, FACTS],
};

static FAIL: Form = Form {
    name: "SyncLogFail",
    doc: "A run that ended badly.",
    attributes: &[
        ID,
        A::REVISION,
        A::new(
            "error",
            S::Text(1, 1500),
            "What went wrong, at most 1500 characters and 2000 bytes.",
        )
        .required(),
        FACTS,
    ],
};

/// Ways to change sync logs.
pub static USE_CASES: [UseCase; 4] = [
    UseCase {
        name: "sync_log_start",
        doc: "Notes that a sync of an installation begins, or is scheduled; or that a scheduled one begins.",
        capability: Capability::Installations,
        resource: crate::resource::sync_log::resource,
        form: &START,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(start(work, given)),
    },
    UseCase {
        name: "sync_log_progress",
        doc: "Notes counts and facts of a sync that is in progress.",
        capability: Capability::Installations,
        resource: crate::resource::sync_log::resource,
        form: &PROGRESS,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(step(work, given, Event::Progress)),
    },
    UseCase {
        name: "sync_log_finish",
        doc: "Notes that a sync ended well; when and after how long is the server's to say.",
        capability: Capability::Installations,
        resource: crate::resource::sync_log::resource,
        form: &FINISH,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(step(work, given, Event::Finish)),
    },
    UseCase {
        name: "sync_log_fail",
        doc: "Notes that a sync ended badly, and why; when and after how long is the server's to say.",
        capability: Capability::Installations,
        resource: crate::resource::sync_log::resource,
        form: &FAIL,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(step(work, given, Event::Fail)),
    },
];

/// The run that the input names, behind the lock of its installation, and the actor's to change.
/// A run can still end when its installation is gone.
async fn to_change(work: &Work, given: &Given) -> Result<Model> {
    let id = given.id("id").value().unwrap_or_default();
    let installation: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::WorkspaceConnectorId)
        .filter(Column::Id.eq(id))
        .into_tuple()
        .one(work.tx())
        .await?;
    let installation = installation.ok_or_else(|| missing(KIND, id))?;
    work.lock(installation).await?;
    let model = live::<Entity>(work.tx(), Column::Id, Column::DeletedAt, id, KIND).await?;
    if !in_tree(work.tx(), &work.actor.viewer, model.workspace_id).await? {
        return Err(missing(KIND, id));
    }
    workspace_connector::permit(work, installation).await?;
    same_revision(given.whole("revision").value(), model.revision)?;
    Ok(model)
}

async fn start(work: &mut Work, given: Given) -> Result<Outcome> {
    let wrong = |name, issue: &str| Err(Error::Invalid(vec![given.problem(name, issue)]));
    match (
        given.id("id").is_sent(),
        given.id("workspace_connector").is_sent(),
    ) {
        (false, false) => wrong(
            "workspace_connector",
            "is missing; name the installation of a new run, or a scheduled run by `id`",
        ),
        (true, true) => wrong(
            "id",
            "names a scheduled run, which has its installation; leave one of the two out",
        ),
        (true, false) if given.boolean("scheduled") == Sent::Value(true) => wrong(
            "scheduled",
            "cannot be true for a scheduled run that starts now; leave it out",
        ),
        (true, false) => step(work, given, Event::Start).await,
        (false, true) if given.whole("revision").is_sent() => wrong(
            "revision",
            "is of a scheduled run; leave it out for a new one",
        ),
        (false, true) => add(work, given).await,
    }
}

/// Writes the row of a new run.
async fn add(work: &mut Work, given: Given) -> Result<Outcome> {
    let installation = workspace_connector::named(work, &given).await?;
    workspace_connector::may_sync(installation.status)
        .map_err(|issue| Error::Conflict(given.problem("workspace_connector", issue)))?;
    let (begun, scheduled) = (now(), given.boolean("scheduled") == Sent::Value(true));
    let row = ActiveModel {
        id: Set(new_id()),
        workspace_connector_id: Set(installation.id),
        workspace_id: Set(installation.workspace_id),
        status: Set(if scheduled {
            Status::Scheduled
        } else {
            Status::InProgress
        }),
        trigger_type: Set(given.word("trigger_type").value()),
        started_at: Set((!scheduled).then_some(begun)),
        cloud_task_id: Set(given.text("cloud_task_id").value()),
        metadata: Set(merged(&given, None)?),
        revision: Set(1),
        created_at: Set(begun),
        updated_at: Set(begun),
        ..Default::default()
    };
    let made = row.insert(work.tx()).await?;
    let entry = Entry::of(ROOT, made.id).in_workspace(made.workspace_id);
    let entry = Entry {
        revision: Some(made.revision),
        ..entry.made(&made)
    };
    work.record(entry);
    Ok(outcome(ROOT, made.id))
}

/// Takes a run one step on.
async fn step(work: &mut Work, given: Given, event: Event) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    let next = state::next(STEPS, before.status, event);
    let status = next.map_err(|issue| Error::Conflict(given.problem("id", issue)))?;
    let mut active = before.clone().into_active_model();
    active.status = Set(status);
    active.metadata = Set(merged(&given, before.metadata.as_ref())?);
    match event {
        Event::Start => begin(work, &given, &before, &mut active).await?,
        Event::Progress => {}
        Event::Finish => end(&before, &mut active),
        Event::Fail => {
            end(&before, &mut active);
            active.error = Set(Some(reason(&given)?));
        }
    }
    touch!(active, before);
    let after = active.update(work.tx()).await?;
    let entry = Entry::of(ROOT, after.id).in_workspace(after.workspace_id);
    let entry = Entry {
        revision: Some(after.revision),
        ..entry.changed(&before, &after)
    };
    work.record(entry);
    Ok(outcome(ROOT, after.id))
}

/// Sets what is known once a scheduled run begins.
async fn begin(work: &Work, given: &Given, before: &Model, active: &mut ActiveModel) -> Result<()> {
    let refused = |issue| Error::Conflict(given.problem("id", issue));
    let status = workspace_connector::status(work, before.workspace_connector_id).await?;
    let gone = || refused("belongs to an installation that is gone".to_owned());
    workspace_connector::may_sync(status.ok_or_else(gone)?).map_err(refused)?;
    active.started_at = Set(Some(now()));
    if let Sent::Value(word) = given.word("trigger_type") {
        active.trigger_type = Set(Some(word));
    }
    if let Sent::Value(task) = given.text("cloud_task_id") {
        active.cloud_task_id = Set(Some(task));
    }
    Ok(())
}

/// Sets when a run ended, and after how long.
fn end(before: &Model, active: &mut ActiveModel) {
    let ended = now();
    active.completed_at = Set(Some(ended));
    active.duration_ms = Set(before.started_at.map(|begun| milliseconds(begun, ended)));
}

/// The time between two moments; a clock that was set back makes no negative one.
fn milliseconds(begun: DateTime<Utc>, ended: DateTime<Utc>) -> i32 {
    let passed = (ended - begun).num_milliseconds().max(0);
    i32::try_from(passed).unwrap_or(i32::MAX)
}

/// Why a run failed, short enough for its index.
fn reason(given: &Given) -> Result<String> {
    let reason = given.text("error").value().unwrap_or_default();
    if reason.len() > ERROR_BYTES {
        let issue = format!(
            "is {} bytes long in UTF-8; the limit is {ERROR_BYTES}",
            reason.len()
        );
        return Err(Error::Invalid(vec![given.problem("error", issue)]));
    }
    Ok(reason)
}

/// The facts there are with those that were sent: members replace those of the same name, and
/// `null` removes one. Runs report counts as they go, and need not repeat the others.
fn merged(given: &Given, before: Option<&Json>) -> Result<Option<Json>> {
    let Sent::Value(Json::Object(sent)) = given.json("metadata") else {
        return Ok(before.cloned());
    };
    let mut facts: Map<String, Json> = before
        .and_then(Json::as_object)
        .cloned()
        .unwrap_or_default();
    for (name, value) in sent {
        match value {
            Json::Null => facts.remove(&name),
            value => facts.insert(name, value),
        };
    }
    let all = Json::Object(facts);
    let bytes = all.to_string().len();
    if bytes > METADATA {
        let issue =
            format!("makes the metadata {bytes} bytes long when written; the limit is {METADATA}");
        return Err(Error::Invalid(vec![given.problem("metadata", issue)]));
    }
    Ok(Some(all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{ActiveEnum, Iterable};

    #[test]
    fn a_run_goes_forward_only() {
        let mut possible = Vec::new();
        for status in Status::iter() {
            for event in [Event::Start, Event::Progress, Event::Finish, Event::Fail] {
                if let Ok(next) = state::next(STEPS, status, event) {
                    possible.push(format!(
                        "{} {event:?} {}",
                        status.to_value(),
                        next.to_value()
                    ));
                }
            }
        }
        assert_eq!(
            possible,
            [
                "scheduled Start in_progress",
                "in_progress Progress in_progress",
                "in_progress Finish success",
                "in_progress Fail error",
            ]
        );
    }

    #[test]
    fn a_duration_is_never_negative_and_never_too_long() {
        let begun = DateTime::UNIX_EPOCH;
        let after = |ms| milliseconds(begun, begun + chrono::TimeDelta::milliseconds(ms));
        assert_eq!(
            [after(1500), after(-5), after(i64::from(i32::MAX) + 1)],
            [1500, 0, i32::MAX]
        );
    }
}
