//! Figures over records: from the body of `records/statistics` to a question, and its answer.

use super::ask::{conditions, root};
use super::body::Members;
use crate::db::write_text;
use crate::error::Error;
use crate::query::{Figures, Function, Key, Kind, MAX_SORTS, Measure, Resource, Statistics};
use crate::rest::name;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Most figures of one question.
const MAX_MEASURES: usize = 20;
/// Most relations that the paths of one question walk, each counted once.
const MAX_JOINS: usize = 20;
/// Characters of the name of a figure.
const MAX_ALIAS: usize = 100;

/// The members of a question.
const MEMBERS: &[&str] = &[
    "root",
    "filters",
    "where_clause",
    "aggregations",
    "group_by",
    "workspace_id",
];

/// A question for figures, and how the answer calls them.
pub struct Ask {
    /// The engine's question.
    pub question: Statistics,
    /// The workspace it is narrowed to.
    pub workspace: Option<Uuid>,
    /// Names of groups, then of figures, as JSON with the colon.
    keys: Vec<Vec<u8>>,
}

/// Paths and names while they are read.
struct Reader<'a, 'b> {
    resource: &'static Resource,
    members: &'b mut Members<'a>,
    names: Vec<String>,
    walked: BTreeSet<String>,
}

impl Ask {
    /// Reads a body; everything wrong is reported at once.
    pub fn read(body: &Json, workspace: Option<&str>) -> Result<Ask, Error> {
        let mut members = Members::read(body, MEMBERS);
        let workspace = members.workspace(workspace);
        if members.get("root").is_none() {
            members.refuse("root", "is missing: say the root, e.g. `connectors`");
        }
        let resource = members.text("root").map(root);
        let resource = match resource {
            Some(Ok(resource)) => resource,
            Some(Err(issue)) => {
                members.refuse("root", issue);
                return Err(Error::Invalid(members.problems));
            }
            None => return Err(Error::Invalid(members.problems)),
        };
        let filter = conditions(resource, &mut members);
        let mut reader = Reader {
            resource,
            members: &mut members,
            names: Vec::new(),
            walked: BTreeSet::new(),
        };
        let groups = reader.groups();
        let measures = reader.measures();
        let names = std::mem::take(&mut reader.names);
        if !members.problems.is_empty() {
            return Err(Error::Invalid(members.problems));
        }
        let key = |name: &String| {
            let mut key = Vec::new();
            write_text(name, &mut key);
            key.push(b':');
            key
        };
        Ok(Ask {
            question: Statistics {
                resource,
                filter,
                groups,
                measures,
            },
            workspace,
            keys: names.iter().map(key).collect(),
        })
    }

    /// Writes the answer.
    pub fn write(&self, figures: &Figures<'_>) -> Vec<u8> {
        let mut out = b"{\"data\":[".to_vec();
        let groups = self.question.groups.len();
        for row in 0..figures.groups() {
            out.extend_from_slice(if row > 0 { b",{" } else { b"{" });
            for (i, key) in self.keys.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(key);
                match i.checked_sub(groups) {
                    None => figures.write_group(row, i, &mut out),
                    Some(measure) => figures.write_measure(row, measure, &mut out),
                }
            }
            out.push(b'}');
        }
        out.extend_from_slice(b"],\"meta\":{}}");
        out
    }
}

impl Reader<'_, '_> {
    /// The key of a path, which may begin with the root.
    fn key(&mut self, path: &str) -> Result<Key, String> {
        let (mut on, mut names, mut parts) =
            (self.resource, Vec::new(), path.split('.').peekable());
        let own = name::of(on).and_then(|name| name.root);
        let root = parts.next_if(|first| own == Some(first) && on.find_relation(first).is_none());
        if let (Some(root), None) = (root, parts.peek()) {
            return Err(format!("must go on from `{root}` to a field"));
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                names.push(name::member(on, part).into_owned());
                break;
            }
            let name = name::snake(part).into_owned();
            if let Some(relation) = on.find_relation(&name) {
                on = (relation.target)();
            }
            names.push(name);
            if names.len() < 10 {
                self.walked.insert(names.join("."));
            }
        }
        if self.walked.len() > MAX_JOINS {
            return Err(format!(
                "goes on to more relations than one question may walk; the limit is {MAX_JOINS}"
            ));
        }
        let key = Key::parse(self.resource, &names.join("."), true)?;
        match key.aggregate {
            Some(_) => Err(
                "is a figure over related rows; name a field of the row or of a to-one relation"
                    .into(),
            ),
            None => Ok(key),
        }
    }

    /// The name of a member of the answer; two cannot have the same.
    fn name(&mut self, name: &str) -> Result<(), String> {
        if name.is_empty() || name.chars().count() > MAX_ALIAS {
            return Err(format!("must have 1 to {MAX_ALIAS} characters"));
        }
        if self.names.iter().any(|known| known == name) {
            return Err(format!(
                "`{name}` is the name of another member of the answer; choose an `alias`"
            ));
        }
        self.names.push(name.to_owned());
        Ok(())
    }

    fn groups(&mut self) -> Vec<Key> {
        let (path, list) = match self.members.get("group_by") {
            None => return Vec::new(),
            Some((path, Json::Array(list))) if list.len() <= MAX_SORTS => (path, list),
            Some((path, _)) => {
                self.members
                    .refuse(path, format!("must be a list of at most {MAX_SORTS} paths"));
                return Vec::new();
            }
        };
        let mut keys = Vec::new();
        for (i, group) in list.iter().enumerate() {
            match self.group(group) {
                Ok(key) => keys.push(key),
                Err(issue) => self.members.refuse(format!("{path}[{i}]"), issue),
            }
        }
        keys
    }

    fn group(&mut self, group: &Json) -> Result<Key, String> {
        let path = match group {
            Json::String(path) => path.clone(),
            Json::Array(words) => {
                let words: Option<Vec<&str>> = words.iter().map(Json::as_str).collect();
                words.unwrap_or_default().join(".")
            }
            _ => String::new(),
        };
        if path.is_empty() {
            return Err("must be a path such as `status` or `connector.category_id`".into());
        }
        let key = self.key(&path)?;
        if matches!(key.field.kind, Kind::Texts | Kind::Json) {
            return Err(format!(
                "`{}` is {} and makes no groups",
                key.field.name,
                key.field.kind.name()
            ));
        }
        self.name(&path).map(|()| key)
    }

    fn measures(&mut self) -> Vec<Measure> {
        let form = format!(
            "must be a list of 1 to {MAX_MEASURES} figures such as {{\"op\": \"count\", \"field\": \"*\", \"alias\": \"n\"}}"
        );
        let list = match self.members.get("aggregations") {
            Some((_, Json::Array(list))) if (1..=MAX_MEASURES).contains(&list.len()) => list,
            _ => {
                self.members.refuse("aggregations", form);
                return Vec::new();
            }
        };
        let mut measures = Vec::new();
        for (i, measure) in list.iter().enumerate() {
            let path = format!("aggregations[{i}]");
            let mut inner = Members::read(measure, &["op", "field", "alias"]);
            let read = self.measure(&mut inner);
            measures.extend(read);
            for problem in inner.problems {
                let place = match problem.path.as_str() {
                    "" => path.clone(),
                    member => format!("{path}.{member}"),
                };
                self.members.refuse(place, problem.issue);
            }
        }
        measures
    }

    fn measure(&mut self, members: &mut Members<'_>) -> Option<Measure> {
        let word = members.text("op").unwrap_or_default();
        let Some(function) = Function::ALL.into_iter().find(|f| f.name() == word) else {
            let words = Function::ALL.map(Function::name).join(", ");
            members.refuse("op", format!("must be one of {words}"));
            return None;
        };
        let path = members.text("field").unwrap_or("*");
        let of = match path {
            "*" if function == Function::Count => None,
            "*" => {
                members.refuse(
                    "field",
                    format!("must name a field: only `count` takes `*`, not `{word}`"),
                );
                return None;
            }
            path => match self.key(path) {
                Ok(key) if function.takes(key.field) => Some(key),
                Ok(key) => {
                    members.refuse(
                        "field",
                        format!(
                            "`{}` is {} and has no {word}",
                            key.field.name,
                            key.field.kind.name()
                        ),
                    );
                    return None;
                }
                Err(issue) => {
                    members.refuse("field", issue);
                    return None;
                }
            },
        };
        let made = match path {
            "*" => word.to_owned(),
            path => format!("{word}_{}", path.replace('.', "_")),
        };
        let alias = members.text("alias").unwrap_or(&made).to_owned();
        if let Err(issue) = self.name(&alias) {
            members.refuse("alias", issue);
        }
        Some(Measure { function, of })
    }
}
