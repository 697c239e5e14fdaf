//! The list of rules: `[{field, operator, value, conjunction}]`. Operators are those of the table,
//! by the kind of the field. `conjunction` joins a rule to the next one; AND binds tighter than OR,
//! and the last one joins nothing.

use super::{finish, relation, what};
use crate::error::{Problem, clip};
use crate::query::{Field, MAX_HOPS, MAX_TESTS, Node, Op, Resource};
use crate::rest::name;
use serde_json::{Map, Value as Json};

/// The members of a rule.
const MEMBERS: &[&str] = &["field", "operator", "value", "conjunction"];

/// Reads a list of rules on `resource`; `path` is where the client wrote it.
pub fn config(
    resource: &'static Resource,
    filters: &Json,
    path: &str,
) -> Result<Node, Vec<Problem>> {
    let Json::Array(rules) = filters else {
        let issue = format!(
            "must be a list of rules such as {{\"field\": \"name\", \"operator\": \"contains\", \"value\": \"x\"}}, not {}",
            what(filters)
        );
        return Err(vec![Problem::new(path, issue)]);
    };
    if rules.len() > MAX_TESTS {
        let issue = format!("has {} rules; the limit is {MAX_TESTS}", rules.len());
        return Err(vec![Problem::new(path, issue)]);
    }
    let mut problems = Vec::new();
    let mut groups = vec![Vec::new()];
    for (i, rule) in rules.iter().enumerate() {
        let mut reader = Rule {
            path: format!("{path}[{i}]"),
            problems: &mut problems,
        };
        let (node, or) = reader.read(resource, rule);
        if let Some(group) = groups.last_mut() {
            group.extend(node);
        }
        if or && i + 1 < rules.len() {
            groups.push(Vec::new());
        }
    }
    let mut groups: Vec<Node> = groups.into_iter().map(Node::all).collect();
    let node = match groups.len() {
        1 => groups.remove(0),
        _ => Node::Or(groups),
    };
    finish(resource, node, problems, path)
}

struct Rule<'a> {
    path: String,
    problems: &'a mut Vec<Problem>,
}

impl Rule<'_> {
    fn refuse(&mut self, member: &str, issue: impl Into<String>) {
        let path = match member {
            "" => self.path.clone(),
            member => format!("{}.{member}", self.path),
        };
        self.problems.push(Problem::new(path, issue));
    }

    /// The condition, if it could be read, and whether `or` joins it to the next rule.
    fn read(&mut self, resource: &'static Resource, rule: &Json) -> (Option<Node>, bool) {
        let Json::Object(members) = rule else {
            self.refuse(
                "",
                format!(
                    "must be an object with `field` and `operator`, not {}",
                    what(rule)
                ),
            );
            return (None, false);
        };
        for name in members
            .keys()
            .filter(|name| !MEMBERS.contains(&name.as_str()))
        {
            let issue = format!("is no member of a rule; it has {}", MEMBERS.join(", "));
            self.refuse(&clip(name), issue);
        }
        let or = self.conjunction(members.get("conjunction"));
        let found = self
            .text(
                members,
                "field",
                "a field such as `name`, or a path such as `workspace.name`",
            )
            .and_then(|field| self.field(resource, &field));
        let operator = self.text(members, "operator", "an operator such as `eq`");
        let (Some((through, field)), Some(operator)) = (found, operator) else {
            return (None, or);
        };
        let node = self
            .operator(field, &operator)
            .and_then(|op| self.test(field, op, members));
        let nest = |node, relation: String| Node::One(relation, Box::new(node));
        (
            node.map(|node| through.into_iter().rev().fold(node, nest)),
            or,
        )
    }

    fn text(&mut self, members: &Map<String, Json>, name: &str, what: &str) -> Option<String> {
        match members.get(name) {
            Some(Json::String(text)) => return Some(text.clone()),
            None | Some(Json::Null) => self.refuse(name, format!("is missing: say {what}")),
            Some(other) => self.refuse(name, format!("must be {what}, not {}", super::what(other))),
        }
        None
    }

    fn conjunction(&mut self, value: Option<&Json>) -> bool {
        let word = match value {
            None | Some(Json::Null) => return false,
            Some(Json::String(word)) => word.to_ascii_lowercase(),
            Some(_) => String::new(),
        };
        if word != "and" && word != "or" {
            self.refuse(
                "conjunction",
                "must be `and` or `or`; it joins this rule to the next one",
            );
        }
        word == "or"
    }

    /// The to-one relations on the way to the field, and the field.
    fn field(
        &mut self,
        resource: &'static Resource,
        path: &str,
    ) -> Option<(Vec<String>, &'static Field)> {
        let (mut on, mut through) = (resource, Vec::new());
        let mut parts: Vec<&str> = path.split('.').collect();
        let last = parts.pop().unwrap_or_default();
        if parts.len() > MAX_HOPS {
            let issue = format!("walks {} relations; the limit is {MAX_HOPS}", parts.len());
            self.refuse("field", issue);
            return None;
        }
        for part in parts {
            match relation(on, part) {
                Some(relation) if relation.many => {
                    let issue = format!(
                        "`{part}` has many rows: ask them in `whereClause`, e.g. {{\"{part}\": {{\"_some\": {{…}}}}}}"
                    );
                    self.refuse("field", issue);
                    return None;
                }
                Some(relation) => {
                    through.push(relation.name.to_owned());
                    on = (relation.target)();
                }
                None => {
                    let issue = format!("`{}` has no relation `{}`", on.name, clip(part));
                    self.refuse("field", issue);
                    return None;
                }
            }
        }
        let name = name::member(on, last);
        match on.find_field(&name).filter(|f| f.asked()) {
            Some(field) => return Some((through, field)),
            None if relation(on, last).is_some() => {
                let issue = format!("`{last}` is a relation: name a field of it, e.g. `{path}.id`");
                self.refuse("field", issue);
            }
            None => {
                let issue = format!(
                    "`{}` is not a filterable field of `{}`",
                    clip(last),
                    on.name
                );
                self.refuse("field", issue);
            }
        }
        None
    }

    fn operator(&mut self, field: &Field, operator: &str) -> Option<Op> {
        let ops = field.kind.ops();
        let name = name::snake(operator);
        let found = ops.iter().copied().find(|op| op.name() == name);
        if found.is_none() {
            let allowed: Vec<_> = ops.iter().map(|op| op.name()).collect();
            let issue = format!(
                "`{}` is not an operator for `{}`, which is {}: it takes {}",
                clip(operator),
                field.name,
                field.kind.name(),
                allowed.join(", ")
            );
            self.refuse("operator", issue);
        }
        found
    }

    fn test(&mut self, field: &Field, op: Op, members: &Map<String, Json>) -> Option<Node> {
        let sent = members.get("value").filter(|value| !value.is_null());
        let value = match (op, sent) {
            (Op::IsNull | Op::IsNotNull, None) => Json::Bool(true),
            (Op::IsNull | Op::IsNotNull, Some(_)) => {
                let issue = format!("does not go with `{}`, which takes no value", op.name());
                self.refuse("value", issue);
                return None;
            }
            (_, Some(value)) => value.clone(),
            (_, None) => {
                let issue = format!(
                    "is missing: `{}` compares with a value; `is_null` finds rows without one",
                    op.name()
                );
                self.refuse("value", issue);
                return None;
            }
        };
        let test = Node::Field(field.name.to_owned(), op, value);
        Some(Node::At(format!("{}.value", self.path), Box::new(test)))
    }
}
