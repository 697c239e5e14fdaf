//! Filters from lists of numbers: each number is one choice, and when the list is at its end the
//! first choice is taken. So a shorter list with smaller numbers is a simpler filter, and a
//! failing case shrinks by itself.

use super::model::{Sight, Val};
use chrono::SecondsFormat;
use connectory::graphql::camel;
use connectory::query::{Field, Kind, Op, Resource};
use serde_json::{Map, Value as Json, json};

/// Most distinct values of a field to choose from.
const VALUES: usize = 30;

/// Texts that patterns and foldings could trip over.
const NEEDLES: &[&str] = &[
    "", "%", "_", "\\", "Öl", "ÖL", "straße", "É", "σ", "Σς", "a_b", "e", "¬", "-", ".",
];

/// Reads choices and makes a filter of them.
pub struct Script<'a> {
    numbers: std::slice::Iter<'a, u16>,
    sight: &'a Sight<'a>,
}

impl<'a> Script<'a> {
    /// A script whose values come from the rows that `sight` knows.
    pub fn new(numbers: &'a [u16], sight: &'a Sight<'a>) -> Self {
        Script {
            numbers: numbers.iter(),
            sight,
        }
    }

    fn choose(&mut self, among: usize) -> usize {
        self.numbers
            .next()
            .map_or(0, |n| usize::from(*n) % among.max(1))
    }

    /// A filter on `resource` with at most `depth` levels.
    pub fn filter(&mut self, resource: &'static Resource, depth: usize) -> Json {
        let form = if depth <= 1 { 0 } else { self.choose(11) };
        match form {
            0..=2 => self.field(resource),
            3 => json!({"and": self.list(resource, depth)}),
            4 => json!({"or": self.list(resource, depth)}),
            5 | 6 => json!({"not": self.filter(resource, depth - 1)}),
            7 | 8 => self.relation(resource, depth, false),
            9 => self.relation(resource, depth, true),
            _ => self.both(resource, depth),
        }
    }

    fn list(&mut self, resource: &'static Resource, depth: usize) -> Vec<Json> {
        (0..self.choose(4))
            .map(|_| self.filter(resource, depth - 1))
            .collect()
    }

    /// Two conditions in one object, which must both hold.
    fn both(&mut self, resource: &'static Resource, depth: usize) -> Json {
        let (one, two) = (
            self.filter(resource, depth - 1),
            self.filter(resource, depth - 1),
        );
        let mut members = Map::new();
        members.extend(
            [one, two]
                .into_iter()
                .filter_map(|f| f.as_object().cloned())
                .flatten(),
        );
        Json::Object(members)
    }

    fn relation(&mut self, resource: &'static Resource, depth: usize, many: bool) -> Json {
        let relations: Vec<_> = resource
            .relations
            .iter()
            .filter(|r| r.many == many)
            .collect();
        if relations.is_empty() {
            return self.field(resource);
        }
        let relation = relations[self.choose(relations.len())];
        let inner = match (many, self.choose(3)) {
            (false, _) => self.filter((relation.target)(), depth - 1),
            (true, word) => {
                json!({ (["some", "every", "none"][word]): self.filter((relation.target)(), depth - 1) })
            }
        };
        json!({ (camel(relation.name)): inner })
    }

    fn field(&mut self, resource: &'static Resource) -> Json {
        let fields: Vec<_> = resource.fields.iter().filter(|f| f.asked()).collect();
        let field = fields[self.choose(fields.len())];
        let op = field.kind.ops()[self.choose(field.kind.ops().len())];
        let operand = match op {
            Op::IsNull | Op::IsNotNull => json!(self.choose(2) == 0),
            Op::In => (0..self.choose(4)).map(|_| self.word(field)).collect(),
            _ => self.operand(resource, field, op),
        };
        json!({ (camel(field.name)): { (camel(op.name())): operand } })
    }

    /// A value of the field in the data, or one near it.
    fn operand(&mut self, resource: &'static Resource, field: &Field, op: Op) -> Json {
        if matches!(field.kind, Kind::Enum(_)) {
            return self.word(field);
        }
        let rows = self.sight.model.all(resource).iter();
        let mut values: Vec<_> = rows
            .filter_map(|row| self.sight.value(resource, row, field))
            .collect();
        values.sort();
        values.dedup();
        let step = values.len().div_ceil(VALUES).max(1);
        let values: Vec<_> = values.into_iter().step_by(step).collect();
        let Some(value) = values.get(self.choose(values.len())) else {
            return nothing(field);
        };
        match value {
            Val::Bool(yes) => json!(*yes == (self.choose(2) == 0)),
            Val::Int(number) => json!(number + [0, 1, -1][self.choose(3)]),
            Val::Uuid(id) if matches!(op, Op::Eq | Op::Neq) => {
                self.identifier(field, &id.to_string())
            }
            Val::Uuid(id) => self.text(&id.to_string()),
            Val::Text(text) => self.text(text),
            Val::Time(moment) => match self.choose(3) {
                0 => json!(moment.to_rfc3339_opts(SecondsFormat::Micros, true)),
                1 => json!(moment.date_naive().to_string()),
                _ => json!(
                    (*moment + chrono::Duration::microseconds(1))
                        .to_rfc3339_opts(SecondsFormat::AutoSi, false)
                ),
            },
        }
    }

    fn identifier(&mut self, field: &Field, id: &str) -> Json {
        match self.choose(4) {
            0 => json!(id),
            1 => json!(id.to_uppercase()),
            2 => json!(id.replace('-', "")),
            _ if matches!(field.kind, Kind::Workspace) => json!(id),
            _ => json!("no identifier"),
        }
    }

    fn text(&mut self, text: &str) -> Json {
        let letters: Vec<char> = text.chars().collect();
        match self.choose(6) {
            0 => json!(text),
            1 => json!(text.to_lowercase()),
            2 => json!(text.to_uppercase()),
            3 => json!(NEEDLES[self.choose(NEEDLES.len())]),
            more => {
                let start = self.choose(letters.len());
                let end = start + 1 + self.choose(letters.len().saturating_sub(start));
                let part: String = letters[start.min(letters.len())..end.min(letters.len())]
                    .iter()
                    .collect();
                json!(if more == 4 { part.to_uppercase() } else { part })
            }
        }
    }

    fn word(&mut self, field: &Field) -> Json {
        let Kind::Enum(choice) = field.kind else {
            panic!("{} has no words", field.name)
        };
        json!(choice.values[self.choose(choice.values.len())].0)
    }
}

/// An operand for a field that has no value in any row.
fn nothing(field: &Field) -> Json {
    match field.kind {
        Kind::Number => json!(0),
        Kind::Date => json!("2024-06-01"),
        Kind::Boolean => json!(true),
        Kind::Workspace => json!(uuid::Uuid::nil()),
        _ => json!("x"),
    }
}
