//! Filters as GraphQL spells them in JSON, evaluated over the model in three-valued logic: `None`
//! is unknown.

use super::model::{Record, Sight, Val};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, SubsecRound, Utc};
use connectory::graphql::camel;
use connectory::query::{Field, Kind, Relation, Resource};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use uuid::Uuid;

impl Sight<'_> {
    /// The identifiers of the rows that a list with this filter holds.
    pub fn matching(&self, resource: &Resource, filter: &Json) -> BTreeSet<Uuid> {
        let rows = if names_deleted(filter) {
            self.rows(resource).collect()
        } else {
            self.alive(resource).collect::<Vec<_>>()
        };
        rows.into_iter()
            .filter(|row| self.holds(resource, row, filter) == Some(true))
            .map(|row| row.id)
            .collect()
    }

    /// Whether a filter holds for a row.
    pub fn holds(&self, resource: &Resource, row: &Record, filter: &Json) -> Option<bool> {
        let Json::Object(members) = filter else {
            panic!("not a filter: {filter}")
        };
        all(members
            .iter()
            .map(|(name, inner)| self.member(resource, row, name, inner)))
    }

    fn member(&self, resource: &Resource, row: &Record, name: &str, inner: &Json) -> Option<bool> {
        match name {
            "and" => all(items(inner).map(|f| self.holds(resource, row, f))),
            "or" => any(items(inner).map(|f| self.holds(resource, row, f))),
            "not" => self.holds(resource, row, inner).map(|yes| !yes),
            _ => match resource.relations.iter().find(|r| camel(r.name) == name) {
                Some(relation) if relation.many => {
                    let tests = inner.as_object().expect("quantifiers").iter();
                    all(tests
                        .map(|(quantifier, f)| Some(self.quantified(row, relation, quantifier, f))))
                }
                Some(relation) => Some(self.quantified(row, relation, "some", inner)),
                None => {
                    let field = find(resource, name);
                    let value = self.value(resource, row, field);
                    let tests = inner.as_object().expect("tests").iter();
                    all(tests.map(|(op, operand)| test(field, value.as_ref(), op, operand)))
                }
            },
        }
    }

    fn quantified(
        &self,
        row: &Record,
        relation: &Relation,
        quantifier: &str,
        filter: &Json,
    ) -> bool {
        let deleted = relation.even_deleted || names_deleted(filter);
        let rows = self.related(row, relation, deleted);
        let mut truths = rows
            .into_iter()
            .map(|r| self.holds((relation.target)(), r, filter));
        match quantifier {
            "some" => truths.any(|t| t == Some(true)),
            "none" => !truths.any(|t| t == Some(true)),
            "every" => truths.all(|t| t == Some(true)),
            other => panic!("no quantifier: {other}"),
        }
    }
}

/// The filterable field of that GraphQL name.
pub fn find<'r>(resource: &'r Resource, name: &str) -> &'r Field {
    let field = resource
        .fields
        .iter()
        .find(|f| f.asked() && camel(f.name) == name);
    field.unwrap_or_else(|| panic!("no field `{name}` of {}", resource.name))
}

fn items(list: &Json) -> impl Iterator<Item = &Json> {
    list.as_array().expect("a list").iter()
}

/// Whether all hold.
pub fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    any(truths.map(|t| t.map(|yes| !yes))).map(|yes| !yes)
}

/// Whether one holds.
pub fn any(mut truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unknown = false;
    let found = truths.any(|t| {
        unknown |= t.is_none();
        t == Some(true)
    });
    if found || !unknown { Some(found) } else { None }
}

/// Whether the filter names `deletedAt`, not behind a relation.
fn names_deleted(filter: &Json) -> bool {
    let Json::Object(members) = filter else {
        return false;
    };
    members.iter().any(|(name, inner)| match name.as_str() {
        "and" | "or" => items(inner).any(names_deleted),
        "not" => names_deleted(inner),
        "deletedAt" => inner.as_object().is_some_and(|tests| !tests.is_empty()),
        _ => false,
    })
}

/// Whether a test holds for a value.
pub fn test(field: &Field, value: Option<&Val>, op: &str, operand: &Json) -> Option<bool> {
    match op {
        "isNull" => return Some(value.is_none() == operand.as_bool().expect("a boolean")),
        "isNotNull" => return Some(value.is_some() == operand.as_bool().expect("a boolean")),
        // Nothing is one of nothing, not even what is unknown.
        "in" if items(operand).next().is_none() => return Some(false),
        _ => {}
    }
    let value = value?;
    Some(match value {
        Val::Text(text) if matches!(field.kind, Kind::Enum(_)) => words(text, op, operand),
        Val::Text(text) => texts(text, op, operand.as_str().expect("a text")),
        Val::Uuid(id) => identifiers(*id, op, operand.as_str().expect("a text")),
        Val::Int(number) => compare(number, op, &operand.as_i64().expect("a number")),
        Val::Bool(yes) => compare(yes, op, &operand.as_bool().expect("a boolean")),
        Val::Time(moment) => moments(*moment, op, operand.as_str().expect("a text")),
    })
}

fn compare<T: Ord>(value: &T, op: &str, operand: &T) -> bool {
    match op {
        "eq" => value == operand,
        "neq" => value != operand,
        "gt" => value > operand,
        "gte" => value >= operand,
        "lt" => value < operand,
        "lte" => value <= operand,
        other => panic!("no comparison: {other}"),
    }
}

fn words(word: &str, op: &str, operand: &Json) -> bool {
    let is = |operand: &Json| operand.as_str().expect("a word").to_lowercase() == word;
    match op {
        "eq" => is(operand),
        "neq" => !is(operand),
        "in" => items(operand).any(is),
        other => panic!("no operator of words: {other}"),
    }
}

fn texts(text: &str, op: &str, operand: &str) -> bool {
    let fold = if operand.is_ascii() {
        |c: char| c.to_ascii_lowercase()
    } else {
        simple_fold
    };
    let folded = |text: &str| text.chars().map(fold).collect::<String>();
    match op {
        "contains" => folded(text).contains(&folded(operand)),
        "startsWith" => folded(text).starts_with(&folded(operand)),
        "endsWith" => folded(text).ends_with(&folded(operand)),
        op => compare(&text, op, &operand),
    }
}

/// The small letter of the capital of a letter, which stands for all that share it; a letter that
/// would become several stays.
pub fn simple_fold(letter: char) -> char {
    fn one(mut letters: impl Iterator<Item = char>, or: char) -> char {
        letters
            .next()
            .filter(|_| letters.next().is_none())
            .unwrap_or(or)
    }
    let capital = one(letter.to_uppercase(), letter);
    one(capital.to_lowercase(), letter)
}

fn identifiers(id: Uuid, op: &str, operand: &str) -> bool {
    match (op, Uuid::parse_str(operand)) {
        ("eq" | "neq", Ok(operand)) => (id == operand) == (op == "eq"),
        ("eq" | "neq", Err(_)) => op == "neq",
        _ => texts(&id.to_string(), op, operand),
    }
}

fn moments(moment: DateTime<Utc>, op: &str, operand: &str) -> bool {
    match operand.parse::<NaiveDate>() {
        Ok(day) => {
            let start = day.and_time(NaiveTime::MIN).and_utc();
            match op {
                "eq" => start <= moment && moment < start + Days::new(1),
                op => compare(&moment, op, &start),
            }
        }
        Err(_) => {
            let operand = DateTime::parse_from_rfc3339(operand)
                .expect("a moment")
                .to_utc();
            compare(&moment, op, &operand.trunc_subsecs(6))
        }
    }
}
