//! The GraphQL specification, Validation and Coercing Variable Values: what is refused before it runs.

mod name;
mod value;

use crate::both;
use crate::support::{TestApp, World};
use name::{conflicts, names, one_of};
use serde_json::{Value as Json, json};
use value::{literals, positions, variables};

/// A document, its variables, and a word of the sentence that refuses it.
type Refusal = (&'static str, Json, &'static str);

fn none() -> Json {
    json!({})
}

/// Asks each and expects a refusal: 400, a sentence with the word, no data.
async fn refused(t: &TestApp, token: &str, cases: Vec<Refusal>) {
    for (query, variables, word) in cases {
        let answer = t.ask(token, query, variables).await;
        let errors = answer.body["errors"].to_string();
        assert!(
            answer.status == 400 && errors.contains(word),
            "{query}: {} {errors}",
            answer.status
        );
        assert!(
            answer.body.get("data").is_none(),
            "{query}: {}",
            answer.body
        );
    }
}

both! {
    async fn what_the_specification_forbids_is_refused_before_it_runs(t) {
        let token = World::make(t).await.root;
        for cases in [variables(), positions(), literals(), names(), one_of(), conflicts()] {
            refused(t, &token, cases).await;
        }
    }
}
