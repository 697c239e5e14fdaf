//! What is taken and what is refused: addresses, metadata, clients, bodies.

use super::ask;
use super::script::Script;
use crate::both;
use crate::write::scene::Scene;
use serde_json::{Map, Value as Json, json};

const MANY: usize = 17;

fn pairs(count: usize) -> Json {
    (0..count)
        .map(|i| (format!("key{i:02}"), json!("v")))
        .collect::<Map<_, _>>()
        .into()
}

both! {
    async fn addresses_are_normalised_or_refused(t) {
        let s = Scene::make(t).await;
        let mut script = Script::new(t, "urls");
        let long = format!("https://long.example/{}", "a".repeat(236));
        for url in [
            "https://mcp.stripe.example",
            "HTTPS://MCP.Stripe.Example:443/A",
            "http://h.example:80/x",
            "https://h.example/a/",
            "https://h.example/a?b=1#f",
            "https://bücher.example/",
            "http://0x7f.1/",
            "http://2130706433/x",
            "https://user:pw@h.example/x",
            "https://user:pw@h.example:99999/x",
            "ftp://h.example/",
            "file:///etc/passwd",
            "mailto:ada@example.com",
            "",
            "h.example/x",
            "http://",
            "http://h.example:99999/",
            &long,
        ] {
            script.ask(url, &s.member, "POST ", Some(json!({"url": url}))).await;
        }
        for wrong in [json!({}), json!({"url": 5}), json!({"url": null}), json!({"url": ["https://h.example/"]})] {
            script.ask("an address of another kind", &s.member, "POST ", Some(wrong)).await;
        }
        script.end();
    }

    async fn metadata_has_limits_that_are_included(t) {
        let s = Scene::make(t).await;
        let mut script = Script::new(t, "metadata");
        let with = |key: usize, value: usize| json!({"k".repeat(key): "v".repeat(value)});
        let cases = [
            ("16 pairs", pairs(MANY - 1)),
            ("17 pairs", pairs(MANY)),
            ("a key of 64", with(64, 1)),
            ("a key of 65", with(65, 1)),
            ("a value of 512", with(1, 512)),
            ("a value of 513", with(1, 513)),
            ("letters count, not bytes", json!({"ö".repeat(64): "ß".repeat(512)})),
            ("empty keys and values", json!({"": ""})),
            ("lines", json!({"a": "one\ntwo\t🙂"})),
            ("no pairs", json!({})),
            ("null", json!(null)),
            ("values of other kinds", json!({"a": 1, "b": "x", "c": null})),
            ("a list", json!(["a"])),
            ("a text", json!("a")),
            ("a NUL", json!({"a": "\u{0}"})),
        ];
        for (i, (case, metadata)) in cases.into_iter().enumerate() {
            let new = json!({"url": format!("https://m{i}.example/"), "metadata": metadata});
            script.ask(case, &s.member, "POST ", Some(new)).await;
        }
        let id = ask(t, &s.member, "POST ").body(&json!({"url": "https://p.example"})).send().await.id();
        script.ask("changed to 17 pairs", &s.member, &format!("PATCH /{id}"), Some(json!({"metadata": pairs(MANY)}))).await;
        script.end();
    }

    async fn an_owner_has_one_connector_of_an_address_and_label(t) {
        let s = Scene::make(t).await;
        let mut script = Script::new(t, "uniqueness");
        let new = |url: &str| json!({"url": url});
        script.ask("the first", &s.member, "POST ", Some(new("https://h.example"))).await;
        script.ask("the same", &s.member, "POST ", Some(new("https://h.example"))).await;
        script.ask("the same, written otherwise", &s.member, "POST ", Some(new("HTTPS://H.Example:443/"))).await;
        script.ask("with a label", &s.member, "POST ", Some(json!({"url": "https://h.example", "label": "work"}))).await;
        script.ask("with the same label", &s.member, "POST ", Some(json!({"url": "https://h.example", "label": "work"}))).await;
        script.ask("another path", &s.member, "POST ", Some(new("https://h.example/mcp"))).await;
        script.ask("another path still", &s.member, "POST ", Some(new("https://h.example/mcp/"))).await;
        let theirs = script.ask("another person", &s.colleague, "POST ", Some(new("https://h.example"))).await;
        script.ask("another workspace", &s.sibling, "POST ", Some(new("https://h.example"))).await;
        script.ask("of another person", &s.member, &format!("GET /{}", theirs.id()), None).await;
        script.ask("of another person, to an admin", &s.admin, &format!("GET /{}", theirs.id()), None).await;
        script.ask("removed", &s.colleague, &format!("DELETE /{}", theirs.id()), None).await;
        script.ask("and made again", &s.colleague, "POST ", Some(new("https://h.example"))).await;
        script.end();
    }

    async fn bodies_are_refused_in_the_words_of_the_dialect(t) {
        let s = Scene::make(t).await;
        let mut script = Script::new(t, "errors");
        let url = "https://h.example/";
        let id = ask(t, &s.member, "POST ").body(&json!({"url": "https://c.example"})).send().await.id();
        for (case, body) in [
            ("a secret without a client", json!({"url": url, "client_secret": "s"})),
            ("an empty client is none", json!({"url": url, "client_id": "", "client_secret": "s"})),
            ("first the client, then the scheme", json!({"url": "ftp://h.example", "client_secret": "s"})),
            ("a client that is no text", json!({"url": url, "client_id": 5, "client_secret": true})),
            ("a secret is not repeated", json!({"client_id": "c", "client_secret": "do not repeat this"})),
            ("true or false", json!({"url": url, "match_preset": "maybe"})),
            ("a number that is neither", json!({"url": url, "match_preset": 2})),
            ("null is neither", json!({"url": url, "match_preset": null})),
            ("several at once", json!({"url": "x", "metadata": [], "match_preset": {}})),
            ("a list", json!([url])),
            ("a text", json!(url)),
            ("null", json!(null)),
            ("what is not known is ignored", json!({"url": url, "unknown": 1, "match_preset": "no"})),
            ("an empty client and an empty secret", json!({"url": "https://e.example", "client_id": "", "client_secret": "", "match_preset": 1})),
            ("a client alone", json!({"url": "https://i.example", "client_id": "c"})),
            ("a client with a secret", json!({"url": "https://s.example", "client_id": "c", "client_secret": "do not repeat this"})),
        ] {
            let got = script.ask(case, &s.member, "POST ", Some(body)).await;
            assert!(!got.text.contains("do not repeat this"), "{case}: {}", got.text);
        }
        for body in ["{", "", "{\"url\": }", "{\"url\": \"x\"} x", "{'url': 1}", "nonsense"] {
            let mut request = ask(t, "", "POST ");
            request.body = Some(body.to_owned());
            script.send(&format!("without a credential: {body}"), request).await;
        }
        let connect = format!("POST /{id}/connect");
        for body in [json!({"redirect_url": "x", "access_token": 5}), json!({"redirect_url": 7}), json!(null), json!([])] {
            script.ask("connect", &s.member, &connect, Some(body)).await;
        }
        script.ask("connect without a body", &s.member, &connect, None).await;
        script.ask("connect with a wrong parameter", &s.member, &format!("{connect}?force=maybe"), Some(json!({}))).await;
        script.ask("all parts of a request", &s.member, "POST /nope/connect?force=2", Some(json!({"redirect_url": ""}))).await;
        let patch = format!("PATCH /{id}");
        script.ask("a change of another kind", &s.member, &patch, Some(json!({"label": 5, "shared": null, "metadata": 1}))).await;
        script.ask("a secret without a client", &s.member, &patch, Some(json!({"client_secret": "s"}))).await;
        script.ask("too long a label", &s.member, &patch, Some(json!({"label": "x".repeat(101)}))).await;
        script.end();
    }
}
