//! Who may see and change what.

use super::ask;
use crate::both;
use crate::write::scene::Scene;
use serde_json::json;

both! {
    async fn bearer_and_basic_are_the_same(t) {
        let s = Scene::make(t).await;
        let basic = format!("basic {}", s.member);
        let made = ask(t, &basic, "POST ").body(&json!({"url": "https://h.example"})).send().await.ok(201);
        let seen = ask(t, &s.member, "GET ").send().await.ok(200);
        assert_eq!(seen["items"][0], made);
        for header in ["Basic", "Basic !", "Basic eDp5", "Basic bm9jb2xvbg==", "Digest x"] {
            let got = ask(t, "", "GET ").header("authorization", header).send().await;
            assert_eq!(got.status, 401, "{header}");
            let challenges: Vec<_> = got.headers.get_all("www-authenticate").iter().map(|v| v.to_str().unwrap()).collect();
            let bearer = format!("Bearer resource_metadata=\"{}/.well-known/oauth-protected-resource\"", t.url);
            assert_eq!(challenges, [bearer.as_str(), "Basic realm=\"connectory\""]);
        }
        // Elsewhere a password is no credential.
        let graphql = t.http.post(format!("{}/graphql", t.url)).basic_auth("x", Some(&s.member));
        let answer = graphql.json(&json!({"query": "{ __typename }"})).send().await.unwrap();
        assert_eq!(answer.status(), 401);
    }

    async fn what_is_shared_is_seen_by_the_workspace_and_changed_by_its_owner(t) {
        let s = Scene::make(t).await;
        let made = ask(t, &s.member, "POST ").body(&json!({"url": "https://h.example", "shared": true})).send().await.ok(201);
        let id = made["id"].as_str().unwrap();
        for token in [&s.colleague, &s.admin, &s.viewer] {
            let seen = ask(t, token, &format!("GET /{id}")).send().await.ok(200);
            assert_eq!(seen, made);
            assert_eq!(ask(t, token, "GET ").send().await.ok(200)["total_count"], 1);
        }
        for token in [&s.root, &s.sibling, &s.stranger] {
            assert_eq!(ask(t, token, &format!("GET /{id}")).send().await.status, 404);
            assert_eq!(ask(t, token, "GET ").send().await.ok(200)["total_count"], 0);
        }
        let change = ask(t, &s.colleague, &format!("PATCH /{id}")).body(&json!({"label": "x"})).send().await;
        assert_eq!((change.status, &change.json()["detail"]), (403, &json!("Insufficient permissions")));
        assert_eq!(ask(t, &s.colleague, &format!("DELETE /{id}")).send().await.status, 403);
        assert_eq!(ask(t, &s.colleague, &format!("GET /{id}/events")).send().await.status, 403);
        let change = ask(t, &s.admin, &format!("PATCH /{id}")).body(&json!({"label": "x"})).send().await;
        assert_eq!(change.ok(200)["label"], "x");
        let events = ask(t, &s.admin, &format!("GET /{id}/events")).send().await.ok(200);
        let actions: Vec<_> = events["items"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
        assert_eq!(actions[0], "workspace_connector.configure");
        assert_eq!(actions.last(), Some(&"workspace_connector.install"));
        let page = ask(t, &s.member, &format!("GET /{id}/events?limit=1")).send().await.ok(200);
        let next = page["next_page_token"].as_str().expect("a token");
        let rest = ask(t, &s.member, &format!("GET /{id}/events?page_token={next}")).send().await.ok(200);
        assert_eq!(rest["items"].as_array().unwrap().len() + 1, actions.len());
        ask(t, &s.member, &format!("PATCH /{id}")).body(&json!({"shared": false})).send().await.ok(200);
        assert_eq!(ask(t, &s.colleague, &format!("GET /{id}")).send().await.status, 404);
        assert_eq!(ask(t, &s.admin, &format!("GET /{id}")).send().await.status, 404, "who administers sees no more");
    }

    async fn a_login_is_shown_to_its_owner_alone(t) {
        use crate::support::hostile::Hostile;
        let peer = Hostile::default().start().await;
        let t = &crate::agentstack::beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = ask(t, &s.member, "POST ").body(&json!({"url": peer.url, "shared": true})).send().await.id();
        let mine = ask(t, &s.member, &format!("POST /{id}/connect")).body(&json!({})).send().await.ok(200);
        assert!(mine["auth_request"].is_object(), "{mine:#}");
        assert_eq!(ask(t, &s.member, &format!("GET /{id}")).send().await.ok(200)["auth_request"], mine["auth_request"]);
        assert_eq!(ask(t, &s.member, "GET ").send().await.ok(200)["items"][0]["auth_request"], mine["auth_request"]);
        let theirs = ask(t, &s.colleague, &format!("GET /{id}")).send().await.ok(200);
        assert_eq!((&theirs["state"], &theirs["auth_request"]), (&json!("auth_required"), &json!(null)));
    }

    async fn a_list_costs_the_same_for_any_number_of_connectors(t) {
        let s = Scene::make(t).await;
        let mut costs = Vec::new();
        for i in 0..6 {
            let new = json!({"url": format!("https://n{i}.example"), "client_id": "c", "client_secret": "s"});
            ask(t, &s.member, "POST ").body(&new).send().await.ok(201);
            // The server also works by itself; the least of some tries is the request's own.
            let mut least = u64::MAX;
            for _ in 0..5 {
                let before = t.db().statements();
                let list = ask(t, &s.member, "GET ").send().await.ok(200);
                least = least.min(t.db().statements() - before);
                assert!(list["items"].as_array().unwrap().iter().all(|c| c["has_client_secret"] == true));
            }
            costs.push(least);
        }
        assert!(costs.windows(2).all(|pair| pair[0] == pair[1]), "{costs:?}");
    }
}
