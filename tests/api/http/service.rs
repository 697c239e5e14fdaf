//! Who may ask, and what surrounds every answer: credentials, trace ids, health, pictures.

use super::{GRAPHQL, Got, connect, owner, parse, post, request, send};
use crate::both;
use crate::support::{TestApp, World};
use chrono::{Duration, Utc};
use connectory::db::Arg;
use connectory::service::{token, workspace};
use entity::membership::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

const QUESTION: &[u8] = br#"{"query":"{viewer{role}}"}"#;

async fn ask(t: &TestApp, credentials: &[&str]) -> Got {
    let mut headers = vec![("accept", GRAPHQL), ("content-type", "application/json")];
    headers.extend(credentials.iter().map(|c| ("authorization", *c)));
    send(t, "POST", "/graphql", &headers, QUESTION).await
}

/// A refusal of the credential: status, challenge, JSON, and nothing of the credential in it.
fn assert_unauthorized(got: &Got, why: &str) {
    assert_eq!(got.status, 401, "{why}: {}", got.text());
    let challenge = got.header("www-authenticate").unwrap_or_default();
    assert!(challenge.starts_with("Bearer realm="), "{why}: {challenge}");
    let body = got.json();
    let code = body
        .pointer("/errors/0/extensions/code")
        .or(body.pointer("/code"));
    assert_eq!(
        code.and_then(|c| c.as_str()),
        Some("UNAUTHORIZED"),
        "{why}: {body}"
    );
    assert!(!got.text().contains("cty_"), "{why}: {body}");
}

async fn made(t: &TestApp, name: &str) -> Uuid {
    let new = workspace::New {
        name: name.into(),
        ..workspace::New::default()
    };
    workspace::create(t.db(), new)
        .await
        .expect("a workspace")
        .id
}

async fn texts(t: &TestApp, sql: &str) -> Vec<String> {
    let rows = t
        .db()
        .rows(sql.to_owned(), Vec::<Arg>::new())
        .await
        .expect("the statement runs");
    rows.iter()
        .filter_map(|row| row.text(0).map(str::to_owned))
        .collect()
}

/// Everything the database holds: the files of SQLite, the rows of tokens in PostgreSQL.
async fn dump(t: &TestApp) -> String {
    let url = &t.app.config.database_url;
    let Some(path) = url.strip_prefix("sqlite://") else {
        return texts(t, "SELECT t::text FROM api_tokens t").await.concat();
    };
    let path = path.split('?').next().unwrap_or_default();
    let read = |path: String| std::fs::read(path).unwrap_or_default();
    let bytes = [read(path.to_owned()), read(format!("{path}-wal"))].concat();
    String::from_utf8_lossy(&bytes).into_owned()
}

both! {
    async fn a_request_without_a_good_token_is_refused(t) {
        let good = owner(t).await;
        let altered = format!("Bearer {}x", &good[..good.len() - 1]);
        let cut = format!("Bearer {}", &good[..good.len() - 1]);
        let basic = format!("Basic {good}");
        let bearer = format!("Bearer {good}");
        let long = format!("Bearer cty_{}", "a".repeat(7_000));
        let refused: &[&[&str]] = &[
            &[], &[""], &["Bearer"], &["Bearer "], &[&good], &[&basic], &[&altered], &[&cut], &[&long],
            &["Bearer cty_"], &["Bearer cty_unknown"], &["Bearer \u{fc}\u{fc}"], &["Bearer null"], &["Bearer ' OR 1=1"],
            &[&bearer, &bearer], &[&bearer, "Basic eDp5"],
        ];
        for credentials in refused {
            assert_unauthorized(&ask(t, credentials).await, &format!("{credentials:?}"));
        }
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let got = ask(t, &[&format!("{scheme} {good}")]).await;
            assert_eq!(got.status, 200, "{scheme}: {}", got.text());
        }
    }

    async fn every_address_that_knows_tokens_refuses_bad_ones(t) {
        World::make(t).await;
        let shared = texts(t, "SELECT url FROM media WHERE organization_id IS NULL AND deleted_at IS NULL LIMIT 1").await;
        let addresses = [("GET", "/graphql?query=%7B__typename%7D"), ("POST", "/graphql"), ("GET", &shared[0])];
        for (method, target) in addresses {
            let headers = [("authorization", "Bearer cty_wrong"), ("content-type", "application/json")];
            assert_unauthorized(&send(t, method, target, &headers, b"").await, target);
        }
    }

    async fn a_token_stops_working_when_it_expires(t) {
        let workspace = made(t, "Short").await;
        let new = |expires_at| token::New { workspace, role: Role::Owner, name: "t".into(), expires_at: Some(expires_at) };
        let past = token::create(t.db(), new(Utc::now() - Duration::seconds(1))).await.expect("a token");
        assert_unauthorized(&post(t, &past, QUESTION).await, "expired");
        let long = token::create(t.db(), new(Utc::now() + Duration::days(1))).await.expect("a token");
        assert_eq!(post(t, &long, QUESTION).await.status, 200);
        let end = Utc::now() + Duration::milliseconds(700);
        let short = token::create(t.db(), new(end)).await.expect("a token");
        // Asked all the while, so that a remembered answer would show.
        while Utc::now() < end {
            post(t, &short, QUESTION).await;
        }
        assert_unauthorized(&post(t, &short, QUESTION).await, "just expired");
    }

    async fn a_revoked_token_is_refused_at_once(t) {
        let token = owner(t).await;
        let other = owner_of(t, "Other").await;
        assert_eq!(post(t, &token, QUESTION).await.status, 200);
        token::revoke(t.db(), &token).await.expect("it is known");
        assert_unauthorized(&post(t, &token, QUESTION).await, "revoked");
        assert_eq!(post(t, &other, QUESTION).await.status, 200);
    }

    async fn a_token_of_a_deleted_workspace_or_person_is_refused(t) {
        for table in ["workspaces", "people"] {
            let token = owner_of(t, &format!("Of {table}")).await;
            t.execute(&format!("UPDATE {table} SET deleted_at = updated_at")).await;
            assert_unauthorized(&post(t, &token, QUESTION).await, table);
            t.execute(&format!("UPDATE {table} SET deleted_at = NULL")).await;
            assert_eq!(post(t, &token, QUESTION).await.status, 200, "{table}");
        }
    }

    async fn only_the_hash_of_a_token_is_stored(t) {
        let token = owner(t).await;
        let dump = dump(t).await;
        let (shown, secret) = token.split_at(10);
        assert!(dump.contains(shown), "the dump has the row");
        assert!(!dump.contains(secret) && !dump.contains(&secret[..12]), "the dump has the token");
    }

    async fn alive_and_ready_are_two_things(t) {
        for path in ["/healthz", "/readyz"] {
            let got = send(t, "GET", path, &[], b"").await;
            assert_eq!((got.status, got.text().as_str()), (200, r#"{"status":"ok"}"#), "{path}");
        }
        t.execute("DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)").await;
        let got = send(t, "GET", "/readyz", &[], b"").await;
        assert_eq!((got.status, got.header("retry-after")), (503, Some("1")));
        assert!(got.json()["message"].as_str().is_some_and(|m| m.contains("m20")), "{}", got.text());
        assert_eq!(send(t, "GET", "/healthz", &[], b"").await.status, 200);
    }

    async fn without_its_database_the_server_says_so_and_lives(t) {
        let token = owner(t).await;
        t.db().close().await;
        let ready = send(t, "GET", "/readyz", &[], b"").await;
        assert_eq!((ready.status, ready.json()["code"].as_str()), (503, Some("UNAVAILABLE")));
        let got = post(t, &token, QUESTION).await;
        assert_eq!((got.status, got.header("retry-after")), (503, Some("1")), "{}", got.text());
        assert_eq!(got.json()["errors"][0]["extensions"]["code"], "UNAVAILABLE");
        assert_eq!(send(t, "GET", "/healthz", &[], b"").await.status, 200);
    }

    async fn what_is_not_there_is_json_too(t) {
        let cases = [
            ("GET", "/nothing", 404, "NOT_FOUND"),
            ("GET", "/graphql/", 404, "NOT_FOUND"),
            ("GET", "/%00%ff", 404, "NOT_FOUND"),
            ("GET", "/media/1", 404, "NOT_FOUND"),
            ("GET", "/media/../graphql", 404, "NOT_FOUND"),
            ("GET", "/graphiql/assets/none.js", 404, "NOT_FOUND"),
            ("POST", "/healthz", 405, "BAD_REQUEST"),
            ("DELETE", "/schema.graphql", 405, "BAD_REQUEST"),
        ];
        for (method, target, status, code) in cases {
            let got = send(t, method, target, &[], b"").await;
            let body = got.json();
            assert_eq!((got.status, body["code"].as_str()), (status, Some(code)), "{method} {target}: {body}");
            assert_eq!(body["meta"]["trace_id"].as_str(), got.header("x-trace-id"), "{target}");
            assert_eq!(body["status"], status, "{target}");
        }
    }

    async fn the_trace_id_is_in_every_answer(t) {
        let token = owner(t).await;
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let sent = format!("00-{id}-00f067aa0ba902b7-01");
        let got = send(t, "GET", "/healthz", &[("traceparent", &sent)], b"").await;
        assert_eq!(got.header("x-trace-id"), Some(id));
        let malformed = [
            "", "x", id, &format!("00-{id}"), &format!("00-{id}-00f067aa0ba902b7"), &format!("ff-{id}-00f067aa0ba902b7-01"),
            &format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()), &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            &format!("00-{id}-0000000000000000-01"), &format!("00-{}-00f067aa0ba902b7-01", &id[1..]),
        ];
        for sent in malformed {
            let got = send(t, "GET", "/healthz", &[("traceparent", sent)], b"").await;
            let made = got.header("x-trace-id").unwrap_or_default();
            assert!(made.len() == 32 && made != id && !made.contains(&id[1..]), "{sent}: {made}");
        }
        let wrong: &[(&str, &[u8])] = &[
            (&token, br#"{"query":"{nope}"}"#), (&token, b"{"), ("cty_wrong", QUESTION),
            (&token, br#"{"query":"{connectors(first:101){totalCount}}"}"#),
            (&token, br#"{"query":"{workspaces{nodes{connectors(first:101){totalCount}}}}"}"#),
        ];
        for (token, body) in wrong {
            let got = post(t, token, body).await;
            let shown = got.json()["errors"][0]["extensions"]["traceId"].as_str().map(str::to_owned);
            assert!(shown.is_some() && shown.as_deref() == got.header("x-trace-id"), "{}", got.text());
        }
    }

    async fn pictures_are_for_everyone_or_for_their_organization(t) {
        let world = World::make(t).await;
        let url = |condition: &str| format!("SELECT url FROM media WHERE {condition} ORDER BY pk LIMIT 1");
        let shared = texts(t, &url("organization_id IS NULL AND deleted_at IS NULL")).await.remove(0);
        let theirs = "organization_id = (SELECT id FROM workspaces WHERE slug = 'generated-2')";
        let theirs = texts(t, &url(theirs)).await.remove(0);
        let deleted = texts(t, &url("deleted_at IS NOT NULL")).await.remove(0);
        let get = async |target: &str, token: Option<&String>, tag: &str| {
            let bearer = token.map(|t| format!("Bearer {t}"));
            let mut headers = vec![("if-none-match", tag)];
            headers.extend(bearer.as_deref().map(|b| ("authorization", b)));
            send(t, "GET", target, &headers, b"").await
        };
        let picture = get(&shared, None, "").await;
        assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/svg+xml")));
        assert!(picture.text().starts_with("<svg") && picture.header("content-security-policy").is_some());
        let tag = picture.header("etag").expect("a tag").to_owned();
        let again = get(&shared, None, &tag).await;
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag.as_str())));
        assert_eq!(get(&theirs, Some(&world.other), "").await.status, 200);
        for (target, token) in [(&theirs, None), (&theirs, Some(&world.root)), (&theirs, Some(&world.leaf)), (&deleted, Some(&world.root))] {
            let got = get(target, token, "").await;
            assert_eq!((got.status, got.json()["code"].as_str()), (404, Some("NOT_FOUND")), "{target}");
        }
    }
}

async fn owner_of(t: &TestApp, name: &str) -> String {
    t.token(made(t, name).await, Role::Owner).await
}

/// Stops the server while a request is half sent, and sends the rest when nobody else gets in.
async fn stop_during_a_request(t: TestApp) {
    let bearer = format!("Bearer {}", owner(&t).await);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("expect", "100-continue"),
    ];
    let whole = request("POST", "/graphql", &headers, QUESTION);
    let (head, body) = whole.split_at(whole.len() - QUESTION.len());
    let mut stream = connect(&t).await;
    stream.write_all(head).await.expect("the server reads");
    // The server asks for the body once the request has reached its handler.
    let mut begun = [0; 25];
    stream
        .read_exact(&mut begun)
        .await
        .expect("the server answers");
    assert!(begun.starts_with(b"HTTP/1.1 100"));
    let address = t.url.trim_start_matches("http://").to_owned();
    let ending = tokio::spawn(t.end());
    while tokio::net::TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!ending.is_finished(), "the server waits");
    stream
        .write_all(body)
        .await
        .expect("the server still reads");
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .await
        .expect("the server answers");
    let got = parse(&answer);
    assert_eq!(
        (got.status, got.text().as_str()),
        (200, r#"{"data":{"viewer":{"role":"OWNER"}}}"#)
    );
    ending.await.expect("the server ends");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_request_ends_before_the_server_does_on_sqlite() {
    stop_during_a_request(TestApp::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_request_ends_before_the_server_does_on_postgres() {
    if let Some(t) = TestApp::postgres().await {
        stop_during_a_request(t).await;
    }
}
