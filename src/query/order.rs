//! Orders: lists of fields, also through to-one relations, and of figures over to-many relations,
//! ending in `pk`.

use super::{Field, Function, Kind, MAX_HOPS, MAX_SORTS, Relation, Resource};
use crate::db::Storage;
use crate::error::Problem;

/// One key as a face hands it over: a path and a direction, nothing checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// Field, or relations and a field, joined by dots. A to-many relation is ordered by through a
    /// figure: `logs_aggregate.count`, `logs_aggregate.max.created_at`.
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
    /// The to-many relation behind them, if the key is a figure over its rows.
    pub aggregate: Option<(&'static Relation, Function)>,
    /// The field at the end; of a count, which looks at no field, the `pk`.
    pub field: &'static Field,
    /// Greatest first.
    pub descending: bool,
}

impl Key {
    /// Reads a path to a field, sortable or (`any`) not.
    pub fn parse(resource: &'static Resource, path: &str, any: bool) -> Result<Key, String> {
        let (mut on, mut through) = (resource, Vec::new());
        let mut parts = path.split('.');
        let mut part = parts.next().unwrap_or_default();
        for next in parts.by_ref() {
            if let Some(relation) = aggregated(on, part) {
                let rest = std::iter::once(next).chain(parts).collect::<Vec<_>>();
                return figure(relation, &rest, through);
            }
            match on.find_relation(part) {
                Some(relation) if relation.many => {
                    return Err(format!(
                        "`{part}` has many rows and cannot order; `{part}_aggregate.count` can, or `{part}_aggregate.min.<field>` and `.max.<field>`"
                    ));
                }
                Some(_) if through.len() == MAX_HOPS => {
                    return Err(format!(
                        "walks more than {MAX_HOPS} relations, which is the limit"
                    ));
                }
                Some(relation) => {
                    through.push(relation);
                    on = (relation.target)();
                }
                None => return Err(format!("`{}` has no relation `{part}`", on.name)),
            }
            part = next;
        }
        let field = on.find_field(part).filter(|f| f.asked() || any && f.raw());
        let field = field.ok_or_else(|| missing(on, part, any))?;
        Ok(Key {
            through,
            aggregate: None,
            field,
            descending: false,
        })
    }

    /// How its values are held.
    pub fn storage(&self) -> Storage {
        match self.aggregate {
            Some((_, Function::Count)) => Storage::BigInt,
            _ => self.field.storage,
        }
    }

    /// Whether a row can be without this key.
    pub fn nullable(&self) -> bool {
        let own = match self.aggregate {
            Some((_, function)) => function != Function::Count,
            None => self.field.nullable,
        };
        !self.through.is_empty() || own
    }

    /// The path in words.
    fn path(&self) -> String {
        let mut path = String::new();
        for relation in &self.through {
            path.push_str(relation.name);
            path.push('.');
        }
        if let Some((relation, function)) = self.aggregate {
            path.push_str(relation.name);
            path.push_str("_aggregate.");
            path.push_str(function.name());
            if function == Function::Count {
                return path;
            }
            path.push('.');
        }
        path.push_str(self.field.name);
        path
    }
}

fn missing(on: &Resource, name: &str, any: bool) -> String {
    let what = if any { "field" } else { "sortable field" };
    let name = name.chars().take(60).collect::<String>();
    match on.find_relation(&name) {
        Some(_) => format!(
            "`{name}` is a relation of `{}`: name a field of it",
            on.name
        ),
        None => format!("`{}` has no {what} `{name}`", on.name),
    }
}

/// The to-many relation of `<name>_aggregate`.
fn aggregated(on: &'static Resource, part: &str) -> Option<&'static Relation> {
    let name = part.strip_suffix("_aggregate")?;
    on.find_relation(name).filter(|relation| relation.many)
}

/// `count`, `min.<field>` or `max.<field>` over the rows of a relation.
fn figure(
    relation: &'static Relation,
    parts: &[&str],
    through: Vec<&'static Relation>,
) -> Result<Key, String> {
    let target = (relation.target)();
    let (function, name) = match parts {
        ["count"] => (Function::Count, "pk"),
        ["min", name] => (Function::Min, *name),
        ["max", name] => (Function::Max, *name),
        _ => {
            return Err(format!(
                "`{}_aggregate` takes `count`, `min.<field>` and `max.<field>`",
                relation.name
            ));
        }
    };
    let field = target.find_field(name).filter(|f| f.asked());
    let field = field.ok_or_else(|| missing(target, name, false))?;
    if function != Function::Count && !function.takes(field) {
        return Err(format!(
            "`{name}` is {} and has no {}",
            Kind::name(field.kind),
            function.name()
        ));
    }
    Ok(Key {
        through,
        aggregate: Some((relation, function)),
        field,
        descending: false,
    })
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
            match Key::parse(resource, &sort.path, false) {
                Ok(key) => keys.push(Key {
                    descending: sort.descending,
                    ..key
                }),
                Err(issue) => problems.push(Problem::new(format!("{path}.{}", sort.path), issue)),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        // What follows `pk` can never decide.
        if let Some(at) = keys
            .iter()
            .position(|k| k.through.is_empty() && k.aggregate.is_none() && k.field.name == "pk")
        {
            keys.truncate(at + 1);
        } else if let Some(pk) = resource.find_field("pk") {
            let descending = keys.last().is_some_and(|k| k.descending);
            keys.push(Key {
                through: Vec::new(),
                aggregate: None,
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
            text.push_str(&key.path());
        }
        text
    }
}
