//! Every sealed value of the database: which keys they need, and how they move to the current key
//! while servers write.
//!
//! A value moves by one statement that changes the row only if it still holds what was read, so
//! whatever a server writes meanwhile stays. Rows are not locked beyond that statement.

use super::key::Id;
use super::sealed::{Header, head, key_of};
use super::{Place, Vault};
use crate::db::Db;
use crate::error::{Error, Problem, Result};
use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable, Value};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A column of sealed values.
#[derive(Debug, Clone, Copy)]
pub struct Sealed {
    /// The table, as in [`Place::table`].
    pub table: &'static str,
    /// The column of [`Place::row`].
    pub id: &'static str,
    /// What [`Place::field`] is.
    pub field: Field,
    /// The column of the sealed values. Null or empty where there is none.
    pub blob: &'static str,
    /// The column that repeats the key id, if there is one.
    pub key_id: Option<&'static str>,
}

/// How the field of a place is told.
#[derive(Debug, Clone, Copy)]
pub enum Field {
    /// It stands in this column.
    In(&'static str),
    /// It is this word in every row.
    Is(&'static str),
}

/// All of them. A new column of sealed values is one more entry.
pub const SEALED: &[Sealed] = &[
    Sealed {
        table: "connection_credentials",
        id: "id",
        field: Field::In("name"),
        blob: "ciphertext",
        key_id: Some("key_id"),
    },
    Sealed {
        table: "connection_authorizations",
        id: "id",
        field: Field::Is("sealed"),
        blob: "sealed",
        key_id: None,
    },
];

/// Rows that are read at once.
const BATCH: i64 = 100;
/// Between two passes, so that servers come between.
const PAUSE: Duration = Duration::from_millis(100);
/// Passes that move something after servers had time to notice the key, before it is given up.
const PASSES: u32 = 50;
/// How long after a change of the key file no server seals under the key before it.
pub const NOTICED: Duration = super::ring::FRESH.saturating_mul(2);

/// What a rotation did.
#[derive(Debug, Default)]
pub struct Report {
    /// Values that are now under the current key.
    pub moved: u64,
    /// Values that cannot be opened, and why; they stay as they are.
    pub unreadable: Vec<String>,
}

/// How many values each key sealed; those under no key are no sealed values.
pub async fn uses(db: &Db) -> Result<BTreeMap<Option<String>, u64>> {
    let mut found = BTreeMap::new();
    for sealed in SEALED {
        let Sealed { table, blob, .. } = sealed;
        let sql = format!(
            "SELECT substr({blob}, 1, 5), count(*) FROM {table} WHERE length({blob}) > 0 GROUP BY 1"
        );
        for row in rows(db, sql, []).await? {
            let key = key_of(&get::<Vec<u8>>(&row, 0)?).map(|id| id.to_string());
            let count = u64::try_from(get::<i64>(&row, 1)?).unwrap_or_default();
            *found.entry(key).or_default() += count;
        }
    }
    Ok(found)
}

/// Refuses a database with values whose keys are not there.
pub async fn check(db: &Db, vault: &Vault) -> Result<()> {
    let mut problems = Vec::new();
    for (key, values) in uses(db).await? {
        match key {
            Some(key) if !vault.has(&key) => problems.push(lacks(vault, &key, values)),
            Some(_) => {}
            None => tracing::error!(
                values,
                "the database holds secrets that are no sealed values"
            ),
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(problems))
    }
}

fn lacks(vault: &Vault, key: &str, values: u64) -> Problem {
    let file = vault.file();
    let file = file.map_or(String::new(), |path| format!("`{}` ", path.display()));
    let issue = format!(
        "{file}lacks the key `{key}`, which sealed values of the database need ({values}); \
         put it back behind the current key"
    );
    Problem::new(vault.setting(), issue)
}

/// Moves every value to the current key, until none is left under another. For as long as
/// `settling` servers may not know the current key yet: what they write meanwhile is moved too.
pub async fn run(db: &Db, vault: &Vault, settling: Duration) -> Result<Report> {
    let began = Instant::now();
    let (mut moved, mut late) = (0, 0);
    loop {
        let settled = began.elapsed() >= settling;
        let pass = pass(db, vault).await?;
        moved += pass.moved;
        if settled && pass.moved + pass.overtaken == 0 {
            let unreadable = pass.unreadable;
            return Ok(Report { moved, unreadable });
        }
        late += u32::from(settled);
        if late > PASSES {
            let issue = "a server keeps sealing under another key than the current one; \
                         restart the servers with the same keys and rotate again";
            return Err(Error::Unavailable(issue.into()));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What one look at every value did.
#[derive(Default)]
struct Pass {
    moved: u64,
    /// Values that a server changed in between.
    overtaken: u64,
    unreadable: Vec<String>,
}

async fn pass(db: &Db, vault: &Vault) -> Result<Pass> {
    let mut done = Pass::default();
    for sealed in SEALED {
        let mut after = 0;
        while let Some(last) = batch(db, vault, sealed, after, &mut done).await? {
            after = last;
        }
    }
    Ok(done)
}

/// The next rows behind `after`; the last of them, or `None` at the end.
async fn batch(
    db: &Db,
    vault: &Vault,
    sealed: &Sealed,
    after: i64,
    done: &mut Pass,
) -> Result<Option<i64>> {
    let current = vault.0.current()?.id;
    let Sealed {
        table, id, blob, ..
    } = sealed;
    let field = match sealed.field {
        Field::In(column) => column.to_owned(),
        Field::Is(word) => format!("'{word}'"),
    };
    let sql = format!(
        "SELECT pk, {id}, {field}, {blob} FROM {table} \
         WHERE pk > $1 AND length({blob}) > 0 AND substr({blob}, 1, 5) <> $2 \
         ORDER BY pk LIMIT {BATCH}"
    );
    let values = [after.into(), head(current).to_vec().into()];
    let mut last = None;
    for row in rows(db, sql, values).await? {
        last = Some(get(&row, 0)?);
        let (id, field): (Uuid, String) = (get(&row, 1)?, get(&row, 2)?);
        let place = Place {
            table,
            row: id,
            field: &field,
        };
        let old: Vec<u8> = get(&row, 3)?;
        match vault.open(&place, &old) {
            Ok(plain) => {
                let new = vault.seal(&place, &plain)?;
                match exchange(db, sealed, id, old, new).await? {
                    0 => done.overtaken += 1,
                    _ => done.moved += 1,
                }
            }
            Err(error) => done.unreadable.extend(error.private()),
        }
    }
    Ok(last)
}

/// Replaces a value that is still what it was; says how many rows that were.
async fn exchange(db: &Db, sealed: &Sealed, row: Uuid, old: Vec<u8>, new: Vec<u8>) -> Result<u64> {
    let Sealed {
        table,
        id,
        blob,
        key_id,
        ..
    } = sealed;
    let key = Header::read(&new).map(|header: Header| header.key);
    let mut values: Vec<Value> = vec![row.into(), old.into(), new.into()];
    let labelled = match (key_id, key) {
        (Some(column), Some(key)) => {
            values.push(Id::to_string(&key).into());
            format!(", {column} = $4")
        }
        _ => String::new(),
    };
    let sql = format!("UPDATE {table} SET {blob} = $3{labelled} WHERE {id} = $1 AND {blob} = $2");
    let backend = db.orm().get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    Ok(db.orm().execute_raw(statement).await?.rows_affected())
}

async fn rows(
    db: &Db,
    sql: String,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>> {
    let backend = db.orm().get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    Ok(db.orm().query_all_raw(statement).await?)
}

fn get<T: TryGetable>(row: &QueryResult, column: usize) -> Result<T> {
    Ok(row.try_get_by_index(column)?)
}
