//! Filters and orders as the dialect writes them, turned into the engine's: the list of rules
//! ([`config`]), the raw tree ([`clause`]) and `orderBy` ([`order`]). Spelling is judged here; what
//! a field, an operator or a value means is the engine's to judge, at the path that stands in the
//! client's document.

mod clause;
mod config;
mod order;

pub use clause::clause;
pub use config::config;
pub use order::{order, sort};

use super::name;
use crate::error::Problem;
use crate::query::{Filter, Node, Relation, Resource};
use serde_json::Value as Json;

/// Most problems that are reported; more of the same helps nobody.
const MAX_PROBLEMS: usize = 100;

/// The relation that a client calls so, in either spelling.
fn relation(on: &'static Resource, spelled: &str) -> Option<&'static Relation> {
    on.find_relation(&name::snake(spelled))
}

/// What kind of value it is, for a sentence.
fn what(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// The node, or every problem: those of the spelling and those of what could be read beside them.
fn finish(
    resource: &'static Resource,
    node: Node,
    mut problems: Vec<Problem>,
    path: &str,
) -> Result<Node, Vec<Problem>> {
    if problems.is_empty() {
        return Ok(node);
    }
    if let Err(more) = Filter::check(resource, &node, path) {
        problems.extend(more);
    }
    problems.truncate(MAX_PROBLEMS);
    Err(problems)
}
