//! The check in front of the schema: what a document may cost, found in time linear in its length.
//!
//! A lexical pass bounds length, tokens and nesting before the parser sees the text. A second pass
//! over the parsed document counts what its operations come to with every fragment spread opened;
//! each fragment is counted once and remembered, so spreads that multiply are found by arithmetic
//! and not by walking them. The validator behind does walk them: its work is bounded by these
//! limits.

use crate::error::Code;
use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use std::collections::HashMap;

/// Most bytes of a document.
pub const MAX_BYTES: usize = 100_000;
/// Most lexical tokens.
pub const MAX_TOKENS: usize = 5_000;
/// Deepest nesting of brackets of any kind.
pub const MAX_NESTING: usize = 48;
/// Most directives written.
pub const MAX_DIRECTIVES: usize = 100;
/// Deepest nesting of fields, fragments opened.
pub const MAX_DEPTH: u64 = 16;
/// Most selections, fragments opened, of all operations.
pub const MAX_SELECTIONS: u64 = 2_000;
/// Most aliased fields, fragments opened, of all operations.
pub const MAX_ALIASES: u64 = 100;
/// Most operations and fragments.
pub const MAX_DEFINITIONS: usize = 100;
/// Most questions about the schema (`__schema`, `__type`), fragments opened, of all operations.
pub const MAX_INTROSPECTIONS: u64 = 10;
/// Deepest nesting of lists of members in one of them: each level multiplies the answer.
pub const MAX_INTROSPECTION_DEPTH: u64 = 2;

/// Bounds length, tokens, nesting and directives of a text that may not even parse.
pub fn scan(text: &str) -> Result<(), String> {
    if text.len() > MAX_BYTES {
        return Err(format!(
            "the document has {} bytes; the limit is {MAX_BYTES}",
            text.len()
        ));
    }
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut nesting, mut directives) = (0, 0_usize, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        at = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = end_of(bytes, at, |b| b != b'\n' && b != b'\r');
                continue;
            }
            b'"' => end_of_string(bytes, at),
            b'_' | b'-' | b'+' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                end_of(bytes, at + 1, |b| b.is_ascii_alphanumeric() || b == b'_')
            }
            b'.' => end_of(bytes, at, |b| b == b'.').min(at + 3),
            _ => at + 1,
        };
        tokens += 1;
        match byte {
            b'{' | b'(' | b'[' => nesting += 1,
            b'}' | b')' | b']' => nesting = nesting.saturating_sub(1),
            b'@' => directives += 1,
            _ => {}
        }
        if tokens > MAX_TOKENS {
            return Err(format!(
                "the document has more than {MAX_TOKENS} tokens, which is the limit"
            ));
        }
        if nesting > MAX_NESTING {
            return Err(format!(
                "the document nests deeper than {MAX_NESTING} brackets, which is the limit"
            ));
        }
        if directives > MAX_DIRECTIVES {
            return Err(format!(
                "the document has more than {MAX_DIRECTIVES} directives, which is the limit"
            ));
        }
    }
    Ok(())
}

fn end_of(bytes: &[u8], from: usize, mut inside: impl FnMut(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|b| !inside(*b)).unwrap_or(rest.len())
}

fn end_of_string(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    if rest.starts_with(b"\"\"\"") {
        let mut at = 3;
        while at < rest.len() {
            if rest[at..].starts_with(b"\\\"\"\"") {
                at += 4;
            } else if rest[at..].starts_with(b"\"\"\"") {
                return from + at + 3;
            } else {
                at += 1;
            }
        }
        return bytes.len();
    }
    let mut escaped = false;
    for (i, byte) in rest.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' | b'\n' => return from + i + 1,
            _ => {}
        }
    }
    bytes.len()
}

/// What a selection comes to with its fragments opened; sums stop at the greatest number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cost {
    selections: u64,
    aliases: u64,
    depth: u64,
    introspections: u64,
    /// Lists of members of types, one in the other.
    members: u64,
}

/// Bounds what the operations of a parsed document come to.
pub fn check(document: &ExecutableDocument) -> Result<(), (Code, String)> {
    let definitions = document.operations.iter().len() + document.fragments.len();
    if definitions > MAX_DEFINITIONS {
        let issue = format!(
            "the document has {definitions} operations and fragments; the limit is {MAX_DEFINITIONS}"
        );
        return Err((Code::TooComplex, issue));
    }
    let mut counter = Counter {
        document,
        known: HashMap::new(),
        ring: None,
    };
    let mut all = Cost::default();
    for (_, operation) in document.operations.iter() {
        all = all.beside(counter.set(&operation.node.selection_set.node));
    }
    // Fragments that no operation uses are still validated.
    for name in document.fragments.keys() {
        let cost = counter.fragment(name);
        all.selections = all.selections.max(cost.selections);
        all.depth = all.depth.max(cost.depth);
    }
    if let Some(name) = counter.ring {
        return Err((
            Code::BadRequest,
            format!("the fragment `{name}` spreads itself, which the specification forbids"),
        ));
    }
    let limits = [
        (
            all.selections,
            MAX_SELECTIONS,
            "selections with its fragments opened",
        ),
        (
            all.aliases,
            MAX_ALIASES,
            "aliases with its fragments opened",
        ),
        (all.depth, MAX_DEPTH, "levels of fields"),
        (
            all.introspections,
            MAX_INTROSPECTIONS,
            "questions about the schema",
        ),
        (
            all.members,
            MAX_INTROSPECTION_DEPTH,
            "levels of lists of members in a question about the schema",
        ),
    ];
    match limits.into_iter().find(|(cost, limit, _)| cost > limit) {
        Some((cost, limit, what)) => Err((
            Code::TooComplex,
            format!("the document has {cost} {what}; the limit is {limit}"),
        )),
        None => Ok(()),
    }
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    /// `None` while a fragment is being counted.
    known: HashMap<&'a Name, Option<Cost>>,
    /// A fragment that spreads itself.
    ring: Option<&'a Name>,
}

impl<'a> Counter<'a> {
    fn fragment(&mut self, name: &'a Name) -> Cost {
        if let Some(cost) = self.known.get(name) {
            if cost.is_none() {
                self.ring = Some(name);
            }
            return cost.unwrap_or_default();
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Cost::default();
        };
        self.known.insert(name, None);
        let cost = self.set(&fragment.node.selection_set.node);
        self.known.insert(name, Some(cost));
        cost
    }

    fn set(&mut self, set: &'a SelectionSet) -> Cost {
        let mut all = Cost::default();
        for item in &set.items {
            let mut cost = match &item.node {
                Selection::Field(field) => {
                    let mut cost = self.set(&field.node.selection_set.node);
                    cost.depth = cost.depth.saturating_add(1);
                    cost.aliases = cost
                        .aliases
                        .saturating_add(field.node.alias.is_some().into());
                    match field.node.name.node.as_str() {
                        "__schema" | "__type" => {
                            cost.introspections = cost.introspections.saturating_add(1)
                        }
                        "fields" | "inputFields" | "interfaces" | "possibleTypes" => {
                            cost.members += 1
                        }
                        _ => {}
                    }
                    cost
                }
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            };
            cost.selections = cost.selections.saturating_add(1);
            all = all.beside(cost);
        }
        all
    }
}

impl Cost {
    fn beside(self, other: Cost) -> Cost {
        Cost {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            depth: self.depth.max(other.depth),
            introspections: self.introspections.saturating_add(other.introspections),
            members: self.members.max(other.members),
        }
    }
}
