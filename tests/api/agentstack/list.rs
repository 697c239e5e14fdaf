//! Lists: whole, in pages, filtered; presets and what they lend.

use super::script::Script;
use super::{Got, ask};
use crate::both;
use crate::support::TestApp;
use crate::write::scene::Scene;
use connectory::connect::Preset;
use serde_json::{Value as Json, json};

async fn plant(t: &TestApp, token: &str, count: usize) {
    for i in 0..count {
        let team = ["red", "blue"][i % 2];
        let new = json!({"url": format!("https://n{i}.example/"), "metadata": {"team": team, "n": i.to_string()}, "label": format!("l{i}")});
        ask(t, token, "POST ").body(&new).send().await.ok(201);
    }
}

fn urls(got: &Got) -> Vec<String> {
    let document = got.ok(200);
    let items = document["items"].as_array().expect("items");
    items
        .iter()
        .map(|c| c["url"].as_str().expect("a url").to_owned())
        .collect()
}

fn preset(json: Json) -> Preset {
    serde_json::from_value(json).expect("a preset")
}

both! {
    async fn without_parameters_a_list_is_whole(t) {
        let s = Scene::make(t).await;
        let mut script = Script::new(t, "list");
        script.ask("nothing", &s.member, "GET ", None).await;
        plant(t, &s.member, 3).await;
        let whole = script.ask("everything", &s.member, "GET ", None).await.json();
        let same = ask(t, &s.member, "GET /?offset=2&order=url").send().await.json();
        assert_eq!(whole, same, "parameters that are not known change nothing");
        let first = script.ask("a page", &s.member, "GET ?limit=2", None).await.json();
        let token = first["next_page_token"].as_str().expect("a token");
        script.ask("the last page", &s.member, &format!("GET ?limit=2&page_token={token}"), None).await;
        for query in ["limit=0", "limit=1001", "limit=x", "page_token=x", "state=asleep", "limit=x&state=y"] {
            script.ask(query, &s.member, &format!("GET ?{query}"), None).await;
        }
        script.ask("a page after nothing", &s.member, "GET ?page_token=00000000-0000-4000-8000-00000000dead", None).await;
        script.end();
    }

    async fn pages_show_each_connector_once_also_while_some_are_removed(t) {
        let s = Scene::make(t).await;
        plant(t, &s.member, 7).await;
        let whole = urls(&ask(t, &s.member, "GET ").send().await);
        assert_eq!(whole.len(), 7);
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let got = ask(t, &s.member, &format!("GET ?limit=2{token}")).send().await;
            let document = got.ok(200);
            seen.extend(urls(&got));
            assert_eq!(document["total_count"], 7);
            let Some(next) = document["next_page_token"].as_str() else {
                assert_eq!(document["has_more"], false);
                break;
            };
            assert_eq!(document["has_more"], true);
            token = format!("&page_token={next}");
        }
        assert_eq!(seen, whole);
        let first = ask(t, &s.member, "GET ?limit=3").send().await.ok(200);
        let last = first["next_page_token"].as_str().expect("a token");
        assert_eq!(ask(t, &s.member, &format!("DELETE /{last}")).send().await.status, 204);
        let rest = ask(t, &s.member, &format!("GET ?limit=10&page_token={last}")).send().await;
        assert_eq!(urls(&rest), whole[3..], "a page goes on after a row that is gone");
    }

    async fn filters_narrow_a_list(t) {
        let s = Scene::make(t).await;
        plant(t, &s.member, 4).await;
        for (query, expected) in [
            ("state=created", vec![0, 1, 2, 3]),
            ("state=connected", vec![]),
            ("url=HTTPS%3A%2F%2FN2.Example", vec![2]),
            ("url=nothing", vec![]),
            ("label=l1", vec![1]),
            ("metadata[team]=blue", vec![1, 3]),
            ("metadata%5Bteam%5D=red&metadata%5Bn%5D=2", vec![2]),
            ("metadata[team]=blue&state=created&limit=1", vec![1]),
            ("metadata[team]=bl", vec![]),
            ("metadata[other]=red", vec![]),
        ] {
            let got = urls(&ask(t, &s.member, &format!("GET ?{query}")).send().await);
            let expected: Vec<_> = expected.iter().map(|i| format!("https://n{i}.example/")).collect();
            assert_eq!(got, expected, "{query}");
        }
    }

    async fn presets_lend_what_a_new_connector_does_not_bring(t) {
        let presets = vec![
            preset(json!({"url": "https://Known.example", "client_id": "theirs", "client_secret": "hidden", "metadata": {"name": "Known"}})),
            preset(json!({"url": "https://bare.example/mcp"})),
        ];
        let t = &t.beside(|config| config.presets = presets).await;
        let s = Scene::make(t).await;
        let mut script = Script::new(t, "presets");
        script.ask("presets", &s.viewer, "GET /presets", None).await;
        script.ask("all of it", &s.member, "POST ", Some(json!({"url": "https://known.example/", "metadata": {}}))).await;
        script.ask("a client of one's own", &s.colleague, "POST ", Some(json!({"url": "https://known.example", "client_id": "mine", "metadata": {"name": "Mine"}}))).await;
        script.ask("not asked for", &s.admin, "POST ", Some(json!({"url": "https://known.example", "match_preset": false}))).await;
        script.ask("another path", &s.member, "POST ", Some(json!({"url": "https://known.example/mcp"}))).await;
        script.ask("no metadata", &s.member, "POST ", Some(json!({"url": "https://bare.example/mcp"}))).await;
        script.end();
    }
}
