//! Orders, decided in Rust: null is the greatest value, `pk` comes last in the direction of the
//! key before it.

use super::model::{Record, Sight, Val};
use connectory::graphql::camel;
use connectory::query::{Resource, Sort};
use serde_json::{Value as Json, json};
use std::cmp::Ordering;

/// The keys of an order as the engine's faces spell them, e.g. `-connector.name`.
pub fn sorts(keys: &[&str]) -> Vec<Sort> {
    keys.iter().map(|key| Sort::parse(key)).collect()
}

/// The same keys as an `orderBy` argument.
pub fn order_by(sorts: &[Sort]) -> Json {
    let key = |sort: &Sort| {
        let direction = json!(if sort.descending { "DESC" } else { "ASC" });
        sort.path
            .rsplit('.')
            .fold(direction, |inner, name| json!({ (camel(name)): inner }))
    };
    sorts.iter().map(key).collect()
}

impl<'a> Sight<'a> {
    /// Puts rows of a resource in order.
    pub fn sort(&self, resource: &Resource, sorts: &[Sort], rows: &mut [&'a Record]) {
        let last = sorts.last().is_some_and(|s| s.descending);
        let pk = Sort {
            path: "pk".into(),
            descending: last,
        };
        let keys = |row: &Record| {
            let sorts = sorts.iter().chain([&pk]);
            sorts
                .map(|s| (self.key(resource, row, &s.path), s.descending))
                .collect::<Vec<_>>()
        };
        rows.sort_by_cached_key(|row| Keys(keys(row)));
    }

    fn key(&self, resource: &Resource, row: &Record, path: &str) -> Option<Val> {
        match path.split_once('.') {
            None => self.value(resource, row, resource.find_field(path).expect("a field")),
            Some((name, rest)) => {
                let relation = resource.find_relation(name).expect("a relation");
                let row = self.related(row, relation, relation.even_deleted).pop()?;
                self.key((relation.target)(), row, rest)
            }
        }
    }
}

/// Values with their directions, `true` for descending.
#[derive(PartialEq, Eq)]
struct Keys(Vec<(Option<Val>, bool)>);

impl Ord for Keys {
    fn cmp(&self, other: &Self) -> Ordering {
        let pairs = self.0.iter().zip(&other.0);
        let compared = pairs.map(|((a, descending), (b, _))| {
            let ordering = match (a, b) {
                (Some(a), Some(b)) => a.cmp(b),
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
            };
            if *descending {
                ordering.reverse()
            } else {
                ordering
            }
        });
        compared.fold(Ordering::Equal, Ordering::then)
    }
}

impl PartialOrd for Keys {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
