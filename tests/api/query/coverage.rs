//! Made cases: each filterable field with each of its operators, and each relation in each way it
//! can be asked, with values that are in the data. Who adds a field gets its cases by it; a field
//! whose cases find everything or nothing fails, because then they prove nothing.

use super::ask::matching;
use super::model::{Record, Sight, Val};
use super::world::Known;
use crate::both;
use chrono::SecondsFormat;
use connectory::graphql::camel;
use connectory::query::{Field, Kind, Op, Relation, Resource};
use connectory::resource::RESOURCES;
use serde_json::{Value as Json, json};

both! {
    async fn every_field_and_operator_finds_what_is_true(t) {
        let known = Known::make(t).await;
        let sight = known.sight(t, &known.world.root).await;
        for resource in RESOURCES.iter().copied() {
            for field in resource.fields.iter().filter(|f| f.asked()) {
                let mut shown = Shown::default();
                for value in samples(&sight, resource, field) {
                    for filter in field.kind.ops().iter().flat_map(|op| tests(field, *op, &value)) {
                        shown.compare(t, &sight, &known.world.root, resource, &filter).await;
                    }
                }
                shown.both(&format!("{}.{}", resource.name, field.name));
            }
        }
    }

    async fn every_relation_finds_what_is_true(t) {
        let known = Known::make(t).await;
        let sight = known.sight(t, &known.world.root).await;
        for resource in RESOURCES.iter().copied() {
            for relation in &resource.relations {
                let mut shown = Shown::default();
                for (i, filter) in ways(&sight, relation).iter().enumerate() {
                    shown.compare(t, &sight, &known.world.root, resource, filter).await;
                    assert!(i > 0 || shown.found, "no row has {}.{}: plant one", resource.name, relation.name);
                }
                shown.both(&format!("{}.{}", resource.name, relation.name));
            }
        }
    }
}

/// Whether cases have found rows, and left rows out.
#[derive(Default)]
struct Shown {
    found: bool,
    left_out: bool,
}

impl Shown {
    async fn compare(
        &mut self,
        t: &crate::support::TestApp,
        sight: &Sight<'_>,
        token: &str,
        resource: &Resource,
        filter: &Json,
    ) {
        let truth = sight.matching(resource, filter);
        let found = matching(t, token, resource, filter).await;
        assert_eq!(found, truth, "{} {filter}", resource.name);
        self.found |= !found.is_empty();
        self.left_out |= sight.alive(resource).any(|row| !found.contains(&row.id));
    }

    fn both(&self, what: &str) {
        assert!(
            self.found,
            "no case of {what} finds a row: plant one that it can find"
        );
        assert!(
            self.left_out,
            "no case of {what} leaves a row out: plant one that it must not find"
        );
    }
}

/// Two values of a field among the rows of the viewer, far apart.
fn samples(sight: &Sight<'_>, resource: &Resource, field: &Field) -> Vec<Val> {
    let mut values: Vec<_> = sight
        .rows(resource)
        .filter_map(|row| sight.value(resource, row, field))
        .collect();
    values.sort();
    values.dedup();
    assert!(
        !values.is_empty(),
        "{}.{} has no value: plant one",
        resource.name,
        field.name
    );
    let (middle, last) = (values.len() / 2, values.len() - 1);
    let mut samples = vec![values[middle].clone(), values[last].clone()];
    samples.dedup();
    samples
}

/// Filters that put one operator on a field.
fn tests(field: &Field, op: Op, value: &Val) -> Vec<Json> {
    let operands = match (op, value) {
        (Op::IsNull | Op::IsNotNull, _) => vec![json!(true), json!(false)],
        (_, Val::Text(word)) if matches!(field.kind, Kind::Enum(_)) => words(field, op, word),
        (_, Val::Text(text)) => parts(op, text),
        (Op::Eq | Op::Neq, Val::Uuid(id)) => spellings(field, &id.to_string()),
        (_, Val::Uuid(id)) => parts(op, &id.to_string()),
        (_, Val::Int(number)) => vec![json!(number), json!(number + 1)],
        (_, Val::Bool(yes)) => vec![json!(yes), json!(!yes)],
        (_, Val::Time(moment)) => vec![
            json!(moment.to_rfc3339_opts(SecondsFormat::Micros, true)),
            json!(moment.date_naive().to_string()),
        ],
    };
    let test = |operand| json!({ (camel(field.name)): { (camel(op.name())): operand } });
    operands.into_iter().map(test).collect()
}

fn words(field: &Field, op: Op, word: &str) -> Vec<Json> {
    let Kind::Enum(choice) = field.kind else {
        panic!("{} has no words", field.name)
    };
    let word = word.to_uppercase();
    let rare = choice.values.last().expect("a word").0.to_uppercase();
    match op {
        Op::In => vec![json!([word]), json!([rare, word]), json!([])],
        _ => vec![json!(word), json!(rare)],
    }
}

/// The text, or the part of it that the operator looks for, with its case turned round.
fn parts(op: Op, text: &str) -> Vec<Json> {
    let letters: Vec<char> = text.chars().map(turned).collect();
    let third = letters.len().div_ceil(3);
    let part = match op {
        Op::StartsWith => &letters[..third],
        Op::EndsWith => &letters[letters.len() - third..],
        Op::Contains => &letters[third.min(letters.len() - 1)..(2 * third).min(letters.len())],
        _ => return vec![json!(text), json!(format!("{text}x"))],
    };
    vec![
        json!(part.iter().collect::<String>()),
        json!(format!("{}¬", part.iter().collect::<String>())),
    ]
}

fn turned(letter: char) -> char {
    let mut other = if letter.is_lowercase() {
        letter.to_uppercase().collect()
    } else {
        letter.to_lowercase().collect::<Vec<_>>()
    };
    if other.len() == 1 {
        other.remove(0)
    } else {
        letter
    }
}

/// An identifier in other spellings; what is none can only be asked of texts.
fn spellings(field: &Field, id: &str) -> Vec<Json> {
    let mut spellings = vec![
        json!(id),
        json!(id.to_uppercase()),
        json!("00000000-0000-0000-0000-000000000001"),
    ];
    if matches!(field.kind, Kind::Text) {
        spellings.push(json!("no identifier"));
    }
    spellings
}

/// Filters that go through a relation: first that there is a related row, that there is none, and a
/// condition that splits the related rows.
fn ways(sight: &Sight<'_>, relation: &Relation) -> Vec<Json> {
    let target = (relation.target)();
    let splitting = json!({"createdAt": {"gt": median(sight.alive(target))}});
    let conditions = [
        json!({"id": {"isNull": false}}),
        json!({"id": {"isNull": true}}),
        splitting,
    ];
    let name = camel(relation.name);
    let mut ways = Vec::new();
    for condition in conditions {
        if relation.many {
            ways.extend(
                ["some", "every", "none"]
                    .map(|word| json!({ (name.clone()): { word: condition } })),
            );
        } else {
            ways.push(json!({ (name.clone()): condition }));
            ways.push(json!({"not": { (name.clone()): condition }}));
        }
        if target.soft {
            let deleted = json!({"and": [condition, {"deletedAt": {"isNull": false}}]});
            let inner = if relation.many {
                json!({"some": deleted})
            } else {
                deleted
            };
            ways.push(json!({ (name.clone()): inner }));
        }
    }
    ways
}

fn median<'r>(rows: impl Iterator<Item = &'r Record>) -> String {
    let mut moments: Vec<_> = rows
        .filter_map(|row| row.get("created_at").cloned())
        .collect();
    moments.sort();
    match moments.get((moments.len() - 1) / 2) {
        Some(Val::Time(moment)) => moment.to_rfc3339_opts(SecondsFormat::Micros, true),
        other => panic!("not a moment: {other:?}"),
    }
}
