//! Orders: lists of fields, also through to-one relations, ending in `pk`.

use super::{Field, MAX_SORTS, Relation, Resource};
use crate::error::Problem;

/// One key as a face hands it over: a path and a direction, nothing checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// Field, or relations and a field, joined by dots.
    pub path: String,
    /// Greatest first.
    pub descending: bool,
}

impl Sort {
    /// Reads `-created_at` or `connector.name`.
    pub fn parse(text: &str) -> Sort {
        match text.strip_prefix('-') {
            Some(path) => Sort {
                path: path.into(),
                descending: true,
            },
            None => Sort {
                path: text.into(),
                descending: false,
            },
        }
    }
}

/// A checked key.
#[derive(Clone)]
pub struct Key {
    /// The to-one relations to walk, outermost first.
    pub through: Vec<&'static Relation>,
    /// The field at the end.
    pub field: &'static Field,
    /// Greatest first.
    pub descending: bool,
}

impl Key {
    /// Whether a row can be without this key.
    pub fn nullable(&self) -> bool {
        !self.through.is_empty() || self.field.nullable
    }
}

/// A checked order; total, because it ends in `pk`.
#[derive(Clone)]
pub struct Order {
    /// The keys, the last one is `pk`.
    pub keys: Vec<Key>,
}

impl Order {
    /// Judges `sorts` for `resource`; an empty list means the resource's own order.
    pub fn check(
        resource: &'static Resource,
        sorts: &[Sort],
        path: &str,
    ) -> Result<Order, Vec<Problem>> {
        if sorts.len() > MAX_SORTS {
            let issue = format!("has {} keys; the limit is {MAX_SORTS}", sorts.len());
            return Err(vec![Problem::new(path, issue)]);
        }
        let own: Vec<Sort>;
        let sorts = if sorts.is_empty() {
            own = resource
                .default_order
                .iter()
                .map(|s| Sort::parse(s))
                .collect();
            &own
        } else {
            sorts
        };
        let (mut keys, mut problems) = (Vec::new(), Vec::new());
        for sort in sorts {
            match key(resource, sort) {
                Ok(key) => keys.push(key),
                Err(issue) => problems.push(Problem::new(format!("{path}.{}", sort.path), issue)),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        // What follows `pk` can never decide.
        if let Some(at) = keys
            .iter()
            .position(|k| k.through.is_empty() && k.field.name == "pk")
        {
            keys.truncate(at + 1);
        } else if let Some(pk) = resource.find_field("pk") {
            let descending = keys.last().is_some_and(|k| k.descending);
            keys.push(Key {
                through: Vec::new(),
                field: pk,
                descending,
            });
        }
        Ok(Order { keys })
    }

    /// The order in words, which binds a cursor to it: `-connector.name,-pk`.
    pub fn signature(&self) -> String {
        let mut text = String::new();
        for key in &self.keys {
            if !text.is_empty() {
                text.push(',');
            }
            if key.descending {
                text.push('-');
            }
            for relation in &key.through {
                text.push_str(relation.name);
                text.push('.');
            }
            text.push_str(key.field.name);
        }
        text
    }
}

fn key(resource: &'static Resource, sort: &Sort) -> Result<Key, String> {
    let (mut on, mut through) = (resource, Vec::new());
    let mut parts: Vec<&str> = sort.path.split('.').collect();
    let name = parts.pop().unwrap_or_default();
    for part in parts {
        match on.find_relation(part) {
            Some(relation) if relation.many => {
                return Err(format!("`{part}` has many rows and cannot order"));
            }
            Some(relation) => {
                through.push(relation);
                on = (relation.target)();
            }
            None => return Err(format!("`{}` has no relation `{part}`", on.name)),
        }
    }
    let field = on.find_field(name).filter(|f| f.asked());
    let field = field.ok_or_else(|| format!("`{}` has no sortable field `{name}`", on.name))?;
    Ok(Key {
        through,
        field,
        descending: sort.descending,
    })
}
