//! Raw conditions evaluated over the model in three-valued logic: `None` is unknown.

use super::document;
use crate::query::model::{Record, Sight, Val};
use crate::query::truth::{all, any, simple_fold, test};
use connectory::query::{Field, Kind, Relation, Resource};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use uuid::Uuid;

impl Sight<'_> {
    /// The identifiers of the rows that satisfy a raw condition.
    pub fn satisfying(&self, resource: &'static Resource, clause: &Json) -> BTreeSet<Uuid> {
        let rows = if deleted(clause) {
            self.rows(resource).collect()
        } else {
            self.alive(resource).collect::<Vec<_>>()
        };
        rows.into_iter()
            .filter(|row| self.satisfies(resource, row, clause) == Some(true))
            .map(|row| row.id)
            .collect()
    }

    fn satisfies(&self, on: &'static Resource, row: &Record, clause: &Json) -> Option<bool> {
        let members = clause.as_object().expect("an object").iter();
        all(members.map(|(key, inner)| self.one_of(on, row, key, inner)))
    }

    fn one_of(&self, on: &'static Resource, row: &Record, key: &str, inner: &Json) -> Option<bool> {
        let list = || inner.as_array().expect("a list").iter();
        match key {
            "_and" => return all(list().map(|c| self.satisfies(on, row, c))),
            "_or" => return any(list().map(|c| self.satisfies(on, row, c))),
            "_not" => return self.satisfies(on, row, inner).map(|yes| !yes),
            _ => {}
        }
        let members = inner.as_object().expect("an object").iter();
        if let Some(field) = on.find_field(key) {
            return all(members.map(|(op, operand)| self.passes(on, row, field, op, operand)));
        }
        let relation = on.find_relation(key).expect("a relation");
        if !relation.many {
            return Some(match inner.get("_is_null") {
                Some(null) => {
                    let none = !self.some(row, relation, &json!({}));
                    none == null.as_bool().expect("a boolean")
                }
                None => self.some(row, relation, inner),
            });
        }
        all(members.map(|(word, clause)| {
            Some(match word.as_str() {
                "_some" => self.some(row, relation, clause),
                "_none" => !self.some(row, relation, clause),
                _ => self.all_of(row, relation, clause),
            })
        }))
    }

    fn truths(&self, row: &Record, relation: &Relation, clause: &Json) -> Vec<Option<bool>> {
        let target = (relation.target)();
        let rows = self.related(row, relation, relation.even_deleted || deleted(clause));
        rows.into_iter()
            .map(|r| self.satisfies(target, r, clause))
            .collect()
    }

    fn some(&self, row: &Record, relation: &Relation, clause: &Json) -> bool {
        self.truths(row, relation, clause).contains(&Some(true))
    }

    fn all_of(&self, row: &Record, relation: &Relation, clause: &Json) -> bool {
        let truths = self.truths(row, relation, clause);
        truths.into_iter().all(|truth| truth == Some(true))
    }

    fn passes(
        &self,
        on: &'static Resource,
        row: &Record,
        field: &'static Field,
        op: &str,
        operand: &Json,
    ) -> Option<bool> {
        let op = op.strip_prefix('_').expect("an operator");
        if matches!(field.kind, Kind::Json | Kind::Texts) {
            let document = row.document(field.name);
            return match op {
                "is_null" => Some(document.is_none() == operand.as_bool().expect("a boolean")),
                op => document.map(|document| document::holds(document, op, operand)),
            };
        }
        let value = self.value(on, row, field);
        scalar(field, value.as_ref(), op, operand)
    }
}

/// Whether the condition names `deleted_at`, not behind a relation.
fn deleted(clause: &Json) -> bool {
    let list = |inner: &Json| inner.as_array().expect("a list").iter().any(deleted);
    let members = clause.as_object().expect("an object").iter();
    members.into_iter().any(|(key, inner)| match key.as_str() {
        "_and" | "_or" => list(inner),
        "_not" => deleted(inner),
        "deleted_at" => inner.as_object().is_some_and(|tests| !tests.is_empty()),
        _ => false,
    })
}

fn scalar(field: &Field, value: Option<&Val>, op: &str, operand: &Json) -> Option<bool> {
    let not = |op| scalar(field, value, op, operand).map(|yes: bool| !yes);
    match op {
        "neq" => return not("eq"),
        "nin" => return not("in"),
        "nlike" => return not("like"),
        "nilike" => return not("ilike"),
        "nregex" => return not("regex"),
        "niregex" => return not("iregex"),
        "is_null" => return Some(value.is_none() == operand.as_bool().expect("a boolean")),
        "in" => {
            let list = operand.as_array().expect("a list");
            return any(list.iter().map(|one| scalar(field, value, "eq", one)));
        }
        _ => {}
    }
    if let "like" | "ilike" | "regex" | "iregex" = op {
        let operand = operand.as_str().expect("a text");
        let text = written(value?);
        return Some(match op {
            "like" => like(&text, operand, |c| c),
            "ilike" if operand.is_ascii() => like(&text, operand, |c| c.to_ascii_lowercase()),
            "ilike" => like(&text, operand, simple_fold),
            "regex" => expression("(?s)", operand).is_match(&text),
            _ => expression("(?is)", operand).is_match(&text),
        });
    }
    match (value?, operand.as_str().map(Uuid::parse_str)) {
        (Val::Uuid(id), Some(Ok(other))) => Some(match op {
            "gt" => *id > other,
            "gte" => *id >= other,
            "lt" => *id < other,
            "lte" => *id <= other,
            _ => *id == other,
        }),
        (value, _) => test(field, Some(value), op, operand),
    }
}

/// An expression with flags, as the product's language reads it.
pub fn expression(flags: &str, text: &str) -> regex::Regex {
    regex::Regex::new(&format!("{flags}{text}")).expect("an expression")
}

fn written(value: &Val) -> String {
    match value {
        Val::Text(text) => text.clone(),
        Val::Uuid(id) => id.to_string(),
        other => panic!("no text: {other:?}"),
    }
}

/// A pattern against a whole text, character by character.
fn like(text: &str, pattern: &str, fold: fn(char) -> char) -> bool {
    let text: Vec<char> = text.chars().map(fold).collect();
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '%' => None,
            '_' => Some(None),
            '\\' => Some(Some(fold(chars.next().expect("a character")))),
            c => Some(Some(fold(c))),
        });
    }
    // Which beginnings of the text the parts so far can match.
    let mut ends = vec![false; text.len() + 1];
    ends[0] = true;
    for part in parts {
        let mut next = vec![false; text.len() + 1];
        for at in (0..=text.len()).filter(|at| ends[*at]) {
            match part {
                None => next[at..].fill(true),
                Some(one) if at < text.len() && one.is_none_or(|c| c == text[at]) => {
                    next[at + 1] = true;
                }
                Some(_) => {}
            }
        }
        ends = next;
    }
    ends[text.len()]
}
