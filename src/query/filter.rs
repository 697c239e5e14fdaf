//! Judging a filter: names against the registry, operators against the kind, values against the
//! column. Everything wrong is reported at once, each with its path.

use super::{
    Field, Kind, MAX_DEPTH, MAX_LIST, MAX_TESTS, MAX_TEXT, Node, Op, Quantifier, Relation, Resource,
};
use crate::db::{Arg, Storage};
use crate::error::{Problem, clip};
use chrono::{DateTime, Days, NaiveDate, SubsecRound, Utc};
use serde_json::Value as Json;
use uuid::Uuid;

/// A filter that can be written as SQL.
#[derive(Clone)]
pub enum Filter {
    /// All of these.
    All(Vec<Filter>),
    /// At least one of these.
    Any(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A test on a field of the row.
    Test(&'static Field, Test),
    /// Related rows; without a quantifier the relation is to-one. The flag says whether deleted
    /// rows take part.
    Related(&'static Relation, Option<Quantifier>, Box<Filter>, bool),
}

/// A checked test.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Has no value.
    Null,
    /// Has a value.
    NotNull,
    /// Compared with one value.
    Compare(Compare, Arg),
    /// From the first moment to before the second.
    Between(Arg, Arg),
    /// One of these words.
    In(Vec<String>),
    /// Holds the needle at the place, whatever the case.
    Match(Match, String),
    /// False for any value: the text asked for cannot be an identifier.
    Never,
    /// True for any value.
    Always,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `=`
    Eq,
    /// `<>`
    Neq,
    /// `>`
    Gt,
    /// `>=`
    Gte,
    /// `<`
    Lt,
    /// `<=`
    Lte,
}

/// Where in the text the needle must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// At the beginning.
    Start,
    /// Anywhere.
    Anywhere,
    /// At the end.
    End,
}

impl Filter {
    /// A filter that every row passes.
    pub const fn everything() -> Filter {
        Filter::All(Vec::new())
    }

    /// Judges `node` for rows of `resource`; `path` is where the client wrote the filter.
    pub fn check(
        resource: &'static Resource,
        node: &Node,
        path: &str,
    ) -> Result<Filter, Vec<Problem>> {
        let mut check = Check {
            problems: Vec::new(),
            tests: 0,
        };
        let filter = check.node(resource, node, path, 1);
        if check.problems.is_empty() {
            Ok(filter)
        } else {
            Err(check.problems)
        }
    }

    /// Whether a test of this level (not behind a relation) names `deleted_at`.
    pub fn names_deleted(&self) -> bool {
        match self {
            Filter::All(list) | Filter::Any(list) => list.iter().any(Filter::names_deleted),
            Filter::Not(inner) => inner.names_deleted(),
            Filter::Test(field, _) => field.name == "deleted_at",
            Filter::Related(..) => false,
        }
    }
}

struct Check {
    problems: Vec<Problem>,
    tests: usize,
}

impl Check {
    fn refuse(&mut self, path: &str, issue: impl Into<String>) -> Filter {
        // One limit passed makes a thousand problems; the first hundred say enough.
        if self.problems.len() < MAX_TESTS {
            self.problems.push(Problem::new(path, issue));
        }
        Filter::everything()
    }

    fn node(&mut self, on: &'static Resource, node: &Node, path: &str, depth: usize) -> Filter {
        if depth > MAX_DEPTH {
            return self.refuse(
                path,
                format!("is nested deeper than the limit of {MAX_DEPTH} levels"),
            );
        }
        match node {
            Node::And(list) => Filter::All(self.list(on, list, path, "and", depth)),
            Node::Or(list) => Filter::Any(self.list(on, list, path, "or", depth)),
            Node::Not(inner) => Filter::Not(Box::new(self.node(
                on,
                inner,
                &format!("{path}.not"),
                depth + 1,
            ))),
            Node::Field(name, op, value) => self.field(on, name, *op, value, path),
            Node::One(name, inner) => self.related(on, name, None, inner, path, depth),
            Node::Many(name, quantifier, inner) => {
                self.related(on, name, Some(*quantifier), inner, path, depth)
            }
        }
    }

    fn list(
        &mut self,
        on: &'static Resource,
        list: &[Node],
        path: &str,
        word: &str,
        depth: usize,
    ) -> Vec<Filter> {
        if list.len() > MAX_LIST {
            let issue = format!("has {} branches; the limit is {MAX_LIST}", list.len());
            self.refuse(&format!("{path}.{word}"), issue);
            return Vec::new();
        }
        list.iter()
            .map(|n| self.node(on, n, path, depth + 1))
            .collect()
    }

    fn related(
        &mut self,
        on: &'static Resource,
        name: &str,
        quantifier: Option<Quantifier>,
        inner: &Node,
        path: &str,
        depth: usize,
    ) -> Filter {
        let path = format!("{path}.{name}");
        let Some(relation) = on.find_relation(name) else {
            return self.refuse(&path, format!("is not a relation of `{}`", on.name));
        };
        match (relation.many, quantifier) {
            (true, None) => self.refuse(&path, "has many rows: say `some`, `every` or `none`"),
            (false, Some(_)) => self.refuse(&path, "has at most one row: nest the filter directly"),
            _ => {
                let target = (relation.target)();
                let inner = self.node(target, inner, &path, depth + 1);
                let sees_deleted = relation.even_deleted || inner.names_deleted();
                Filter::Related(relation, quantifier, Box::new(inner), sees_deleted)
            }
        }
    }

    fn field(
        &mut self,
        on: &'static Resource,
        name: &str,
        op: Op,
        value: &Json,
        path: &str,
    ) -> Filter {
        self.tests += 1;
        let path = format!("{path}.{name}");
        if self.tests > MAX_TESTS {
            return self.refuse(
                &path,
                format!("is test {}; the limit is {MAX_TESTS}", self.tests),
            );
        }
        let Some(field) = on.find_field(name).filter(|f| f.asked()) else {
            return self.refuse(&path, format!("is not a filterable field of `{}`", on.name));
        };
        if !field.kind.ops().contains(&op) {
            let allowed: Vec<_> = field.kind.ops().iter().map(|op| op.name()).collect();
            let issue = format!(
                "does not take `{}` (it takes {})",
                op.name(),
                allowed.join(", ")
            );
            return self.refuse(&path, issue);
        }
        match test(field, op, value) {
            Ok(test) => Filter::Test(field, test),
            Err(issue) => self.refuse(&format!("{path}.{}", op.name()), issue),
        }
    }
}

fn test(field: &Field, op: Op, value: &Json) -> Result<Test, String> {
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
        Op::In => words(field, value).map(Test::In),
        Op::Eq if field.storage == Storage::Time => day(value),
        Op::Eq | Op::Neq if field.storage == Storage::Uuid => identifier(field, op, value),
        Op::Eq => compare(Compare::Eq),
        Op::Neq => compare(Compare::Neq),
        Op::Gt => compare(Compare::Gt),
        Op::Gte => compare(Compare::Gte),
        Op::Lt => compare(Compare::Lt),
        Op::Lte => compare(Compare::Lte),
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

fn scalar(field: &Field, value: &Json) -> Result<Arg, String> {
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

fn words(field: &Field, value: &Json) -> Result<Vec<String>, String> {
    let Json::Array(list) = value else {
        return Err(expected("a list", value));
    };
    if list.len() > MAX_LIST {
        return Err(format!(
            "has {} values; the limit is {MAX_LIST}",
            list.len()
        ));
    }
    list.iter().map(|v| word(field, v)).collect()
}

fn word(field: &Field, value: &Json) -> Result<String, String> {
    let text = text(value)?;
    match field.kind {
        Kind::Enum(choice) if !choice.has(&text) => {
            let known: Vec<_> = choice.values.iter().map(|(word, _)| *word).collect();
            Err(format!(
                "must be one of {}, not `{}`",
                known.join(", "),
                clip(&text)
            ))
        }
        _ => Ok(text),
    }
}

fn text(value: &Json) -> Result<String, String> {
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

fn moment(value: &Json) -> Result<DateTime<Utc>, String> {
    read_moment(&text(value)?)
}

/// A moment: RFC 3339, or a date alone, which is its first moment in UTC. What is wrong is said as
/// the issue of a problem.
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
fn expected(what: &str, got: &Json) -> String {
    let hint = match got {
        Json::Null => "; rows without a value have a test of their own",
        _ => "",
    };
    format!("{}{hint}", crate::error::expected(what, got))
}
