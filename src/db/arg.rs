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
            Arg::Texts(v) => out.add(serde_json::to_string(&v)?)?,
            Arg::Uuids(v) => {
                let list: Vec<String> = v.iter().map(|id| id.simple().to_string()).collect();
                out.add(serde_json::to_string(&list)?)?;
            }
            Arg::Ints(v) => out.add(serde_json::to_string(&v)?)?,
            Arg::Times(v) => {
                // The form in which the driver binds and stores one moment.
                let form = |t: &DateTime<Utc>| t.to_rfc3339_opts(SecondsFormat::AutoSi, false);
                let list: Vec<String> = v.iter().map(form).collect();
                out.add(serde_json::to_string(&list)?)?;
            }
        }
    }
    Ok(out)
}

/// A parameter as the ORM takes it, for statements inside its transactions.
pub(super) fn orm(arg: Arg, backend: DbBackend) -> Value {
    let hexadecimal = |list: Vec<Uuid>| -> Vec<String> {
        list.iter().map(|id| id.simple().to_string()).collect()
    };
    let document = |list: Vec<String>| serde_json::to_string(&list).unwrap_or_default();
    match arg {
        Arg::Text(v) => v.into(),
        Arg::Int(v) => v.into(),
        Arg::Bool(v) => v.into(),
        Arg::Uuid(v) => v.into(),
        Arg::Time(v) => v.into(),
        Arg::Texts(v) if backend == DbBackend::Postgres => v.into(),
        Arg::Uuids(v) if backend == DbBackend::Postgres => v.into(),
        Arg::Texts(v) => document(v).into(),
        Arg::Uuids(v) => document(hexadecimal(v)).into(),
    }
}
