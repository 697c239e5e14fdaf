//! The OpenID provider: the whole way to a token and what becomes of it.

use super::{get, knock};
use crate::support::peer::{Mcp, McpOptions, Provider, ProviderOptions, mcp_client};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use url::Url;

const CALLBACK: &str = "http://127.0.0.1:9/callback";
const VERIFIER: &str = "a-verifier-that-is-longer-than-forty-three-characters";

/// The provider and an MCP server that trusts it.
async fn pair(options: ProviderOptions) -> Option<(Provider, Mcp)> {
    let provider = Provider::start(options).await?;
    let mcp = Mcp::start(McpOptions::protected_by(&provider)).await?;
    Some((provider, mcp))
}

fn with_clients() -> ProviderOptions {
    ProviderOptions {
        redirect_uris: vec![CALLBACK.into()],
        ..ProviderOptions::default()
    }
}

/// The authorization URL of a client for a resource.
fn ask(provider: &Provider, client: &str, resource: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let mut url = Url::parse(&format!("{}/auth", provider.issuer)).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("state", "a-state"),
        ("scope", "mcp:call"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("resource", resource),
    ]);
    url.into()
}

fn query(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// A token request: basic authentication if there is a password.
async fn token(
    provider: &Provider,
    basic: Option<(&str, &str)>,
    form: &[(&str, &str)],
) -> (StatusCode, Json) {
    let url = format!("{}/token", provider.issuer);
    let mut request = reqwest::Client::new().post(url).form(form);
    if let Some((id, secret)) = basic {
        request = request.basic_auth(id, Some(secret));
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or_default())
}

/// The form that redeems a code.
fn redeem(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

/// Signs `anna` in for client `static-public`; what the token endpoint answers.
async fn signed_in(provider: &Provider, mcp: &Mcp) -> Json {
    let url = ask(provider, "static-public", &mcp.url);
    let answer = query(&provider.login(&url, "anna").await);
    let mut form = redeem(&answer["code"]);
    form.push(("client_id", "static-public"));
    let (status, tokens) = token(provider, None, &form).await;
    assert_eq!(status, 200, "{tokens}");
    tokens
}

async fn refresh(provider: &Provider, refresh_token: &Json) -> (StatusCode, Json) {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "static-public"),
        ("refresh_token", refresh_token.as_str().unwrap()),
    ];
    token(provider, None, &form).await
}

/// Registers a public client, as the metadata says where.
async fn register(metadata: &Json) -> Json {
    let new = json!({"client_name": "By hand", "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "token_endpoint_auth_method": "none"});
    let endpoint = metadata["registration_endpoint"].as_str().unwrap();
    let made = reqwest::Client::new().post(endpoint).json(&new).send();
    let made = made.await.unwrap();
    assert_eq!(made.status(), 201);
    made.json().await.unwrap()
}

#[tokio::test]
async fn the_whole_way_from_a_challenge_to_a_tool_call() {
    let Some((provider, mcp)) = pair(ProviderOptions::default()).await else {
        return;
    };
    assert!(provider.issuer.ends_with(&provider.authority()));
    let (status, challenge) = knock(&mcp, None).await;
    assert_eq!(status, 401);
    let place = format!("{}/.well-known/oauth-protected-resource/mcp", mcp.origin);
    let wanted = format!("Bearer resource_metadata=\"{place}\", scope=\"mcp:call\"");
    assert_eq!(challenge.as_deref(), Some(wanted.as_str()));
    let (_, resource) = get(&place).await;
    assert_eq!(resource["resource"], mcp.url.as_str());
    assert_eq!(resource["authorization_servers"], json!([provider.issuer]));
    let place = format!("{}/.well-known/oauth-authorization-server", provider.issuer);
    let (_, metadata) = get(&place).await;
    assert_eq!(metadata["issuer"], provider.issuer.as_str());
    let client = register(&metadata).await;
    let id = client["client_id"].as_str().unwrap();
    let answer = query(&provider.login(&ask(&provider, id, &mcp.url), "anna").await);
    assert_eq!(
        (&*answer["state"], &answer["iss"]),
        ("a-state", &provider.issuer)
    );
    let mut form = redeem(&answer["code"]);
    form.push(("client_id", id));
    let (status, tokens) = token(&provider, None, &form).await;
    assert_eq!(
        (status.as_u16(), &tokens["token_type"]),
        (200, &json!("Bearer"))
    );
    let access = tokens["access_token"].as_str().unwrap();
    let seen = provider.introspect(access).await;
    assert_eq!(
        (&seen["aud"], &seen["sub"]),
        (&json!(mcp.url), &json!("anna"))
    );
    let options = json!({"url": mcp.url, "token": access});
    let seen = mcp_client(&options).await.unwrap().unwrap();
    assert_eq!(seen["whoami"]["sub"], "anna");
    assert_eq!(seen["whoami"]["client_id"], id);
}

#[tokio::test]
async fn a_refresh_token_is_replaced_and_its_second_use_kills_the_grant() {
    let Some((provider, mcp)) = pair(with_clients()).await else {
        return;
    };
    let first = signed_in(&provider, &mcp).await;
    let (status, second) = refresh(&provider, &first["refresh_token"]).await;
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(knock(&mcp, second["access_token"].as_str()).await.0, 200);
    let (status, refused) = refresh(&provider, &first["refresh_token"]).await;
    assert_eq!(
        (status.as_u16(), &refused["error"]),
        (400, &json!("invalid_grant"))
    );
    let (_, refused) = refresh(&provider, &second["refresh_token"]).await;
    assert_eq!(refused["error"], "invalid_grant");
    assert_eq!(knock(&mcp, second["access_token"].as_str()).await.0, 401);
    let log = provider.log_of("token").await;
    let grants: Vec<_> = log
        .iter()
        .map(|e| (&e["grant_type"], &e["status"]))
        .collect();
    assert_eq!(
        json!(grants),
        json!([
            ["authorization_code", 200],
            ["refresh_token", 200],
            ["refresh_token", 400],
            ["refresh_token", 400]
        ])
    );
}

#[tokio::test]
async fn what_a_test_breaks_breaks() {
    let Some((provider, mcp)) = pair(with_clients()).await else {
        return;
    };
    let tokens = signed_in(&provider, &mcp).await;
    let access = tokens["access_token"].as_str();
    provider.fail(2, 503).await;
    assert_eq!(refresh(&provider, &tokens["refresh_token"]).await.0, 503);
    assert_eq!(refresh(&provider, &tokens["refresh_token"]).await.0, 503);
    mcp.fail(1, 500).await;
    assert_eq!(knock(&mcp, access).await.0, 500);
    assert_eq!(knock(&mcp, access).await.0, 200);
    provider.expire_access().await;
    let (status, challenge) = knock(&mcp, access).await;
    assert_eq!(status, 401);
    assert!(challenge.unwrap().contains("error=\"invalid_token\""));
    let (status, fresh) = refresh(&provider, &tokens["refresh_token"]).await;
    assert_eq!(status, 200, "{fresh}");
    provider.revoke_all().await;
    assert_eq!(knock(&mcp, fresh["access_token"].as_str()).await.0, 401);
    let (_, refused) = refresh(&provider, &fresh["refresh_token"]).await;
    assert_eq!(refused["error"], "invalid_grant");
}

#[tokio::test]
async fn every_way_a_client_proves_who_it_is() {
    let Some((provider, mcp)) = pair(with_clients()).await else {
        return;
    };
    for (id, method) in [
        ("static-secret", "client_secret_basic"),
        ("static-post", "client_secret_post"),
    ] {
        let secret = Provider::secret(id);
        let answer = query(&provider.login(&ask(&provider, id, &mcp.url), "anna").await);
        let mut form = redeem(&answer["code"]);
        let basic = (method == "client_secret_basic").then_some((id, secret.as_str()));
        if basic.is_none() {
            form.extend([("client_id", id), ("client_secret", &secret)]);
        }
        let (status, tokens) = token(&provider, basic, &form).await;
        assert_eq!(status, 200, "{id}: {tokens}");
        let log = provider.log_of("token").await;
        let last = log.last().unwrap();
        assert_eq!(
            (&last["client_id"], &last["client_auth"]),
            (&json!(id), &json!(method))
        );
        assert!(!json!(log).to_string().contains(&secret));
    }
    let secret = Provider::secret("machine");
    let form = [("grant_type", "client_credentials"), ("resource", &mcp.url)];
    let (status, tokens) = token(&provider, Some(("machine", &secret)), &form).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(knock(&mcp, tokens["access_token"].as_str()).await.0, 200);
}

#[tokio::test]
async fn a_person_may_deny_and_a_token_may_be_revoked() {
    let Some((provider, mcp)) = pair(with_clients()).await else {
        return;
    };
    let url = ask(&provider, "static-public", &mcp.url);
    let answer = query(&provider.deny(&url, "anna").await);
    assert_eq!(
        (&*answer["error"], &*answer["state"]),
        ("access_denied", "a-state")
    );
    let tokens = signed_in(&provider, &mcp).await;
    for kind in ["access_token", "refresh_token"] {
        let form = [
            ("token", tokens[kind].as_str().unwrap()),
            ("token_type_hint", kind),
            ("client_id", "static-public"),
        ];
        let url = format!("{}/token/revocation", provider.issuer);
        let done = reqwest::Client::new().post(url).form(&form).send().await;
        assert_eq!(done.unwrap().status(), 200);
        let seen = provider.introspect(tokens[kind].as_str().unwrap()).await;
        assert_eq!(seen, json!({"active": false}));
    }
    let hints: Vec<_> = provider.log_of("revocation").await;
    let hints: Vec<_> = hints.iter().map(|e| e["token_type_hint"].clone()).collect();
    assert_eq!(json!(hints), json!(["access_token", "refresh_token"]));
}

#[tokio::test]
async fn a_provider_can_do_less() {
    let options = ProviderOptions {
        registration: false,
        revocation: false,
        oidc_only: true,
        refresh_tokens: "never",
        resources: vec!["http://127.0.0.1:1/mcp".into()],
        ..with_clients()
    };
    let Some((provider, mcp)) = pair(options).await else {
        return;
    };
    let place = format!("{}/.well-known/oauth-authorization-server", provider.issuer);
    assert_eq!(get(&place).await.0, 404);
    let place = format!("{}/.well-known/openid-configuration", provider.issuer);
    let (status, metadata) = get(&place).await;
    assert_eq!(status, 200);
    for missing in ["registration_endpoint", "revocation_endpoint"] {
        assert_eq!(metadata.get(missing), None);
    }
    let url = ask(&provider, "static-public", &mcp.url);
    let answer = query(&provider.login(&url, "anna").await);
    assert_eq!(answer["error"], "invalid_target");
    let url = ask(&provider, "static-public", "http://127.0.0.1:1/mcp");
    let answer = query(&provider.login(&url, "anna").await);
    let mut form = redeem(&answer["code"]);
    form.push(("client_id", "static-public"));
    let (_, tokens) = token(&provider, None, &form).await;
    assert_eq!(tokens.get("refresh_token"), None, "{tokens}");
    let access = tokens["access_token"].as_str();
    let (status, _) = knock(&mcp, access).await;
    assert_eq!(status, 401, "its audience is another server");
}
