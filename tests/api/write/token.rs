//! Tokens by mutation: shown once, never above the actor's role, revoked for every server.

use super::scene::Scene;
use crate::both;
use connectory::db::Arg;
use serde_json::{Value as Json, json};

const CREATE: &str = "api_token_create";
const REVOKE: &str = "api_token_revoke";
const MUTATION: &str = "mutation($input: ApiTokenCreateInput!) { apiTokenCreate(input: $input) { token \
                        apiToken { id revision name role prefix expiresAt revokedAt workspace { slug } person { fullName } } \
                        userErrors { field message } } }";

async fn make(s: &Scene<'_>, token: &str, input: Json) -> Json {
    let answer = s.t.ask(token, MUTATION, json!({"input": input})).await;
    answer.data()["apiTokenCreate"].clone()
}

async fn status(s: &Scene<'_>, token: &str) -> u16 {
    s.t.ask(token, "{ viewer { __typename } }", json!({}))
        .await
        .status
}

both! {
    async fn a_token_is_shown_once_and_works(t) {
        let s = Scene::make(t).await;
        let input = json!({"name": "robot", "role": "MEMBER", "workspace": "below", "expiresAt": "2999-01-01T00:00:00Z"});
        let made = make(&s, &s.admin, input).await;
        let value = made["token"].as_str().expect("the token").to_owned();
        let row = &made["apiToken"];
        assert_eq!((&row["name"], &row["role"], &row["revision"]), (&json!("robot"), &json!("MEMBER"), &json!(1)));
        assert_eq!((&row["workspace"]["slug"], &row["person"]["fullName"]), (&json!("below"), &json!("robot")));
        assert!(row["expiresAt"].as_str().unwrap().starts_with("2999-01-01T00:00:00"), "{row}");
        assert!(value.starts_with(row["prefix"].as_str().unwrap()));
        assert_eq!(t.actor(&value).await.viewer.workspace_id, s.below);
        for sql in [
            "SELECT coalesce(CAST(after AS TEXT), '') || coalesce(CAST(before AS TEXT), '') FROM audit_events",
            "SELECT body FROM idempotency_keys",
        ] {
            let rows = t.db().rows(sql.to_owned(), Vec::<Arg>::new()).await.expect("rows");
            let hash = s.count("SELECT count(*) FROM api_tokens").await;
            assert!(hash > 0);
            assert!(rows.iter().all(|r| !r.text(0).unwrap_or_default().contains(&value)), "{sql} holds the token");
        }
    }

    async fn a_token_is_at_most_what_its_maker_is(t) {
        let s = Scene::make(t).await;
        let token = |role: &str| json!({"name": "x", "role": role});
        s.refuse(&s.admin, CREATE, token("OWNER"), "forbidden", &["a token of the role `admin` makes none of the role `owner`"]).await;
        for role in ["ADMIN", "MEMBER", "VIEWER"] {
            s.change(&s.admin, CREATE, token(role)).await.record();
        }
        s.change(&s.owner, CREATE, token("OWNER")).await.record();
        for by in [&s.member, &s.viewer] {
            s.refuse(by, CREATE, token("VIEWER"), "forbidden", &["may not administer"]).await;
        }
        for workspace in ["acme", "sibling", "stranger"] {
            let input = json!({"name": "x", "role": "VIEWER", "workspace": workspace});
            s.refuse(&s.owner, CREATE, input, "bad_request", &["`input.workspace` names no workspace"]).await;
        }
        let input = json!({"name": "", "role": "VIEWER", "expiresAt": "soon"});
        s.refuse(&s.owner, CREATE, input, "bad_request", &["`input.name` must not be empty", "`input.expiresAt`"]).await;
        let input = json!({"name": "x", "role": "VIEWER", "expiresAt": "2001-01-01T00:00:00Z"});
        s.refuse(&s.owner, CREATE, input, "bad_request", &["`input.expiresAt` must be a moment to come"]).await;
    }

    async fn a_revoked_token_is_refused_when_the_answer_is_there(t) {
        let s = Scene::make(t).await;
        let made = make(&s, &s.owner, json!({"name": "x", "role": "OWNER"})).await;
        let (value, id) = (made["token"].as_str().unwrap(), made["apiToken"]["id"].clone());
        assert_eq!(status(&s, value).await, 200);
        s.refuse(&s.admin, REVOKE, json!({"id": id}), "forbidden", &["only owners revoke tokens of owners"]).await;
        for token in [&s.sibling, &s.stranger] {
            s.refuse(token, REVOKE, json!({"id": id}), "not_found", &["there is no api_token"]).await;
        }
        s.refuse(&s.owner, REVOKE, json!({"id": id, "revision": 5}), "precondition_failed", &["at revision 1, not 5"]).await;
        let done = s.ask(&s.owner, REVOKE, json!({"id": id, "revision": 1}), "id revision revokedAt").await;
        assert!(done.record()["revokedAt"].is_string());
        assert_eq!(status(&s, value).await, 401);
        s.refuse(&s.owner, REVOKE, json!({"id": id}), "conflict", &["was revoked already"]).await;
        assert_eq!(s.latest(1).await, ["api_token.revoke done"]);
    }

    async fn the_use_of_a_token_is_noted_once_and_changes_no_revision(t) {
        let s = Scene::make(t).await;
        let noted = "SELECT count(*) FROM api_tokens WHERE last_used_at IS NOT NULL AND revision = 1";
        assert_eq!(s.count(noted).await, 0);
        status(&s, &s.viewer).await;
        for _ in 0..200 {
            if s.count(noted).await == 1 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(s.count(noted).await, 1);
        t.execute("UPDATE api_tokens SET last_used_at = created_at WHERE last_used_at IS NOT NULL").await;
        for _ in 0..3 {
            status(&s, &s.viewer).await;
        }
        tokio::time::sleep(connectory::service::token::REMEMBERED).await;
        status(&s, &s.viewer).await;
        let again = s.count("SELECT count(*) FROM api_tokens WHERE last_used_at <> created_at").await;
        assert_eq!(again, 0, "it is noted at most once in five minutes");
    }
}
