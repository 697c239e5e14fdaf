//! Whether a JSON object has the shape of a condition on documents:
//!
//! ```text
//! Condition := { "_and" | "_or": [Condition…] | "_not": Condition
//!              | name: { operator: value … } | Condition
//!              | name: { "_some" | "_every" | "_none": Condition } … }
//! ```
//!
//! The documents are another system's, so which names there are, and which operator a field takes,
//! is not judged here; operators are those of the filters of this one.

use crate::error::{Problem, clip, expected};
use crate::query::{Kind, MAX_DEPTH, MAX_LIST, MAX_TESTS, Op};
use serde_json::{Map, Value as Json};

/// Kinds of fields that between them take every operator.
const KINDS: [Kind; 3] = [Kind::Text, Kind::Number, Kind::Json];

/// Everything wrong with a condition that stands at `path`.
pub(super) fn judge(condition: &Json, path: &str) -> Vec<Problem> {
    let mut judge = Judge {
        problems: Vec::new(),
        tests: 0,
    };
    judge.condition(condition, path, 1);
    if judge.tests > MAX_TESTS {
        let issue = format!("has {} tests; the limit is {MAX_TESTS}", judge.tests);
        judge.refuse(path, issue);
    }
    judge.problems
}

struct Judge {
    problems: Vec<Problem>,
    tests: usize,
}

/// The operator that is spelled so.
fn operator(spelled: &str) -> Option<Op> {
    let name = spelled.strip_prefix('_')?;
    let all = KINDS.iter().flat_map(|kind| kind.raw_ops());
    all.copied().find(|op| op.name() == name)
}

impl Judge {
    fn refuse(&mut self, path: &str, issue: impl Into<String>) {
        self.problems.push(Problem::new(path, issue));
    }

    fn object<'a>(&mut self, value: &'a Json, path: &str) -> Option<&'a Map<String, Json>> {
        let found = value.as_object();
        if found.is_none() {
            self.refuse(path, expected("an object", value));
        }
        found
    }

    fn condition(&mut self, condition: &Json, path: &str, level: usize) {
        if level > MAX_DEPTH {
            let issue = format!("is nested deeper than the limit of {MAX_DEPTH} levels");
            return self.refuse(path, issue);
        }
        let Some(members) = self.object(condition, path) else {
            return;
        };
        for (name, value) in members {
            let path = format!("{path}.{}", clip(name));
            match name.as_str() {
                "_and" | "_or" => self.list(value, &path, level),
                "_not" => self.condition(value, &path, level + 1),
                name if is_name(name) => self.field(value, &path, level),
                _ => self.refuse(
                    &path,
                    "is neither the name of a field nor `_and`, `_or` or `_not`",
                ),
            }
        }
    }

    fn list(&mut self, value: &Json, path: &str, level: usize) {
        let Json::Array(list) = value else {
            return self.refuse(path, expected("a list of conditions", value));
        };
        if list.len() > MAX_LIST {
            let issue = format!("has {} branches; the limit is {MAX_LIST}", list.len());
            return self.refuse(path, issue);
        }
        for (i, condition) in list.iter().enumerate() {
            self.condition(condition, &format!("{path}.{i}"), level + 1);
        }
    }

    /// Tests on a field, or a condition on related documents.
    fn field(&mut self, value: &Json, path: &str, level: usize) {
        let Json::Object(members) = value else {
            let issue = expected("an object such as {\"_eq\": \"x\"}", value);
            return self.refuse(path, issue);
        };
        if members.is_empty() {
            return self.refuse(path, "is empty; give an operator such as `_eq`");
        }
        if members.keys().all(|name| is_name(name) || is_joint(name)) {
            return self.condition(value, path, level + 1);
        }
        for (word, operand) in members {
            let path = format!("{path}.{}", clip(word));
            match (word.as_str(), operator(word)) {
                ("_some" | "_every" | "_none", _) => self.condition(operand, &path, level + 1),
                (_, Some(op)) => self.test(op, operand, &path),
                (_, None) => self.refuse(
                    &path,
                    "is not an operator; they are `_eq`, `_in`, `_gt` and so on",
                ),
            }
        }
    }

    fn test(&mut self, op: Op, operand: &Json, path: &str) {
        self.tests += 1;
        let scalar =
            |value: &Json| matches!(value, Json::String(_) | Json::Number(_) | Json::Bool(_));
        match op {
            Op::IsNull if operand.is_boolean() => {}
            Op::IsNull => self.refuse(path, expected("true or false", operand)),
            Op::In | Op::Nin | Op::HasKeysAny | Op::HasKeysAll => match operand {
                Json::Array(list) if list.len() > MAX_LIST => {
                    let issue = format!("has {} items; the limit is {MAX_LIST}", list.len());
                    self.refuse(path, issue);
                }
                Json::Array(list) if list.iter().all(scalar) => {}
                other => self.refuse(
                    path,
                    expected("a list of texts, numbers or booleans", other),
                ),
            },
            // What is inside or around a JSON document is a JSON document.
            Op::Superset | Op::Subset => {}
            _ if scalar(operand) => {}
            _ => self.refuse(path, expected("a text, a number or a boolean", operand)),
        }
    }
}

fn is_joint(name: &str) -> bool {
    matches!(name, "_and" | "_or" | "_not")
}

/// Whether a member can be the name of a field or a relation.
fn is_name(name: &str) -> bool {
    name.len() <= 100
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::judge;
    use serde_json::{Value as Json, json};

    #[test]
    fn conditions_pass() {
        for condition in [
            json!({}),
            json!({"status": {"_eq": "issued"}, "total": {"_gte": 10, "_lt": 20.5}}),
            json!({"_or": [{"status": {"_in": ["issued", "paid"]}}, {"_not": {"label": {"_is_null": true}}}]}),
            json!({"issuer": {"name": {"_ilike": "%GmbH%"}, "_or": [{"country": {"_eq": "DE"}}]}}),
            json!({"lines": {"_some": {"amount": {"_gt": 0}}}}),
            json!({"tags": {"_contains": ["a"]}, "data": {"_has_keys_any": ["x"]}}),
        ] {
            assert!(
                judge(&condition, "config").is_empty(),
                "{condition}: {:?}",
                judge(&condition, "config")
            );
        }
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let condition = json!({
            "_and": {"a": 1},
            "_nand": [],
            "status": "issued",
            "total": {"_over": 3, "_eq": {"a": 1}, "_is_null": 1},
            "kind": {"_in": "x"},
            "empty": {},
            "_not": [1],
            "_or": [{"x": {"_eq": null}}, 7],
        });
        let mut paths: Vec<_> = judge(&condition, "config")
            .into_iter()
            .map(|p| p.path)
            .collect();
        paths.sort();
        assert_eq!(
            paths,
            [
                "config._and",
                "config._nand",
                "config._not",
                "config._or.0.x._eq",
                "config._or.1",
                "config.empty",
                "config.kind._in",
                "config.status",
                "config.total._eq",
                "config.total._is_null",
                "config.total._over",
            ]
        );
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = |levels| (0..levels).fold(json!({}), |inner, _| json!({"_not": inner}));
        assert!(judge(&deep(11), "config").is_empty());
        assert_eq!(judge(&deep(12), "config").len(), 1);
        let tests = |count| -> Json {
            (0..count)
                .map(|i| json!({format!("f{i}"): {"_eq": 1}}))
                .collect::<Vec<_>>()
                .into()
        };
        assert!(judge(&json!({"_or": tests(100)}), "config").is_empty());
        assert_eq!(judge(&json!({"_or": tests(101)}), "config").len(), 1);
    }
}
