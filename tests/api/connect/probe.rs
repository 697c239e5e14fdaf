//! What an address shows of itself when it is asked for MCP.

use super::fake::{After, Fake, Reply, Seen};
use connectory::connect::oauth::Challenge;
use connectory::connect::probe::{Credential, Verdict, probe, probe_within};
use connectory::secret::Secret;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Long enough for a good server on a busy machine, for tests that end with an answer.
const PATIENT: Duration = Duration::from_secs(20);

/// Short, for servers of which nothing comes.
const SHORT: Duration = Duration::from_millis(200);

/// Enough for the head of an answer, for servers that do not finish it.
const MODEST: Duration = Duration::from_secs(3);

/// The result of `initialize`.
fn welcome() -> Json {
    let server = json!({"name": "fake", "version": "1"});
    let result = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": server});
    json!({"jsonrpc": "2.0", "id": 1, "result": result})
}

fn failed(code: i64) -> Json {
    json!({"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": "no"}})
}

fn events(text: &str) -> Reply {
    Reply::status(200).body("text/event-stream", text)
}

/// The method of the message.
fn asked(seen: &Seen) -> String {
    match seen.method.as_str() {
        "POST" => seen.json()["method"].as_str().unwrap().to_owned(),
        other => other.to_owned(),
    }
}

/// A server that answers `initialize` with `reply` and the rest with 202.
async fn mcp(reply: Reply) -> Fake {
    Fake::start(move |seen| match asked(seen).as_str() {
        "initialize" => reply.clone(),
        _ => Reply::status(202),
    })
    .await
}

/// The verdict on a server that answers `initialize` so, within a time.
async fn within(reply: Reply, time: Duration) -> Verdict {
    let fake = mcp(reply).await;
    probe_within(&fake.egress(), &fake.url("/mcp"), Credential::None, time).await
}

async fn verdict(reply: Reply) -> Verdict {
    within(reply, PATIENT).await
}

#[tokio::test]
async fn an_open_server_is_greeted_and_left_in_good_order() {
    let reply = Reply::json(&welcome()).header("Mcp-Session-Id", "s-1");
    let fake = mcp(reply).await;
    let key = Secret::new("at-1");
    let verdict = probe(
        &fake.egress(),
        &fake.url("/mcp?a=b"),
        Credential::Bearer(&key),
    )
    .await;
    assert_eq!(verdict, Verdict::Open);
    let seen = fake.seen();
    let steps: Vec<_> = seen.iter().map(asked).collect();
    assert_eq!(steps, ["initialize", "notifications/initialized", "DELETE"]);
    for request in &seen {
        assert_eq!(request.path, "/mcp?a=b");
        assert_eq!(request.header("authorization"), "Bearer at-1");
        assert_eq!(
            request.header("accept"),
            "application/json, text/event-stream"
        );
    }
    let hello = seen[0].json();
    assert_eq!(hello["params"]["protocolVersion"], "2025-11-25");
    assert_eq!(hello["params"]["clientInfo"]["name"], "connectory");
    assert!(hello["params"]["capabilities"].is_object());
    assert_eq!(seen[0].header("mcp-protocol-version"), "");
    assert_eq!(seen[0].header("mcp-session-id"), "");
    for later in &seen[1..] {
        assert_eq!(later.header("mcp-session-id"), "s-1");
        assert_eq!(later.header("mcp-protocol-version"), "2025-06-18");
    }
    assert!(seen[1].json().get("id").is_none());
}

#[tokio::test]
async fn a_server_without_sessions_is_not_asked_to_end_one() {
    let fake = mcp(Reply::json(&welcome())).await;
    let (name, value) = ("X-Api-Key", Secret::new("Key 123"));
    let credential = Credential::Header {
        name,
        value: &value,
    };
    assert_eq!(
        probe(&fake.egress(), &fake.url("/mcp"), credential).await,
        Verdict::Open
    );
    let steps: Vec<_> = fake.seen().iter().map(asked).collect();
    assert_eq!(steps, ["initialize", "notifications/initialized"]);
    assert_eq!(fake.seen()[0].header("x-api-key"), "Key 123");
    assert_eq!(fake.seen()[0].header("authorization"), "");
}

#[tokio::test]
async fn a_server_that_does_not_let_go_is_open_all_the_same() {
    let welcome = Reply::json(&welcome()).header("mcp-session-id", "s-1");
    let fake = Fake::start(move |seen| match asked(seen).as_str() {
        "initialize" => welcome.clone(),
        _ => Reply::silence(),
    })
    .await;
    let verdict = probe_within(&fake.egress(), &fake.url("/"), Credential::None, MODEST).await;
    assert_eq!(verdict, Verdict::Open);
}

#[tokio::test]
async fn a_stream_is_read_up_to_the_answer_and_no_further() {
    let data = welcome().to_string();
    let noise = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {}});
    let (first, second) = data.split_at(data.find(',').unwrap() + 1);
    let streams = [
        format!("data: {data}\n\n"),
        format!("event: message\r\nid: 1\r\ndata:{data}\r\n\r\n"),
        format!("\u{feff}: hello\rretry: 10\rdata: {data}\r\r"),
        format!(": keep\n\ndata: {noise}\n\nevent: x\n\ndata: not json\n\ndata: {data}\n\n"),
        format!("data: {first}\ndata: {second}\n\n"),
    ];
    for stream in streams {
        // The stream stays open: only who stops at the answer comes to a verdict.
        let reply = events(&stream).then(After::Silence);
        assert_eq!(verdict(reply).await, Verdict::Open, "{stream:?}");
    }
}

#[tokio::test]
async fn what_is_not_an_answer_of_mcp_is_said_to_be_none() {
    let result = |result: Json| Reply::json(&json!({"jsonrpc": "2.0", "id": 1, "result": result}));
    let mut other = welcome();
    other["id"] = json!(2);
    let mut text = welcome();
    text["id"] = json!("1");
    let mut bare = welcome();
    bare.as_object_mut().unwrap().remove("jsonrpc");
    let replies = [
        Reply::html(),
        Reply::status(200),
        Reply::status(202),
        Reply::status(204),
        Reply::status(202).body("application/json", &welcome().to_string()),
        Reply::status(200).body("text/plain", &welcome().to_string()),
        Reply::status(200).body("application/json", "garbage"),
        Reply::status(200).body("application/json", ""),
        Reply::json(&json!({"hello": "world"})),
        Reply::json(&json!([welcome()])),
        Reply::json(&other),
        Reply::json(&text),
        Reply::json(&bare),
        result(json!(null)),
        result(json!({})),
        result(json!({"protocolVersion": 1, "capabilities": {}, "serverInfo": {}})),
        result(json!({"protocolVersion": "2025-06-18", "serverInfo": {}})),
        result(json!({"protocolVersion": "2025-06-18", "capabilities": {}})),
        Reply::json(&failed(-32603)),
        Reply::json(&failed(-32600)),
        events(""),
        events("data: {}\n\n"),
        events(&format!("data: {}", welcome())),
    ];
    for reply in replies {
        let verdict = verdict(reply.clone()).await;
        assert!(
            matches!(verdict, Verdict::Protocol(_)),
            "{reply:?}: {verdict:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_without_end_ends_in_a_verdict() {
    let large = " ".repeat(1 << 16);
    let big = [
        Reply::status(200).body("application/json", &large),
        events(&format!(": {large}\n\n")),
        events(&large),
    ];
    for reply in big {
        let verdict = verdict(reply.then(After::Forever)).await;
        assert!(
            matches!(verdict, Verdict::Protocol(why) if why.contains("1 MiB")),
            "{verdict:?}"
        );
    }
    let slow = [
        Reply::status(200)
            .body("application/json", "{")
            .then(After::Silence),
        events(": wait\n\n").then(After::Silence),
    ];
    for reply in slow {
        let verdict = within(reply, MODEST).await;
        assert!(
            matches!(verdict, Verdict::Protocol(why) if why.contains("in time")),
            "{verdict:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_silent_or_gone_is_unreachable() {
    assert_eq!(within(Reply::silence(), SHORT).await, Verdict::Unreachable);
    let gone = mcp(Reply::status(200)).await;
    let (way, url) = (gone.egress(), gone.url("/"));
    drop(gone);
    // The listener may take a moment to go; a request it still took gets no answer.
    assert_eq!(
        probe_within(&way, &url, Credential::None, PATIENT).await,
        Verdict::Unreachable
    );
}

#[tokio::test]
async fn a_challenge_is_read() {
    let plain = verdict(Reply::status(401)).await;
    assert_eq!(plain, Verdict::Challenged(Challenge::default()));
    let reply = Reply::status(401)
        .header("www-authenticate", "Basic realm=\"x\"")
        .header(
            "www-authenticate",
            "Bearer resource_metadata=\"https://h/m\", scope=\"a\", error=\"invalid_token\"",
        )
        .body("application/json", "{}")
        .then(After::Silence);
    let expected = Challenge {
        resource_metadata: Some("https://h/m".parse().unwrap()),
        scope: Some("a".into()),
        error: Some("invalid_token".into()),
    };
    assert_eq!(verdict(reply).await, Verdict::Challenged(expected));
}

#[tokio::test]
async fn a_want_of_scope_is_a_challenge_and_no_other_refusal_is() {
    let refusal = |error: &str| {
        let value = format!("Bearer error=\"{error}\", scope=\"more\"");
        Reply::status(403).header("www-authenticate", &value)
    };
    let expected = Challenge {
        scope: Some("more".into()),
        error: Some("insufficient_scope".into()),
        resource_metadata: None,
    };
    assert_eq!(
        verdict(refusal("insufficient_scope")).await,
        Verdict::Challenged(expected)
    );
    let other = verdict(refusal("access_denied")).await;
    assert!(
        matches!(other, Verdict::Answered { status: 403, .. }),
        "{other:?}"
    );
}

#[tokio::test]
async fn another_status_is_handed_on_with_a_clean_sentence() {
    let answered = |status, detail: Option<&str>| Verdict::Answered {
        status,
        detail: detail.map(str::to_owned),
    };
    let cases = [
        (Reply::status(403), answered(403, None)),
        (Reply::status(404), answered(404, None)),
        (
            Reply::status(405).body("text/plain", " no\u{7}\r\n  way\u{202e} "),
            answered(405, Some("no way")),
        ),
        (
            Reply::status(500).body("text/html", "<h1>Oops</h1>"),
            answered(500, None),
        ),
        (
            Reply::status(400).body("application/json", "{\"a\": 1}"),
            answered(400, Some("{\"a\": 1}")),
        ),
        (
            Reply::status(503).body("text/plain", "at-1 is at-1"),
            answered(503, Some("(hidden) is (hidden)")),
        ),
        (
            Reply::status(302).header("location", "/other"),
            answered(302, None),
        ),
        (
            Reply::status(307).header("location", "/other"),
            answered(307, None),
        ),
    ];
    for (reply, expected) in cases {
        let fake = mcp(reply).await;
        let key = Secret::new("at-1");
        let verdict = probe(&fake.egress(), &fake.url("/"), Credential::Bearer(&key)).await;
        assert_eq!(verdict, expected);
        assert_eq!(
            fake.seen().len(),
            1,
            "nothing more is asked: {:?}",
            fake.paths()
        );
    }
}

#[tokio::test]
async fn a_long_explanation_is_cut() {
    let long = Reply::status(500).body("text/plain", &"é".repeat(1 << 15));
    for reply in [long.clone(), long.then(After::Forever)] {
        match verdict(reply).await {
            Verdict::Answered {
                status: 500,
                detail: Some(detail),
            } => {
                assert_eq!(detail.chars().count(), 500);
            }
            other => panic!("{other:?}"),
        }
    }
    let silent = Reply::status(500)
        .body("text/plain", "why")
        .then(After::Silence);
    let detail = Some("why".to_owned());
    assert_eq!(
        within(silent, MODEST).await,
        Verdict::Answered {
            status: 500,
            detail
        }
    );
}

/// A server of the era without sessions.
async fn stateless(refusal: Reply, answer: Json) -> Fake {
    Fake::start(move |seen| match asked(seen).as_str() {
        "initialize" => refusal.clone(),
        _ => Reply::json(&json!({"jsonrpc": "2.0", "id": 1, "result": answer.clone()})),
    })
    .await
}

#[tokio::test]
async fn a_server_without_initialize_is_asked_what_it_is() {
    let result = json!({
        "supportedVersions": ["2026-07-28"],
        "capabilities": {},
        "serverInfo": {"name": "fake", "version": "1"},
    });
    let anonymous =
        json!({"jsonrpc": "2.0", "error": {"code": -32020, "message": "no"}}).to_string();
    let refusals = [
        Reply::status(400).body("application/json", &failed(-32020).to_string()),
        Reply::status(400).body("application/json", &anonymous),
        Reply::status(400).body("application/json", &failed(-32022).to_string()),
        Reply::status(404).body("application/json", &failed(-32601).to_string()),
        Reply::json(&failed(-32601)),
    ];
    for refusal in refusals {
        let fake = stateless(refusal, result.clone()).await;
        let key = Secret::new("at-1");
        let verdict = probe(&fake.egress(), &fake.url("/"), Credential::Bearer(&key)).await;
        assert_eq!(verdict, Verdict::Open);
        let seen = fake.seen();
        assert_eq!(
            seen.iter().map(asked).collect::<Vec<_>>(),
            ["initialize", "server/discover"]
        );
        let version = "io.modelcontextprotocol/protocolVersion";
        assert_eq!(seen[1].header("mcp-protocol-version"), "2026-07-28");
        assert_eq!(seen[1].header("mcp-method"), "server/discover");
        assert_eq!(seen[1].header("authorization"), "Bearer at-1");
        assert_eq!(seen[1].json()["params"]["_meta"][version], "2026-07-28");
    }
}

#[tokio::test]
async fn what_refuses_both_ways_is_no_server() {
    let fake = Fake::start(|_| Reply::json(&failed(-32601))).await;
    let verdict = probe(&fake.egress(), &fake.url("/"), Credential::None).await;
    assert!(
        matches!(verdict, Verdict::Protocol(why) if why.contains("an error")),
        "{verdict:?}"
    );
    assert_eq!(fake.seen().len(), 2);
    let refusal = Reply::json(&failed(-32601));
    let fake = stateless(
        refusal,
        json!({"supportedVersions": [], "capabilities": {}}),
    )
    .await;
    let verdict = probe(&fake.egress(), &fake.url("/"), Credential::None).await;
    assert!(matches!(verdict, Verdict::Protocol(_)), "{verdict:?}");
    // The message of the other era may be what needs a login.
    let fake = Fake::start(|seen| match asked(seen).as_str() {
        "initialize" => Reply::json(&failed(-32601)),
        _ => Reply::status(401),
    })
    .await;
    let verdict = probe(&fake.egress(), &fake.url("/"), Credential::None).await;
    assert_eq!(verdict, Verdict::Challenged(Challenge::default()));
}

#[tokio::test]
async fn a_credential_that_no_header_takes_is_not_sent() {
    let fake = mcp(Reply::json(&welcome())).await;
    let (broken, good) = (Secret::new("a\r\nb: c"), Secret::new("k-1"));
    let header = |name, value| Credential::Header { name, value };
    let credentials = [
        Credential::Bearer(&broken),
        header("x-key", &broken),
        header("two words", &good),
        header("", &good),
        header("Host", &good),
        header("content-length", &good),
        header("mcp-session-id", &good),
    ];
    for credential in credentials {
        let verdict = probe(&fake.egress(), &fake.url("/"), credential).await;
        assert!(
            matches!(&verdict, Verdict::Refused(why) if !why.contains("k-1")),
            "{verdict:?}"
        );
    }
    assert!(fake.seen().is_empty());
}

#[tokio::test]
async fn a_probe_can_run_on_any_thread_and_shows_no_credential() {
    let fake = mcp(Reply::json(&welcome())).await;
    let (way, url) = (fake.egress(), fake.url("/"));
    let verdict = tokio::spawn(async move {
        let key = Secret::new("at-1");
        let credential = Credential::Bearer(&key);
        assert!(!format!("{credential:?}").contains("at-1"));
        probe(&way, &url, credential).await
    });
    assert_eq!(verdict.await.unwrap(), Verdict::Open);
}
