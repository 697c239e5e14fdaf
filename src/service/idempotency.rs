//! Requests that may be repeated: the answer to a request with a key is kept with the change, in
//! one transaction, and given again to the same request for 24 hours; another request with that key
//! is refused (the rules of Stripe's API). Keys belong to a workspace.
//!
//! Two requests with one key at once: the second waits for the first and gets its answer.

use super::work::Work;
use super::{Actor, Backing, Written, new_id, now};
use crate::db::Db;
use crate::error::{Error, Result};
use chrono::TimeDelta;
use entity::idempotency_key::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// Longest key, in characters.
pub const MAX_KEY: usize = 255;

/// A key as a client sent it, and what it was sent with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    key: String,
    fingerprint: String,
}

impl Key {
    /// A key beside everything that makes the request what it is: method, path, body.
    pub fn new(key: &str, request: &[&[u8]]) -> Result<Key> {
        let plain = key.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        if key.trim().is_empty() || key.len() > MAX_KEY || !plain {
            let issue = format!("must have 1 to {MAX_KEY} printable ASCII characters");
            return Err(Error::invalid("Idempotency-Key", issue));
        }
        let mut hash = Sha256::new();
        for part in request {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Ok(Key {
            key: key.to_owned(),
            fingerprint: format!("{:x}", hash.finalize()),
        })
    }

    /// A number that stands for the key in a workspace, to queue its requests by.
    fn number(&self, actor: &Actor) -> u64 {
        let mut hash = Sha256::new();
        hash.update(actor.viewer.workspace_id.as_bytes());
        hash.update(self.key.as_bytes());
        let bytes = hash.finalize();
        bytes
            .iter()
            .take(8)
            .fold(0, |n, b| (n << 8) | u64::from(*b))
    }
}

/// What was found under a key.
pub(super) enum Kept {
    /// Nothing: the request is new.
    Nothing,
    /// The answer of the first request.
    Answer(Written),
}

/// Looks for a kept answer, after waiting for requests with the same key.
pub(super) async fn look(work: &Work, key: &Key, part: &str) -> Result<Kept> {
    work.lock_number(key.number(&work.actor)).await?;
    let rows = Entity::find()
        .filter(Column::WorkspaceId.eq(work.actor.viewer.workspace_id))
        .filter(Column::Key.eq(&key.key))
        .filter(Column::ExpiresAt.gt(now()))
        .all(work.tx())
        .await?;
    if rows.iter().any(|row| row.fingerprint != key.fingerprint) {
        return Err(Error::KeyReused);
    }
    let row = rows.into_iter().find(|row| row.part == part);
    Ok(row.map_or(Kept::Nothing, |row| Kept::Answer(answer(row))))
}

fn answer(row: Model) -> Written {
    let headers = match row.headers {
        Json::Object(members) => members,
        _ => Map::new(),
    };
    let header = |(name, value): (String, Json)| Some((name, value.as_str()?.to_owned()));
    Written {
        status: u16::try_from(row.status).unwrap_or_default(),
        headers: headers.into_iter().filter_map(header).collect(),
        body: row.body.into_bytes(),
        replayed: true,
    }
}

/// Keeps an answer in the transaction of its change.
pub(super) async fn keep(work: &Work, key: &Key, part: &str, written: &Written) -> Result<()> {
    let headers = written.headers.iter();
    let headers: Map<String, Json> = headers
        .map(|(n, v)| (n.clone(), v.as_str().into()))
        .collect();
    let row = ActiveModel {
        id: Set(new_id()),
        workspace_id: Set(work.actor.viewer.workspace_id),
        key: Set(key.key.clone()),
        part: Set(part.to_owned()),
        fingerprint: Set(key.fingerprint.clone()),
        status: Set(i32::from(written.status)),
        headers: Set(Json::Object(headers)),
        body: Set(String::from_utf8_lossy(&written.body).into_owned()),
        expires_at: Set(now() + KEPT),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    // A row that is there has expired, or `look` would have found it.
    let anew = OnConflict::columns([Column::WorkspaceId, Column::Key, Column::Part])
        .update_columns([
            Column::Fingerprint,
            Column::Status,
            Column::Headers,
            Column::Body,
            Column::ExpiresAt,
            Column::UpdatedAt,
        ])
        .to_owned();
    Entity::insert(row)
        .on_conflict(anew)
        .exec_without_returning(work.tx())
        .await?;
    Ok(())
}

/// Keeps the answer to a mistake of the client, unless another request was first.
pub(super) async fn keep_refusal(
    db: &Db,
    actor: &Actor,
    backing: &Backing,
    key: &Key,
    part: &str,
    written: Written,
) -> Result<Written> {
    let work = Work::begin(db, actor, Vec::new(), backing).await?;
    let found = match look(&work, key, part).await {
        Ok(Kept::Nothing) => keep(&work, key, part, &written).await.map(|()| None),
        Ok(Kept::Answer(first)) => Ok(Some(first)),
        // The refusal itself may be that the key was used for another request.
        Err(Error::KeyReused) => Ok(Some(written.clone())),
        Err(error) => Err(error),
    };
    match found {
        Ok(None) => work.commit(db).await.map(|()| written),
        Ok(Some(first)) => {
            work.rollback().await;
            Ok(first)
        }
        Err(error) => {
            work.rollback().await;
            Err(error)
        }
    }
}

/// Removes answers that are no longer kept; says how many.
pub async fn sweep(db: &Db) -> Result<u64> {
    let removed = Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now()))
        .exec(db.orm())
        .await?;
    Ok(removed.rows_affected)
}
