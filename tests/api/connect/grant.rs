//! Codes, tokens and what a server may answer for them.

use super::fake::{After, Fake, Reply};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chrono::{TimeDelta, Utc};
use connectory::connect::oauth::{
    AuthMethod, Begun, Client, Failure, Server, Tokens, begin, check_issuer, client_credentials,
    exchange, known, refresh, revoke,
};
use connectory::secret::Secret;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use url::Url;

/// A server whose endpoints lie at `origin`.
pub fn server(origin: &str) -> Server {
    let at = |path: &str| Url::parse(&format!("{origin}{path}")).unwrap();
    Server {
        issuer: origin.to_owned(),
        authorization_endpoint: Some(at("/authorize?tenant=7")),
        token_endpoint: at("/token"),
        registration_endpoint: Some(at("/register")),
        revocation_endpoint: Some(at("/revoke")),
        token_endpoint_auth_methods: vec!["client_secret_basic".into()],
        grant_types: None,
        scopes_supported: Vec::new(),
        code_challenge_methods: vec!["S256".into()],
        iss_parameter: false,
        client_id_metadata_document: false,
        resource: "https://mcp.example/mcp".into(),
        scope: Some("read write".into()),
    }
}

fn client(method: AuthMethod) -> Client {
    let secret = (method != AuthMethod::None).then(|| Secret::new("s/e:c ret"));
    Client {
        auth_method: method,
        ..known(&server("https://as.example"), "id:1", secret)
    }
}

fn back() -> Url {
    Url::parse("https://connectory.example/callback").unwrap()
}

fn token() -> Json {
    json!({"access_token": "at-1", "token_type": "Bearer", "expires_in": 3600})
}

/// A token endpoint that always answers the same.
async fn endpoint(reply: Reply) -> Fake {
    Fake::start(move |_| reply.clone()).await
}

/// Exchanges a code at a server.
async fn exchanged(fake: &Fake, method: AuthMethod) -> Result<Tokens, Failure> {
    let (code, verifier) = (Secret::new("the-code"), Secret::new("the-verifier"));
    let (server, client) = (server(&fake.origin()), client(method));
    exchange(&fake.egress(), &server, &client, &back(), &code, &verifier).await
}

fn query(url: &Url) -> BTreeMap<String, String> {
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let map: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(map.len(), pairs.len(), "a parameter is there twice: {url}");
    map
}

fn begun(server: &Server) -> (Begun, BTreeMap<String, String>) {
    let begun = begin(server, &client(AuthMethod::None), &back()).unwrap();
    let query = query(&begun.url);
    (begun, query)
}

#[test]
fn the_authorization_url_is_complete() {
    let (begun, mut query) = begun(&server("https://as.example"));
    let mut take = |name: &str| query.remove(name).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(take("response_type"), "code");
    assert_eq!(take("client_id"), "id:1");
    assert_eq!(take("redirect_uri"), back().as_str());
    assert_eq!(take("scope"), "read write");
    assert_eq!(take("resource"), "https://mcp.example/mcp");
    assert_eq!(take("tenant"), "7");
    assert_eq!(take("code_challenge_method"), "S256");
    let digest = Sha256::digest(begun.verifier.reveal());
    assert_eq!(
        take("code_challenge"),
        BASE64_URL_SAFE_NO_PAD.encode(digest)
    );
    let state = take("state");
    assert_eq!(state, begun.state.reveal());
    assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(&state).unwrap().len(), 32);
    assert!(begun.verifier.reveal().len() >= 43);
    assert_eq!(query, BTreeMap::new());
    let shown = format!("{begun:?}");
    assert!(
        !shown.contains(&state) && !shown.contains(begun.verifier.reveal()),
        "{shown}"
    );
}

#[test]
fn no_two_logins_share_anything_secret() {
    let server = server("https://as.example");
    let (first, second) = (begun(&server).0, begun(&server).0);
    assert_ne!(first.state.reveal(), second.state.reveal());
    assert_ne!(first.verifier.reveal(), second.verifier.reveal());
}

#[test]
fn offline_access_is_asked_for_where_it_is_offered() {
    let mut server = server("https://as.example");
    assert!(!begun(&server).1.contains_key("prompt"));
    server.scopes_supported = vec!["offline_access".into()];
    let query = begun(&server).1;
    assert_eq!(
        (query["scope"].as_str(), query["prompt"].as_str()),
        ("read write offline_access", "consent")
    );
    server.scope = Some("offline_access read".into());
    assert_eq!(begun(&server).1["scope"], "offline_access read");
    server.scope = None;
    let query = begun(&server).1;
    assert!(
        !query.contains_key("scope") && !query.contains_key("prompt"),
        "{query:?}"
    );
}

#[test]
fn no_login_begins_without_s256_or_an_endpoint() {
    let mut server = server("https://as.example");
    let client = client(AuthMethod::None);
    server.code_challenge_methods = vec!["plain".into()];
    assert!(
        matches!(begin(&server, &client, &back()), Err(Failure::Unsupported(why)) if why.contains("S256"))
    );
    server.code_challenge_methods = vec!["S256".into()];
    server.authorization_endpoint = None;
    assert!(matches!(
        begin(&server, &client, &back()),
        Err(Failure::Unsupported(_))
    ));
}

#[test]
fn an_answer_of_another_server_is_refused() {
    let mut server = server("https://as.example");
    assert_eq!(check_issuer(&server, None), Ok(()));
    for advertised in [false, true] {
        server.iss_parameter = advertised;
        assert_eq!(check_issuer(&server, Some("https://as.example")), Ok(()));
        for other in [
            "https://other.example",
            "https://as.example/",
            "https://AS.example",
            "https://as.example:443",
            "",
        ] {
            let checked = check_issuer(&server, Some(other));
            assert!(
                matches!(&checked, Err(Failure::Protocol(why)) if why.contains("`iss`")),
                "{other}"
            );
        }
    }
    assert!(
        matches!(check_issuer(&server, None), Err(Failure::Protocol(why)) if why.contains("`iss`"))
    );
}

#[tokio::test]
async fn a_code_is_exchanged_as_each_kind_of_client_must() {
    for method in [AuthMethod::None, AuthMethod::Basic, AuthMethod::Post] {
        let fake = endpoint(Reply::json(&token())).await;
        let tokens = exchanged(&fake, method).await.unwrap();
        assert_eq!(tokens.access.reveal(), "at-1");
        let seen = fake.only();
        assert_eq!(
            (seen.method.as_str(), seen.path.as_str()),
            ("POST", "/token")
        );
        let mut expected = HashMap::from([
            ("grant_type", "authorization_code"),
            ("code", "the-code"),
            ("code_verifier", "the-verifier"),
            ("redirect_uri", "https://connectory.example/callback"),
            ("resource", "https://mcp.example/mcp"),
        ]);
        if method != AuthMethod::Basic {
            expected.insert("client_id", "id:1");
        }
        if method == AuthMethod::Post {
            expected.insert("client_secret", "s/e:c ret");
        }
        let form = seen.form();
        let form: HashMap<_, _> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(form, expected, "{method:?}");
        let basic = format!("Basic {}", BASE64_STANDARD.encode("id%3A1:s%2Fe%3Ac+ret"));
        let header = if method == AuthMethod::Basic {
            basic.as_str()
        } else {
            ""
        };
        assert_eq!(seen.header("authorization"), header);
        assert_eq!(seen.header("accept"), "application/json");
    }
}

#[tokio::test]
async fn a_public_client_sends_no_secret_that_it_happens_to_have() {
    let fake = endpoint(Reply::json(&token())).await;
    let public = Client {
        auth_method: AuthMethod::None,
        ..client(AuthMethod::Post)
    };
    let old = Secret::new("rt-0");
    let server = server(&fake.origin());
    refresh(&fake.egress(), &server, &public, &old)
        .await
        .unwrap();
    assert!(!fake.only().body.contains("client_secret"));
}

#[tokio::test]
async fn a_refresh_keeps_the_token_unless_a_new_one_comes() {
    for (answer, expected) in [
        (json!(null), "rt-0"),
        (json!("rt-1"), "rt-1"),
        (json!(""), "rt-0"),
    ] {
        let mut body = token();
        body["refresh_token"] = answer;
        let fake = endpoint(Reply::json(&body)).await;
        let (server, client) = (server(&fake.origin()), client(AuthMethod::Basic));
        let tokens = refresh(&fake.egress(), &server, &client, &Secret::new("rt-0")).await;
        assert_eq!(tokens.unwrap().refresh.unwrap().reveal(), expected);
        let form = fake.only().form();
        assert_eq!(form["grant_type"], "refresh_token");
        assert_eq!(form["refresh_token"], "rt-0");
        assert_eq!(form["resource"], "https://mcp.example/mcp");
        assert_eq!(form.len(), 3);
    }
}

#[tokio::test]
async fn a_client_gets_a_token_of_its_own() {
    let fake = endpoint(Reply::json(&token())).await;
    let server = server(&fake.origin());
    let tokens = client_credentials(&fake.egress(), &server, &client(AuthMethod::Post)).await;
    assert_eq!(tokens.unwrap().refresh, None);
    let form = fake.only().form();
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["scope"], "read write");
    assert_eq!(form["resource"], "https://mcp.example/mcp");
    let public = client_credentials(&fake.egress(), &server, &client(AuthMethod::None)).await;
    assert!(matches!(public, Err(Failure::Unsupported(why)) if why.contains("client_secret")));
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn what_the_server_says_of_the_token_is_kept() {
    let mut body = token();
    body["scope"] = json!("read");
    body["token_type"] = json!("bEARER");
    body["id_token"] = json!("x.y.z");
    let before = Utc::now();
    let tokens = exchanged(&endpoint(Reply::json(&body)).await, AuthMethod::None)
        .await
        .unwrap();
    let life = TimeDelta::seconds(3600);
    let end = tokens.expires_at.unwrap();
    assert!((before + life..=Utc::now() + life).contains(&end));
    assert_eq!(tokens.scope.as_deref(), Some("read"));
    let kept = serde_json::to_string(&tokens).unwrap();
    assert_eq!(serde_json::from_str::<Tokens>(&kept).unwrap(), tokens);
    assert!(!format!("{tokens:?}").contains("at-1"));
}

#[tokio::test]
async fn a_life_without_bounds_is_bounded() {
    let lives = [
        (json!(null), None),
        (json!(0), Some(0)),
        (json!(u64::MAX), Some(3650 * 86_400)),
    ];
    for (said, expected) in lives {
        let mut body = token();
        body["expires_in"] = said;
        let before = Utc::now();
        let tokens = exchanged(&endpoint(Reply::json(&body)).await, AuthMethod::None)
            .await
            .unwrap();
        let bounds = expected
            .map(TimeDelta::seconds)
            .map(|life| before + life..=Utc::now() + life);
        match (tokens.expires_at, bounds) {
            (Some(end), Some(bounds)) => assert!(bounds.contains(&end), "{end}"),
            (end, bounds) => assert!(end.is_none() && bounds.is_none(), "{end:?}"),
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_no_token_is_refused() {
    let broken = [
        json!({"access_token": null}),
        json!({"access_token": ""}),
        json!({"access_token": "two words"}),
        json!({"access_token": "line\nbreak"}),
        json!({"token_type": null}),
        json!({"token_type": "mac"}),
        json!({"token_type": "DPoP"}),
        json!({"expires_in": -1}),
        json!({"expires_in": "soon"}),
        json!({"refresh_token": 7}),
    ];
    let mut replies: Vec<Reply> = Vec::new();
    for changes in broken {
        let mut body = token();
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        replies.push(Reply::json(&body));
    }
    replies.push(Reply::html());
    replies.push(Reply::status(200));
    replies.push(Reply::status(204));
    replies.push(Reply::status(200).body("application/json", "{\"access_token\": \"at-1\""));
    replies.push(Reply::status(200).body("application/json", "[]"));
    replies.push(Reply::status(400));
    replies.push(Reply::status(400).body("text/html", "<p>at-1</p>"));
    replies.push(Reply::status(404).body("application/json", "{\"detail\": \"at-1\"}"));
    replies.push(Reply::status(400).body(
        "application/json",
        "{\"error\": \"x\", \"error_description\": 1}",
    ));
    replies.push(Reply::status(302).header("location", "/elsewhere"));
    replies.push(Reply::status(307).header("location", "/elsewhere"));
    for reply in replies {
        let fake = endpoint(reply.clone()).await;
        let failure = exchanged(&fake, AuthMethod::Basic).await.unwrap_err();
        assert!(
            matches!(failure, Failure::Protocol(_)),
            "{reply:?}: {failure:?}"
        );
        assert!(
            !format!("{failure} {failure:?}").contains("at-1"),
            "{failure:?}"
        );
        assert_eq!(fake.seen().len(), 1, "no redirect is followed");
    }
}

#[tokio::test]
async fn the_errors_of_a_server_decide_what_happens_next() {
    let rejected = |error: &str| Failure::Rejected {
        error: error.into(),
        description: Some("said so".into()),
    };
    let cases = [
        (Reply::error(400, "invalid_grant"), Failure::InvalidGrant),
        (Reply::error(401, "invalid_grant"), Failure::InvalidGrant),
        // Some servers say 200 and mean it.
        (Reply::error(200, "invalid_grant"), Failure::InvalidGrant),
        (
            Reply::error(401, "invalid_client"),
            rejected("invalid_client"),
        ),
        (
            Reply::error(400, "invalid_scope"),
            rejected("invalid_scope"),
        ),
        (
            Reply::error(400, "invalid_target"),
            rejected("invalid_target"),
        ),
        (
            Reply::error(200, "bad_verification_code"),
            rejected("bad_verification_code"),
        ),
        (Reply::error(429, "slow_down"), Failure::ServerError(429)),
        (
            Reply::error(500, "invalid_grant"),
            Failure::ServerError(500),
        ),
        (
            Reply::html().header("x", "y"),
            Failure::Protocol(String::new()),
        ),
        (Reply::status(503), Failure::ServerError(503)),
    ];
    for (reply, expected) in cases {
        let fake = endpoint(reply).await;
        let (server, client) = (server(&fake.origin()), client(AuthMethod::Basic));
        let old = Secret::new("rt-0");
        let results = [
            exchanged(&fake, AuthMethod::Basic).await,
            refresh(&fake.egress(), &server, &client, &old).await,
            client_credentials(&fake.egress(), &server, &client).await,
        ];
        for result in results {
            match (result.unwrap_err(), &expected) {
                (Failure::Protocol(_), Failure::Protocol(_)) => {}
                (failure, expected) => assert_eq!(&failure, expected),
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_repeats_what_it_was_told_is_not_quoted() {
    let said = "no: the-code the-verifier\tid:1 s/e:c ret\u{202e}\u{0}end";
    let body = json!({"error": "invalid_client the-code", "error_description": said});
    let fake = endpoint(Reply::status(400).body("application/json", &body.to_string())).await;
    let failure = exchanged(&fake, AuthMethod::Post).await.unwrap_err();
    let expected = Failure::Rejected {
        error: "invalid_client (hidden)".into(),
        description: Some("no: (hidden) (hidden) id:1 (hidden) end".into()),
    };
    assert_eq!(failure, expected);
    let body = json!({"error": "x", "error_description": "é".repeat(9000)});
    let fake = endpoint(Reply::status(400).body("application/json", &body.to_string())).await;
    match exchanged(&fake, AuthMethod::Post).await.unwrap_err() {
        Failure::Rejected { description, .. } => {
            assert_eq!(description.unwrap().chars().count(), 500);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_endless_answer_ends_here() {
    let spaces = " ".repeat(1 << 16);
    let reply = Reply::status(200)
        .body("application/json", &spaces)
        .then(After::Forever);
    let failure = exchanged(&endpoint(reply).await, AuthMethod::None).await;
    assert!(matches!(failure, Err(Failure::Protocol(why)) if why.contains("1 MiB")));
}

fn tokens(refresh: Option<&str>) -> Tokens {
    Tokens {
        access: Secret::new("at-1"),
        refresh: refresh.map(Secret::new),
        expires_at: None,
        scope: None,
    }
}

#[tokio::test]
async fn both_tokens_are_given_back_with_their_kinds() {
    for status in [200, 400, 503] {
        let fake = endpoint(Reply::status(status)).await;
        let (server, client) = (server(&fake.origin()), client(AuthMethod::Basic));
        revoke(&fake.egress(), &server, &client, &tokens(Some("rt-1"))).await;
        let told: BTreeMap<_, _> = fake
            .seen()
            .iter()
            .map(|seen| {
                assert_eq!(
                    (seen.method.as_str(), seen.path.as_str()),
                    ("POST", "/revoke")
                );
                assert!(seen.header("authorization").starts_with("Basic "));
                let form = seen.form();
                (form["token_type_hint"].clone(), form["token"].clone())
            })
            .collect();
        let expected = [("access_token", "at-1"), ("refresh_token", "rt-1")];
        assert_eq!(
            told,
            expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into()
        );
    }
}

#[tokio::test]
async fn what_cannot_be_given_back_is_let_go() {
    let fake = endpoint(Reply::status(200)).await;
    let mut server = server(&fake.origin());
    let client = client(AuthMethod::None);
    revoke(&fake.egress(), &server, &client, &tokens(None)).await;
    assert_eq!(fake.only().form()["client_id"], "id:1");
    server.revocation_endpoint = None;
    revoke(&fake.egress(), &server, &client, &tokens(Some("rt-1"))).await;
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn every_step_can_run_on_any_thread() {
    let fake = endpoint(Reply::json(&token())).await;
    let (way, server, client) = (
        fake.egress(),
        server(&fake.origin()),
        client(AuthMethod::Basic),
    );
    let (code, verifier) = (Secret::new("c"), Secret::new("v"));
    let run = tokio::spawn(async move {
        exchange(&way, &server, &client, &back(), &code, &verifier).await?;
        refresh(&way, &server, &client, &code).await?;
        client_credentials(&way, &server, &client).await?;
        revoke(&way, &server, &client, &tokens(Some("rt-1"))).await;
        Ok::<_, Failure>(())
    });
    run.await.unwrap().unwrap();
    assert_eq!(fake.seen().len(), 5);
}

#[test]
fn failures_are_sentences() {
    let failures = [
        Failure::Refused("no".into()),
        Failure::Unreachable,
        Failure::InvalidGrant,
        Failure::Rejected {
            error: "invalid_client".into(),
            description: Some("who?".into()),
        },
        Failure::ServerError(503),
        Failure::Protocol("`issuer` must be there".into()),
        Failure::Unsupported("no S256"),
    ];
    let expected = [
        "no",
        "the authorization server cannot be reached",
        "the authorization server no longer accepts this login; a new one is needed",
        "the authorization server refused with `invalid_client`: who?",
        "the authorization server answered with status 503; it may work later",
        "the authorization server breaks the protocol: `issuer` must be there",
        "no S256",
    ];
    let told = failures.map(|failure| failure.to_string());
    assert_eq!(told, expected);
}
