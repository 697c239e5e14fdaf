//! Who a token says is asking, remembered for a moment; and when it was last used.

use super::{PREFIX, REMEMBERED, hash};
use crate::db::{Arg, Db, Row};
use crate::error::{Error, Result};
use crate::query::Viewer;
use crate::service::{Actor, Capability, may, now};
use chrono::{DateTime, TimeDelta, Utc};
use entity::membership::Role;
use sea_orm::ActiveEnum;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How often the use of a token is noted.
const NOTED: Duration = Duration::from_secs(300);

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

/// Tokens that were looked up a moment ago, and those whose use was noted lately.
pub struct Cache {
    known: moka::sync::Cache<String, (Instant, u64, Identity)>,
    noted: moka::sync::Cache<Uuid, ()>,
}

impl Default for Cache {
    fn default() -> Self {
        Cache {
            known: moka::sync::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(REMEMBERED)
                .build(),
            noted: moka::sync::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(NOTED)
                .build(),
        }
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
        .known
        .get(&hash)
        .filter(|(since, trees, _)| since.elapsed() < REMEMBERED && *trees == db.trees());
    let identity = match remembered {
        Some((_, _, identity)) => identity,
        None => {
            let (since, trees) = (Instant::now(), db.trees());
            let (identity, used) = look_up(db, &hash).await?.ok_or_else(refused)?;
            if identity.expires_at.is_none_or(|end| end > Utc::now()) {
                note_use(db, cache, identity.id, used);
            }
            cache.known.insert(hash, (since, trees, identity.clone()));
            identity
        }
    };
    match identity.expires_at {
        Some(end) if end <= Utc::now() => Err(refused()),
        _ => Ok(identity),
    }
}

/// Who a token stands for, by its identifier; `None` if it is revoked or expired. For work that
/// goes on after the request which the token came with.
pub(crate) async fn actor(db: &Db, id: Uuid) -> Result<Option<Actor>> {
    let rows = db.rows(select("t.id = $1"), vec![Arg::Uuid(id)]).await?;
    let found = rows.first().and_then(identity);
    let good = found.filter(|i| i.expires_at.is_none_or(|end| end > Utc::now()));
    Ok(good.map(|identity| identity.actor(Uuid::now_v7().simple().to_string())))
}

impl Identity {
    /// The same, acting in a request.
    pub fn actor(self, trace_id: String) -> Actor {
        Actor {
            viewer: self.viewer,
            role: self.role,
            token_id: Some(self.id),
            token_name: self.name,
            expires_at: self.expires_at,
            address: None,
            trace_id,
        }
    }
}

/// The statement that finds a token.
fn select(which: &str) -> String {
    format!(
        "SELECT t.workspace_id, t.person_id, t.role, t.name, t.expires_at, w.organization_id, w.path, \
         EXISTS (SELECT 1 FROM workspaces c WHERE c.parent_workspace_id = w.id), t.id, t.last_used_at \
         FROM api_tokens t JOIN workspaces w ON w.id = t.workspace_id JOIN people p ON p.id = t.person_id \
         WHERE {which} AND t.revoked_at IS NULL AND w.deleted_at IS NULL AND p.deleted_at IS NULL"
    )
}

/// The token of a hash, and when it was last used.
async fn look_up(db: &Db, hash: &str) -> Result<Option<(Identity, Option<DateTime<Utc>>)>> {
    let args = vec![Arg::Text(hash.to_owned())];
    let rows = db.rows(select("t.hash = $1"), args).await?;
    Ok(rows
        .first()
        .and_then(|row| Some((identity(row)?, row.time(9)))))
}

fn identity(row: &Row) -> Option<Identity> {
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
}

/// Notes that a token was used, unless that was done lately by this process or another one. No
/// request waits for it, and it is no change of the row: its revision stays.
fn note_use(db: &Db, cache: &Cache, id: Uuid, used: Option<DateTime<Utc>>) {
    let lately = now() - TimeDelta::from_std(NOTED).unwrap_or_default();
    if used.is_some_and(|used| used > lately) || !cache.noted.entry(id).or_insert(()).is_fresh() {
        return;
    }
    let db = db.clone();
    tokio::spawn(async move {
        let sql = "UPDATE api_tokens SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at <= $3)";
        let args = vec![Arg::Time(now()), Arg::Uuid(id), Arg::Time(lately)];
        if let Err(error) = db.aside(sql, args).await {
            tracing::debug!(%error, "the use of a token was not noted");
        }
    });
}
