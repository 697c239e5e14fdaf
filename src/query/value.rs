//! Values of tests: from JSON to parameters, judged against the field. What is wrong is said in a
//! sentence; the path is the caller's.

use super::filter::{Compare, Match};
use super::{Field, Kind, MAX_LIST, MAX_TEXT, Op, Test};
use crate::db::{Arg, Storage};
pub use crate::error::clip;
use chrono::{DateTime, Days, NaiveDate, SubsecRound, Utc};
use serde_json::Value as Json;
use uuid::Uuid;

/// A test with an operator of the table, or one that the raw grammar shares with it.
pub(super) fn test(field: &Field, op: Op, value: &Json) -> Result<Test, String> {
    let compare = |c| Ok::<_, String>(Test::Compare(c, scalar(field, value)?));
    match op {
        Op::IsNull | Op::IsNotNull => match value {
            Json::Bool(yes) if *yes == (op == Op::IsNull) => Ok(Test::Null),
            Json::Bool(_) => Ok(Test::NotNull),
            other => Err(expected("true or false", other)),
        },
        Op::Contains => Ok(Test::Match(Match::Anywhere, text(value)?)),
        Op::StartsWith => Ok(Test::Match(Match::Start, text(value)?)),
        Op::EndsWith => Ok(Test::Match(Match::End, text(value)?)),
        Op::In => words(field, value).map(|words| Test::In(Arg::Texts(words))),
        Op::Eq if field.storage == Storage::Time => day(value),
        Op::Eq | Op::Neq if field.storage == Storage::Uuid => identifier(field, op, value),
        Op::Eq => compare(Compare::Eq),
        Op::Neq => compare(Compare::Neq),
        Op::Gt => compare(Compare::Gt),
        Op::Gte => compare(Compare::Gte),
        Op::Lt => compare(Compare::Lt),
        Op::Lte => compare(Compare::Lte),
        other => Err(format!(
            "`{}` is an operator of the raw grammar",
            other.name()
        )),
    }
}

/// Text that is no UUID equals no identifier; a workspace, though, is always named by a UUID.
fn identifier(field: &Field, op: Op, value: &Json) -> Result<Test, String> {
    let text = text(value)?;
    match (Uuid::parse_str(&text), op) {
        (Ok(id), Op::Eq) => Ok(Test::Compare(Compare::Eq, Arg::Uuid(id))),
        (Ok(id), _) => Ok(Test::Compare(Compare::Neq, Arg::Uuid(id))),
        (Err(_), _) if matches!(field.kind, Kind::Workspace) => Err(format!(
            "must be the UUID of a workspace, not `{}`",
            clip(&text)
        )),
        (Err(_), Op::Eq) => Ok(Test::Never),
        (Err(_), _) => Ok(Test::Always),
    }
}

/// The value of a comparison.
pub(super) fn scalar(field: &Field, value: &Json) -> Result<Arg, String> {
    match field.storage {
        Storage::Int | Storage::BigInt => value
            .as_i64()
            .map(Arg::Int)
            .ok_or_else(|| expected("a whole number", value)),
        Storage::Bool => value
            .as_bool()
            .map(Arg::Bool)
            .ok_or_else(|| expected("true or false", value)),
        Storage::Time => moment(value).map(Arg::Time),
        Storage::Uuid => Uuid::parse_str(&text(value)?)
            .map(Arg::Uuid)
            .map_err(|_| expected("a UUID", value)),
        Storage::Text | Storage::Json => match field.kind {
            Kind::Enum(_) => word(field, value).map(Arg::Text),
            _ => text(value).map(Arg::Text),
        },
    }
}

/// The values of a list, as many as the limit allows.
pub(super) fn list(value: &Json) -> Result<&[Json], String> {
    match value {
        Json::Array(list) if list.len() > MAX_LIST => Err(format!(
            "has {} values; the limit is {MAX_LIST}",
            list.len()
        )),
        Json::Array(list) => Ok(list),
        other => Err(expected("a list", other)),
    }
}

fn words(field: &Field, value: &Json) -> Result<Vec<String>, String> {
    list(value)?.iter().map(|v| word(field, v)).collect()
}

/// A text; of an enumeration the stored word.
pub(super) fn word(field: &Field, value: &Json) -> Result<String, String> {
    let text = text(value)?;
    let Kind::Enum(choice) = field.kind else {
        return Ok(text);
    };
    choice.stored(&text).map(str::to_owned).ok_or_else(|| {
        let known: Vec<_> = choice.values.iter().map(|(word, _)| *word).collect();
        format!("must be one of {}, not `{}`", known.join(", "), clip(&text))
    })
}

/// A text that a column can hold.
pub(super) fn text(value: &Json) -> Result<String, String> {
    match value {
        Json::String(text) if text.len() > MAX_TEXT => Err(format!(
            "is {} bytes long; the limit is {MAX_TEXT}",
            text.len()
        )),
        Json::String(text) if text.contains('\0') => {
            Err("holds a NUL character, which no stored text has".into())
        }
        Json::String(text) => Ok(text.clone()),
        other => Err(expected("a text", other)),
    }
}

/// A moment: RFC 3339, or a date alone, which is its first moment in UTC.
pub(super) fn moment(value: &Json) -> Result<DateTime<Utc>, String> {
    read_moment(&text(value)?)
}

/// A moment out of a text; what is wrong is said as the issue of a problem.
pub fn read_moment(text: &str) -> Result<DateTime<Utc>, String> {
    let issue = || {
        format!(
            "must be an RFC 3339 moment such as 2026-01-31T09:30:00Z, or a date, not `{}`",
            clip(text)
        )
    };
    if let Ok(date) = text.parse::<NaiveDate>() {
        return start(date).ok_or_else(issue);
    }
    let moment = DateTime::parse_from_rfc3339(text)
        .map_err(|_| issue())?
        .to_utc();
    // The columns hold microseconds and four-digit years.
    let moment = moment.trunc_subsecs(6);
    in_range(moment).ok_or_else(issue)
}

fn start(date: NaiveDate) -> Option<DateTime<Utc>> {
    date.and_hms_opt(0, 0, 0)
        .map(|t| t.and_utc())
        .and_then(in_range)
}

fn in_range(moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
    use chrono::Datelike;
    (1..=9999).contains(&moment.year()).then_some(moment)
}

/// `eq` on a date: the whole UTC day for a date alone, the instant otherwise.
fn day(value: &Json) -> Result<Test, String> {
    let from = moment(value)?;
    let date = value.as_str().and_then(|t| t.parse::<NaiveDate>().ok());
    match date
        .and_then(|d| d.checked_add_days(Days::new(1)))
        .and_then(start)
    {
        Some(until) => Ok(Test::Between(Arg::Time(from), Arg::Time(until))),
        None => Ok(Test::Compare(Compare::Eq, Arg::Time(from))),
    }
}

/// As [`error::expected`](crate::error::expected), with a hint where null was meant as a test.
pub(super) fn expected(what: &str, got: &Json) -> String {
    let hint = match got {
        Json::Null => "; rows without a value have a test of their own",
        _ => "",
    };
    format!("{}{hint}", crate::error::expected(what, got))
}
