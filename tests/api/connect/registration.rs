//! Who we are to an authorization server.

use super::fake::{Fake, Reply};
use super::grant::server;
use connectory::connect::oauth::{AuthMethod, Callback, Client, Failure, Server, known, register};
use connectory::secret::Secret;
use serde_json::{Value as Json, json};

fn callback(redirect: &str) -> Callback {
    Callback {
        redirect_uri: redirect.parse().unwrap(),
        client_name: "Connectory".into(),
        client_uri: Some("https://connectory.example/".parse().unwrap()),
        metadata_document: None,
    }
}

fn ours() -> Callback {
    callback("https://connectory.example/callback")
}

/// Registers at a server that answers `reply`, changed by `change`.
async fn registered(
    reply: Reply,
    change: impl Fn(&mut Server),
    callback: Callback,
) -> (Result<Client, Failure>, Fake) {
    let fake = Fake::start(move |_| reply.clone()).await;
    let mut server = server(&fake.origin());
    change(&mut server);
    (register(&fake.egress(), &server, &callback).await, fake)
}

fn created(body: &Json) -> Reply {
    Reply::status(201).body("application/json", &body.to_string())
}

#[tokio::test]
async fn a_registration_says_what_is_needed_and_keeps_what_comes() {
    let answer = created(&json!({
        "client_id": "new",
        "client_secret": "hush-hush",
        "client_secret_expires_at": 4_102_444_800_i64,
        "token_endpoint_auth_method": "client_secret_basic",
        "redirect_uris": ["https://connectory.example/callback"],
        "registration_client_uri": "https://as.example/register/new",
        "registration_access_token": "manage-it",
    }));
    let (client, fake) = registered(answer, |_| {}, ours()).await;
    let client = client.unwrap();
    let seen = fake.only();
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", "/register")
    );
    assert_eq!(seen.header("content-type"), "application/json");
    let expected = json!({
        "client_name": "Connectory",
        "client_uri": "https://connectory.example/",
        "redirect_uris": ["https://connectory.example/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "application_type": "web",
        "scope": "read write",
    });
    assert_eq!(seen.json(), expected);
    assert_eq!(
        (client.id.as_str(), client.auth_method),
        ("new", AuthMethod::Basic)
    );
    assert_eq!(client.secret.as_ref().unwrap().reveal(), "hush-hush");
    assert_eq!(
        client.secret_expires_at.unwrap().to_rfc3339(),
        "2100-01-01T00:00:00+00:00"
    );
    let registration = client.registration.as_ref().unwrap();
    assert_eq!(registration.token.reveal(), "manage-it");
    let kept = serde_json::to_string(&client).unwrap();
    assert_eq!(serde_json::from_str::<Client>(&kept).unwrap(), client);
    let shown = format!("{client:?}");
    assert!(
        !shown.contains("hush") && !shown.contains("manage-it"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_best_client_authentication_that_both_know_is_asked_for() {
    let cases: [(&[&str], _); 5] = [
        (
            &["none", "client_secret_post", "client_secret_basic"],
            "client_secret_basic",
        ),
        (&["none", "client_secret_post"], "client_secret_post"),
        (&["private_key_jwt", "none"], "none"),
        (&["client_secret_basic"], "client_secret_basic"),
        (&["none"], "none"),
    ];
    for (taken, asked) in cases {
        let answer = created(&json!({"client_id": "a", "client_secret": "b"}));
        let set = |server: &mut Server| {
            server.token_endpoint_auth_methods = taken.iter().map(|m| (*m).to_owned()).collect();
            server.grant_types = Some(vec!["authorization_code".into()]);
        };
        let (_, fake) = registered(answer, set, ours()).await;
        let body = fake.only().json();
        assert_eq!(body["token_endpoint_auth_method"], asked);
        assert_eq!(body["grant_types"], json!(["authorization_code"]));
    }
    let strange = |server: &mut Server| {
        server.token_endpoint_auth_methods = vec!["private_key_jwt".into()];
    };
    let (client, fake) = registered(Reply::status(201), strange, ours()).await;
    assert!(matches!(client, Err(Failure::Unsupported(_))), "{client:?}");
    assert!(fake.seen().is_empty());
}

#[tokio::test]
async fn addresses_of_this_machine_are_those_of_a_native_application() {
    for redirect in [
        "http://localhost:8000/c",
        "http://127.0.0.1:8000/c",
        "http://[::1]/c",
    ] {
        let answer = created(&json!({"client_id": "a"}));
        let (_, fake) = registered(answer, |_| {}, callback(redirect)).await;
        assert_eq!(
            fake.only().json()["application_type"],
            "native",
            "{redirect}"
        );
    }
}

#[tokio::test]
async fn the_server_has_the_last_word_on_the_authentication() {
    let cases = [
        (json!({}), AuthMethod::None),
        (json!({"client_secret": "s"}), AuthMethod::Basic),
        (
            json!({"client_secret": "s", "token_endpoint_auth_method": "client_secret_post"}),
            AuthMethod::Post,
        ),
        (
            json!({"client_secret": "s", "token_endpoint_auth_method": "none"}),
            AuthMethod::None,
        ),
        (
            json!({"token_endpoint_auth_method": "none"}),
            AuthMethod::None,
        ),
        (
            json!({"client_secret": "s", "client_secret_expires_at": 0}),
            AuthMethod::Basic,
        ),
    ];
    for (mut answer, expected) in cases {
        answer["client_id"] = json!("a");
        let client = registered(created(&answer), |_| {}, ours())
            .await
            .0
            .unwrap();
        assert_eq!(client.auth_method, expected, "{answer}");
        assert_eq!(client.secret.is_some(), expected != AuthMethod::None);
        assert_eq!(client.secret_expires_at, None);
    }
}

#[tokio::test]
async fn a_registration_that_breaks_the_rules_is_refused() {
    let cases = [
        (json!({"client_id": null}), "client_id"),
        (json!({"client_id": ""}), "client_id"),
        (json!({"client_id": 7}), "client_id"),
        (
            json!({"token_endpoint_auth_method": "client_secret_basic"}),
            "client_secret",
        ),
        (
            json!({"client_secret": "hush", "client_secret_expires_at": i64::MAX}),
            "client_secret_expires_at",
        ),
        (
            json!({"client_secret": "hush", "client_secret_expires_at": "hush"}),
            "client_secret_expires_at",
        ),
        (
            json!({"redirect_uris": ["https://other.example/"]}),
            "redirect_uris",
        ),
        (
            json!({"registration_client_uri": "nowhere"}),
            "registration_client_uri",
        ),
    ];
    for (changes, member) in cases {
        let mut body = json!({"client_id": "a"});
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        match registered(created(&body), |_| {}, ours()).await.0 {
            Err(Failure::Protocol(why)) => {
                assert!(
                    why.contains(&format!("`{member}`")) && !why.contains("hush"),
                    "{why}"
                );
            }
            other => panic!("{body}: {other:?}"),
        }
    }
    let strange = json!({"client_id": "a", "client_secret": "s", "token_endpoint_auth_method": "private_key_jwt"});
    let client = registered(created(&strange), |_| {}, ours()).await.0;
    assert!(matches!(client, Err(Failure::Unsupported(_))), "{client:?}");
    for reply in [
        Reply::html(),
        Reply::status(201),
        Reply::status(302).header("location", "/x"),
    ] {
        let (client, fake) = registered(reply, |_| {}, ours()).await;
        assert!(matches!(client, Err(Failure::Protocol(_))), "{client:?}");
        assert_eq!(fake.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_registration_may_be_refused() {
    let rejected = |error: &str, description: Option<&str>| Failure::Rejected {
        error: error.into(),
        description: description.map(str::to_owned),
    };
    let cases = [
        (
            Reply::error(400, "invalid_redirect_uri"),
            rejected("invalid_redirect_uri", Some("said so")),
        ),
        (Reply::status(401), rejected("status 401", None)),
        (
            Reply::status(403).body("text/html", "<p>no"),
            rejected("status 403", None),
        ),
        (Reply::status(500), Failure::ServerError(500)),
        (Reply::status(429), Failure::ServerError(429)),
    ];
    for (reply, expected) in cases {
        assert_eq!(registered(reply, |_| {}, ours()).await.0, Err(expected));
    }
}

#[tokio::test]
async fn nobody_registers_where_no_login_could_follow() {
    let cases: [fn(&mut Server); 3] = [
        |server| server.code_challenge_methods.clear(),
        |server| server.authorization_endpoint = None,
        |server| server.registration_endpoint = None,
    ];
    for change in cases {
        let (client, fake) = registered(Reply::status(201), change, ours()).await;
        assert!(matches!(client, Err(Failure::Unsupported(_))), "{client:?}");
        assert!(fake.seen().is_empty());
    }
}

#[tokio::test]
async fn an_address_of_ours_is_the_client_id_where_the_server_takes_one() {
    let mut callback = ours();
    callback.metadata_document = Some("https://connectory.example/client.json".parse().unwrap());
    let takes = |server: &mut Server| server.client_id_metadata_document = true;
    let (client, fake) = registered(Reply::status(500), takes, callback.clone()).await;
    let client = client.unwrap();
    assert_eq!(client.id, "https://connectory.example/client.json");
    assert_eq!(
        (client.secret, client.auth_method),
        (None, AuthMethod::None)
    );
    assert!(fake.seen().is_empty());
    let answer = created(&json!({"client_id": "a"}));
    let (client, _) = registered(answer.clone(), |_| {}, callback.clone()).await;
    assert_eq!(client.unwrap().id, "a");
    for unfit in [
        "http://connectory.example/client.json",
        "https://connectory.example/",
    ] {
        callback.metadata_document = Some(unfit.parse().unwrap());
        let (client, _) = registered(answer.clone(), takes, callback.clone()).await;
        assert_eq!(client.unwrap().id, "a", "{unfit}");
    }
}

#[test]
fn a_known_client_authenticates_as_the_server_takes_it() {
    let mut server = server("https://as.example");
    let cases: [(&[&str], _); 4] = [
        (
            &["client_secret_post", "client_secret_basic"],
            AuthMethod::Basic,
        ),
        (&["client_secret_post", "none"], AuthMethod::Post),
        (&["none"], AuthMethod::Basic),
        (&["private_key_jwt"], AuthMethod::Basic),
    ];
    for (taken, expected) in cases {
        server.token_endpoint_auth_methods = taken.iter().map(|m| (*m).to_owned()).collect();
        assert_eq!(
            known(&server, "a", Some(Secret::new("s"))).auth_method,
            expected,
            "{taken:?}"
        );
        assert_eq!(known(&server, "a", None).auth_method, AuthMethod::None);
    }
}
