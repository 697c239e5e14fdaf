//! Facts about this database that every server process beside it shares.

use super::{new_id, now};
use crate::db::Db;
use crate::error::{Error, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use entity::instance_setting::{ActiveModel, Column, Entity};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Bytes nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

/// The key that seals cursors, made on first use. It protects no secret: it keeps clients from
/// building cursors of their own.
pub async fn cursor_key(db: &Db) -> Result<[u8; 32]> {
    key(db, "cursor_key").await
}

/// The key that signs the addresses of media, made on first use. Whoever has it can show every
/// file and send some.
pub async fn media_key(db: &Db) -> Result<[u8; 32]> {
    key(db, "media_key").await
}

async fn key(db: &Db, name: &str) -> Result<[u8; 32]> {
    let stored = shared(db, name, || Ok(BASE64_STANDARD.encode(random::<32>()?))).await?;
    let bytes = BASE64_STANDARD.decode(stored).map_err(Error::internal)?;
    bytes
        .try_into()
        .map_err(|_| Error::internal(format!("the stored {name} has not 32 bytes")))
}

/// The value of a setting; the first process to ask makes it.
async fn shared(db: &Db, name: &str, make: impl Fn() -> Result<String>) -> Result<String> {
    let find = || Entity::find().filter(Column::Name.eq(name)).one(db.orm());
    if let Some(row) = find().await? {
        return Ok(row.value);
    }
    let row = ActiveModel {
        id: Set(new_id()),
        name: Set(name.to_owned()),
        value: Set(make()?),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let unless_made = OnConflict::column(Column::Name).do_nothing().to_owned();
    Entity::insert(row)
        .on_conflict(unless_made)
        .exec_without_returning(db.orm())
        .await?;
    let row = find().await?;
    row.map(|r| r.value)
        .ok_or_else(|| Error::internal("a setting vanished while it was made"))
}
