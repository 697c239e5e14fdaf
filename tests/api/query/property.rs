//! Random nested filters find by SQL exactly what they find in Rust, for every kind of viewer.
//!
//! The seed is fixed, so that a failure stays one; `TEST_SEED` takes another, and a failure says
//! which it was beside the smallest filter that fails.

use super::ask::{node, resource};
use super::model::Sight;
use super::script::Script;
use super::world::Known;
use crate::both;
use crate::support::TestApp;
use connectory::query::{Filter, Order, Query, Resource, Select, Window};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::cell::Cell;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Filters for each resource and database.
const CASES: u32 = 150;
/// Levels of a filter.
const DEPTH: usize = 4;
/// Choices of a filter.
const CHOICES: usize = 160;

both! {
    async fn random_filters_on_connectors_agree_with_the_rows(t) {
        agree(t, resource("connectors")).await;
    }

    async fn random_filters_on_workspace_connectors_agree_with_the_rows(t) {
        agree(t, resource("workspace_connectors")).await;
    }
}

async fn agree(t: &TestApp, resource: &'static Resource) {
    let known = Known::make(t).await;
    let mut sights = Vec::new();
    for (_, token) in known.tokens() {
        sights.push(known.sight(t, token).await);
    }
    let found = Cell::new((0, 0));
    let strategy = (
        0..sights.len(),
        prop::collection::vec(any::<u16>(), 0..CHOICES),
    );
    let seed = std::env::var("TEST_SEED")
        .ok()
        .map_or(7, |text| text.parse().expect("TEST_SEED is a number"));
    let outcome = runner(seed).run(&strategy, |(viewer, numbers)| {
        let rows = compare(t, &sights[viewer], resource, &numbers)?;
        let (some, none) = found.get();
        found.set(if rows > 0 {
            (some + 1, none)
        } else {
            (some, none + 1)
        });
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, (viewer, numbers))) => {
            let filter = Script::new(&numbers, &sights[viewer]).filter(resource, DEPTH);
            let who = known.tokens()[viewer].0;
            panic!(
                "TEST_SEED={seed}, {} as {who}: {filter}\n{reason}",
                resource.name
            );
        }
        Err(TestError::Abort(reason)) => panic!("TEST_SEED={seed}: {reason}"),
    }
    let (some, none) = found.get();
    assert!(
        some > CASES / 4 && none > 0,
        "the filters say little: {some} find rows, {none} find none"
    );
}

/// A runner that makes the same choices for the same seed.
pub fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Finds rows both ways and says how many there are.
fn compare(
    t: &TestApp,
    sight: &Sight<'_>,
    resource: &'static Resource,
    numbers: &[u16],
) -> Result<usize, TestCaseError> {
    let filter = Script::new(numbers, sight).filter(resource, DEPTH);
    let truth = sight.matching(resource, &filter);
    let query = question(
        resource,
        Filter::check(resource, &node(resource, &filter), "filter").map_err(|problems| {
            TestCaseError::fail(format!("{filter} was refused: {problems:?}"))
        })?,
    );
    let running = async { query.run(t.db(), &sight.viewer).await };
    let found = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(running));
    let found = found.map_err(|e| TestCaseError::fail(format!("{filter} failed: {e}")))?;
    let slice = found.slice(0);
    let rows: Vec<Uuid> = found
        .views(&slice)
        .map(|v| v.row().unwrap().uuid(v.column(0)).unwrap())
        .collect();
    prop_assert_eq!(
        slice.total,
        Some(rows.len() as u64),
        "the total of {}",
        filter
    );
    prop_assert_eq!(
        rows.into_iter().collect::<BTreeSet<_>>(),
        truth.clone(),
        "{}",
        filter
    );
    Ok(truth.len())
}

/// Asks for the identifiers of all rows that pass.
pub fn question(resource: &'static Resource, filter: Filter) -> Query {
    let mut select = Select::default();
    select.field(resource.find_field("id").expect("an identifier"));
    let order = Order::check(resource, &[], "orderBy").expect("the resource's own order");
    let window = Some(Window {
        limit: 10_000,
        ..Window::default()
    });
    Query {
        resource,
        filter,
        order,
        window,
        select,
        keys: false,
        total: true,
    }
}
