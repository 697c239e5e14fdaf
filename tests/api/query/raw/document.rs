//! Containment and keys of documents: `jsonb` evaluated in Rust, and planted cases that say what
//! PostgreSQL's manual says.

use super::{found, make};
use crate::both;
use crate::query::ask::resource;
use serde_json::{Value as Json, json};

/// Whether an operator on documents holds.
pub fn holds(document: &Json, op: &str, operand: &Json) -> bool {
    let names = || operand.as_array().expect("a list").iter();
    match op {
        "contains" => contains(document, operand, true),
        "contained_in" => contains(operand, document, true),
        "has_key" => has(document, operand),
        "has_keys_any" => names().any(|name| has(document, name)),
        "has_keys_all" => names().all(|name| has(document, name)),
        other => panic!("no operator of documents: {other}"),
    }
}

fn has(document: &Json, name: &Json) -> bool {
    match document {
        Json::Object(members) => members.contains_key(name.as_str().expect("a text")),
        Json::Array(list) => list.contains(name),
        plain => plain == name,
    }
}

fn contains(outer: &Json, inner: &Json, top: bool) -> bool {
    match (outer, inner) {
        (Json::Object(outer), Json::Object(inner)) => inner.iter().all(|(key, value)| {
            outer
                .get(key)
                .is_some_and(|there| contains(there, value, false))
        }),
        (Json::Array(outer), Json::Array(inner)) => inner
            .iter()
            .all(|value| outer.iter().any(|there| contains(there, value, false))),
        (Json::Array(outer), plain) if top && !plain.is_object() => {
            outer.iter().any(|there| contains(there, plain, false))
        }
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (a, b) => a == b && !a.is_object() && !a.is_array(),
    }
}

/// Operators and operands that look at every corner of containment.
pub fn operands() -> Vec<(&'static str, Json)> {
    let documents = [
        json!({}),
        json!([]),
        json!("people"),
        json!(12),
        json!(null),
        json!({"rows": 12}),
        json!({"rows": 12.0}),
        json!({"rows": "12"}),
        json!({"imported_fields": ["people"]}),
        json!({"imported_fields": ["people", "people"]}),
        json!({"imported_fields": "people"}),
        json!({"imported_fields": []}),
        json!({"imported_fields": ["people", "company", "invoice", "x"], "rows": 12, "ratio": 1.5, "last": {"ok": true, "by": null}}),
        json!({"last": {}}),
        json!({"last": {"ok": true}}),
        json!({"last": {"by": null}}),
        json!({"last": {"list": [[3], {"a": "b"}]}}),
        json!({"last": {"list": [2]}}),
        json!({"": [null, "12"]}),
        json!({"a\"b": "c\\d"}),
        json!({"é": "Ö", "a\"b": "c\\d", "": [true, null, 12, "12", 13]}),
        json!([["company"]]),
        json!(["company"]),
        json!([[]]),
        json!(["people", {}]),
        json!(["people", ["company", "x"], {"rows": 1, "more": 2}]),
    ];
    let mut all: Vec<(&str, Json)> = Vec::new();
    for document in documents {
        all.push(("_contains", document.clone()));
        all.push(("_contained_in", document));
    }
    for key in ["rows", "", "a\"b", "é", "people", "company", "12", "x"] {
        all.push(("_has_key", json!(key)));
    }
    for keys in [
        json!([]),
        json!(["rows", "x"]),
        json!(["rows", "ratio"]),
        json!(["people"]),
    ] {
        all.push(("_has_keys_any", keys.clone()));
        all.push(("_has_keys_all", keys));
    }
    all
}

both! {
    async fn documents_contain_what_they_contain_and_null_stays_unknown(t) {
        let known = make(t).await;
        let sight = known.sight(t, &known.world.root).await;
        let connectors = resource("connectors");
        let mut some = 0;
        for (op, operand) in operands() {
            for clause in [
                json!({"data_quality": {op: operand}}),
                json!({"_not": {"data_quality": {op: operand}}}),
                json!({"tags": {op: operand}}),
            ] {
                let truth = sight.satisfying(connectors, &clause);
                let asked = found(t, &sight, connectors, &clause).await;
                assert_eq!(asked.as_ref(), Ok(&truth), "{clause}");
                some += usize::from(!truth.is_empty());
            }
        }
        assert!(some > 60, "only {some} cases find rows");
    }

    async fn containment_is_what_the_manual_of_postgresql_says(t) {
        let known = make(t).await;
        let sight = known.sight(t, &known.world.root).await;
        let connectors = resource("connectors");
        let by_pk = |pk: usize| known.model.all(connectors)[pk - 1].id;
        let cases = [
            // The stored list, a text in it, a list in it.
            (json!({"_contains": "people"}), 7, true),
            (json!({"_contains": ["people"]}), 7, true),
            (json!({"_contains": [["company"]]}), 7, true),
            (json!({"_contains": "company"}), 7, false),
            (json!({"_contains": ["company"]}), 7, false),
            (json!({"_contains": [[]]}), 7, true),
            // A text alone is in a list of it, and not the other way round.
            (json!({"_contained_in": ["people", 1]}), 8, true),
            (json!({"_contains": ["people"]}), 8, false),
            (json!({"_has_key": "people"}), 8, true),
            // Members below the first level must be of the same kind.
            (json!({"_contains": {"imported_fields": "people"}}), 1, false),
            (json!({"_contains": {"imported_fields": ["people", "people"]}}), 1, true),
            (json!({"_contains": {"rows": 12}}), 4, true),
        ];
        for (test, pk, yes) in cases {
            let clause = json!({"data_quality": test});
            let asked = found(t, &sight, connectors, &clause).await.expect("it runs");
            assert_eq!(asked.contains(&by_pk(pk)), yes, "{clause} and row {pk}");
        }
    }
}
