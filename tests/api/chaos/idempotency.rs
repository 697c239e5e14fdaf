//! Requests that are repeated under one `Idempotency-Key`.

use super::{Client, Ground, Reply, connector, document, number, token_of};
use crate::both;
use connectory::service::idempotency::sweep;
use entity::idempotency_key::{Column, Entity};
use entity::membership::Role;
use futures_util::future::join_all;
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use serde_json::json;

const CONNECTORS: &str = "SELECT count(*) FROM connectors";
const EVENTS: &str = "SELECT count(*) FROM audit_events";
const KEPT: &str = "SELECT count(*) FROM idempotency_keys";

/// Two creations in one document.
const TWO: &str = "mutation ($a: ConnectorCreateInput!, $b: ConnectorCreateInput!) {
  one: connectorCreate(input: $a) { connector { id } userErrors { code } }
  two: connectorCreate(input: $b) { connector { id } userErrors { code } }
}";

const TOKEN: &str = r#"mutation { apiTokenCreate(input: {name: "robot", role: VIEWER}) { token apiToken { id } userErrors { code } } }"#;

/// The answer to a repetition: the same document, and marked as repeated.
fn repeats(first: &Reply, second: &Reply) {
    assert!(!first.replayed && second.replayed, "{first:#?} {second:#?}");
    assert_eq!((first.status, &first.body), (second.status, &second.body));
}

both! {
    async fn twenty_requests_at_once_with_one_key_make_one_row_and_get_one_answer(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        let before = number(t.db(), EVENTS).await;
        let requests = (0..20).map(|_| client.mutate(Some("one"), "connectorCreate", connector("notes")));
        let replies = join_all(requests).await;
        for reply in &replies {
            reply.record();
            assert_eq!(reply.body, replies[0].body);
        }
        assert_eq!(replies.iter().filter(|r| !r.replayed).count(), 1, "{replies:#?}");
        assert_eq!(number(t.db(), CONNECTORS).await, 1);
        assert_eq!(number(t.db(), EVENTS).await - before, 1);
        assert_eq!(number(t.db(), KEPT).await, 1);
    }

    async fn a_key_belongs_to_one_document_with_one_set_of_variables(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        let first = client.mutate(Some("one"), "connectorCreate", connector("notes")).await;
        let other_variables = client.mutate(Some("one"), "connectorCreate", connector("mail")).await;
        let other_document = format!("{} ", document("connectorCreate"));
        let other_document = client.send(Some("one"), &other_document, json!({"input": connector("notes")})).await;
        for refused in [other_variables, other_document] {
            assert_eq!(refused.code(), Some("IDEMPOTENCY_KEY_REUSED"), "{refused:#?}");
            assert!(refused.body["data"]["done"].is_null(), "{refused:#?}");
        }
        assert_eq!((number(t.db(), CONNECTORS).await, number(t.db(), KEPT).await), (1, 1));
        repeats(&first, &client.mutate(Some("one"), "connectorCreate", connector("notes")).await);
    }

    async fn the_answer_to_a_mistake_is_kept_also_when_it_would_be_none_by_now(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        let in_the_way = client.connector("notes").await;
        let taken = client.mutate(Some("taken"), "connectorCreate", connector("notes")).await;
        assert_eq!(taken.code(), Some("CONFLICT"), "{taken:#?}");
        let malformed = client.mutate(Some("malformed"), "connectorCreate", connector("No slug")).await;
        assert_eq!(malformed.code(), Some("BAD_REQUEST"), "{malformed:#?}");
        client.mutate(None, "connectorDelete", json!({"id": in_the_way})).await.record();
        repeats(&taken, &client.mutate(Some("taken"), "connectorCreate", connector("notes")).await);
        repeats(&malformed, &client.mutate(Some("malformed"), "connectorCreate", connector("No slug")).await);
        client.mutate(Some("new"), "connectorCreate", connector("notes")).await.record();
        assert_eq!(number(t.db(), CONNECTORS).await, 2);
    }

    async fn what_a_role_may_not_is_not_kept(t) {
        let ground = Ground::make(t.db()).await;
        let viewer = Client::of(t, &token_of(t.db(), ground.workspace, Role::Viewer).await);
        let refused = viewer.mutate(Some("one"), "connectorCreate", connector("notes")).await;
        assert_eq!(refused.code(), Some("FORBIDDEN"), "{refused:#?}");
        assert_eq!((number(t.db(), CONNECTORS).await, number(t.db(), KEPT).await), (0, 0));
        let owner = Client::of(t, &ground.token);
        let made = owner.mutate(Some("one"), "connectorCreate", connector("notes")).await;
        assert!(!made.replayed && made.code().is_none(), "{made:#?}");
    }

    async fn each_mutation_of_a_document_is_kept_for_itself(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        // The second is refused, and that is kept as well.
        let variables = json!({"a": connector("notes"), "b": connector("notes")});
        let first = client.send(Some("one"), TWO, variables.clone()).await;
        assert_eq!(first.body["data"]["one"]["userErrors"], json!([]), "{first:#?}");
        assert_eq!(first.body["data"]["two"]["userErrors"], json!([{"code": "CONFLICT"}]), "{first:#?}");
        assert_eq!(number(t.db(), KEPT).await, 2);
        repeats(&first, &client.send(Some("one"), TWO, variables).await);
        assert_eq!(number(t.db(), CONNECTORS).await, 1);
    }

    async fn what_is_shown_once_is_not_kept(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        let first = client.send(Some("one"), TOKEN, json!({})).await;
        let made = &first.body["data"]["apiTokenCreate"];
        let secret = made["token"].as_str().expect("a token");
        let second = client.send(Some("one"), TOKEN, json!({})).await;
        let again = &second.body["data"]["apiTokenCreate"];
        assert!(second.replayed && again["token"].is_null(), "{second:#?}");
        assert_eq!(made["apiToken"], again["apiToken"]);
        let kept = Entity::find().one(t.db().orm()).await.expect("rows").expect("a row");
        assert!(!kept.body.contains(secret), "{}", kept.body);
    }

    async fn an_expired_key_can_be_used_for_something_else(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        client.mutate(Some("one"), "connectorCreate", connector("notes")).await.record();
        let past = chrono::Utc::now() - chrono::TimeDelta::seconds(1);
        let aged = Entity::update_many().col_expr(Column::ExpiresAt, Expr::value(past));
        assert_eq!(aged.exec(t.db().orm()).await.expect("it runs").rows_affected, 1);
        let anew = client.mutate(Some("one"), "connectorCreate", connector("mail")).await;
        assert!(!anew.replayed && anew.code().is_none(), "{anew:#?}");
        repeats(&anew, &client.mutate(Some("one"), "connectorCreate", connector("mail")).await);
        assert_eq!((number(t.db(), CONNECTORS).await, number(t.db(), KEPT).await), (2, 1));
        // What is kept is not swept away, what has expired is.
        assert_eq!(sweep(t.db()).await.expect("it runs"), 0);
        let aged = Entity::update_many().col_expr(Column::ExpiresAt, Expr::value(past));
        aged.exec(t.db().orm()).await.expect("it runs");
        assert_eq!(sweep(t.db()).await.expect("it runs"), 1);
    }

    async fn workspaces_do_not_see_each_others_keys(t) {
        let ground = Ground::make(t.db()).await;
        let below = Ground::another(t.db(), "Below", Some(ground.workspace)).await;
        let other = Ground::another(t.db(), "Other", None).await;
        for (i, ground) in [&ground, &below, &other].into_iter().enumerate() {
            let client = Client::of(t, &ground.token);
            let made = client.mutate(Some("one"), "connectorCreate", connector(&format!("notes-{i}"))).await;
            assert!(!made.replayed && made.code().is_none(), "{made:#?}");
        }
        assert_eq!((number(t.db(), CONNECTORS).await, number(t.db(), KEPT).await), (3, 3));
    }

    async fn a_key_has_one_to_255_printable_characters(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        let long = "k".repeat(255);
        client.mutate(Some(&long), "connectorCreate", connector("notes")).await.record();
        for (key, slug) in [(format!("{long}k"), "too-long"), (" ".into(), "blank"), ("schlüssel".into(), "foreign")] {
            let refused = client.mutate(Some(&key), "connectorCreate", connector(slug)).await;
            assert_eq!((refused.status, refused.code()), (400, Some("BAD_REQUEST")), "{key}: {refused:#?}");
        }
        let body = json!({"query": document("connectorCreate"), "variables": {"input": connector("twice")}});
        let twice = t.http.post(format!("{}/graphql", t.url)).bearer_auth(&ground.token).json(&body);
        let twice = twice.header("idempotency-key", "a").header("idempotency-key", "b").send().await;
        assert_eq!(twice.expect("an answer").status().as_u16(), 400);
        assert_eq!(number(t.db(), CONNECTORS).await, 1);
    }

    async fn without_a_key_a_repeated_request_is_another_one(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        client.connector("notes").await;
        let second = client.mutate(None, "connectorCreate", connector("notes")).await;
        assert_eq!(second.code(), Some("CONFLICT"), "{second:#?}");
        let made = [client.mutate(None, "workspaceCreate", json!({"name": "Team"})).await,
                    client.mutate(None, "workspaceCreate", json!({"name": "Team"})).await];
        assert_ne!(made[0].record()["id"], made[1].record()["id"]);
        assert_eq!(number(t.db(), KEPT).await, 0);
    }
}
