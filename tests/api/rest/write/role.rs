//! Who may write what: each role at each writing address. The form of a request never matters to
//! who is refused.

use super::super::{JSON, JSON_API, checker};
use super::{Site, ask, connector, made, number, rows, text};
use crate::both;
use connectory::rest::write::{self, WRITES};
use connectory::rest::{ROUTES, route::Method};
use connectory::service::{Capability, may, use_case};
use entity::membership::Role;
use serde_json::json;

both! {
    async fn a_role_without_the_capability_is_refused_and_recorded(t) {
        let site = Site::make(t).await;
        let id = text(&made(t, &site.owner, &connector("a", json!({}))).await, "/data/id");
        for (token, role) in [(&site.viewer, Role::Viewer), (&site.member, Role::Member)] {
            for route in ROUTES.iter().filter(|r| write::of(r.operation_id).is_some_and(|w| w.body != write::Body::Upload)) {
                let case = use_case(write::of(route.operation_id).expect("one").use_case).expect("a use case");
                if may(role, case.capability) {
                    continue;
                }
                let before = (rows(t).await, number(t, "SELECT count(*) FROM audit_events WHERE outcome = 'refused'").await);
                let target: String = route.path.split('/').map(|part| if part.starts_with('{') { &id } else { part }).collect::<Vec<_>>().join("/");
                let word = connectory::rest::name::of((case.resource)()).expect("a name").word;
                let body = json!({"data": {"type": word, "attributes": {}}}).to_string();
                let body = if route.body.is_some() { body } else { String::new() };
                for accept in [JSON, JSON_API] {
                    let got = ask(t, token, route.method.name(), &target, &[("accept", accept)], body.as_str()).await;
                    assert_eq!(got.status, 403, "{} {target} {:#}", route.method.name(), got.json());
                    if accept != JSON {
                        assert!(checker::faults(&got.json(), checker::Expect::default()).is_empty());
                    }
                }
                let after = (rows(t).await, number(t, "SELECT count(*) FROM audit_events WHERE outcome = 'refused'").await);
                assert_eq!(after, (before.0, before.1 + 2), "{}", route.operation_id);
            }
        }
        assert!(WRITES.iter().any(|w| use_case(w.use_case).is_some_and(|c| c.capability == Capability::Installations)));
    }

    async fn no_credential_writes_nothing(t) {
        let site = Site::make(t).await;
        let before = rows(t).await;
        for route in ROUTES.iter().filter(|r| r.method != Method::Get) {
            let got = ask(t, "cty_wrong", route.method.name(), route.path, &[], "{}").await;
            assert_eq!((got.status, &got.json()["code"]), (401, &"UNAUTHORIZED".into()), "{}", route.path);
        }
        assert_eq!(rows(t).await, before);
        drop(site);
    }

    async fn an_admin_writes_the_catalogue(t) {
        let site = Site::make(t).await;
        made(t, &site.admin, &connector("a", json!({}))).await;
    }
}
