//! Judging the operators of the raw grammar: what they add to the table. A negated operator is the
//! negation of its positive one, so null, which is unknown to both, matches neither.

use super::filter::Compare;
use super::json::Document;
use super::pattern::Pattern;
use super::regex::Regex;
use super::{Field, Filter, Kind, Op, Test, regex, value};
use crate::db::{Arg, Storage};
use chrono::NaiveDate;
use serde_json::Value as Json;
use uuid::Uuid;

/// The operator whose negation this is.
const fn negated(op: Op) -> Option<Op> {
    match op {
        Op::Neq => Some(Op::Eq),
        Op::Nin => Some(Op::In),
        Op::Nlike => Some(Op::Like),
        Op::Nilike => Some(Op::Ilike),
        Op::Nregex => Some(Op::Regex),
        Op::Niregex => Some(Op::Iregex),
        _ => None,
    }
}

/// A test that the kind of the field takes, and how many tests it costs.
pub(super) fn test(field: &'static Field, op: Op, value: &Json) -> Result<(Filter, usize), String> {
    if let Some(positive) = negated(op) {
        let (filter, cost) = test(field, positive, value)?;
        return Ok((Filter::Not(Box::new(filter)), cost));
    }
    let single = |test| Ok((Filter::Test(field, test), 1));
    match op {
        Op::In => list(field, value),
        Op::Like | Op::Ilike => {
            let pattern = Pattern::parse(&value::text(value)?)?;
            single(Test::Like(pattern, op == Op::Ilike))
        }
        Op::Regex | Op::Iregex => {
            let regex = Regex::parse(&value::text(value)?, op == Op::Iregex)?;
            Ok((Filter::Test(field, Test::Regex(regex)), regex::COST))
        }
        Op::Superset | Op::Subset | Op::HasKey | Op::HasKeysAny | Op::HasKeysAll => {
            let (document, cost) = Document::parse(op, value)?;
            Ok((Filter::Test(field, Test::Document(document)), cost))
        }
        Op::Gt | Op::Gte | Op::Lt | Op::Lte if field.storage == Storage::Uuid => {
            single(identifier(op, value)?)
        }
        _ => single(value::test(field, op, value)?),
    }
}

/// Identifiers are in the order of their texts, so a whole one compares as what it is stored as.
fn identifier(op: Op, value: &Json) -> Result<Test, String> {
    let text = value::text(value)?;
    let compare = match op {
        Op::Gt => Compare::Gt,
        Op::Gte => Compare::Gte,
        Op::Lt => Compare::Lt,
        _ => Compare::Lte,
    };
    let arg = Uuid::parse_str(&text).map_or(Arg::Text(text), Arg::Uuid);
    Ok(Test::Compare(compare, arg))
}

/// Membership of a list.
fn list(field: &'static Field, value: &Json) -> Result<(Filter, usize), String> {
    let items = value::list(value)?;
    let each = |(i, item): (usize, &Json)| {
        value::test(field, Op::Eq, item).map_err(|issue| format!("at place {i} {issue}"))
    };
    let tests: Vec<Test> = items
        .iter()
        .enumerate()
        .map(each)
        .collect::<Result<_, _>>()?;
    let is_day = |item: &Json| {
        item.as_str()
            .is_some_and(|text| text.parse::<NaiveDate>().is_ok())
    };
    let days = matches!(field.kind, Kind::Date) && items.iter().any(is_day);
    if days || field.storage == Storage::Bool {
        // A date alone is a whole day, which no list of moments can hold.
        let mut list: Vec<Filter> = Vec::new();
        let mut seen: Vec<Test> = Vec::new();
        for test in tests {
            if !seen.contains(&test) {
                seen.push(test.clone());
                list.push(Filter::Test(field, test));
            }
        }
        let cost = list.len().max(1);
        return Ok((Filter::Any(list), cost));
    }
    Ok((Filter::Test(field, together(field.storage, tests)), 1))
}

/// One test for all values of a list.
fn together(storage: Storage, tests: Vec<Test>) -> Test {
    let none = !tests.is_empty();
    let values = tests.into_iter().filter_map(|test| match test {
        Test::Compare(_, arg) => Some(arg),
        _ => None,
    });
    match storage {
        Storage::Uuid => {
            let ids: Vec<Uuid> = values
                .filter_map(|v| match v {
                    Arg::Uuid(id) => Some(id),
                    _ => None,
                })
                .collect();
            // Texts that are no identifiers equal none, and null stays unknown.
            if ids.is_empty() && none {
                return Test::Never;
            }
            Test::In(Arg::Uuids(ids))
        }
        Storage::Int | Storage::BigInt => Test::In(Arg::Ints(
            values
                .filter_map(|v| match v {
                    Arg::Int(number) => Some(number),
                    _ => None,
                })
                .collect(),
        )),
        Storage::Time => Test::In(Arg::Times(
            values
                .filter_map(|v| match v {
                    Arg::Time(moment) => Some(moment),
                    _ => None,
                })
                .collect(),
        )),
        _ => Test::In(Arg::Texts(
            values
                .filter_map(|v| match v {
                    Arg::Text(text) => Some(text),
                    _ => None,
                })
                .collect(),
        )),
    }
}
