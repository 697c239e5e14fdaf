//! Server-sent events.

use super::{Two, change, connector, question, rename, settle};
use crate::both;
use crate::support::TestApp;
use connectory::service::token;
use futures_util::{Stream, StreamExt};
use serde_json::{Value as Json, json};
use std::pin::Pin;
use std::time::Duration;

/// One event: its name, its identifier, its data.
type Event = (String, Option<String>, Json);

struct EventStream(Pin<Box<dyn Stream<Item = String> + Send>>, String);

impl EventStream {
    async fn open(t: &TestApp, token: &str, query: &str, last: Option<&str>) -> EventStream {
        let mut request = t
            .http
            .post(format!("{}/graphql", t.url))
            .bearer_auth(token)
            .header("accept", "text/event-stream")
            .json(&json!({"query": query}));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        Self::of(request).await
    }

    async fn of(request: reqwest::RequestBuilder) -> EventStream {
        let mut response = request.send().await.expect("the server answers");
        assert_eq!(response.status(), 200);
        let media_type = response.headers()["content-type"].to_str().unwrap();
        assert!(media_type.starts_with("text/event-stream"), "{media_type}");
        let (sender, receiver) = tokio::sync::mpsc::channel(100);
        tokio::spawn(async move {
            while let Ok(Some(chunk)) = response.chunk().await {
                let text = String::from_utf8_lossy(&chunk).into_owned();
                if sender.send(text).await.is_err() {
                    break;
                }
            }
        });
        let chunks = futures_util::stream::unfold(receiver, async |mut receiver| {
            let chunk: String = receiver.recv().await?;
            Some((chunk, receiver))
        });
        EventStream(chunks.boxed(), String::new())
    }

    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.1 = rest;
                if event.starts_with(':') {
                    continue;
                }
                let line = |name: &str| {
                    let found = event.lines().find_map(|l| l.strip_prefix(name));
                    found.map(|l| l.trim_start_matches(':').trim().to_owned())
                };
                let data = line("data").unwrap_or_default();
                let data = serde_json::from_str(&data).unwrap_or_default();
                return Some((line("event").unwrap_or_default(), line("id"), data));
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.0.next()).await;
            self.1.push_str(&chunk.expect("the server says something")?);
        }
    }
}

both! {
    async fn changes_come_as_events_and_the_last_identifier_goes_on(t) {
        let two = Two::make(t).await;
        let mut stream = EventStream::open(t, &two.root, &question(""), None).await;
        settle().await;
        let id = connector(t, &two.root, "one").await;
        let (name, cursor, data) = stream.next().await.expect("an event");
        assert_eq!(name, "next");
        let told = &data["data"]["connectorChanged"];
        assert_eq!((&told["id"], &told["cursor"]), (&json!(id), &json!(cursor)));
        drop(stream);
        rename(t, &two.root, &id, "a").await;
        change(t, &two.root, "connectorDelete", json!({"id": id})).await;
        let mut stream = EventStream::open(t, &two.root, &question(""), cursor.as_deref()).await;
        for action in ["UPDATED", "DELETED"] {
            let (_, _, data) = stream.next().await.expect("an event");
            assert_eq!(data["data"]["connectorChanged"]["action"], action);
        }
    }

    async fn get_works_and_one_answer_is_a_stream_as_well(t) {
        let two = Two::make(t).await;
        let get = |query: &str| {
            let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
            t.http
                .get(format!("{}/graphql?query={query}", t.url))
                .bearer_auth(&two.root)
                .header("accept", "text/event-stream")
        };
        let mut stream = EventStream::of(get("{ __typename }")).await;
        assert_eq!(stream.next().await, Some(("next".into(), None, json!({"data": {"__typename": "Query"}}))));
        assert_eq!(stream.next().await.map(|e| e.0), Some("complete".into()));
        assert_eq!(stream.next().await, None);
        let mut stream = EventStream::of(get(&question(""))).await;
        settle().await;
        connector(t, &two.root, "one").await;
        assert_eq!(stream.next().await.map(|e| e.0), Some("next".into()));
        let refused = get("mutation { connectorDelete(input: {id: \"one\"}) { userErrors { code } } }").send().await.unwrap();
        assert_eq!(refused.status(), 405);
    }

    async fn what_cannot_run_is_a_next_with_errors_and_who_is_unknown_gets_no_stream(t) {
        let two = Two::make(t).await;
        for query in ["subscription { nothing }", "subscription { connectorChanged(after: \"x\") { id } }", "{ nothing }"] {
            let mut stream = EventStream::open(t, &two.root, query, None).await;
            let (name, _, data) = stream.next().await.expect("an event");
            assert_eq!(name, "next");
            assert!(data["errors"][0]["message"].is_string() && data.get("data").is_none(), "{query}: {data}");
            assert_eq!(stream.next().await.map(|e| e.0), Some("complete".into()));
        }
        let request = t.http.post(format!("{}/graphql", t.url)).bearer_auth("cty_wrong");
        let request = request.header("accept", "text/event-stream").json(&json!({"query": question("")}));
        let refused = request.send().await.unwrap();
        assert_eq!(refused.status(), 401);
        assert!(refused.json::<Json>().await.unwrap()["errors"].is_array());
    }

    async fn streams_outlast_the_time_limit_and_end_with_the_token_or_the_server(t) {
        let two = Two::make(t).await;
        let mut short = t.beside(|c| { c.request_timeout = 1; c.ping_interval = 1; }).await;
        let mut revoked = EventStream::open(&short, &two.below, &question(""), None).await;
        let mut stopped = EventStream::open(&short, &two.root, &question(""), None).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        connector(t, &two.root, "one").await;
        for stream in [&mut revoked, &mut stopped] {
            assert_eq!(stream.next().await.map(|e| e.0), Some("next".into()));
        }
        token::revoke(t.db(), &two.below).await.unwrap();
        let (_, _, data) = revoked.next().await.expect("an event");
        assert_eq!(data["errors"][0]["extensions"]["code"], "UNAUTHORIZED");
        assert_eq!(revoked.next().await.map(|e| e.0), Some("complete".into()));
        short.stop();
        assert_eq!(stopped.next().await.map(|e| e.0), Some("complete".into()));
        assert_eq!(stopped.next().await, None);
        short.end().await;
    }
}
