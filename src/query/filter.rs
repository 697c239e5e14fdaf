//! Judging a filter: names against the registry, operators against the kind, values against the
//! column. Everything wrong is reported at once, each with its path.

use super::json::Document;
use super::pattern::Pattern;
use super::regex::Regex;
use super::{
    Field, MAX_DEPTH, MAX_LIST, MAX_TESTS, Node, Op, Quantifier, Relation, Resource, raw, value,
};
use crate::db::Arg;
use crate::error::Problem;
use serde_json::Value as Json;

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
    /// One of the values of this list.
    In(Arg),
    /// Holds the needle at the place, whatever the case.
    Match(Match, String),
    /// Has the form of the pattern; the flag says whether case does not count.
    Like(Pattern, bool),
    /// The expression matches somewhere.
    Regex(Regex),
    /// A test on the inside of a document.
    Document(Document),
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
            at: None,
        };
        let filter = check.node(resource, node, path, 1);
        if check.problems.is_empty() {
            Ok(filter)
        } else {
            Err(check.problems)
        }
    }

    /// Whether every row passes without being looked at.
    pub fn is_everything(&self) -> bool {
        matches!(self, Filter::All(list) if list.iter().all(Filter::is_everything))
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
    /// Where the client wrote what is being judged, if the face has said so.
    at: Option<String>,
}

impl Check {
    fn refuse(&mut self, path: &str, issue: impl Into<String>) -> Filter {
        // One limit passed makes a thousand problems; the first hundred say enough.
        if self.problems.len() < MAX_TESTS {
            let path = self.at.as_deref().unwrap_or(path);
            self.problems.push(Problem::new(path, issue));
        }
        Filter::everything()
    }

    fn node(&mut self, on: &'static Resource, node: &Node, path: &str, depth: usize) -> Filter {
        if depth > MAX_DEPTH && !matches!(node, Node::At(..)) {
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
            Node::Raw(name, op, value) => self.raw(on, name, *op, value, path),
            Node::At(place, inner) => {
                let outer = self.at.replace(place.clone());
                let filter = self.node(on, inner, path, depth);
                self.at = outer;
                filter
            }
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

    /// Counts tests on the field at `path`; false, and refused, past the limit.
    fn counts(&mut self, tests: usize, path: &str) -> bool {
        self.tests += tests;
        if self.tests > MAX_TESTS {
            let issue = format!("is test {}; the limit is {MAX_TESTS}", self.tests);
            self.refuse(path, issue);
        }
        self.tests <= MAX_TESTS
    }

    fn field(
        &mut self,
        on: &'static Resource,
        name: &str,
        op: Op,
        value: &Json,
        path: &str,
    ) -> Filter {
        let path = format!("{path}.{name}");
        if !self.counts(1, &path) {
            return Filter::everything();
        }
        let Some(field) = on.find_field(name).filter(|f| f.asked()) else {
            return self.refuse(&path, format!("is not a filterable field of `{}`", on.name));
        };
        if let Some(issue) = untaken(op, field.kind.ops(), "") {
            return self.refuse(&path, issue);
        }
        match value::test(field, op, value) {
            Ok(test) => Filter::Test(field, test),
            Err(issue) => self.refuse(&format!("{path}.{}", op.name()), issue),
        }
    }

    /// A test of the raw grammar, on any field that clients can know of.
    fn raw(
        &mut self,
        on: &'static Resource,
        name: &str,
        op: Op,
        value: &Json,
        path: &str,
    ) -> Filter {
        let path = format!("{path}.{name}");
        let Some(field) = on.find_field(name).filter(|f| f.raw()) else {
            return self.refuse(&path, format!("is not a field of `{}`", on.name));
        };
        if let Some(issue) = untaken(op, field.kind.raw_ops(), "_") {
            return self.refuse(&path, issue);
        }
        match raw::test(field, op, value) {
            Ok((filter, tests)) if self.counts(tests, &path) => filter,
            Ok(_) => Filter::everything(),
            Err(issue) => self.refuse(&format!("{path}._{}", op.name()), issue),
        }
    }
}

/// The sentence for an operator that is not among those a kind takes.
fn untaken(op: Op, taken: &[Op], mark: &str) -> Option<String> {
    if taken.contains(&op) {
        return None;
    }
    let allowed: Vec<_> = taken
        .iter()
        .map(|op| format!("{mark}{}", op.name()))
        .collect();
    Some(format!(
        "does not take `{mark}{}` (it takes {})",
        op.name(),
        allowed.join(", ")
    ))
}
