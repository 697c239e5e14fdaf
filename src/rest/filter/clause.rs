//! The raw tree: objects whose members are all to hold.
//!
//! ```text
//! Where := { "_and": [Where…] | "_or": [Where…] | "_not": Where
//!          | field: { operator: value … }
//!          | to-one relation: Where | { "_is_null": true }
//!          | to-many relation: { "_some" | "_every" | "_none": Where } … }
//! ```
//!
//! `{}` holds for every row, `_and: []` too, `_or: []` and `_not: {}` for none. A condition nested
//! directly below a to-many relation is refused: it does not say for how many rows.

use super::{MAX_PROBLEMS, finish, relation, what};
use crate::error::{Problem, clip};
use crate::query::{Field, MAX_DEPTH, MAX_LIST, Node, Quantifier, Relation, Resource};
use crate::rest::name;
use serde_json::{Map, Value as Json};

/// Reads a raw tree on `resource`; `path` is where the client wrote it.
pub fn clause(
    resource: &'static Resource,
    clause: &Json,
    path: &str,
) -> Result<Node, Vec<Problem>> {
    let mut reader = Reader {
        problems: Vec::new(),
    };
    let node = reader.tree(resource, clause, path, 1);
    finish(resource, node, reader.problems, path)
}

struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn refuse(&mut self, path: &str, issue: impl Into<String>) -> Node {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem::new(path, issue));
        }
        Node::everything()
    }

    /// A tree on rows of `on`. `level` bounds the recursion whatever stands in the document.
    fn tree(&mut self, on: &'static Resource, tree: &Json, path: &str, level: usize) -> Node {
        if level > MAX_DEPTH {
            // The engine refuses what is so deep; nothing below needs to be read.
            return Node::At(path.to_owned(), Box::new(Node::everything()));
        }
        let Json::Object(members) = tree else {
            let issue = format!(
                "must be an object such as {{\"name\": {{\"_eq\": \"x\"}}}}, not {}",
                what(tree)
            );
            return self.refuse(path, issue);
        };
        if members.len() > MAX_LIST {
            let issue = format!("has {} members; the limit is {MAX_LIST}", members.len());
            return self.refuse(path, issue);
        }
        let member = |(key, value): (&String, &Json)| {
            let path = format!("{path}.{}", clip(key));
            self.member(on, key, value, &path, level)
        };
        Node::all(members.iter().map(member).collect())
    }

    fn member(
        &mut self,
        on: &'static Resource,
        key: &str,
        value: &Json,
        path: &str,
        level: usize,
    ) -> Node {
        match key {
            "_and" => return Node::And(self.list(on, value, path, level)),
            "_or" => return Node::Or(self.list(on, value, path, level)),
            "_not" => return Node::Not(Box::new(self.tree(on, value, path, level + 1))),
            _ => {}
        }
        if let Some(field) = on.find_field(&name::member(on, key)).filter(|f| f.raw()) {
            return self.tests(field, value, path);
        }
        match relation(on, key) {
            Some(relation) if relation.many => self.many(relation, key, value, path, level),
            Some(relation) => self.one(relation, value, path, level),
            None => {
                let issue = format!("is neither a field nor a relation of `{}`", on.name);
                self.refuse(path, issue)
            }
        }
    }

    fn list(&mut self, on: &'static Resource, value: &Json, path: &str, level: usize) -> Vec<Node> {
        match value {
            Json::Array(list) if list.len() > MAX_LIST => {
                let issue = format!("has {} branches; the limit is {MAX_LIST}", list.len());
                self.refuse(path, issue);
                Vec::new()
            }
            Json::Array(list) => list
                .iter()
                .enumerate()
                .map(|(i, tree)| self.tree(on, tree, &format!("{path}[{i}]"), level + 1))
                .collect(),
            other => {
                self.refuse(
                    path,
                    format!("must be a list of conditions, not {}", what(other)),
                );
                Vec::new()
            }
        }
    }

    /// The tests on a field.
    fn tests(&mut self, field: &'static Field, value: &Json, path: &str) -> Node {
        let ops = field.kind.raw_ops();
        let Json::Object(members) = value else {
            let issue = format!(
                "must be an object of operators such as {{\"_{}\": …}}, not {}",
                ops.first().map_or("eq", |op| op.name()),
                what(value)
            );
            return self.refuse(path, issue);
        };
        let mut all = Vec::new();
        for (spelled, operand) in members.iter().take(MAX_LIST) {
            let path = format!("{path}.{}", clip(spelled));
            let found = spelled
                .strip_prefix('_')
                .and_then(|name| ops.iter().copied().find(|op| op.name() == name));
            let Some(op) = found else {
                let taken: Vec<_> = ops.iter().map(|op| format!("_{}", op.name())).collect();
                let issue = format!(
                    "is not an operator for `{}`, which is {}: it takes {}",
                    field.name,
                    field.kind.name(),
                    taken.join(", ")
                );
                self.refuse(&path, issue);
                continue;
            };
            let test = Node::Raw(field.name.to_owned(), op, operand.clone());
            all.push(Node::At(path, Box::new(test)));
        }
        Node::all(all)
    }

    /// A condition on the one related row, or whether there is one.
    fn one(&mut self, relation: &Relation, value: &Json, path: &str, level: usize) -> Node {
        let exists = |inner| Node::One(relation.name.to_owned(), Box::new(inner));
        let Json::Object(members) = value else {
            return exists(self.tree((relation.target)(), value, path, level + 1));
        };
        if let Some(wrong) = Quantifier::ALL
            .iter()
            .find(|(_, word, _)| members.contains_key(&format!("_{word}")))
        {
            let issue = "has at most one row: nest the condition directly, without a quantifier";
            return self.refuse(&format!("{path}._{}", wrong.1), issue);
        }
        let Some(is_null) = members.get("_is_null") else {
            return exists(self.tree((relation.target)(), value, path, level + 1));
        };
        let presence = match is_null {
            Json::Bool(true) => Node::Not(Box::new(exists(Node::everything()))),
            Json::Bool(false) => exists(Node::everything()),
            other => {
                let issue = format!("must be true or false, not {}", what(other));
                return self.refuse(&format!("{path}._is_null"), issue);
            }
        };
        let mut rest: Map<String, Json> = members.clone();
        rest.remove("_is_null");
        if rest.is_empty() {
            return presence;
        }
        let rest = self.tree((relation.target)(), &Json::Object(rest), path, level + 1);
        Node::And(vec![presence, exists(rest)])
    }

    /// Conditions on the related rows, each with its quantifier.
    fn many(
        &mut self,
        relation: &Relation,
        spelled: &str,
        value: &Json,
        path: &str,
        level: usize,
    ) -> Node {
        let form = format!(
            "has many rows: say `_some`, `_every` or `_none`, e.g. {{\"{}\": {{\"_some\": {{…}}}}}}",
            clip(spelled)
        );
        let members = match value {
            Json::Object(members) if !members.is_empty() => members,
            _ => return self.refuse(path, form),
        };
        let mut all = Vec::new();
        for (word, inner) in members {
            let found = Quantifier::ALL
                .iter()
                .find(|(_, name, _)| word.strip_prefix('_') == Some(name));
            let Some((quantifier, ..)) = found else {
                return self.refuse(path, form);
            };
            let path = format!("{path}.{word}");
            let inner = self.tree((relation.target)(), inner, &path, level + 1);
            let inner = Box::new(inner);
            all.push(Node::Many(relation.name.to_owned(), *quantifier, inner));
        }
        Node::all(all)
    }
}
