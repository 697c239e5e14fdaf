//! Rules that choose which documents go out through a connector: a workspace's own ones. Templates
//! are the operator's and read-only here.

mod condition;

use super::form::{Attribute as A, Form, Given, Sent, Shape as S};
use super::reference::Named;
use super::use_case::UseCase;
use super::work::{Work, live, outcome, same_revision};
use super::write::{deleted, in_tree, missing, put, put_or_empty};
use super::{Capability, Entry, Outcome, connector, new_id, now, reference};
use crate::error::{Error, Problem, Result};
use crate::touch;
use entity::connector_filter::{ActiveModel, Column, Entity, Model};
use entity::workspace_connector;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use uuid::Uuid;

/// The kind in sentences and codes.
const KIND: &str = "connector_filter";

/// The root of records.
const ROOT: &str = "connector_filters";

/// Bytes of `config` when written.
const CONFIG: usize = 10_000;

const RULE: A = A::new(
    "config",
    S::Settings(CONFIG),
    "The rule, a condition on documents, e.g. `{\"status\": {\"_eq\": \"issued\"}}`: fields with operators, joined by `_and`, `_or` and `_not`. An empty one takes all documents.",
);
const WORDS: A = A::new("natural_language", S::Text(0, 2000), "The rule in words.").nullable();
const ID: A = A::new("id", S::Id, "The rule.").required();

static CREATE: Form = Form {
    name: "ConnectorFilterCreate",
    doc: "A rule to be added to a workspace.",
    attributes: &[
        A::new(
            "connector",
            S::Key,
            "The connector it is for, by identifier or slug.",
        )
        .required(),
        A::new(
            "workspace",
            S::Key,
            "The workspace, by identifier, external identifier or slug; the token's own if left out.",
        ),
        RULE.required(),
        WORDS,
    ],
};

static UPDATE: Form = Form {
    name: "ConnectorFilterUpdate",
    doc: "What changes of a rule; what is left out stays, `null` empties.",
    attributes: &[ID, A::REVISION, RULE, WORDS],
};

static NAMED: Form = Form {
    name: "ConnectorFilterName",
    doc: "A rule, and the state it was seen in.",
    attributes: &[ID, A::REVISION],
};

/// Ways to change rules.
pub static USE_CASES: [UseCase; 3] = [
    UseCase {
        name: "connector_filter_create",
        doc: "Adds a rule that chooses which documents of a workspace go out through a connector.",
        capability: Capability::Catalogue,
        resource: crate::resource::connector_filter::resource,
        form: &CREATE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(create(work, given)),
    },
    UseCase {
        name: "connector_filter_update",
        doc: "Changes a rule; what is left out stays as it is.",
        capability: Capability::Catalogue,
        resource: crate::resource::connector_filter::resource,
        form: &UPDATE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(update(work, given)),
    },
    UseCase {
        name: "connector_filter_delete",
        doc: "Removes a rule that no installation uses.",
        capability: Capability::Catalogue,
        resource: crate::resource::connector_filter::resource,
        form: &NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(delete(work, given)),
    },
];

/// The live rule that the input names, locked, and the actor's to change.
async fn to_change(work: &Work, given: &Given) -> Result<Model> {
    let id = given.id("id").value().unwrap_or_default();
    work.lock(id).await?;
    let model = live::<Entity>(work.tx(), Column::Id, Column::DeletedAt, id, KIND).await?;
    let Some(workspace) = model.workspace_id else {
        return Err(Error::Forbidden("templates are read-only".into()));
    };
    if !in_tree(work.tx(), &work.actor.viewer, workspace).await? {
        return Err(missing(KIND, id));
    }
    same_revision(given.whole("revision").value(), model.revision)?;
    Ok(model)
}

/// What is wrong with the condition that was sent.
fn judge(given: &Given) -> Vec<Problem> {
    match given.json("config") {
        Sent::Value(config) => condition::judge(&config, &given.at("config")),
        Sent::Absent | Sent::Null => Vec::new(),
    }
}

async fn create(work: &mut Work, given: Given) -> Result<Outcome> {
    let mut problems = judge(&given);
    let mut note = |found: Named<Uuid>| found.map_err(|p| problems.push(p)).ok();
    let workspace = note(reference::workspace(work, &given).await?);
    let connector = note(connector::named(work, &given).await?.map(|c| c.id));
    let (Some(connector), Some(workspace), true) = (connector, workspace, problems.is_empty())
    else {
        return Err(Error::Invalid(problems));
    };
    let row = ActiveModel {
        id: Set(new_id()),
        connector_id: Set(connector),
        workspace_id: Set(Some(workspace)),
        template: Set(false),
        config: Set(given.json("config").value().unwrap_or_default()),
        natural_language: Set(given.text("natural_language").value()),
        revision: Set(1),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let made = row.insert(work.tx()).await?;
    let entry = Entry::of(ROOT, made.id).in_workspace(workspace).made(&made);
    work.record(Entry {
        revision: Some(made.revision),
        ..entry
    });
    Ok(outcome(ROOT, made.id))
}

/// Saves a change, notes it, and answers it.
async fn save(work: &mut Work, before: Model, mut active: ActiveModel) -> Result<Outcome> {
    touch!(active, before);
    let after = active.update(work.tx()).await?;
    let entry = Entry::of(ROOT, after.id).in_workspace(after.workspace_id);
    work.record(Entry {
        revision: Some(after.revision),
        ..entry.changed(&before, &after)
    });
    Ok(outcome(ROOT, after.id))
}

async fn update(work: &mut Work, given: Given) -> Result<Outcome> {
    let problems = judge(&given);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let before = to_change(work, &given).await?;
    let mut active = before.clone().into_active_model();
    put(&mut active.config, given.json("config"));
    put_or_empty(&mut active.natural_language, given.text("natural_language"));
    save(work, before, active).await
}

/// Without its rule an installation would send out everything, so a rule in use stays.
async fn delete(work: &mut Work, given: Given) -> Result<Outcome> {
    use workspace_connector::{Column as C, Entity as E};
    let before = to_change(work, &given).await?;
    let users = E::find()
        .filter(C::ConnectorFilterId.eq(before.id))
        .filter(C::DeletedAt.is_null())
        .count(work.tx())
        .await?;
    if users > 0 {
        let issue = format!(
            "names a rule in use, by {users} installation(s); give those another rule or none first"
        );
        return Err(Error::Conflict(given.problem("id", issue)));
    }
    let mut active = before.clone().into_active_model();
    active.deleted_at = deleted();
    save(work, before, active).await
}
