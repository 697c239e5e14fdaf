//! What a create costs in statements. The face is asked without HTTP in front, so that looking a
//! token up does not count; the beginning and end of the transaction are no statements.

use super::super::JSON;
use super::{Site, connector};
use crate::both;
use connectory::rest::Request;
use serde_json::json;

both! {
    async fn a_connector_with_publisher_and_logo_costs_six_statements_at_most(t) {
        let site = Site::make(t).await;
        let actor = t.actor(&site.owner).await;
        let described = |slug: &str| {
            let mut document = connector(slug, json!({"description": "d"}));
            document["data"]["relationships"] = json!({
                "published_by": {"data": {"type": "workspace", "id": "w"}},
                "logo": {"data": {"type": "media", "id": "m"}},
            });
            document["included"] = json!([
                {"type": "workspace", "id": "w", "attributes": {"name": format!("W {slug}")}},
                {"type": "media", "id": "m", "attributes": {"file_name": "a.png"}},
            ]);
            document
        };
        for (document, key, most) in [
            (connector("a", json!({})), None, 4),
            (described("b"), None, 6),
            // Looking a kept answer up, and keeping this one.
            (described("c"), Some("k"), if t.is_sqlite() { 8 } else { 9 }),
        ] {
            let mut headers = vec![("content-type".to_owned(), JSON.to_owned())];
            headers.extend(key.map(|key| ("idempotency-key".to_owned(), key.to_owned())));
            let request = Request {
                method: "POST".into(),
                path: "/v1/connectors".into(),
                headers,
                body: document.to_string().into_bytes(),
                ..Request::default()
            };
            let before = t.db().statements();
            let answer = t.app.rest.answer(&actor, request).await;
            let cost = t.db().statements() - before;
            assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
            assert!(cost <= most, "{cost} statements, not {most}: {document:#}");
        }
    }
}
