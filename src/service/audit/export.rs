//! The record as lines of JSON, for those who keep it elsewhere: oldest first, a batch at a time.

use super::Entity;
use crate::db::Db;
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use entity::audit_event::{Column, Model};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value as Json, json};
use std::io::Write;
use uuid::Uuid;

/// Rows read at once.
const BATCH: u64 = 1000;

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct Which {
    /// Of this workspace alone.
    pub workspace: Option<Uuid>,
    /// From this moment on.
    pub since: Option<DateTime<Utc>>,
    /// Before this moment.
    pub until: Option<DateTime<Utc>>,
}

/// Writes the events, one object a line, and says how many there were.
pub async fn export(db: &Db, which: &Which, out: &mut (dyn Write + Send)) -> Result<u64> {
    let (mut after, mut count) = (0, 0);
    loop {
        let mut find = Entity::find().filter(Column::Pk.gt(after));
        if let Some(workspace) = which.workspace {
            find = find.filter(Column::WorkspaceId.eq(workspace));
        }
        if let Some(since) = which.since {
            find = find.filter(Column::CreatedAt.gte(since));
        }
        if let Some(until) = which.until {
            find = find.filter(Column::CreatedAt.lt(until));
        }
        let rows = find
            .order_by_asc(Column::Pk)
            .limit(BATCH)
            .all(db.orm())
            .await?;
        let Some(last) = rows.last() else {
            return Ok(count);
        };
        after = last.pk;
        count += rows.len() as u64;
        for row in rows {
            writeln!(out, "{}", line(row)).map_err(Error::internal)?;
        }
    }
}

fn line(row: Model) -> Json {
    json!({
        "id": row.id,
        "created_at": row.created_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        "action": row.action,
        "outcome": row.outcome.to_value(),
        "resource": row.resource,
        "record_id": row.record_id,
        "revision": row.revision,
        "workspace_id": row.workspace_id,
        "person_id": row.person_id,
        "api_token_id": row.api_token_id,
        "address": row.address,
        "trace_id": row.trace_id,
        "before": row.before,
        "after": row.after,
    })
}
