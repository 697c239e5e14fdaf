//! Raw conditions from lists of numbers; see the scripts of the other filters.

use super::document::operands;
use crate::query::model::{Sight, Val};
use chrono::SecondsFormat;
use connectory::query::{Field, Kind, Op, Resource};
use serde_json::{Map, Value as Json, json};

/// Patterns that databases trip over.
const PATTERNS: &[&str] = &[
    "",
    "%",
    "_",
    "%_%",
    "\\%",
    "100\\%%",
    "a_b",
    "a\\_b",
    "a%b",
    "%ö%",
    "%Ö%L%",
    "%STRASSE",
    "%straße%",
    "%[1]*?%",
    "%\\\\%",
    "%ς",
    "%\nline%",
    "_%_%_%_",
    "%Σ%",
    "%-%-%",
    "%1%.%0",
];

/// Expressions that databases trip over.
pub const EXPRESSIONS: &[&str] = &[
    "",
    "a",
    ".",
    "^.$",
    "^a.b$",
    "one.line",
    "(?-s:one.line)",
    "(?m)^line",
    "(?m)one$",
    r"\d",
    r"\w+\s\w+",
    r"\bÖl",
    r"\B_",
    r"ö",
    r"[^a-z]$",
    r"^[[:upper:]]",
    r"(a|b)?x",
    r"[0-9]{1,2}\.",
    r"^(?:[a-z]+_?)+$",
    r"\p{Greek}",
    r"(?i)strasse|STRASSE",
    r"%",
    r"\\",
    r"^[^\s]*$",
    r"s{2}",
    r"x\[1\]",
    r"(?i:ö)L",
    r"^$",
    r"-[0-9a-f]{4}-",
    r"\PL",
    r"[à-ö]",
    r"ſ|k|µ",
];

/// Most distinct values of a field to choose from.
const VALUES: usize = 20;

/// Reads choices and makes a condition of them.
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
        let number = self.numbers.next();
        number.map_or(0, |n| usize::from(*n) % among.max(1))
    }

    /// A condition on `resource` with at most `depth` levels.
    pub fn clause(&mut self, resource: &'static Resource, depth: usize) -> Json {
        let form = if depth <= 1 { 0 } else { self.choose(12) };
        match form {
            0..=4 => self.field(resource),
            5 => json!({"_and": self.list(resource, depth)}),
            6 => json!({"_or": self.list(resource, depth)}),
            7 | 8 => json!({"_not": self.clause(resource, depth - 1)}),
            9 => self.one(resource, depth),
            10 => self.many(resource, depth),
            _ => {
                let mut both = Map::new();
                for _ in 0..2 {
                    let one = self.clause(resource, depth - 1);
                    both.extend(one.as_object().cloned().unwrap_or_default());
                }
                Json::Object(both)
            }
        }
    }

    fn list(&mut self, resource: &'static Resource, depth: usize) -> Vec<Json> {
        (0..self.choose(4))
            .map(|_| self.clause(resource, depth - 1))
            .collect()
    }

    fn one(&mut self, resource: &'static Resource, depth: usize) -> Json {
        let relations: Vec<_> = resource.relations.iter().filter(|r| !r.many).collect();
        if relations.is_empty() {
            return self.field(resource);
        }
        let relation = relations[self.choose(relations.len())];
        match self.choose(3) {
            0 => json!({ (relation.name): {"_is_null": self.choose(2) == 0} }),
            _ => json!({ (relation.name): self.clause((relation.target)(), depth - 1) }),
        }
    }

    fn many(&mut self, resource: &'static Resource, depth: usize) -> Json {
        let relations: Vec<_> = resource.relations.iter().filter(|r| r.many).collect();
        if relations.is_empty() {
            return self.field(resource);
        }
        let relation = relations[self.choose(relations.len())];
        let word = ["_some", "_every", "_none"][self.choose(3)];
        json!({ (relation.name): { word: self.clause((relation.target)(), depth - 1) } })
    }

    fn field(&mut self, resource: &'static Resource) -> Json {
        let fields: Vec<_> = resource.fields.iter().filter(|f| f.raw()).collect();
        let field = fields[self.choose(fields.len())];
        let ops = field.kind.raw_ops();
        let op = ops[self.choose(ops.len())];
        let operand = self.operand(resource, field, op);
        json!({ (field.name): { (format!("_{}", op.name())): operand } })
    }

    fn operand(&mut self, resource: &'static Resource, field: &'static Field, op: Op) -> Json {
        match op {
            Op::IsNull => json!(self.choose(2) == 0),
            Op::In | Op::Nin => (0..self.choose(4))
                .map(|_| self.value(resource, field))
                .collect(),
            Op::Like | Op::Nlike | Op::Ilike | Op::Nilike => self.pattern(resource, field),
            Op::Regex | Op::Nregex | Op::Iregex | Op::Niregex => {
                json!(EXPRESSIONS[self.choose(EXPRESSIONS.len())])
            }
            Op::Superset | Op::Subset | Op::HasKey | Op::HasKeysAny | Op::HasKeysAll => {
                let spelled = format!("_{}", op.name());
                let all: Vec<_> = operands()
                    .into_iter()
                    .filter(|(op, _)| *op == spelled)
                    .collect();
                all[self.choose(all.len())].1.clone()
            }
            _ => self.value(resource, field),
        }
    }

    /// A pattern: a planted one, or part of a value.
    fn pattern(&mut self, resource: &'static Resource, field: &'static Field) -> Json {
        if self.choose(2) == 0 {
            return json!(PATTERNS[self.choose(PATTERNS.len())]);
        }
        let value = self.value(resource, field);
        let text = value.as_str().unwrap_or("x").replace('\\', "\\\\");
        let part: String = text.chars().skip(self.choose(4)).collect();
        json!(match self.choose(3) {
            0 => format!("%{part}"),
            1 => format!("%{}%", part.to_uppercase()),
            _ => part.replace(' ', "_"),
        })
    }

    /// A value of the field in the data, or one near it.
    fn value(&mut self, resource: &'static Resource, field: &'static Field) -> Json {
        if let Kind::Enum(choice) = field.kind {
            return json!(choice.values[self.choose(choice.values.len())].0);
        }
        let rows = self.sight.model.all(resource).iter();
        let values = rows.filter_map(|row| self.sight.value(resource, row, field));
        let mut values: Vec<_> = values.collect();
        values.sort();
        values.dedup();
        let step = values.len().div_ceil(VALUES).max(1);
        let values: Vec<_> = values.into_iter().step_by(step).collect();
        match values.get(self.choose(values.len())) {
            Some(value) => self.near(field, value),
            None => match field.kind {
                Kind::Number => json!(1),
                Kind::Date => json!("2024-06-01"),
                Kind::Boolean => json!(true),
                Kind::Workspace => json!(uuid::Uuid::nil()),
                _ => json!("x"),
            },
        }
    }

    fn near(&mut self, field: &Field, value: &Val) -> Json {
        match value {
            Val::Bool(yes) => json!(*yes == (self.choose(2) == 0)),
            Val::Int(number) => json!(number + [0, 1, -1][self.choose(3)]),
            Val::Uuid(id) => match self.choose(4) {
                0 => json!(id),
                1 => json!(id.to_string().to_uppercase()),
                _ if matches!(field.kind, Kind::Workspace) => json!(id.simple().to_string()),
                2 => json!(id.to_string()[..13]),
                _ => json!("no identifier"),
            },
            Val::Text(text) => match self.choose(3) {
                0 => json!(text),
                1 => json!(text.to_lowercase()),
                _ => json!(format!("{text}x")),
            },
            Val::Time(moment) => match self.choose(3) {
                0 => json!(moment.to_rfc3339_opts(SecondsFormat::Micros, true)),
                1 => json!(moment.date_naive().to_string()),
                _ => json!(moment.to_rfc3339_opts(SecondsFormat::AutoSi, false)),
            },
        }
    }
}
