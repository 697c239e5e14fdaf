//! Hostile requests: each is answered at once, with a sentence that names the limit, and the
//! answer is small whatever was sent.

mod case;
mod document;
mod engine;
mod text;

use super::{owner, post};
use crate::both;
use crate::support::TestApp;
use case::Case;
use document::{deep, multiplying, rings};
use engine::{harmless, in_a_field};
use serde_json::json;
use text::{characters, long, values};

/// The largest answer to a refused request, in bytes.
const SMALL: usize = 8 * 1024;

/// Sends all cases and compares status, size and sentence; then the server must still answer.
async fn judge(t: &TestApp, cases: Vec<Case>, status: std::ops::Range<u16>) {
    let token = owner(t).await;
    let mut wrong = Vec::new();
    for (name, body, says) in cases {
        let got = post(t, &token, &body).await;
        let text = got.text();
        let errors = got.json()["errors"].is_array();
        let failed = errors || says == "null" || status.contains(&200);
        if !status.contains(&got.status)
            || got.body.len() > SMALL
            || !text.contains(says)
            || !failed
        {
            wrong.push(format!(
                "{name}: {} {} bytes {:.300}",
                got.status,
                got.body.len(),
                text
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(
        post(t, &token, br#"{"query":"{__typename}"}"#).await.status,
        200
    );
}

both! {
    async fn documents_that_multiply_are_refused(t) {
        judge(t, multiplying(), 400..500).await;
    }

    async fn fragments_in_rings_are_refused(t) {
        judge(t, rings(), 400..500).await;
    }

    async fn deep_requests_are_refused(t) {
        judge(t, deep(), 400..500).await;
    }

    async fn long_requests_are_refused(t) {
        judge(t, long(), 400..500).await;
    }

    async fn variables_with_many_values_are_refused(t) {
        judge(t, values(), 400..500).await;
    }

    async fn what_is_no_text_is_refused(t) {
        judge(t, characters(), 400..500).await;
    }

    async fn limits_of_the_engine_fail_the_field(t) {
        judge(t, in_a_field(), 200..201).await;
    }

    async fn odd_requests_within_the_limits_are_answered(t) {
        judge(t, harmless(), 200..201).await;
    }

    async fn one_field_asked_often_is_one_statement(t) {
        let token = owner(t).await;
        post(t, &token, br#"{"query":"{__typename}"}"#).await;
        let before = t.db().statements();
        let query = format!("{{ {} }}", "connectors { totalCount } ".repeat(500));
        post(t, &token, json!({"query": query}).to_string().as_bytes()).await;
        // One for the answer; one more if the token was asked for again.
        assert!(t.db().statements() - before <= 2);
    }
}
