//! Arguments, spelled in GraphQL values, turned into the engine's neutral question. Types were
//! checked by the validator; meaning is judged by the engine.

use super::name::{Member, camel, member};
use crate::error::Problem;
use crate::query::{Kind, Node, Op, Quantifier, Resource, Sort};
use async_graphql::Value;
use serde_json::Value as Json;

/// Reads a `filter` argument.
pub fn filter(resource: &'static Resource, value: &Value) -> Node {
    let Value::Object(object) = value else {
        return Node::everything();
    };
    let mut all = Vec::new();
    for (name, value) in object {
        // An explicit null says as much as leaving the member out.
        if matches!(value, Value::Null) {
            continue;
        }
        match name.as_str() {
            "and" => all.push(Node::And(
                list(value).iter().map(|v| filter(resource, v)).collect(),
            )),
            "or" => all.push(Node::Or(
                list(value).iter().map(|v| filter(resource, v)).collect(),
            )),
            "not" => all.push(Node::Not(Box::new(filter(resource, value)))),
            name => match member(resource, name) {
                Some(Member::Field(field)) => all.extend(tests(field.name, field.kind, value)),
                Some(Member::Relation(relation)) if relation.many => {
                    all.extend(quantified(relation.name, (relation.target)(), value));
                }
                Some(Member::Relation(relation)) => {
                    let inner = filter((relation.target)(), value);
                    all.push(Node::One(relation.name.into(), Box::new(inner)));
                }
                None => {}
            },
        }
    }
    Node::all(all)
}

fn tests(field: &str, kind: Kind, value: &Value) -> Vec<Node> {
    let Value::Object(object) = value else {
        return Vec::new();
    };
    let test = |(name, value): (&async_graphql::Name, &Value)| {
        let op = kind
            .ops()
            .iter()
            .copied()
            .find(|op| camel(op.name()) == name.as_str())?;
        let value = match op {
            Op::In => Json::Array(list(value).iter().map(|v| json(kind, v)).collect()),
            _ => json(kind, value),
        };
        Some(Node::Field(field.into(), op, value))
    };
    object.iter().filter_map(test).collect()
}

fn quantified(relation: &str, target: &'static Resource, value: &Value) -> Vec<Node> {
    let Value::Object(object) = value else {
        return Vec::new();
    };
    let node = |(quantifier, name, _): &(Quantifier, &str, &str)| match object.get(*name) {
        None | Some(Value::Null) => None,
        Some(value) => {
            let inner = Box::new(filter(target, value));
            Some(Node::Many(relation.into(), *quantifier, inner))
        }
    };
    Quantifier::ALL.iter().filter_map(node).collect()
}

/// A single value stands for a list of one (GraphQL specification, List input coercion).
fn list(value: &Value) -> &[Value] {
    match value {
        Value::List(list) => list,
        one => std::slice::from_ref(one),
    }
}

/// A value in the engine's spelling: enumerations are stored in lower case.
fn json(kind: Kind, value: &Value) -> Json {
    match (kind, value) {
        (Kind::Enum(_), Value::Enum(word)) => word.to_ascii_lowercase().into(),
        (Kind::Enum(_), Value::String(word)) => word.to_ascii_lowercase().into(),
        // An ID may be written as a number; ours are texts.
        (Kind::Text | Kind::Workspace, Value::Number(number)) => number.to_string().into(),
        (_, value) => value.clone().into_json().unwrap_or_default(),
    }
}

/// Reads an `orderBy` argument.
pub fn order(resource: &'static Resource, value: &Value) -> Result<Vec<Sort>, Problem> {
    let sort = |value: &Value| {
        let (mut on, mut value, mut path) = (resource, value, String::new());
        loop {
            let Value::Object(object) = value else {
                return None;
            };
            let (name, inner) = object.iter().next()?;
            match member(on, name)? {
                Member::Field(field) => {
                    path.push_str(field.name);
                    let descending = match inner {
                        Value::Enum(word) => word.as_str() == "DESC",
                        Value::String(word) => word == "DESC",
                        _ => return None,
                    };
                    return Some(Sort { path, descending });
                }
                Member::Relation(relation) => {
                    path.push_str(relation.name);
                    path.push('.');
                    (on, value) = ((relation.target)(), inner);
                }
            }
        }
    };
    let refused = || {
        Problem::new(
            "orderBy",
            "must be a list of objects with exactly one field each",
        )
    };
    match value {
        Value::Null => Ok(Vec::new()),
        value => list(value)
            .iter()
            .map(|v| sort(v).ok_or_else(refused))
            .collect(),
    }
}
