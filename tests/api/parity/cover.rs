//! What the cases must hold between them: every operator of every kind, every field that can be
//! asked, every relation, and a reason for each form that is missing.

use super::{DIALECTS, cases, root};
use connectory::query::{Kind, Resource};
use connectory::resource::RESOURCES;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What the cases name.
#[derive(Default)]
struct Named {
    fields: BTreeSet<(&'static str, &'static str)>,
    relations: BTreeSet<(&'static str, &'static str)>,
    raw: BTreeSet<(&'static str, String)>,
    rules: BTreeSet<(&'static str, String)>,
}

impl Named {
    fn tree(&mut self, on: &'static Resource, tree: &Json) {
        for (key, inner) in tree.as_object().expect("an object") {
            let list = inner.as_array().into_iter().flatten();
            if key == "_and" || key == "_or" {
                list.for_each(|tree| self.tree(on, tree));
            } else if key == "_not" {
                self.tree(on, inner);
            } else if let Some(field) = on.find_field(key) {
                self.fields.insert((on.name, field.name));
                let ops = inner.as_object().expect("operators").keys();
                self.raw
                    .extend(ops.map(|op| (field.kind.name(), op.clone())));
            } else {
                let relation = on.find_relation(key).expect("a relation");
                self.relations.insert((on.name, relation.name));
                let target = (relation.target)();
                match (relation.many, inner.get("_is_null")) {
                    (true, _) => inner
                        .as_object()
                        .expect("quantifiers")
                        .values()
                        .for_each(|tree| self.tree(target, tree)),
                    (false, None) => self.tree(target, inner),
                    (false, Some(_)) => {}
                }
            }
        }
    }

    fn rule(&mut self, resource: &'static Resource, rule: &Json) {
        let text = |member: &str| rule[member].as_str().expect("a text");
        let mut parts: Vec<_> = text("field").split('.').collect();
        let field = parts.pop().expect("a field");
        let walk =
            |on: &'static Resource, part| (on.find_relation(part).expect("a relation").target)();
        let on = parts.into_iter().fold(resource, walk);
        let field = on.find_field(field).expect("a field");
        self.rules
            .insert((field.kind.name(), text("operator").to_owned()));
    }
}

/// A kind of each sort that occurs.
fn kinds() -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for field in RESOURCES.iter().flat_map(|r| &r.fields) {
        if !kinds.iter().any(|known| known.name() == field.kind.name()) {
            kinds.push(field.kind);
        }
    }
    kinds
}

/// The roots of records, and what relations lead to from them.
fn reachable() -> Vec<&'static Resource> {
    let is_root = |r: &&Resource| connectory::rest::name::of(r).is_some_and(|n| n.root.is_some());
    let mut found: Vec<_> = RESOURCES.iter().copied().filter(is_root).collect();
    let mut next = 0;
    while let Some(resource) = found.get(next).copied() {
        next += 1;
        for target in resource.relations.iter().map(|r| (r.target)()) {
            if !found.iter().any(|known| std::ptr::eq(*known, target)) {
                found.push(target);
            }
        }
    }
    found
}

#[test]
fn the_cases_name_every_operator_field_and_relation() {
    let mut named = Named::default();
    for (_, case) in cases("00000000-0000-0000-0000-000000000000") {
        let on = root(&case);
        named.tree(on, &case["whereClause"]);
        let rules = case.get("filters").and_then(Json::as_array);
        rules
            .into_iter()
            .flatten()
            .for_each(|rule| named.rule(on, rule));
    }
    let mut missing = Vec::new();
    for kind in kinds() {
        let raw = kind.raw_ops().iter().map(|op| format!("_{}", op.name()));
        missing.extend(
            raw.filter(|op| !named.raw.contains(&(kind.name(), op.clone())))
                .map(|op| format!("{} {op}", kind.name())),
        );
        let rules = kind.ops().iter().map(|op| op.name().to_owned());
        missing.extend(
            rules
                .filter(|op| !named.rules.contains(&(kind.name(), op.clone())))
                .map(|op| format!("{} {op}", kind.name())),
        );
    }
    for resource in reachable() {
        let fields = resource
            .fields
            .iter()
            .filter(|f| f.asked() && !named.fields.contains(&(resource.name, f.name)));
        missing.extend(fields.map(|f| format!("{}.{}", resource.name, f.name)));
        let relations = resource
            .relations
            .iter()
            .filter(|r| !named.relations.contains(&(resource.name, r.name)));
        missing.extend(relations.map(|r| format!("{}.{}", resource.name, r.name)));
    }
    assert!(missing.is_empty(), "no case names {missing:#?}");
}

#[test]
fn a_form_that_is_missing_has_a_reason_and_one_that_is_there_has_none() {
    for (file, case) in cases("") {
        for dialect in DIALECTS {
            let reason = case["cannot"][dialect].as_str();
            assert_eq!(
                case.get(dialect).is_none(),
                reason.is_some_and(|r| r.len() > 20),
                "{file}: {} in {dialect}",
                case["about"]
            );
        }
        assert_eq!(
            case.get("sort").is_some(),
            case.get("orderBy").is_some(),
            "{file}: {}",
            case["about"]
        );
    }
}
