//! Methods and addresses: HEAD, OPTIONS, what is not allowed and what does not exist.

use super::{JSON, JSON_API, get, send, well};
use crate::both;
use crate::support::World;
use connectory::rest::ROUTES;
use connectory::rest::route::Method;

both! {
    async fn head_says_what_get_would(t) {
        let world = World::make(t).await;
        let bearer = format!("Bearer {}", world.root);
        for target in ["/v1/connectors", "/v1/connectors/", "/v1/nothing", "/v1/connectors?limit=0"] {
            let headers = [("authorization", bearer.as_str()), ("accept", JSON_API)];
            let (read, head) = (send(t, "GET", target, &headers).await, send(t, "HEAD", target, &headers).await);
            assert_eq!((head.status, head.body.len()), (read.status, 0), "{target}");
            for name in ["content-type", "content-length", "vary", "etag"] {
                assert_eq!(head.header(name), read.header(name), "{target} {name}");
            }
        }
    }

    async fn an_address_says_which_methods_it_takes(t) {
        for route in ROUTES {
            let path = route.path.replace(['{', '}'], "");
            let got = send(t, "OPTIONS", &path, &[]).await;
            let allow = got.header("allow").unwrap_or_default().to_owned();
            assert_eq!((got.status, got.body.len()), (204, 0), "{path}");
            assert!(allow.split(", ").any(|m| m == route.method.name()), "{path}: {allow}");
            let refused = send(t, "PUT", &path, &[("accept", JSON)]).await;
            assert_eq!((refused.status, refused.header("allow")), (405, Some(allow.as_str())), "{path}");
            assert_eq!(refused.json()["code"], "METHOD_NOT_ALLOWED");
        }
        let strict = send(t, "PUT", "/v1/connectors", &[("accept", JSON_API)]).await;
        assert_eq!((strict.status, &strict.json()["errors"][0]["code"]), (405, &"METHOD_NOT_ALLOWED".into()));
    }

    async fn an_address_that_does_not_exist_is_not_found_in_the_rendering_asked_for(t) {
        for target in ["/v1/nothing", "/v1/connectors/a/b", "/v1/connector", "/v1/"] {
            for method in ["GET", "POST", "OPTIONS"] {
                let got = send(t, method, target, &[("accept", JSON)]).await;
                assert_eq!((got.status, &got.json()["code"]), (404, &"NOT_FOUND".into()), "{method} {target}");
                let got = send(t, method, target, &[("accept", JSON_API)]).await;
                assert_eq!((got.status, &got.json()["errors"][0]["status"]), (404, &"404".into()), "{method} {target}");
            }
        }
    }

    async fn every_operation_needs_a_credential(t) {
        for route in ROUTES {
            let path = route.path.replace(['{', '}'], "");
            for accept in [JSON, JSON_API] {
                let got = send(t, route.method.name(), &path, &[("accept", accept), ("content-type", accept)]).await;
                assert_eq!(got.status, 401, "{path}");
                assert!(got.header("www-authenticate").is_some_and(|h| h.starts_with("Bearer")), "{path}");
            }
        }
    }

    async fn aliases_answer_alike(t) {
        let world = World::make(t).await;
        for route in ROUTES.iter().filter(|r| r.method == Method::Get && !r.path.contains('{')) {
            let plain = well(t, &world.root, route.path).await;
            for alias in route.aliases.iter().map(|a| (*a).to_owned()).chain([format!("{}/", route.path)]) {
                assert_eq!(well(t, &world.root, &alias).await, plain, "{alias}");
            }
        }
    }

    async fn a_resource_answers_to_all_its_names(t) {
        let world = World::make(t).await;
        t.execute("UPDATE workspaces SET external_workspace_id = 'ours/1' WHERE pk = 2").await;
        for (list, names) in [("/v1/connectors", &["slug"][..]), ("/v1/workspaces", &["slug"]), ("/v1/providers", &["slug"]), ("/v1/categories", &["slug"])] {
            let row = well(t, &world.root, &format!("{list}?limit=3")).await["data"][1].clone();
            let by_id = well(t, &world.root, &format!("{list}/{}", row["id"].as_str().unwrap_or_default())).await;
            assert_eq!(by_id["data"], row, "{list}");
            for name in names {
                let value = row["attributes"][name].as_str().expect("a name");
                assert_eq!(well(t, &world.root, &format!("{list}/{value}")).await, by_id, "{list}");
            }
        }
        let external = well(t, &world.root, "/v1/workspaces/ours%2F1").await;
        assert_eq!(external["data"]["attributes"]["external_workspace_id"], "ours/1");
        for (target, kind) in [("/v1/connectors/no-such", "connector"), ("/v1/media/no-such", "media"), ("/v1/workspace-connectors/no%00such", "workspace_connector")] {
            let got = get(t, &world.root, target, JSON).await;
            assert_eq!((got.status, &got.json()["code"]), (404, &"NOT_FOUND".into()), "{target}");
            assert!(got.json()["message"].as_str().is_some_and(|m| m.contains(kind)), "{:#}", got.json());
        }
    }
}
