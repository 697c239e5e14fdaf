//! Claims on connections that are due: who holds one looks at the connection, all others leave it
//! alone until the claim ends.

use crate::connect::Connect;
use crate::db::Dialect;
use crate::error::Result;
use crate::service::now;
use chrono::{DateTime, TimeDelta, Utc};
use entity::connection::{Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    Value,
};
use uuid::Uuid;

/// How long a claim holds: longer than a check with all its questions takes.
const CLAIM: TimeDelta = TimeDelta::seconds(90);

/// On PostgreSQL two processes never wait for each other's rows. The array is read once; a plain
/// `IN` may be read for every row, and would then take more than its limit.
const TAKE_POSTGRES: &str = "UPDATE connections SET next_check_at = $2 WHERE pk = ANY(ARRAY(\
     SELECT pk FROM connections WHERE next_check_at <= $1 \
     ORDER BY next_check_at LIMIT $3 FOR UPDATE SKIP LOCKED)) RETURNING workspace_connector_id";

/// SQLite has one writer at a time.
const TAKE_SQLITE: &str = "UPDATE connections SET next_check_at = $2 WHERE pk IN (\
     SELECT pk FROM connections WHERE next_check_at <= $1 \
     ORDER BY next_check_at LIMIT $3) RETURNING workspace_connector_id";

/// A connection that is this process's to look at.
#[derive(Debug)]
pub(super) struct Claim {
    /// The installation.
    pub installation: Uuid,
    /// When others may take it; also how the claim is recognised.
    until: DateTime<Utc>,
}

/// When the first connection is due; `None` if none ever is.
pub(super) async fn first(connect: &Connect) -> Result<Option<DateTime<Utc>>> {
    let first = Entity::find()
        .select_only()
        .column(Column::NextCheckAt)
        .filter(Column::NextCheckAt.is_not_null())
        .order_by_asc(Column::NextCheckAt)
        .limit(1)
        .into_tuple::<Option<DateTime<Utc>>>()
        .one(connect.db().orm())
        .await?;
    Ok(first.flatten())
}

/// Claims what is due, at most so many.
pub(super) async fn take(connect: &Connect, most: usize) -> Result<Vec<Claim>> {
    let db = connect.db();
    let sql = match db.dialect() {
        Dialect::Postgres => TAKE_POSTGRES,
        Dialect::Sqlite => TAKE_SQLITE,
    };
    let (begun, most) = (now(), i64::try_from(most).unwrap_or(i64::MAX));
    let until = begun + CLAIM;
    let values: [Value; 3] = [begun.into(), until.into(), most.into()];
    let statement = Statement::from_sql_and_values(db.orm().get_database_backend(), sql, values);
    let rows = db.orm().query_all_raw(statement).await?;
    let claim = |row: sea_orm::QueryResult| {
        Ok(Claim {
            installation: row.try_get_by_index(0)?,
            until,
        })
    };
    rows.into_iter().map(claim).collect()
}

impl Claim {
    /// Ends the claim: the next look is at that moment. Nothing happens where somebody has decided
    /// otherwise meanwhile.
    pub async fn end(&self, connect: &Connect, next: Option<DateTime<Utc>>) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::NextCheckAt, Expr::value(next))
            .filter(Column::WorkspaceConnectorId.eq(self.installation))
            .filter(Column::NextCheckAt.eq(self.until))
            .exec(connect.db().orm())
            .await?;
        Ok(())
    }
}
