//! Mappings: how the answer of one tool becomes records of one kind. Expressions are JSONata; they
//! are judged by their shape alone and evaluated elsewhere.

mod expression;

use super::form::{Attribute as A, Form, Given, Sent, Shape as S};
use super::use_case::UseCase;
use super::work::{Work, live, outcome, same_revision, taken};
use super::write::{deleted, in_tree, missing, put};
use super::{Capability, Entry, Outcome, new_id, now, workspace_connector};
use crate::error::{Error, Problem, Result};
use crate::resource::choice;
use crate::touch;
use entity::connector_mapping::{ActiveModel, Column, Entity, Model, TargetModel};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};

/// The kind in sentences and codes.
const KIND: &str = "connector_mapping";

/// The root of records.
const ROOT: &str = "connector_mappings";

const TARGET: A = A::new(
    "target_model",
    S::Word(&choice::TARGET_MODEL),
    "The kind of record it makes.",
);
const TOOL: A = A::new(
    "tool_name",
    S::Text(1, 255),
    "The tool whose answer it reads; an installation has one mapping for each tool and kind of record.",
);
const EXPRESSION: A = A::new(
    "expression",
    S::Text(1, 20_000),
    "The mapping, a JSONata expression. Its brackets, texts and comments must be closed; more of it is judged only when it is evaluated.",
);
const ID: A = A::new("id", S::Id, "The mapping.").required();

static CREATE: Form = Form {
    name: "ConnectorMappingCreate",
    doc: "A mapping to be added to an installation.",
    attributes: &[
        A::new("workspace_connector", S::Id, "The installation.").required(),
        TARGET.required(),
        TOOL.required(),
        EXPRESSION.required(),
    ],
};

static UPDATE: Form = Form {
    name: "ConnectorMappingUpdate",
    doc: "What changes of a mapping; what is left out stays.",
    attributes: &[ID, A::REVISION, TARGET, TOOL, EXPRESSION],
};

static NAMED: Form = Form {
    name: "ConnectorMappingName",
    doc: "A mapping, and the state it was seen in.",
    attributes: &[ID, A::REVISION],
};

/// Ways to change mappings.
pub static USE_CASES: [UseCase; 3] = [
    UseCase {
        name: "connector_mapping_create",
        doc: "Adds a mapping to an installation.",
        capability: Capability::Installations,
        resource: crate::resource::connector_mapping::resource,
        form: &CREATE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(create(work, given)),
    },
    UseCase {
        name: "connector_mapping_update",
        doc: "Changes a mapping; what is left out stays as it is.",
        capability: Capability::Installations,
        resource: crate::resource::connector_mapping::resource,
        form: &UPDATE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(update(work, given)),
    },
    UseCase {
        name: "connector_mapping_delete",
        doc: "Removes a mapping.",
        capability: Capability::Installations,
        resource: crate::resource::connector_mapping::resource,
        form: &NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(delete(work, given)),
    },
];

/// The live mapping that the input names, behind the lock of its installation, and the actor's to
/// change.
async fn to_change(work: &Work, given: &Given) -> Result<Model> {
    let id = given.id("id").value().unwrap_or_default();
    let seen = live::<Entity>(work.tx(), Column::Id, Column::DeletedAt, id, KIND).await?;
    work.lock(seen.workspace_connector_id).await?;
    let model = live::<Entity>(work.tx(), Column::Id, Column::DeletedAt, id, KIND).await?;
    if !in_tree(work.tx(), &work.actor.viewer, model.workspace_id).await? {
        return Err(missing(KIND, id));
    }
    workspace_connector::permit(work, model.workspace_connector_id).await?;
    same_revision(given.whole("revision").value(), model.revision)?;
    Ok(model)
}

/// Refuses an expression that cannot be one.
fn judge(given: &Given) -> Result<()> {
    match given.text("expression") {
        Sent::Value(text) => expression::judge(&text)
            .map_err(|issue| Error::Invalid(vec![given.problem("expression", issue)])),
        Sent::Absent | Sent::Null => Ok(()),
    }
}

/// What is wrong when the installation has such a mapping already.
fn doubled(given: &Given) -> Problem {
    let name = match given.text("tool_name").is_sent() {
        true => "tool_name",
        false => "target_model",
    };
    given.problem(
        name,
        "names a tool whose answers another mapping of the installation turns into this kind of record",
    )
}

async fn create(work: &mut Work, given: Given) -> Result<Outcome> {
    judge(&given)?;
    let installation = workspace_connector::named(work, &given).await?;
    let row = ActiveModel {
        id: Set(new_id()),
        workspace_connector_id: Set(installation.id),
        workspace_id: Set(installation.workspace_id),
        target_model: Set(given
            .word("target_model")
            .value()
            .unwrap_or(TargetModel::Document)),
        tool_name: Set(given.text("tool_name").value().unwrap_or_default()),
        expression: Set(given.text("expression").value().unwrap_or_default()),
        revision: Set(1),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let made = row.insert(work.tx()).await;
    let made = made.map_err(|e| taken(e, KIND, || doubled(&given)))?;
    let entry = Entry::of(ROOT, made.id).in_workspace(made.workspace_id);
    work.record(Entry {
        revision: Some(made.revision),
        ..entry.made(&made)
    });
    Ok(outcome(ROOT, made.id))
}

/// Saves a change, notes it, and answers it.
async fn save(
    work: &mut Work,
    given: &Given,
    before: Model,
    mut active: ActiveModel,
) -> Result<Outcome> {
    touch!(active, before);
    let after = active.update(work.tx()).await;
    let after = after.map_err(|e| taken(e, KIND, || doubled(given)))?;
    let entry = Entry::of(ROOT, after.id).in_workspace(after.workspace_id);
    work.record(Entry {
        revision: Some(after.revision),
        ..entry.changed(&before, &after)
    });
    Ok(outcome(ROOT, after.id))
}

async fn update(work: &mut Work, given: Given) -> Result<Outcome> {
    judge(&given)?;
    let before = to_change(work, &given).await?;
    let mut active = before.clone().into_active_model();
    put(&mut active.target_model, given.word("target_model"));
    put(&mut active.tool_name, given.text("tool_name"));
    put(&mut active.expression, given.text("expression"));
    save(work, &given, before, active).await
}

async fn delete(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    let mut active = before.clone().into_active_model();
    active.deleted_at = deleted();
    save(work, &given, before, active).await
}
