//! One unit of work: the transaction a use case writes in, who acts, and the files that came with
//! the request. It keeps the order of events true: a use case that changes a row takes its
//! [`Work::lock`] before anything else is written.

use super::audit::Entry;
use super::{Actor, Backing, Outcome, Prepared};
use crate::db::{Db, Dialect};
use crate::error::{Error, Problem, Result};
use crate::store::Upload;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, SqlErr,
    Statement, Value,
};
use std::sync::Arc;
use uuid::Uuid;

/// Something that is done when everybody can see the change.
type Later = dyn FnOnce() -> BoxFuture<'static, ()> + Send + Sync;

/// A transaction in which one use case runs.
pub struct Work {
    /// Who acts. A use case that widens what the actor sees says so in `viewer`.
    pub actor: Actor,
    /// The database as the transaction sees it, for the engine.
    pub db: Db,
    /// Files of the request, by number: checked, and stored before.
    pub files: Vec<Upload>,
    /// What was found out before the transaction, see [`UseCase::ahead`](super::UseCase::ahead).
    pub prepared: Prepared,
    /// What stands behind use cases.
    pub backing: Backing,
    transaction: Arc<DatabaseTransaction>,
    entry: Option<Entry>,
    /// Whether the tree of workspaces changed, and with it what tokens see.
    replanted: bool,
    /// What is left to do when everybody can see the change.
    later: Vec<Box<Later>>,
}

impl Work {
    /// Begins a transaction.
    pub(super) async fn begin(
        db: &Db,
        actor: &Actor,
        files: Vec<Upload>,
        backing: &Backing,
    ) -> Result<Work> {
        let transaction = Arc::new(db.begin().await?);
        Ok(Work {
            actor: actor.clone(),
            db: db.within(&transaction),
            files,
            prepared: Prepared::Nothing,
            backing: backing.clone(),
            transaction,
            entry: None,
            replanted: false,
            later: Vec::new(),
        })
    }

    /// What statements of the use case run on.
    pub fn tx(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Notes what was done; a use case does so exactly once.
    pub fn record(&mut self, entry: Entry) {
        self.entry = Some(entry);
    }

    /// Says that the tree of workspaces changes: what the actor sees, and what is remembered of
    /// tokens, is no longer so.
    pub fn replant(&mut self) {
        self.actor.viewer.leaf = false;
        self.replanted = true;
    }

    /// Adds something to be done after the commit and before the answer. It must not fail: the
    /// change stands.
    pub fn afterwards<F>(&mut self, what: impl FnOnce() -> F + Send + Sync + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.later.push(Box::new(|| Box::pin(what())));
    }

    /// What was noted.
    pub(super) fn entry(&mut self) -> Result<Entry> {
        let missing = || Error::internal("a use case noted nothing for the record");
        self.entry.take().ok_or_else(missing)
    }

    /// Waits for other writers of the same row. It comes before the first change, so that on
    /// PostgreSQL the number of the transaction, which orders events, is taken after theirs.
    /// SQLite has one writer at a time.
    pub async fn lock(&self, id: Uuid) -> Result<()> {
        self.lock_number(id.as_u64_pair().0 ^ id.as_u64_pair().1)
            .await
    }

    /// As [`Work::lock`], for what has no identifier yet.
    pub(super) async fn lock_number(&self, number: u64) -> Result<()> {
        if self.db.dialect() == Dialect::Postgres {
            let backend = self.tx().get_database_backend();
            let sql = "SELECT pg_advisory_xact_lock($1)";
            let key = Value::from(i64::from_ne_bytes(number.to_ne_bytes()));
            let statement = Statement::from_sql_and_values(backend, sql, [key]);
            self.tx().execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Ends the transaction for good and tells those who follow changes.
    pub(super) async fn commit(self, db: &Db) -> Result<()> {
        let Work {
            transaction,
            db: own,
            replanted,
            later,
            ..
        } = self;
        drop(own);
        let transaction = Arc::into_inner(transaction)
            .ok_or_else(|| Error::internal("something still reads from the transaction"))?;
        transaction.commit().await?;
        if replanted {
            db.replanted();
        }
        db.committed();
        for what in later {
            what().await;
        }
        Ok(())
    }

    /// Ends the transaction as if nothing had happened.
    pub(super) async fn rollback(self) {
        let Work {
            transaction, db, ..
        } = self;
        drop(db);
        // A transaction that is dropped is rolled back as well.
        if let Some(transaction) = Arc::into_inner(transaction)
            && let Err(error) = transaction.rollback().await
        {
            tracing::warn!(%error, "a transaction could not be rolled back and is left to end by itself");
        }
    }
}

/// A row that was changed by its use case.
pub fn outcome(resource: &'static str, id: Uuid) -> Outcome {
    Outcome {
        resource,
        id,
        extra: Vec::new(),
    }
}

/// Refuses a change that was made against another revision than the row has.
pub fn same_revision(expected: Option<i64>, current: i32) -> Result<()> {
    match expected {
        Some(expected) if expected != i64::from(current) => Err(Error::Stale {
            expected: expected.to_string(),
            current,
        }),
        _ => Ok(()),
    }
}

/// A broken uniqueness rule becomes a named conflict at `problem`; everything else stays.
pub fn taken(error: DbErr, kind: &'static str, problem: impl FnOnce() -> Problem) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::Exists {
            kind,
            problem: problem(),
        },
        _ => error.into(),
    }
}

/// The live row of that identifier, or a refusal that says there is none.
pub async fn live<E>(
    connection: &impl ConnectionTrait,
    id: E::Column,
    deleted_at: E::Column,
    value: Uuid,
    kind: &'static str,
) -> Result<E::Model>
where
    E: EntityTrait,
{
    let found = E::find()
        .filter(id.eq(value))
        .filter(Expr::col((E::default(), deleted_at)).is_null())
        .one(connection)
        .await?;
    found.ok_or_else(|| Error::NotFound {
        kind,
        id: value.to_string(),
    })
}
