//! A filter as a face hands it over: names and JSON values, nothing checked.

use super::Op;
use serde_json::Value as Json;

/// A filter as it was spelled.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// All of these hold; an empty list holds.
    And(Vec<Node>),
    /// At least one of these holds; an empty list does not.
    Or(Vec<Node>),
    /// This does not hold.
    Not(Box<Node>),
    /// A test on a field, with an operator of the table.
    Field(String, Op, Json),
    /// A test on a field, with an operator of the raw grammar.
    Raw(String, Op, Json),
    /// What follows stands at this path of the client's document; problems in it say so.
    At(String, Box<Node>),
    /// The one related row exists and matches.
    One(String, Box<Node>),
    /// The related rows match as the quantifier says.
    Many(String, Quantifier, Box<Node>),
}

/// How many of the related rows must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one.
    Some,
    /// All, also when there is none.
    Every,
    /// Not one.
    None,
}

impl Quantifier {
    /// All quantifiers, with their name and meaning.
    pub const ALL: [(Quantifier, &'static str, &'static str); 3] = [
        (
            Quantifier::Some,
            "some",
            "At least one related row matches.",
        ),
        (
            Quantifier::Every,
            "every",
            "Every related row matches; true when there is none.",
        ),
        (Quantifier::None, "none", "No related row matches."),
    ];
}

impl Node {
    /// A filter that every row passes.
    pub const fn everything() -> Node {
        Node::And(Vec::new())
    }

    /// All of these; one alone is itself, so that depth counts what the client wrote.
    pub fn all(mut nodes: Vec<Node>) -> Node {
        if nodes.len() == 1 {
            nodes.remove(0)
        } else {
            Node::And(nodes)
        }
    }
}
