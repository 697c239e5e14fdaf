//! From a challenge to an authorization server that may be used.

use super::fake::{After, Fake, Reply, Seen, egress};
use connectory::connect::oauth::{Challenge, Failure, Server, discover};
use serde_json::{Value as Json, json};

/// Where the documents lie.
const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// Metadata of the resource at `/mcp`.
fn resource(origin: &str) -> Json {
    json!({"resource": format!("{origin}/mcp"), "authorization_servers": [origin]})
}

/// Metadata of an authorization server.
fn metadata(issuer: &str) -> Json {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
    })
}

/// `base` with members replaced; null takes one away.
fn with(mut base: Json, changes: Json) -> Json {
    for (name, value) in changes.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

/// A server that has the documents of `answer` and nothing else.
async fn serve(answer: impl Fn(&str, &str) -> Option<Reply> + Send + Sync + 'static) -> Fake {
    let answer = move |seen: &Seen| answer(&seen.path, &seen.origin());
    Fake::start(move |seen| answer(seen).unwrap_or(Reply::status(404))).await
}

/// A server that is resource and authorization server, whose documents are changed.
async fn changed(of_resource: Json, of_server: Json) -> Fake {
    serve(move |path, origin| match path {
        "/.well-known/oauth-protected-resource/mcp" => {
            Some(Reply::json(&with(resource(origin), of_resource.clone())))
        }
        OAUTH => Some(Reply::json(&with(metadata(origin), of_server.clone()))),
        _ => None,
    })
    .await
}

async fn find(fake: &Fake) -> Result<Server, Failure> {
    discover(&fake.egress(), &fake.url("/mcp"), &Challenge::default()).await
}

/// The sentence of a failure that must be one of protocol.
async fn breach(fake: &Fake) -> String {
    match find(fake).await {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn everything_that_is_advertised_is_kept() {
    let changes = json!({
        "registration_endpoint": "http://127.0.0.1:1/register",
        "revocation_endpoint": "http://127.0.0.1:1/revoke",
        "token_endpoint_auth_methods_supported": ["none", "client_secret_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "scopes_supported": ["a", "offline_access"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": true,
    });
    let fake = changed(json!({"scopes_supported": ["r1", "r2"]}), changes).await;
    let server = find(&fake).await.unwrap();
    let origin = fake.origin();
    let expected = Server {
        issuer: origin.clone(),
        authorization_endpoint: Some(fake.url("/authorize")),
        token_endpoint: fake.url("/token"),
        registration_endpoint: Some("http://127.0.0.1:1/register".parse().unwrap()),
        revocation_endpoint: Some("http://127.0.0.1:1/revoke".parse().unwrap()),
        token_endpoint_auth_methods: vec!["none".into(), "client_secret_post".into()],
        grant_types: Some(vec!["authorization_code".into(), "refresh_token".into()]),
        scopes_supported: vec!["a".into(), "offline_access".into()],
        code_challenge_methods: vec!["S256".into()],
        iss_parameter: true,
        client_id_metadata_document: true,
        resource: format!("{origin}/mcp"),
        scope: Some("r1 r2".into()),
    };
    assert_eq!(server, expected);
    let kept = serde_json::to_string(&server).unwrap();
    assert_eq!(serde_json::from_str::<Server>(&kept).unwrap(), server);
}

#[tokio::test]
async fn what_is_not_advertised_is_what_the_specification_assumes() {
    let fake = changed(json!({}), json!({"scopes_supported": null})).await;
    let server = find(&fake).await.unwrap();
    assert_eq!(server.token_endpoint_auth_methods, ["client_secret_basic"]);
    assert_eq!((server.grant_types, server.scope), (None, None));
    assert!(!server.iss_parameter && !server.client_id_metadata_document);
}

#[tokio::test]
async fn the_scope_of_the_challenge_goes_before_that_of_the_resource() {
    let fake = changed(json!({"scopes_supported": ["all"]}), json!({})).await;
    let challenge = Challenge {
        scope: Some("less".into()),
        ..Challenge::default()
    };
    let server = discover(&fake.egress(), &fake.url("/mcp"), &challenge).await;
    assert_eq!(server.unwrap().scope.unwrap(), "less");
}

#[tokio::test]
async fn the_metadata_that_the_challenge_names_is_the_only_one_asked() {
    let documents = serve(|path, origin| match path {
        "/elsewhere" => Some(Reply::json(&resource(origin))),
        OAUTH => Some(Reply::json(&metadata(origin))),
        _ => None,
    })
    .await;
    let named = |path| Challenge {
        resource_metadata: Some(documents.url(path)),
        ..Challenge::default()
    };
    let target = documents.url("/mcp");
    let found = discover(&documents.egress(), &target, &named("/elsewhere")).await;
    assert_eq!(found.unwrap().issuer, documents.origin());
    assert_eq!(documents.paths(), ["/elsewhere", OAUTH]);
    let lost = discover(&documents.egress(), &target, &named("/nowhere")).await;
    assert!(matches!(lost, Err(Failure::Unsupported(_))), "{lost:?}");
    assert_eq!(documents.paths()[2..], ["/nowhere"]);
}

#[tokio::test]
async fn the_well_known_place_of_the_path_goes_before_that_of_the_origin() {
    let root = serve(|path, origin| match path {
        RESOURCE => Some(Reply::json(&with(
            resource(origin),
            json!({"resource": origin}),
        ))),
        OAUTH => Some(Reply::json(&metadata(origin))),
        _ => None,
    })
    .await;
    let server = discover(
        &root.egress(),
        &root.url("/a/mcp?v=1"),
        &Challenge::default(),
    )
    .await;
    assert_eq!(server.unwrap().resource, root.origin());
    let path = format!("{RESOURCE}/a/mcp?v=1");
    assert_eq!(root.paths(), [path.as_str(), RESOURCE, OAUTH]);
}

#[tokio::test]
async fn a_resource_at_the_root_is_asked_for_once() {
    let fake = serve(|_, _| None).await;
    let found = discover(&fake.egress(), &fake.url("/"), &Challenge::default()).await;
    assert!(matches!(found, Err(Failure::Unsupported(_))), "{found:?}");
    assert_eq!(fake.paths(), [RESOURCE]);
}

#[tokio::test]
async fn without_resource_metadata_no_other_server_is_guessed() {
    let fake = serve(|path, origin| (path == OAUTH).then(|| Reply::json(&metadata(origin)))).await;
    let found = find(&fake).await;
    assert!(matches!(found, Err(Failure::Unsupported(_))), "{found:?}");
    assert!(!fake.paths().contains(&OAUTH.to_owned()));
}

#[tokio::test]
async fn the_metadata_of_an_issuer_is_looked_for_at_three_places() {
    for (issuer, places) in [
        ("", vec![OAUTH.to_owned(), OPENID.to_owned()]),
        (
            "/tenant/1",
            vec![
                format!("{OAUTH}/tenant/1"),
                format!("{OPENID}/tenant/1"),
                format!("/tenant/1{OPENID}"),
            ],
        ),
    ] {
        for count in 1..=places.len() {
            let place = places[count - 1].clone();
            let fake = serve(move |path, origin| {
                let issuer = format!("{origin}{issuer}");
                let servers = json!({"authorization_servers": [issuer]});
                if path.starts_with(RESOURCE) {
                    return Some(Reply::json(&with(resource(origin), servers)));
                }
                (path == place).then(|| Reply::json(&metadata(&issuer)))
            })
            .await;
            let server = find(&fake).await.unwrap();
            assert_eq!(server.issuer, format!("{}{issuer}", fake.origin()));
            assert_eq!(fake.paths()[1..], places[..count]);
        }
    }
}

#[tokio::test]
async fn a_trailing_slash_of_the_issuer_is_part_of_it() {
    let fake = changed(json!({}), json!({})).await;
    let slash = serve({
        let origin = fake.origin();
        move |path, own| {
            let servers = json!({"authorization_servers": [format!("{origin}/")]});
            path.starts_with(RESOURCE)
                .then(|| Reply::json(&with(resource(own), servers)))
        }
    })
    .await;
    let way = egress(&[&fake, &slash]);
    let found = discover(&way, &slash.url("/mcp"), &Challenge::default()).await;
    assert!(
        matches!(&found, Err(Failure::Protocol(why)) if why.contains("`issuer`")),
        "{found:?}"
    );
    assert_eq!(fake.paths(), [OAUTH, OPENID]);
}

#[tokio::test]
async fn metadata_of_another_issuer_is_not_used() {
    for issuer in [json!("https://other.example"), json!(null), json!(7)] {
        let fake = changed(json!({}), json!({"issuer": issuer})).await;
        assert!(breach(&fake).await.contains("`issuer`"));
    }
}

#[tokio::test]
async fn a_document_of_another_issuer_does_not_hide_the_right_one() {
    // Some servers answer the first place of a tenant with the metadata of the whole house.
    let fake = serve(|path, origin| {
        let issuer = format!("{origin}/t");
        let servers = json!({"authorization_servers": [issuer]});
        match path {
            "/.well-known/oauth-protected-resource/mcp" => {
                Some(Reply::json(&with(resource(origin), servers)))
            }
            "/.well-known/oauth-authorization-server/t" => Some(Reply::json(&metadata(origin))),
            "/t/.well-known/openid-configuration" => Some(Reply::json(&metadata(&issuer))),
            _ => None,
        }
    })
    .await;
    assert_eq!(
        find(&fake).await.unwrap().issuer,
        format!("{}/t", fake.origin())
    );
}

#[tokio::test]
async fn a_resource_must_be_the_target_or_stand_above_it() {
    for path in ["", "/", "/mcp", "/mcp/"] {
        let fake = calling_itself(move |origin| format!("{origin}{path}")).await;
        let named = format!("{}{path}", fake.origin());
        assert_eq!(find(&fake).await.unwrap().resource, named);
    }
    for path in ["/mc", "/mcp/deeper", "/other", "/mcp?tenant=2", "/mcp#part"] {
        let fake = calling_itself(move |origin| format!("{origin}{path}")).await;
        assert!(breach(&fake).await.contains("`resource`"), "{path}");
    }
    for foreign in [
        "https://other.example/mcp",
        "http://127.0.0.1:1/mcp",
        "mcp",
        "",
    ] {
        let fake = calling_itself(move |_| foreign.to_owned()).await;
        assert!(breach(&fake).await.contains("`resource`"), "{foreign}");
    }
}

/// A server whose resource has the identifier that `name` makes of its origin.
async fn calling_itself(name: impl Fn(&str) -> String + Send + Sync + 'static) -> Fake {
    serve(move |path, origin| match path {
        "/.well-known/oauth-protected-resource/mcp" => {
            let name = json!({"resource": name(origin)});
            Some(Reply::json(&with(resource(origin), name)))
        }
        OAUTH => Some(Reply::json(&metadata(origin))),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn the_first_authorization_server_that_works_is_taken() {
    let good = changed(json!({}), json!({})).await;
    let bad = changed(
        json!({}),
        json!({"code_challenge_methods_supported": ["plain"]}),
    )
    .await;
    let listing = |servers: Vec<String>| {
        serve(move |path, origin| {
            let servers = json!({"authorization_servers": servers});
            path.starts_with(RESOURCE)
                .then(|| Reply::json(&with(resource(origin), servers)))
        })
    };
    let both = listing(vec![bad.origin(), good.origin()]).await;
    let way = egress(&[&good, &bad, &both]);
    let found = discover(&way, &both.url("/mcp"), &Challenge::default()).await;
    assert_eq!(found.unwrap().issuer, good.origin());
    let none = listing(vec![bad.origin(), "not an address".into()]).await;
    let way = egress(&[&bad, &none]);
    let found = discover(&way, &none.url("/mcp"), &Challenge::default()).await;
    assert!(
        matches!(found, Err(Failure::Unsupported(why)) if why.contains("S256")),
        "the first counts"
    );
}

#[tokio::test]
async fn a_server_without_s256_is_refused() {
    for methods in [json!(null), json!([]), json!(["plain"]), json!(["s256"])] {
        let fake = changed(
            json!({}),
            json!({"code_challenge_methods_supported": methods}),
        )
        .await;
        let found = find(&fake).await;
        assert!(
            matches!(&found, Err(Failure::Unsupported(why)) if why.contains("S256")),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn a_server_for_machines_alone_needs_no_login() {
    let machine = json!({
        "authorization_endpoint": null,
        "code_challenge_methods_supported": null,
        "grant_types_supported": ["client_credentials"],
    });
    let fake = changed(json!({}), machine).await;
    assert_eq!(find(&fake).await.unwrap().authorization_endpoint, None);
}

#[tokio::test]
async fn members_of_the_wrong_kind_are_named() {
    let cases = [
        ("token_endpoint", json!(null)),
        ("token_endpoint", json!("/token")),
        ("token_endpoint", json!("ftp://h/token")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("authorization_endpoint", json!("https://u:p@h/authorize")),
        (
            "authorization_endpoint",
            json!("https://h/authorize?client_id=theirs"),
        ),
        ("registration_endpoint", json!(["https://h/"])),
        ("revocation_endpoint", json!("https://h/#x")),
        ("token_endpoint_auth_methods_supported", json!("none")),
        ("code_challenge_methods_supported", json!([1])),
        (
            "authorization_response_iss_parameter_supported",
            json!("yes"),
        ),
    ];
    for (member, value) in cases {
        let fake = changed(json!({}), json!({member: value})).await;
        let sentence = breach(&fake).await;
        assert!(
            sentence.contains(&format!("`{member}`")),
            "{member}: {sentence}"
        );
    }
    for (member, value) in [
        ("authorization_servers", json!(null)),
        ("authorization_servers", json!([])),
        ("authorization_servers", json!("https://h")),
        ("authorization_servers", json!(["https://h/?tenant=1"])),
        ("scopes_supported", json!(["with \"quotes\""])),
    ] {
        let fake = changed(json!({member: value}), json!({})).await;
        assert!(
            breach(&fake).await.contains(&format!("`{member}`")),
            "{member} {value}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_no_document_is_a_failure_that_says_so() {
    for reply in [
        Reply::html(),
        Reply::json(&json!([1])),
        Reply::status(200).body("application/json", "{"),
    ] {
        let fake = Fake::start(move |_| reply.clone()).await;
        let sentence = breach(&fake).await;
        assert!(sentence.contains("no JSON object"), "{sentence}");
        assert_eq!(fake.paths().len(), 2);
    }
    for status in [500, 503, 429] {
        let fake = Fake::start(move |_| Reply::status(status)).await;
        assert_eq!(find(&fake).await, Err(Failure::ServerError(status)));
    }
    for status in [400, 401, 403, 404, 410] {
        let fake = Fake::start(move |_| Reply::status(status)).await;
        assert!(
            matches!(find(&fake).await, Err(Failure::Unsupported(_))),
            "{status}"
        );
    }
    let fake = Fake::start(|_| {
        Reply::status(200)
            .body("application/json", &" ".repeat(1 << 16))
            .then(After::Forever)
    })
    .await;
    assert!(breach(&fake).await.contains("1 MiB"));
}

#[tokio::test]
async fn a_page_at_the_path_does_not_hide_the_document_at_the_root() {
    let fake = serve(|path, origin| match path {
        RESOURCE => Some(Reply::json(&resource(origin))),
        OAUTH => Some(Reply::html()),
        OPENID => Some(Reply::json(&metadata(origin))),
        _ => Some(Reply::html()),
    })
    .await;
    assert_eq!(find(&fake).await.unwrap().issuer, fake.origin());
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    use std::sync::atomic::{AtomicBool, Ordering};
    static READY: AtomicBool = AtomicBool::new(false);
    let fake = serve(|path, origin| {
        let ready = READY.load(Ordering::SeqCst);
        match path {
            RESOURCE if ready => Some(Reply::json(&resource(origin))),
            OAUTH => Some(Reply::json(&metadata(origin))),
            _ => None,
        }
    })
    .await;
    assert!(find(&fake).await.is_err());
    READY.store(true, Ordering::SeqCst);
    assert!(find(&fake).await.is_ok());
}

#[tokio::test]
async fn documents_behind_a_redirect_are_read() {
    let fake = serve(|path, origin| match path {
        "/.well-known/oauth-protected-resource/mcp" => {
            Some(Reply::status(302).header("location", "/moved"))
        }
        "/moved" => Some(Reply::json(&resource(origin))),
        OAUTH => Some(Reply::json(&metadata(origin))),
        _ => None,
    })
    .await;
    assert!(find(&fake).await.is_ok());
    let lost = Fake::start(|seen| Reply::status(302).header("location", &seen.path)).await;
    assert!(find(&lost).await.is_err());
    assert!(
        lost.seen().len() <= 8,
        "at most three redirects for each of two places"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let gone = Fake::start(|_| Reply::status(200)).await;
    let (way, target) = (gone.egress(), gone.url("/mcp"));
    drop(gone);
    let found = loop {
        // The listener may take a moment to go.
        let found = discover(&way, &target, &Challenge::default()).await;
        if !matches!(found, Err(Failure::Protocol(_))) {
            break found;
        }
    };
    assert_eq!(found, Err(Failure::Unreachable));
}
