//! Cursors: the same row has the same one, and only the connection it came from takes it.

use super::ask::problems;
use crate::both;
use crate::support::{TestApp, World};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};

const REFUSED: &str =
    "after: is not a cursor of this connection in this order; take it from an earlier answer";

/// The cursors of the first connectors by `orderBy`.
async fn cursors(t: &TestApp, token: &str, order_by: &str) -> Vec<String> {
    let data = t
        .data(
            token,
            &format!("{{ connectors(first: 100, orderBy: {order_by}) {{ edges {{ cursor }} }} }}"),
        )
        .await;
    let edges = data["connectors"]["edges"].as_array().expect("edges");
    edges
        .iter()
        .map(|e| e["cursor"].as_str().expect("a cursor").to_owned())
        .collect()
}

/// Makes sure that `field` refuses the cursor, as an error of that field alone.
async fn refused(t: &TestApp, token: &str, field: &str, cursor: &str) {
    let (name, arguments) = field.split_once('(').unwrap_or((field, ")"));
    let query = format!(
        "query($after: String!) {{ __typename {name}(after: $after, {arguments} {{ nodes {{ id }} }} }}"
    );
    let answer = t.ask(token, &query, json!({"after": cursor})).await;
    assert_eq!(problems(&answer), [REFUSED], "{cursor}");
    let error = answer.error();
    assert_eq!(error["extensions"]["code"], "BAD_REQUEST");
    assert_eq!(error["path"], json!([name]));
    assert!(
        error["message"].as_str().unwrap().contains("`after`"),
        "{error}"
    );
    assert_eq!(answer.status, 200, "a field failed, the request did not");
    assert_eq!(
        answer.body["data"],
        json!({"__typename": "Query", name: null})
    );
}

const ORDER: &str = "[{name: ASC}]";
const FIELD: &str = "connectors(orderBy: [{name: ASC}])";

both! {
    async fn the_same_row_has_the_same_cursor(t) {
        let world = World::make(t).await;
        let token = &world.root;
        let all = cursors(t, token, ORDER).await;
        assert_eq!(all, cursors(t, token, ORDER).await);
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "different rows have different cursors");
        let query = "query($after: String) { connectors(first: 3, after: $after, orderBy: [{name: ASC}], filter: {pk: {gt: 0}}) { edges { cursor } pageInfo { startCursor endCursor } } }";
        let page = t.ask(token, query, json!({"after": all[4]})).await.data()["connectors"].clone();
        let found: Vec<_> = page["edges"].as_array().unwrap().iter().map(|e| e["cursor"].as_str().unwrap()).collect();
        assert_eq!(found, all[5..8]);
        assert_eq!((&page["pageInfo"]["startCursor"], &page["pageInfo"]["endCursor"]), (&json!(all[5]), &json!(all[7])));
    }

    async fn a_cursor_belongs_to_its_order_and_resource(t) {
        let world = World::make(t).await;
        let token = &world.root;
        let cursor = cursors(t, token, ORDER).await.remove(3);
        let page = t.ask(token, "query($after: String) { connectors(after: $after, orderBy: [{name: ASC}, {pk: ASC}]) { nodes { id } } }", json!({"after": cursor})).await;
        assert!(!page.data()["connectors"]["nodes"].as_array().unwrap().is_empty(), "`pk` said aloud is the same order");
        for field in [
            "connectors(orderBy: [{name: DESC}])", "connectors(orderBy: [{name: ASC}, {pk: DESC}])", "connectors(orderBy: [{slug: ASC}])",
            "connectors(orderBy: [{name: ASC}, {slug: ASC}])", "connectors(orderBy: [{logo: {label: ASC}}])", "connectors(orderBy: [])",
            "categories(orderBy: [{name: ASC}])", "workspaces(orderBy: [{name: ASC}])", "providers(orderBy: [{name: ASC}])",
        ] {
            refused(t, token, field, &cursor).await;
        }
    }

    async fn a_changed_byte_is_refused(t) {
        let world = World::make(t).await;
        let cursor = cursors(t, &world.root, ORDER).await.remove(3);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&cursor).expect("base64url without padding");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            refused(t, &world.root, FIELD, &BASE64_URL_SAFE_NO_PAD.encode(changed)).await;
        }
        // The last letter has bits that no byte needs: only one spelling is a cursor.
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let (start, last) = cursor.split_at(cursor.len() - 1);
        for letter in letters.chars().filter(|l| !last.contains(*l)) {
            refused(t, &world.root, FIELD, &format!("{start}{letter}")).await;
        }
    }

    async fn what_is_no_cursor_is_refused(t) {
        let world = World::make(t).await;
        let cursor = cursors(t, &world.root, ORDER).await.remove(3);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&cursor).expect("base64url without padding");
        let version = |number: u8| BASE64_URL_SAFE_NO_PAD.encode([&[number], &bytes[1..]].concat());
        assert_eq!(version(1), cursor, "the first byte is the version");
        let mut wrong: Vec<String> = (0..cursor.len()).map(|end| cursor[..end].to_owned()).collect();
        wrong.extend([version(0), version(2), version(255), format!("{cursor}="), format!(" {cursor}"), format!("{cursor}A"), cursor.repeat(2)]);
        wrong.extend(["A".repeat(70_000), "1".into(), "null".into(), "AQ".into(), "ö".into(), "\u{0}".into(), "../..".into(), "W10".into()]);
        for cursor in &wrong {
            refused(t, &world.root, FIELD, cursor).await;
        }
    }

    async fn a_cursor_of_another_database_is_refused(t) {
        let world = World::make(t).await;
        let elsewhere = TestApp::sqlite().await;
        let same = World::make(&elsewhere).await;
        let cursor = cursors(&elsewhere, &same.root, ORDER).await.remove(3);
        refused(t, &world.root, FIELD, &cursor).await;
        elsewhere.end().await;
    }

    async fn a_cursor_shows_nothing_of_its_row(t) {
        let world = World::make(t).await;
        for i in 0..3 {
            t.execute(&format!("UPDATE connectors SET service_id = 'readable-readable-readable' WHERE pk = {}", 20 + i)).await;
        }
        for order in ["[{serviceId: DESC}]", "[{pk: ASC}]"] {
            for cursor in cursors(t, &world.root, order).await {
                let bytes = BASE64_URL_SAFE_NO_PAD.decode(&cursor).expect("base64url without padding");
                let text = String::from_utf8_lossy(&bytes).into_owned();
                assert!(!text.contains("readable"), "{text}");
            }
        }
        // Neighbours by `pk` share nothing beside the version.
        let all = cursors(t, &world.root, "[{pk: ASC}]").await;
        let bytes: Vec<_> = all.iter().map(|c| BASE64_URL_SAFE_NO_PAD.decode(c).unwrap()).collect();
        for pair in bytes.windows(2) {
            let same = pair[0].iter().zip(&pair[1]).filter(|(a, b)| a == b).count();
            assert!(same <= 6, "{same} of {} bytes are the same", pair[0].len());
        }
    }

    async fn a_nested_connection_refuses_alone(t) {
        let world = World::make(t).await;
        let cursor = cursors(t, &world.root, ORDER).await.remove(3);
        let query = "query($after: String) { workspaces(first: 2) { nodes { id connectors(after: $after) { nodes { id } } } } }";
        let answer = t.ask(&world.root, query, json!({"after": cursor})).await;
        assert_eq!(problems(&answer), [REFUSED]);
        assert_eq!(answer.error()["path"], json!(["workspaces", "nodes", 0, "connectors"]));
        let nodes = answer.body["data"]["workspaces"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 2);
        assert!(nodes.iter().all(|n| n["connectors"] == Json::Null && n["id"].is_string()));
    }

    async fn before_is_refused_by_its_own_name(t) {
        let world = World::make(t).await;
        let query = r#"{ connectors(after: "x", before: "y", last: 2) { nodes { id } } }"#;
        let answer = t.ask(&world.root, query, json!({})).await;
        assert_eq!(problems(&answer), [REFUSED, &REFUSED.replace("after", "before")]);
    }
}
