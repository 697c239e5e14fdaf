//! API tokens: made once, shown once, stored as a hash; and who they say is asking.

use super::{Capability, may, new_id, now, setting, workspace};
use crate::db::{Arg, Db};
use crate::error::{Error, Problem, Result};
use crate::query::Viewer;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::membership::Role;
use entity::{api_token, membership, person};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long an answer about a token may be reused. Revoking waits as long before it returns, so
/// that no server honours the token afterwards.
pub const REMEMBERED: Duration = Duration::from_millis(250);

/// What every token begins with, so that scanners recognise a leaked one.
const PREFIX: &str = "cty_";

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

/// Makes a token and a person who owns it, and returns the token: the only time it is seen.
pub async fn create(db: &Db, new: New) -> Result<String> {
    if new.name.trim().is_empty() || new.name.chars().count() > 100 || new.name.contains('\0') {
        return Err(Error::invalid(
            "name",
            "must have 1 to 100 characters and no NUL",
        ));
    }
    let token = format!(
        "{PREFIX}{}",
        BASE64_URL_SAFE_NO_PAD.encode(setting::random::<32>()?)
    );
    let transaction = db.begin().await?;
    let person = person::ActiveModel {
        id: Set(new_id()),
        full_name: Set(new.name.clone()),
        first_name: Set(new.name.clone()),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let person = person.insert(&transaction).await?;
    let membership = membership::ActiveModel {
        id: Set(new_id()),
        workspace_id: Set(new.workspace),
        person_id: Set(person.id),
        role: Set(new.role),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    membership.insert(&transaction).await?;
    let row = api_token::ActiveModel {
        id: Set(new_id()),
        workspace_id: Set(new.workspace),
        person_id: Set(person.id),
        name: Set(new.name),
        role: Set(new.role),
        hash: Set(hash(&token)),
        prefix: Set(token.chars().take(PREFIX.len() + 6).collect()),
        expires_at: Set(new.expires_at),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    row.insert(&transaction).await?;
    transaction.commit().await?;
    Ok(token)
}

/// Tokens hold 256 random bits, so a plain hash is enough: there is nothing to guess.
fn hash(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut out, byte| {
            use std::fmt::Write;
            let _ = write!(out, "{byte:02x}");
            out
        })
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
    api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(now()))
        .col_expr(api_token::Column::UpdatedAt, Expr::value(now()))
        .filter(which)
        .filter(api_token::Column::RevokedAt.is_null())
        .exec(db.orm())
        .await?;
    tokio::time::sleep(REMEMBERED).await;
    Ok(())
}

/// What a good token says.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Whose rows.
    pub viewer: Viewer,
    /// What the token may do.
    pub role: Role,
    /// The token.
    pub id: Uuid,
    /// What the token is called.
    pub name: String,
    /// When the token stops working.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Tokens that were looked up a moment ago.
pub struct Cache(moka::sync::Cache<String, (Instant, u64, Identity)>);

impl Default for Cache {
    fn default() -> Self {
        Cache(
            moka::sync::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(REMEMBERED)
                .build(),
        )
    }
}

/// Who a token says is asking; refuses unknown, revoked and expired ones alike.
pub async fn identify(db: &Db, cache: &Cache, token: &str) -> Result<Identity> {
    let refused = || Error::Unauthorized("the token is unknown, revoked or expired");
    if !token.starts_with(PREFIX) || token.len() > 100 {
        return Err(refused());
    }
    let hash = hash(token);
    let remembered = cache
        .0
        .get(&hash)
        .filter(|(since, trees, _)| since.elapsed() < REMEMBERED && *trees == db.trees());
    let identity = match remembered {
        Some((_, _, identity)) => identity,
        None => {
            let (since, trees) = (Instant::now(), db.trees());
            let identity = look_up(db, &hash).await?.ok_or_else(refused)?;
            cache.0.insert(hash, (since, trees, identity.clone()));
            identity
        }
    };
    match identity.expires_at {
        Some(end) if end <= Utc::now() => Err(refused()),
        _ => Ok(identity),
    }
}

async fn look_up(db: &Db, hash: &str) -> Result<Option<Identity>> {
    let sql = "SELECT t.workspace_id, t.person_id, t.role, t.name, t.expires_at, w.organization_id, w.path, \
               EXISTS (SELECT 1 FROM workspaces c WHERE c.parent_workspace_id = w.id), t.id \
               FROM api_tokens t JOIN workspaces w ON w.id = t.workspace_id JOIN people p ON p.id = t.person_id \
               WHERE t.hash = $1 AND t.revoked_at IS NULL AND w.deleted_at IS NULL AND p.deleted_at IS NULL";
    let rows = db
        .rows(sql.to_owned(), vec![Arg::Text(hash.to_owned())])
        .await?;
    Ok(rows.first().and_then(|row| {
        let role = Role::try_from_value(&row.text(2)?.to_owned()).ok()?;
        let viewer = Viewer {
            admin: may(role, Capability::Administration),
            workspace_id: row.uuid(0)?,
            person_id: row.uuid(1)?,
            organization_id: row.uuid(5)?,
            path: row.text(6)?.to_owned(),
            leaf: !row.bool(7)?,
        };
        Some(Identity {
            viewer,
            role,
            id: row.uuid(8)?,
            name: row.text(3)?.to_owned(),
            expires_at: row.time(4),
        })
    }))
}
