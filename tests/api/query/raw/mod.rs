//! The raw grammar: random conditions find by SQL exactly what they find in Rust, and what the
//! databases must agree on beyond that, pattern by pattern, document by document.

mod document;
mod expression;
mod script;
mod truth;

use super::ask::resource;
use super::model::{Model, Sight};
use super::property::{question, runner};
use super::world::Known;
use crate::both;
use crate::support::TestApp;
use connectory::query::{Filter, Resource};
use connectory::rest::filter;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestError};
use script::Script;
use serde_json::Value as Json;
use std::cell::Cell;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Levels of a condition.
const DEPTH: usize = 3;
/// Choices of a condition.
const CHOICES: usize = 120;

/// Documents of every shape, null ones and texts that patterns trip over.
const DOCUMENTS: &[&str] = &[
    r#"UPDATE connectors SET data_quality = '{"imported_fields": ["company", "people", "invoice"], "rows": 12, "ratio": 1.5, "last": {"ok": true, "by": null}}' WHERE pk IN (1, 2, 43)"#,
    r#"UPDATE connectors SET data_quality = '{"imported_fields": [], "rows": 12.0, "last": {"ok": false, "by": "x", "list": [1, [2, 3], {"a": "b"}]}}' WHERE pk IN (4, 5)"#,
    r#"UPDATE connectors SET data_quality = '{"a\"b": "c\\d", "é": "Ö", "": [null, true, "12", 12]}' WHERE pk IN (6, 45)"#,
    r#"UPDATE connectors SET data_quality = '[["company"], "people", {"rows": 1}]' WHERE pk = 7"#,
    r#"UPDATE connectors SET data_quality = '"people"' WHERE pk = 8"#,
    r#"UPDATE connectors SET data_quality = 'null' WHERE pk = 9"#,
    r#"UPDATE connectors SET data_quality = '{}' WHERE pk = 11"#,
    r#"UPDATE connectors SET data_quality = '12' WHERE pk = 13"#,
    "UPDATE connectors SET data_quality = NULL WHERE pk IN (12, 14, 44)",
    r#"UPDATE connectors SET tags = '["crm", "ci_cd", "Öl"]' WHERE pk IN (1, 5, 42)"#,
    "UPDATE connectors SET tags = '[]' WHERE pk IN (2, 6)",
    "UPDATE connectors SET description = NULL, website = NULL, version = NULL WHERE pk IN (1, 3, 5)",
    "UPDATE connectors SET description = 'Line one' || char(10) || 'line_two 100%' WHERE pk = 7",
    "UPDATE connectors SET version = '2.1.0', state = 'x[1]*?' WHERE pk IN (7, 8)",
];

/// A world with documents.
pub async fn make(t: &TestApp) -> Known {
    let mut known = Known::make(t).await;
    for statement in DOCUMENTS {
        let newline = if t.is_sqlite() { "char(10)" } else { "chr(10)" };
        t.execute(&statement.replace("char(10)", newline)).await;
    }
    known.model = Model::read(t).await;
    known
}

/// The identifiers that a condition finds by SQL.
pub async fn found(
    t: &TestApp,
    sight: &Sight<'_>,
    resource: &'static Resource,
    clause: &Json,
) -> Result<BTreeSet<Uuid>, String> {
    let node = filter::clause(resource, clause, "where").map_err(|p| format!("{p:?}"))?;
    let filter = Filter::check(resource, &node, "where").map_err(|p| format!("{p:?}"))?;
    let query = question(resource, filter);
    let found = query.run(t.db(), &sight.viewer).await;
    let found = found.map_err(|e| format!("{e}"))?;
    let slice = found.slice(0);
    let id = |v: connectory::query::View<'_>| v.row().unwrap().uuid(v.column(0)).unwrap();
    Ok(found.views(&slice).map(id).collect())
}

both! {
    async fn random_conditions_on_connectors_agree_with_the_rows(t) {
        agree(t, resource("connectors")).await;
    }

    async fn random_conditions_on_workspace_connectors_agree_with_the_rows(t) {
        agree(t, resource("workspace_connectors")).await;
    }

    async fn random_conditions_on_sync_logs_agree_with_the_rows(t) {
        agree(t, resource("workspace_connector_sync_logs")).await;
    }

    async fn random_conditions_on_providers_agree_with_the_rows(t) {
        agree(t, resource("providers")).await;
    }
}

async fn agree(t: &TestApp, resource: &'static Resource) {
    let known = make(t).await;
    let mut sights = Vec::new();
    for (_, token) in known.tokens() {
        sights.push(known.sight(t, token).await);
    }
    let some = Cell::new(0);
    let strategy = (
        0..sights.len(),
        prop::collection::vec(any::<u16>(), 0..CHOICES),
    );
    let seed = std::env::var("TEST_SEED")
        .ok()
        .map_or(11, |text| text.parse().expect("TEST_SEED is a number"));
    let outcome = runner(seed).run(&strategy, |(viewer, numbers)| {
        let clause = Script::new(&numbers, &sights[viewer]).clause(resource, DEPTH);
        let truth = sights[viewer].satisfying(resource, &clause);
        let asked = found(t, &sights[viewer], resource, &clause);
        let asked =
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(asked))
                .map_err(|e| TestCaseError::fail(format!("{clause}: {e}")))?;
        prop_assert_eq!(&asked, &truth, "{}", clause);
        some.set(some.get() + u32::from(!truth.is_empty()));
        Ok(())
    });
    match outcome {
        Ok(()) => assert!(some.get() > 30, "only {} conditions find rows", some.get()),
        Err(TestError::Fail(reason, (viewer, numbers))) => {
            let clause = Script::new(&numbers, &sights[viewer]).clause(resource, DEPTH);
            let who = known.tokens()[viewer].0;
            panic!(
                "TEST_SEED={seed}, {} as {who}: {clause}\n{reason}",
                resource.name
            );
        }
        Err(TestError::Abort(reason)) => panic!("TEST_SEED={seed}: {reason}"),
    }
}
