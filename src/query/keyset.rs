//! Orders and positions as SQL: where a page begins and in which order it comes.

use super::Key;
use super::compile::Writer;
use super::cursor::Position;
use crate::db::{Arg, Dialect};
use std::fmt::Write;

/// Writes ORDER BY.
pub(super) fn order_by(
    dialect: Dialect,
    keys: &[Key],
    values: &[String],
    backward: bool,
    out: &mut String,
) {
    for (i, (key, value)) in keys.iter().zip(values).enumerate() {
        let descending = key.descending != backward;
        out.push_str(if i == 0 { " ORDER BY " } else { ", " });
        out.push_str(value);
        if descending {
            out.push_str(" DESC");
        }
        // PostgreSQL takes null as the greatest value by itself. SQLite must be told, and only
        // where a null can be, because the words keep it from using an index.
        if dialect == Dialect::Sqlite && key.nullable() {
            out.push_str(if descending {
                " NULLS FIRST"
            } else {
                " NULLS LAST"
            });
        }
    }
}

/// Writes ` AND …` for rows beyond a position, seen in the order or (`back`) against it.
pub(super) fn beyond(
    writer: &mut Writer<'_>,
    keys: &[Key],
    values: &[String],
    at: &Position,
    back: bool,
    out: &mut String,
) {
    out.push_str(" AND ");
    let first = keys.first().is_some_and(|k| k.descending);
    let plain = keys.iter().all(|k| !k.nullable() && k.descending == first);
    if plain && keys.len() > 1 && at.iter().all(Option::is_some) {
        // A row comparison is one range of an index, however many rows share the first keys.
        let bound: Vec<String> = at
            .iter()
            .flatten()
            .map(|v| writer.bind(v.clone()))
            .collect();
        let sign = if first == back { '>' } else { '<' };
        let _ = write!(out, "({}) {sign} ({})", values.join(", "), bound.join(", "));
        return;
    }
    lexicographic(writer, keys, values, at, back, out);
}

/// `further on the first key, or equal on it and further on the rest`.
fn lexicographic(
    writer: &mut Writer<'_>,
    keys: &[Key],
    values: &[String],
    at: &[Option<Arg>],
    back: bool,
    out: &mut String,
) {
    let ([key, keys @ ..], [value, values @ ..], [position, at @ ..]) = (keys, values, at) else {
        out.push_str("FALSE");
        return;
    };
    let descending = key.descending != back;
    let bound = position.as_ref().map(|v| writer.bind(v.clone()));
    let (further, same) = match (&bound, descending) {
        (Some(p), false) if key.nullable() => (
            format!("{value} > {p} OR {value} IS NULL"),
            format!("{value} = {p}"),
        ),
        (Some(p), false) => (format!("{value} > {p}"), format!("{value} = {p}")),
        (Some(p), true) => (format!("{value} < {p}"), format!("{value} = {p}")),
        (None, false) => ("FALSE".to_owned(), format!("{value} IS NULL")),
        (None, true) => (format!("{value} IS NOT NULL"), format!("{value} IS NULL")),
    };
    if keys.is_empty() {
        let _ = write!(out, "({further})");
        return;
    }
    // The leading range lets an index skip what lies before, which OR alone would not.
    match (&bound, descending) {
        (Some(p), false) if !key.nullable() => {
            let _ = write!(out, "{value} >= {p} AND ");
        }
        (Some(p), true) => {
            let _ = write!(out, "{value} <= {p} AND ");
        }
        (None, false) => {
            let _ = write!(out, "{value} IS NULL AND ");
        }
        _ => {}
    }
    let _ = write!(out, "({further} OR ({same} AND ");
    lexicographic(writer, keys, values, at, back, out);
    out.push_str("))");
}
