//! Small steps that writing use cases share.

use super::form::Sent;
use super::now;
use crate::error::{Error, Result};
use crate::query::Viewer;
use entity::workspace;
use sea_orm::ActiveValue::{self, Set};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

/// Sets a column that always has a value, if one was sent.
pub fn put<T: Into<sea_orm::Value>>(column: &mut ActiveValue<T>, sent: Sent<T>) {
    if let Sent::Value(value) = sent {
        *column = Set(value);
    }
}

/// Sets a column that can be empty, if anything was sent; `null` empties it.
pub fn put_or_empty<T>(column: &mut ActiveValue<Option<T>>, sent: Sent<T>)
where
    Option<T>: Into<sea_orm::Value>,
{
    match sent {
        Sent::Absent => {}
        Sent::Null => *column = Set(None),
        Sent::Value(value) => *column = Set(Some(value)),
    }
}

/// Marks a row as changed: its next revision, and when.
#[macro_export]
macro_rules! touch {
    ($active:expr, $model:expr) => {{
        $active.revision = sea_orm::ActiveValue::Set($model.revision.saturating_add(1));
        $active.updated_at = sea_orm::ActiveValue::Set($crate::service::now());
    }};
}

/// Whether a workspace is the viewer's own or lies below it.
pub async fn in_tree(connection: &impl ConnectionTrait, viewer: &Viewer, id: Uuid) -> Result<bool> {
    if id == viewer.workspace_id {
        return Ok(true);
    }
    if viewer.leaf {
        return Ok(false);
    }
    let path: Option<String> = workspace::Entity::find()
        .select_only()
        .column(workspace::Column::Path)
        .filter(workspace::Column::Id.eq(id))
        .filter(workspace::Column::DeletedAt.is_null())
        .into_tuple()
        .one(connection)
        .await?;
    Ok(path.is_some_and(|path| path.starts_with(&viewer.path)))
}

/// The live workspace of that identifier, if it is the viewer's own or lies below it.
pub async fn workspace_in_tree(
    connection: &impl ConnectionTrait,
    viewer: &Viewer,
    id: Uuid,
) -> Result<workspace::Model> {
    let found = workspace::Entity::find()
        .filter(workspace::Column::Id.eq(id))
        .filter(workspace::Column::DeletedAt.is_null())
        .one(connection)
        .await?;
    let inside = found.filter(|w| w.id == viewer.workspace_id || w.path.starts_with(&viewer.path));
    inside.ok_or_else(|| missing("workspace", id))
}

/// There is no such row for this actor.
pub fn missing(kind: &'static str, id: impl ToString) -> Error {
    Error::NotFound {
        kind,
        id: crate::error::clip(&id.to_string()),
    }
}

/// The current moment, to be set where a row is deleted.
pub fn deleted() -> ActiveValue<Option<chrono::DateTime<chrono::Utc>>> {
    Set(Some(now()))
}
