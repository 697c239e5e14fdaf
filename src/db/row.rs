//! Rows as the driver hands them over, read by position and written as JSON without a model
//! between.

use super::Arg;
use chrono::{DateTime, Datelike, Timelike, Utc};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};
use std::io::Write;
use uuid::Uuid;

/// How a column is held, which decides how it is bound, compared and written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// UTF-8 text.
    Text,
    /// 16 bytes.
    Uuid,
    /// 32-bit integer.
    Int,
    /// 64-bit integer.
    BigInt,
    /// Boolean.
    Bool,
    /// A moment with microseconds, UTC.
    Time,
    /// A JSON document, selected as text.
    Json,
}

/// A row of either database.
pub enum Row {
    /// Of PostgreSQL.
    Postgres(PgRow),
    /// Of SQLite.
    Sqlite(SqliteRow),
}

impl Row {
    /// The value of a column; `None` is null, and also a value of another type, which is logged,
    /// since it means that the database holds what the schema does not allow.
    fn get<'r, T>(&'r self, column: usize) -> Option<T>
    where
        T: Decode<'r, Postgres> + Type<Postgres> + Decode<'r, Sqlite> + Type<Sqlite>,
    {
        let value = match self {
            Row::Postgres(row) => row.try_get_unchecked::<Option<T>, _>(column),
            Row::Sqlite(row) => row.try_get_unchecked::<Option<T>, _>(column),
        };
        value.unwrap_or_else(|error| {
            tracing::error!(%error, column, "a column holds what its type does not allow");
            None
        })
    }

    /// A text, or a JSON document selected as text.
    pub fn text(&self, column: usize) -> Option<&str> {
        self.get(column)
    }

    /// A 64-bit number.
    pub fn int(&self, column: usize) -> Option<i64> {
        self.get(column)
    }

    /// An identifier.
    pub fn uuid(&self, column: usize) -> Option<Uuid> {
        self.get(column)
    }

    /// A boolean.
    pub fn bool(&self, column: usize) -> Option<bool> {
        self.get(column)
    }

    /// A moment.
    pub fn time(&self, column: usize) -> Option<DateTime<Utc>> {
        self.get(column)
    }

    /// Whether the column is null.
    pub fn is_null(&self, column: usize) -> bool {
        use sqlx::ValueRef;
        match self {
            Row::Postgres(row) => row.try_get_raw(column).map_or(true, |v| v.is_null()),
            Row::Sqlite(row) => row.try_get_raw(column).map_or(true, |v| v.is_null()),
        }
    }

    /// The value as a parameter, e.g. for a cursor.
    pub fn arg(&self, column: usize, storage: Storage) -> Option<Arg> {
        match storage {
            Storage::Text | Storage::Json => self.text(column).map(|t| Arg::Text(t.to_owned())),
            Storage::Uuid => self.uuid(column).map(Arg::Uuid),
            Storage::Int => self.get::<i32>(column).map(|n| Arg::Int(n.into())),
            Storage::BigInt => self.int(column).map(Arg::Int),
            Storage::Bool => self.bool(column).map(Arg::Bool),
            Storage::Time => self.time(column).map(Arg::Time),
        }
    }

    /// Writes the value as JSON, or `null`.
    pub fn write_json(&self, column: usize, storage: Storage, out: &mut Vec<u8>) {
        let written = match storage {
            Storage::Text => self.text(column).map(|text| write_text(text, out)),
            Storage::Json => self.text(column).map(|text| out.extend_from_slice(text.as_bytes())),
            Storage::Uuid => self.uuid(column).map(|id| write_uuid(id, out)),
            Storage::Int => self.get::<i32>(column).map(|n| write_number(n.into(), out)),
            Storage::BigInt => self.int(column).map(|n| write_number(n, out)),
            Storage::Bool => self.bool(column).map(|yes| {
                out.extend_from_slice(if yes { b"true" } else { b"false" });
            }),
            Storage::Time => self.time(column).map(|moment| write_time(moment, out)),
        };
        if written.is_none() {
            out.extend_from_slice(b"null");
        }
    }
}

/// Writes a JSON string.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    // Writing a text into memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}

fn write_uuid(id: Uuid, out: &mut Vec<u8>) {
    let mut buffer = [0; 36];
    out.push(b'"');
    out.extend_from_slice(id.hyphenated().encode_lower(&mut buffer).as_bytes());
    out.push(b'"');
}

fn write_number(number: i64, out: &mut Vec<u8>) {
    let _ = write!(out, "{number}");
}

/// RFC 3339 in UTC with milliseconds, or microseconds where there are some: what a client reads
/// it can send back as `eq`.
fn write_time(moment: DateTime<Utc>, out: &mut Vec<u8>) {
    let pad = |out: &mut Vec<u8>, value: u32, width: usize| {
        let mut digits = [b'0'; 6];
        let mut rest = value;
        for digit in digits.iter_mut().take(width).rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        out.extend_from_slice(&digits[..width]);
    };
    out.push(b'"');
    pad(out, moment.year().unsigned_abs(), 4);
    for (mark, value) in [(b'-', moment.month()), (b'-', moment.day()), (b'T', moment.hour()), (b':', moment.minute()), (b':', moment.second())] {
        out.push(mark);
        pad(out, value, 2);
    }
    out.push(b'.');
    let micros = moment.timestamp_subsec_micros();
    if micros % 1000 == 0 { pad(out, micros / 1000, 3) } else { pad(out, micros, 6) }
    out.extend_from_slice(b"Z\"");
}
