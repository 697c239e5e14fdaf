//! The REST reference and its document as files: all of it comes from this server.

use super::graphiql::{get, unpacked};
use super::send;
use crate::both;
use std::collections::BTreeSet;

/// The addresses of files that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let parts = text.split("/docs/assets/").skip(1);
    let name = |part: &str| {
        part.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
            .collect()
    };
    parts.map(name).collect()
}

both! {
    async fn the_reference_and_every_file_it_names_come_from_here(t) {
        let page = get(t, "/docs", "identity").await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        // The name of a vocabulary is no address.
        let html = page.text().replace("http://www.w3.org/2000/svg", "");
        assert!(!html.contains("://"), "the page names another host: {html}");
        let names = named(&html);
        assert_eq!(names.len(), 2, "{names:?}");
        for name in names {
            let target = format!("/docs/assets/{name}");
            let (packed, plain) = (get(t, &target, "gzip, br").await, get(t, &target, "identity").await);
            assert_eq!((packed.status, plain.status), (200, 200), "{name}");
            assert_eq!((packed.header("content-encoding"), plain.header("content-encoding")), (Some("gzip"), None));
            assert!(packed.body.len() < plain.body.len() && unpacked(&packed) == plain.body, "{name}");
            assert!(plain.header("cache-control").is_some_and(|h| h.contains("immutable")), "{name}");
        }
        let licences = get(t, "/docs/licences.txt", "identity").await;
        assert!(licences.status == 200 && licences.text().contains("swagger-ui"), "{}", licences.status);
        assert_eq!(get(t, "/docs/assets/nothing.js", "gzip").await.status, 404);
    }

    async fn the_reference_may_load_nothing_from_elsewhere_and_evaluate_nothing(t) {
        let page = get(t, "/docs", "gzip").await;
        let policy = page.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
        assert!(policy.contains("connect-src 'self';"), "{policy}");
        assert!(!policy.contains("http") && !policy.contains("unsafe-eval") && !policy.contains('*'), "{policy}");
    }

    async fn the_document_is_a_file_with_a_tag(t) {
        let got = get(t, "/openapi.json", "identity").await;
        assert_eq!((got.status, got.header("content-type")), (200, Some("application/json")));
        assert_eq!(got.text(), connectory::rest::openapi::text());
        let tag = got.header("etag").expect("a tag");
        for (sent, status) in [(tag, 304), ("*", 304), ("\"other\"", 200)] {
            let again = send(t, "GET", "/openapi.json", &[("if-none-match", sent)], b"").await;
            assert_eq!((again.status, again.header("etag")), (status, Some(tag)), "{sent}");
        }
    }
}
