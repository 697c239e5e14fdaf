//! Rows as the driver hands them over, read by position and written as JSON without a model
//! between.

use super::Arg;
use chrono::{DateTime, Datelike, Timelike, Utc};
use sea_orm::QueryResult;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgRow;
use sqlx::sqlite::{SqliteRow, SqliteValueRef};
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type, TypeInfo, ValueRef};
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
    /// Of PostgreSQL: the driver's, one buffer for all values.
    Postgres(PgRow),
    /// Of SQLite: copied, because the driver keeps two allocations for each value.
    Sqlite(Box<[Cell]>),
    /// Of PostgreSQL, read inside a transaction of the ORM.
    Orm(QueryResult),
}

/// A value of SQLite.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// An integer, or a boolean.
    Int(i64),
    /// A text, a moment or a JSON document.
    Text(Box<str>),
    /// An identifier.
    Uuid(Uuid),
}

/// Says in the log that the database holds what the schema does not allow, and reads it as null.
fn unreadable<T>(column: usize, error: impl std::fmt::Display) -> Option<T> {
    tracing::error!(%error, column, "a column holds what its type does not allow");
    None
}

impl Row {
    /// A row that the ORM read.
    pub(super) fn orm(row: QueryResult) -> Row {
        match row.try_as_sqlite_row() {
            Some(sqlite) => Row::sqlite(sqlite),
            None => Row::Orm(row),
        }
    }

    /// The row as PostgreSQL's driver holds it.
    fn postgres(&self) -> Option<&PgRow> {
        match self {
            Row::Postgres(row) => Some(row),
            Row::Orm(row) => row.try_as_pg_row(),
            Row::Sqlite(_) => None,
        }
    }

    /// Copies a row of SQLite.
    pub(super) fn sqlite(row: &SqliteRow) -> Row {
        let cell = |column| {
            let value = row.try_get_raw(column);
            value
                .map_err(Into::into)
                .and_then(cell)
                .unwrap_or_else(|error| unreadable(column, error).unwrap_or(Cell::Null))
        };
        Row::Sqlite((0..row.len()).map(cell).collect())
    }

    fn cell(&self, column: usize) -> Option<&Cell> {
        match self {
            Row::Sqlite(cells) => cells.get(column),
            Row::Postgres(_) | Row::Orm(_) => None,
        }
    }

    /// A value of PostgreSQL; `None` is null.
    fn get<'r, T: Decode<'r, Postgres> + Type<Postgres>>(
        row: &'r PgRow,
        column: usize,
    ) -> Option<T> {
        let value = row.try_get_unchecked::<Option<T>, _>(column);
        value.unwrap_or_else(|error| unreadable(column, error))
    }

    /// A text, or a JSON document selected as text.
    pub fn text(&self, column: usize) -> Option<&str> {
        match (self.postgres(), self.cell(column)) {
            (Some(row), _) => Self::get(row, column),
            (_, Some(Cell::Text(text))) => Some(text),
            _ => None,
        }
    }

    /// A 64-bit number.
    pub fn int(&self, column: usize) -> Option<i64> {
        match (self.postgres(), self.cell(column)) {
            (Some(row), _) => Self::get(row, column),
            (_, Some(Cell::Int(number))) => Some(*number),
            _ => None,
        }
    }

    /// A 32-bit number.
    fn small(&self, column: usize) -> Option<i64> {
        match self.postgres() {
            Some(row) => Self::get::<i32>(row, column).map(i64::from),
            None => self.int(column),
        }
    }

    /// A whole number of either size.
    pub fn number(&self, column: usize, storage: Storage) -> Option<i64> {
        match storage {
            Storage::Int => self.small(column),
            _ => self.int(column),
        }
    }

    /// An identifier.
    pub fn uuid(&self, column: usize) -> Option<Uuid> {
        match (self.postgres(), self.cell(column)) {
            (Some(row), _) => Self::get(row, column),
            (_, Some(Cell::Uuid(id))) => Some(*id),
            _ => None,
        }
    }

    /// A boolean.
    pub fn bool(&self, column: usize) -> Option<bool> {
        match self.postgres() {
            Some(row) => Self::get(row, column),
            None => self.int(column).map(|n| n != 0),
        }
    }

    /// A moment.
    pub fn time(&self, column: usize) -> Option<DateTime<Utc>> {
        match self.postgres() {
            Some(row) => Self::get(row, column),
            None => {
                let text = self.text(column)?;
                let moment = DateTime::parse_from_rfc3339(text);
                moment.map_or_else(|error| unreadable(column, error), |m| Some(m.to_utc()))
            }
        }
    }

    /// Whether the column is null.
    pub fn is_null(&self, column: usize) -> bool {
        match self.postgres() {
            Some(row) => row.try_get_raw(column).map_or(true, |v| v.is_null()),
            None => matches!(self.cell(column), None | Some(Cell::Null)),
        }
    }

    /// How many columns it has.
    pub fn columns(&self) -> usize {
        match self {
            Row::Sqlite(cells) => cells.len(),
            Row::Postgres(_) | Row::Orm(_) => self.postgres().map_or(0, PgRow::len),
        }
    }

    /// The value as a parameter, e.g. for a cursor.
    pub fn arg(&self, column: usize, storage: Storage) -> Option<Arg> {
        match storage {
            Storage::Text | Storage::Json => self.text(column).map(|t| Arg::Text(t.to_owned())),
            Storage::Uuid => self.uuid(column).map(Arg::Uuid),
            Storage::Int => self.small(column).map(Arg::Int),
            Storage::BigInt => self.int(column).map(Arg::Int),
            Storage::Bool => self.bool(column).map(Arg::Bool),
            Storage::Time => self.time(column).map(Arg::Time),
        }
    }

    /// Writes the value as JSON, or `null`.
    pub fn write_json(&self, column: usize, storage: Storage, out: &mut Vec<u8>) {
        let written = match storage {
            Storage::Text => self.text(column).map(|text| write_text(text, out)),
            Storage::Json => self
                .text(column)
                .map(|text| out.extend_from_slice(text.as_bytes())),
            Storage::Uuid => self.uuid(column).map(|id| write_uuid(id, out)),
            Storage::Int => self.small(column).map(|n| write_number(n, out)),
            Storage::BigInt => self.int(column).map(|n| write_number(n, out)),
            Storage::Bool => self.bool(column).map(|yes| {
                out.extend_from_slice(if yes { b"true" } else { b"false" });
            }),
            Storage::Time => self.write_moment(column, out),
        };
        if written.is_none() {
            out.extend_from_slice(b"null");
        }
    }
}

impl Row {
    fn write_moment(&self, column: usize, out: &mut Vec<u8>) -> Option<()> {
        // What SQLite holds is nearly what is written, so it need not be read.
        if let Some(Cell::Text(text)) = self.cell(column)
            && let Some((seconds, fraction)) = split_moment(text)
        {
            out.push(b'"');
            out.extend_from_slice(seconds.as_bytes());
            out.push(b'.');
            let micros = format!("{fraction:0<6}");
            let shown = micros.strip_suffix("000").unwrap_or(&micros);
            out.extend_from_slice(shown.as_bytes());
            out.extend_from_slice(b"Z\"");
            return Some(());
        }
        self.time(column).map(|moment| write_time(moment, out))
    }
}

/// `2026-01-31T09:30:00` and `25` out of `2026-01-31T09:30:00.25+00:00`.
fn split_moment(text: &str) -> Option<(&str, &str)> {
    let (seconds, rest) = text.strip_suffix("+00:00")?.split_at_checked(19)?;
    let fraction = rest.strip_prefix('.').unwrap_or(rest);
    (fraction.len() <= 6 && fraction.bytes().all(|b| b.is_ascii_digit()))
        .then_some((seconds, fraction))
}

/// A value of SQLite, copied.
fn cell(value: SqliteValueRef<'_>) -> Result<Cell, BoxDynError> {
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let kind = value.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INTEGER" | "BOOLEAN" => Cell::Int(<i64 as Decode<Sqlite>>::decode(value)?),
        "BLOB" => Cell::Uuid(Uuid::from_slice(<&[u8] as Decode<Sqlite>>::decode(value)?)?),
        _ => Cell::Text(<&str as Decode<Sqlite>>::decode(value)?.into()),
    })
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
    for (mark, value) in [
        (b'-', moment.month()),
        (b'-', moment.day()),
        (b'T', moment.hour()),
        (b':', moment.minute()),
        (b':', moment.second()),
    ] {
        out.push(mark);
        pad(out, value, 2);
    }
    out.push(b'.');
    let micros = moment.timestamp_subsec_micros();
    if micros.is_multiple_of(1000) {
        pad(out, micros / 1000, 3)
    } else {
        pad(out, micros, 6)
    }
    out.extend_from_slice(b"Z\"");
}
