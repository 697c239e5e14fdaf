//! Parameters of statements.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{DbBackend, Value};
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, error::BoxDynError};
use uuid::Uuid;

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    /// Text.
    Text(String),
    /// Number.
    Int(i64),
    /// Boolean.
    Bool(bool),
    /// Identifier.
    Uuid(Uuid),
    /// Moment.
    Time(DateTime<Utc>),
    /// A list of texts, one parameter: an array, or a JSON document for SQLite's `json_each`.
    Texts(Vec<String>),
    /// A list of identifiers, one parameter: an array, or a JSON document of hexadecimal texts.
    Uuids(Vec<Uuid>),
    /// A list of numbers, one parameter: an array, or a JSON document.
    Ints(Vec<i64>),
    /// A list of moments, one parameter: an array, or a JSON document of texts as SQLite holds them.
    Times(Vec<DateTime<Utc>>),
}

/// The parameters as PostgreSQL takes them.
pub(super) fn postgres(args: Vec<Arg>) -> Result<PgArguments, BoxDynError> {
    let mut out = PgArguments::default();
    out.reserve(args.len(), args.len() * 16);
    for arg in args {
        match arg {
            Arg::Text(v) => out.add(v)?,
            Arg::Int(v) => out.add(v)?,
            Arg::Bool(v) => out.add(v)?,
            Arg::Uuid(v) => out.add(v)?,
            Arg::Time(v) => out.add(v)?,
            Arg::Texts(v) => out.add(v)?,
            Arg::Uuids(v) => out.add(v)?,
            Arg::Ints(v) => out.add(v)?,
            Arg::Times(v) => out.add(v)?,
        }
    }
    Ok(out)
}

/// The parameters as SQLite takes them.
pub(super) fn sqlite(args: Vec<Arg>) -> Result<SqliteArguments, BoxDynError> {
    let mut out = SqliteArguments::default();
    for arg in args {
        match arg {
            Arg::Text(v) => out.add(v)?,
            Arg::Int(v) => out.add(v)?,
            Arg::Bool(v) => out.add(v)?,
            Arg::Uuid(v) => out.add(v)?,
            Arg::Time(v) => out.add(v)?,
            list => out.add(document(&list))?,
        }
    }
    Ok(out)
}

/// A list as the JSON document that SQLite's `json_each` reads.
fn document(list: &Arg) -> String {
    let json = match list {
        Arg::Texts(v) => serde_json::to_string(v),
        Arg::Uuids(v) => {
            let list: Vec<String> = v.iter().map(|id| id.simple().to_string()).collect();
            serde_json::to_string(&list)
        }
        Arg::Ints(v) => serde_json::to_string(v),
        Arg::Times(v) => {
            // The form in which the driver binds and stores one moment.
            let form = |t: &DateTime<Utc>| t.to_rfc3339_opts(SecondsFormat::AutoSi, false);
            serde_json::to_string(&v.iter().map(form).collect::<Vec<_>>())
        }
        Arg::Text(_) | Arg::Int(_) | Arg::Bool(_) | Arg::Uuid(_) | Arg::Time(_) => {
            return String::new();
        }
    };
    // Lists of plain values can always be written.
    json.unwrap_or_default()
}

/// A parameter as the ORM takes it, for statements inside its transactions.
pub(super) fn orm(arg: Arg, backend: DbBackend) -> Value {
    match arg {
        Arg::Text(v) => v.into(),
        Arg::Int(v) => v.into(),
        Arg::Bool(v) => v.into(),
        Arg::Uuid(v) => v.into(),
        Arg::Time(v) => v.into(),
        Arg::Texts(v) if backend == DbBackend::Postgres => v.into(),
        Arg::Uuids(v) if backend == DbBackend::Postgres => v.into(),
        Arg::Ints(v) if backend == DbBackend::Postgres => v.into(),
        Arg::Times(v) if backend == DbBackend::Postgres => v.into(),
        list => document(&list).into(),
    }
}
