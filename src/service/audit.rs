//! The record of what happened: one row for each write and each refusal, in the transaction of the
//! write. Rows are only ever added; they also feed live updates. Secrets are left out.

mod export;

pub use export::{Which, export};

use super::form::credential_like;
use super::{Actor, new_id, now};
use crate::error::Result;
use entity::audit_event::{ActiveModel, Entity, Outcome};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::value::sea_value_to_json_value;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, EntityTrait, IdenStatic, Iterable, ModelTrait,
};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// What stands for a value that must not be kept.
pub const REDACTED: &str = "[redacted]";

/// Columns that are never kept, whatever they hold.
const SECRET: [&str; 3] = ["hash", "sealed", "verifier"];

/// What a use case did, for the record.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// The kind of record, the plural root of its resource, e.g. `connectors`.
    pub resource: &'static str,
    /// The record.
    pub record_id: Option<Uuid>,
    /// The workspace it belongs to; without one it is the actor's.
    pub workspace_id: Option<Uuid>,
    /// The revision of the record afterwards.
    pub revision: Option<i32>,
    /// The record beforehand; null for a creation.
    pub before: Option<Json>,
    /// The record afterwards; null for a removal.
    pub after: Option<Json>,
}

impl Entry {
    /// An entry about a record.
    pub fn of(resource: &'static str, id: Uuid) -> Self {
        Entry {
            resource,
            record_id: Some(id),
            ..Entry::default()
        }
    }

    /// The same, with the record's workspace.
    pub fn in_workspace(mut self, workspace: impl Into<Option<Uuid>>) -> Self {
        self.workspace_id = workspace.into();
        self
    }

    /// The same, with the record as it was made.
    pub fn made<M: ModelTrait>(mut self, model: &M) -> Self {
        self.after = Some(snapshot(model));
        self
    }

    /// The same, with what changed of the record: members that stayed are left out of both sides.
    pub fn changed<M: ModelTrait>(mut self, before: &M, after: &M) -> Self {
        let (Json::Object(before), Json::Object(after)) = (snapshot(before), snapshot(after))
        else {
            return self;
        };
        let differs = |(name, value): &(String, Json), other: &Map<String, Json>| {
            other.get(name) != Some(value)
        };
        let pick = |from: &Map<String, Json>, other: &Map<String, Json>| -> Map<String, Json> {
            from.clone()
                .into_iter()
                .filter(|m| differs(m, other))
                .collect()
        };
        self.before = Some(Json::Object(pick(&before, &after)));
        self.after = Some(Json::Object(pick(&after, &before)));
        self
    }
}

/// A row as JSON: every column by name, secrets left out.
pub fn snapshot<M: ModelTrait>(model: &M) -> Json {
    let mut members = Map::new();
    for column in <M::Entity as EntityTrait>::Column::iter() {
        let name = column.as_str();
        if name == "pk" {
            continue;
        }
        let value = match SECRET.contains(&name) {
            true => Json::from(REDACTED),
            false => redacted(sea_value_to_json_value(&model.get(column))),
        };
        members.insert(name.to_owned(), value);
    }
    Json::Object(members)
}

/// Adds members to one side of an entry, for what happened beside the record itself.
pub fn beside(side: &mut Option<Json>, more: Json) {
    let Json::Object(more) = more else {
        return;
    };
    match side {
        Some(Json::Object(members)) => members.extend(more),
        _ => *side = Some(Json::Object(more)),
    }
}

/// A row about to be made as JSON: the columns that are set, secrets left out.
pub fn snapshot_of<A: ActiveModelTrait>(active: &A) -> Json {
    let mut members = Map::new();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        let name = column.as_str();
        if let (false, ActiveValue::Set(value)) = (SECRET.contains(&name), active.get(column)) {
            members.insert(name.to_owned(), redacted(sea_value_to_json_value(&value)));
        }
    }
    Json::Object(members)
}

/// A value without what looks like a credential.
pub fn redacted(value: Json) -> Json {
    match value {
        Json::Object(members) => {
            let keep = |(name, value): (String, Json)| {
                let value = if credential_like(&name) {
                    REDACTED.into()
                } else {
                    redacted(value)
                };
                (name, value)
            };
            Json::Object(members.into_iter().map(keep).collect())
        }
        Json::Array(list) => Json::Array(list.into_iter().map(redacted).collect()),
        other => other,
    }
}

/// Writes the row of what was done, or of what was refused.
pub async fn write(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    action: &str,
    outcome: Outcome,
    entry: Entry,
) -> Result<()> {
    let row = ActiveModel {
        id: Set(new_id()),
        workspace_id: Set(entry.workspace_id.or(Some(actor.viewer.workspace_id))),
        person_id: Set(actor.person()),
        api_token_id: Set(actor.token_id),
        action: Set(action.to_owned()),
        outcome: Set(outcome),
        resource: Set(entry.resource.to_owned()),
        record_id: Set(entry.record_id),
        revision: Set(entry.revision),
        before: Set(entry.before),
        after: Set(entry.after),
        address: Set(actor.address.clone()),
        trace_id: Set(Some(actor.trace_id.clone())),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}
