//! `Idempotency-Key` on mutations over GraphQL.

use super::{Site, number};
use crate::both;
use crate::support::TestApp;
use serde_json::{Value as Json, json};

const CREATE: &str = "mutation($slug: String!) { connectorCreate(input: {slug: $slug, name: \"A\", category: \"api\", direction: BOTH}) { connector { id } userErrors { code } } }";

async fn send(
    t: &TestApp,
    token: &str,
    keys: &[&str],
    query: &str,
    variables: Json,
) -> (u16, Option<String>, Json) {
    let mut request = t.http.post(format!("{}/graphql", t.url)).bearer_auth(token);
    for key in keys {
        request = request.header("idempotency-key", *key);
    }
    let response = request
        .json(&json!({"query": query, "variables": variables}))
        .send()
        .await
        .expect("the server answers");
    let replayed = response
        .headers()
        .get("idempotency-replayed")
        .map(|v| v.to_str().expect("text").to_owned());
    (
        response.status().as_u16(),
        replayed,
        response.json().await.expect("JSON"),
    )
}

both! {
    async fn a_repeated_mutation_is_answered_as_the_first_one(t) {
        let site = Site::make(t).await;
        let first = send(t, &site.owner, &["k"], CREATE, json!({"slug": "a"})).await;
        assert!(first.2["data"]["connectorCreate"]["connector"]["id"].is_string(), "{:#}", first.2);
        assert_eq!(first.1, None);
        let again = send(t, &site.owner, &["k"], CREATE, json!({"slug": "a"})).await;
        assert_eq!((again.1.as_deref(), &again.2), (Some("true"), &first.2));
        assert_eq!(number(t, "SELECT count(*) FROM connectors").await, 1);
        // Other variables, another document: another request.
        for (query, variables) in [(CREATE, json!({"slug": "b"})), (&*format!("{CREATE} "), json!({"slug": "a"}))] {
            let (_, replayed, body) = send(t, &site.owner, &["k"], query, variables).await;
            assert_eq!(body["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED", "{body:#}");
            assert_eq!(replayed, None);
        }
        assert_eq!(number(t, "SELECT count(*) FROM connectors").await, 1);
    }

    async fn a_key_that_is_none_is_refused(t) {
        let site = Site::make(t).await;
        let long = "x".repeat(256);
        for keys in [vec![""], vec![long.as_str()], vec!["a", "b"]] {
            let (status, _, body) = send(t, &site.owner, &keys, CREATE, json!({"slug": "a"})).await;
            assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (400, &"BAD_REQUEST".into()), "{body:#}");
        }
        assert_eq!(number(t, "SELECT count(*) FROM connectors").await, 0);
    }
}
