//! Written cases: `cases/*.json`, each a filter with what is special about it. What it must find is
//! worked out over the model; where a case names its rows, they are compared with both.

use super::ask::{self, matching};
use super::model::Sight;
use super::truth::find;
use super::world::Known;
use crate::both;
use connectory::graphql::camel;
use connectory::query::{Kind, Resource};
use connectory::resource::{RESOURCES, choice};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::Path;

/// A filter and what it finds for the root of the first tenant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    resource: String,
    filter: Json,
    /// The `name`s of the rows, sorted. Without it the case must find some rows and leave out
    /// some, unless `finds` says otherwise.
    names: Option<Vec<String>>,
    #[serde(default)]
    finds: Finds,
}

#[derive(Deserialize, Default, PartialEq, Debug)]
#[serde(rename_all = "snake_case")]
enum Finds {
    #[default]
    Some,
    All,
    Nothing,
    /// Deleted rows beside living ones, or alone.
    Deleted,
}

/// The cases of all files. `$root` and `$other` stand for the roots of the two tenants.
fn cases(root: &str, other: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/query/cases");
    let mut files: Vec<_> = folder
        .read_dir()
        .expect("the folder")
        .map(|f| f.expect("a file").path())
        .collect();
    files.sort();
    let read = |file: &std::path::PathBuf| {
        let text = std::fs::read_to_string(file)
            .expect("a text")
            .replace("$root", root)
            .replace("$other", other);
        serde_json::from_str::<Vec<Case>>(&text)
            .unwrap_or_else(|e| panic!("{}: {e}", file.display()))
    };
    files.iter().flat_map(read).collect()
}

both! {
    async fn written_cases_find_what_they_say(t) {
        let known = Known::make(t).await;
        let sight = known.sight(t, &known.world.root).await;
        let (root, other) = (known.world.root_id.to_string(), known.world.other_id.to_string());
        for case in cases(&root, &other) {
            let resource = ask::resource(&case.resource);
            let truth = sight.matching(resource, &case.filter);
            let found = matching(t, &known.world.root, resource, &case.filter).await;
            assert_eq!(found, truth, "{}: {}", case.name, case.filter);
            case.compare(&sight, resource, &found);
        }
    }
}

impl Case {
    /// Makes sure that the case shows something.
    fn compare(&self, sight: &Sight<'_>, resource: &Resource, found: &BTreeSet<uuid::Uuid>) {
        if let Some(names) = &self.names {
            let field = find(resource, "name");
            let rows = sight.rows(resource).filter(|row| found.contains(&row.id));
            let values = rows.filter_map(|row| sight.value(resource, row, field));
            let mut values: Vec<_> = values.map(|v| format!("{v:?}")).collect();
            values.sort();
            let names: Vec<_> = names.iter().map(|name| format!("Text({name:?})")).collect();
            assert_eq!(values, names, "{}", self.name);
            return;
        }
        let alive: BTreeSet<_> = sight.alive(resource).map(|row| row.id).collect();
        let finds = match found {
            found if found.is_empty() => Finds::Nothing,
            found if *found == alive => Finds::All,
            found if found.is_subset(&alive) => Finds::Some,
            _ => Finds::Deleted,
        };
        assert_eq!(finds, self.finds, "{}", self.name);
    }
}

/// The kinds and operators that a filter uses, relations opened.
fn pairs(resource: &Resource, filter: &Json, out: &mut BTreeSet<(&'static str, String)>) {
    for (name, inner) in filter.as_object().expect("a filter") {
        let relation = resource.relations.iter().find(|r| camel(r.name) == *name);
        match (name.as_str(), relation) {
            ("and" | "or", _) => inner
                .as_array()
                .expect("a list")
                .iter()
                .for_each(|f| pairs(resource, f, out)),
            ("not", _) => pairs(resource, inner, out),
            (_, Some(relation)) if relation.many => {
                inner
                    .as_object()
                    .expect("quantifiers")
                    .values()
                    .for_each(|f| pairs((relation.target)(), f, out));
            }
            (_, Some(relation)) => pairs((relation.target)(), inner, out),
            (name, None) => {
                let kind = find(resource, name).kind;
                out.extend(
                    inner
                        .as_object()
                        .expect("tests")
                        .keys()
                        .map(|op| (kind.name(), op.clone())),
                );
            }
        }
    }
}

#[test]
fn every_kind_and_operator_has_a_written_case() {
    let mut written = BTreeSet::new();
    for case in cases("", "") {
        pairs(ask::resource(&case.resource), &case.filter, &mut written);
    }
    let enumeration = Kind::Enum(&choice::DIRECTION);
    let kinds = [
        Kind::Text,
        Kind::Number,
        Kind::Date,
        Kind::Boolean,
        enumeration,
        Kind::Workspace,
    ];
    let pairs = kinds
        .iter()
        .flat_map(|kind| kind.ops().iter().map(|op| (kind.name(), camel(op.name()))));
    let missing: Vec<_> = pairs.filter(|pair| !written.contains(pair)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn every_kind_of_the_registry_is_known_here() {
    let known = ["text", "number", "date", "boolean", "enum", "workspace"];
    let fields = RESOURCES
        .iter()
        .flat_map(|r| r.fields.iter().filter(|f| f.asked()));
    let unknown: BTreeSet<_> = fields
        .map(|f| f.kind.name())
        .filter(|name| !known.contains(name))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
