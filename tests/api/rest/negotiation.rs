//! Content negotiation, as a matrix.

use super::{JSON, JSON_API, send};
use crate::both;
use crate::support::World;

const OWN: &str = "application/json; charset=utf-8";

/// What a client accepts, and how it is answered.
const ACCEPT: &[(&str, u16, &str)] = &[
    ("*/*", 200, OWN),
    ("", 200, OWN),
    ("application/json", 200, OWN),
    ("Application/JSON", 200, OWN),
    ("application/json; charset=utf-8", 200, OWN),
    ("application/*", 200, OWN),
    ("text/html,application/xhtml+xml,*/*;q=0.8", 200, OWN),
    ("application/vnd.api+json", 200, JSON_API),
    ("APPLICATION/vnd.API+json", 200, JSON_API),
    (
        "application/vnd.api+json, application/json;q=0.9",
        200,
        JSON_API,
    ),
    (
        "application/json;q=0.9, application/vnd.api+json",
        200,
        JSON_API,
    ),
    (
        "application/vnd.api+json;q=0.2, application/json;q=0.9",
        200,
        OWN,
    ),
    ("*/*, application/vnd.api+json", 200, JSON_API),
    (
        "application/vnd.api+json; profile=\"https://example.com/a https://example.com/b\"",
        200,
        JSON_API,
    ),
    ("application/vnd.api+json; ext=\"\"", 200, JSON_API),
    // A parameter refuses the range, not the client: another range may serve.
    (
        "application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\", application/vnd.api+json",
        200,
        JSON_API,
    ),
    (
        "application/vnd.api+json; charset=utf-8, application/json",
        200,
        OWN,
    ),
    (
        "application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"",
        406,
        OWN,
    ),
    ("application/vnd.api+json; charset=utf-8", 406, OWN),
    ("application/vnd.api+json; version=1", 406, OWN),
    ("application/vnd.api+json;q=0", 406, OWN),
    ("text/csv", 406, OWN),
    ("application/xml, text/plain", 406, OWN),
];

both! {
    async fn the_answer_is_what_the_client_likes_best(t) {
        let world = World::make(t).await;
        let bearer = format!("Bearer {}", world.root);
        for (accept, status, media_type) in ACCEPT {
            for target in ["/v1/connectors?limit=1", "/v1/categories/crm"] {
                let got = send(t, "GET", target, &[("authorization", &bearer), ("accept", accept)]).await;
                let status = if *status == 200 && got.status == 404 { 404 } else { *status };
                assert_eq!((got.status, got.header("content-type")), (status, Some(*media_type)), "{accept}");
                let vary = got.header("vary").unwrap_or_default().to_ascii_lowercase();
                assert!(vary.contains("accept"), "{accept}: {vary}");
                let strict = got.json().get("jsonapi").is_some();
                assert_eq!(strict, *media_type == JSON_API, "{accept}");
            }
        }
    }

    async fn errors_come_in_the_rendering_too(t) {
        for (accept, media_type) in [(JSON, OWN), (JSON_API, JSON_API), ("text/csv", OWN)] {
            let got = send(t, "GET", "/v1/connectors", &[("accept", accept)]).await;
            assert_eq!((got.status, got.header("content-type")), (401, Some(media_type)), "{accept}");
            assert_eq!(got.json().get("errors").is_some(), media_type == JSON_API);
        }
    }
}

#[test]
fn bodies_are_read_in_two_media_types() {
    use connectory::rest::accept::content;
    for good in [
        JSON,
        "application/json; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
        "APPLICATION/JSON",
        JSON_API,
        "application/vnd.api+json; profile=\"https://example.com/a\"",
    ] {
        assert!(content(Some(good)).is_ok(), "{good}");
    }
    for bad in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "application/vnd.api+json; charset=utf-8",
        "application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"",
        "application/vnd.api+json; version=1",
        "",
    ] {
        assert_eq!(
            content(Some(bad)).err().map(|f| f.status()),
            Some(415),
            "{bad}"
        );
    }
    assert_eq!(content(None).err().map(|f| f.status()), Some(415));
}
