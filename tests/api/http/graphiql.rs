//! GraphiQL and the schema as files: all of it comes from this server.

use super::{Got, send};
use crate::both;
use crate::support::TestApp;
use flate2::read::GzDecoder;
use std::collections::BTreeSet;
use std::io::Read;

pub(super) async fn get(t: &TestApp, target: &str, encoding: &str) -> Got {
    send(
        t,
        "GET",
        target,
        &[("accept-encoding", encoding), ("accept", "text/html")],
        b"",
    )
    .await
}

pub(super) fn unpacked(got: &Got) -> Vec<u8> {
    let mut out = Vec::new();
    match got.header("content-encoding") {
        Some("gzip") => GzDecoder::new(got.body.as_slice())
            .read_to_end(&mut out)
            .expect("gzip"),
        _ => got.body.as_slice().read_to_end(&mut out).expect("bytes"),
    };
    out
}

/// The addresses of files that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let parts = text.split("/graphiql/assets/").skip(1);
    let name = |part: &str| {
        part.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
            .collect()
    };
    parts.map(name).collect()
}

both! {
    async fn graphiql_and_every_file_it_names_come_from_here(t) {
        let page = get(t, "/graphiql", "identity").await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        // The name of a vocabulary is no address.
        let html = page.text().replace("http://www.w3.org/2000/svg", "");
        assert!(!html.contains("://"), "the page names another host: {html}");
        let mut names: Vec<_> = named(&html).into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = names.pop().filter(|_| seen.len() < 100) {
            if !seen.insert(name.clone()) {
                continue;
            }
            let target = format!("/graphiql/assets/{name}");
            let (packed, plain) = (get(t, &target, "gzip, br").await, get(t, &target, "identity").await);
            assert_eq!((packed.status, plain.status), (200, 200), "{name}");
            assert_eq!((packed.header("content-encoding"), plain.header("content-encoding")), (Some("gzip"), None));
            assert!(packed.body.len() < plain.body.len() && unpacked(&packed) == plain.body, "{name}");
            assert!(plain.header("cache-control").is_some_and(|h| h.contains("immutable")), "{name}");
            assert_eq!(plain.header("x-content-type-options"), Some("nosniff"));
            names.extend(named(&plain.text()));
        }
        assert!(seen.iter().any(|n| n.contains("worker")) && seen.len() >= 3, "{seen:?}");
    }

    async fn the_page_may_load_nothing_from_elsewhere(t) {
        let page = get(t, "/graphiql", "gzip").await;
        assert!(String::from_utf8_lossy(&unpacked(&page)).contains("<html"));
        let policy = page.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
        assert!(!policy.contains("http") && !policy.contains("unsafe-eval") && !policy.contains('*'), "{policy}");
        assert_eq!(get(t, "/graphiql", "gzip;q=0").await.header("content-encoding"), None);
    }

    async fn a_browser_finds_the_page(t) {
        for target in ["/", "/graphql"] {
            let got = get(t, target, "gzip").await;
            assert_eq!((got.status, got.header("location")), (303, Some("/graphiql")), "{target}");
        }
    }

    async fn the_schema_is_a_file(t) {
        let got = get(t, "/schema.graphql", "identity").await;
        assert_eq!((got.status, got.text()), (200, connectory::graphql::sdl()));
    }
}
