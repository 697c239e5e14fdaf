//! API tokens: made once, shown once, stored as a hash. Each acts as a person of its own, made
//! with it, so that what a program does is told apart from what people do.

mod form;
mod identity;
mod write;

pub(crate) use identity::actor;
pub use identity::{Cache, Identity, identify};
pub(super) use write::{lower, wait_until_forgotten, withdraw, working};

use super::use_case::UseCase;
use super::{Capability, Extra, ExtraKind, membership, new_id, now, setting, workspace};
use crate::db::Db;
use crate::error::{Error, Problem, Result};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::membership::Role;
use entity::{api_token, person};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveEnum, ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait};
use sea_orm::{Condition, QueryFilter, QueryOrder};
use serde_json::Map;
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

/// How long an answer about a token may be reused. Revoking waits as long before it returns, so
/// that no server honours the token afterwards.
pub const REMEMBERED: Duration = Duration::from_millis(250);

/// What every token begins with, so that scanners recognise a leaked one.
const PREFIX: &str = "cty_";

/// Ways to change tokens.
pub static USE_CASES: [UseCase; 2] = [
    UseCase {
        name: "api_token_create",
        doc: "Makes a token that acts for a workspace, as a person of its own. Its role is at most the actor's.",
        capability: Capability::Administration,
        resource: crate::resource::api_token::resource,
        form: &form::CREATE,
        extra: &[Extra {
            name: "token",
            doc: "The token itself: the only time it is seen. It is kept nowhere, so a repetition of the request by its idempotency key has null here.",
            kind: ExtraKind::Secret,
        }],
        ahead: None,
        run: |work, given| Box::pin(write::create(work, given)),
    },
    UseCase {
        name: "api_token_revoke",
        doc: "Revokes a token; when the answer comes, no server accepts it any more. Only owners revoke tokens of owners.",
        capability: Capability::Administration,
        resource: crate::resource::api_token::resource,
        form: &form::NAMED,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(write::revoke(work, given)),
    },
];

/// A token to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// The workspace it belongs to.
    pub workspace: Uuid,
    /// What it may do.
    pub role: Role,
    /// What it is called; also the name of the person made for it.
    pub name: String,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A token that was made. It has no `Debug`: the value must not get into a log.
struct Made {
    /// The token itself.
    value: String,
    row: api_token::Model,
    person: person::Model,
    membership: entity::membership::Model,
}

/// Makes a token and a person who owns it, and returns the token: the only time it is seen.
pub async fn create(db: &Db, new: New) -> Result<String> {
    let mut sent = Map::new();
    sent.insert("name".into(), new.name.as_str().into());
    sent.insert("role".into(), new.role.to_value().into());
    form::CREATE.check(&sent, "", 0).map_err(Error::Invalid)?;
    let transaction = db.begin().await?;
    let made = make(&transaction, new).await?;
    transaction.commit().await?;
    Ok(made.value)
}

/// Writes a token, the person it acts as, and that person's membership.
async fn make(connection: &impl ConnectionTrait, new: New) -> Result<Made> {
    let value = format!(
        "{PREFIX}{}",
        BASE64_URL_SAFE_NO_PAD.encode(setting::random::<32>()?)
    );
    let person = person::ActiveModel {
        id: Set(new_id()),
        full_name: Set(new.name.clone()),
        first_name: Set(new.name.clone()),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let person = person.insert(connection).await?;
    let membership = membership::row(new.workspace, person.id, new.role);
    let membership = membership.insert(connection).await?;
    let row = api_token::ActiveModel {
        id: Set(new_id()),
        workspace_id: Set(new.workspace),
        person_id: Set(person.id),
        name: Set(new.name),
        role: Set(new.role),
        hash: Set(hash(&value)),
        prefix: Set(value.chars().take(PREFIX.len() + 6).collect()),
        expires_at: Set(new.expires_at),
        revision: Set(1),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let row = row.insert(connection).await?;
    Ok(Made {
        value,
        row,
        person,
        membership,
    })
}

/// Tokens hold 256 random bits, so a plain hash is enough: there is nothing to guess.
fn hash(token: &str) -> String {
    format!("{:x}", Sha256::digest(token.as_bytes()))
}

/// Whether any token was ever made.
pub async fn any(db: &Db) -> Result<bool> {
    Ok(api_token::Entity::find().one(db.orm()).await?.is_some())
}

/// The tokens of a workspace, or all, oldest first. Their values are not known.
pub async fn list(db: &Db, workspace: Option<&str>) -> Result<Vec<api_token::Model>> {
    let mut find = api_token::Entity::find().order_by_asc(api_token::Column::Pk);
    if let Some(name) = workspace {
        let workspace = workspace::find(db, name).await?;
        find = find.filter(api_token::Column::WorkspaceId.eq(workspace.id));
    }
    Ok(find.all(db.orm()).await?)
}

/// Revokes a token, named by its identifier, its visible beginning or the token itself. When it
/// returns, no server process accepts the token any more.
pub async fn revoke(db: &Db, name: &str) -> Result<()> {
    let which = match Uuid::parse_str(name) {
        Ok(id) => api_token::Column::Id.eq(id),
        Err(_) if name.len() > PREFIX.len() + 6 => api_token::Column::Hash.eq(hash(name)),
        Err(_) => api_token::Column::Prefix.eq(name),
    };
    let found = api_token::Entity::find()
        .filter(which.clone())
        .all(db.orm())
        .await?;
    match found.as_slice() {
        [] => {
            return Err(Error::NotFound {
                kind: "token",
                id: name.to_owned(),
            });
        }
        [_] => {}
        _ => {
            let issue = "begins several tokens; name one by its identifier";
            return Err(Error::Conflict(Problem::new(name, issue)));
        }
    }
    withdraw(db.orm(), Condition::all().add(which)).await?;
    tokio::time::sleep(REMEMBERED).await;
    Ok(())
}
