//! The authorization server of the hostile peer.

use super::{get, http, initialize};
use crate::support::hostile::{
    Authorize, Discovery, Hostile, Iss, Registration, Revocation, Running, Token,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Response;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

const VERIFIER: &str = "a-verifier-that-is-longer-than-forty-three-characters";
const CALLBACK: &str = "http://127.0.0.1:9/callback";

/// Follows the authorization URL of a client: what comes back to it.
async fn authorize(peer: &Running, client: &str) -> BTreeMap<String, String> {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let mut url = Url::parse(&format!("{}/authorize", peer.issuer)).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("state", "a-state"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let answer = get(url.into()).await;
    let to = answer.headers()["location"].to_str().unwrap();
    Url::parse(to).unwrap().query_pairs().into_owned().collect()
}

async fn post(peer: &Running, path: &str, form: &[(&str, &str)]) -> Response {
    let url = format!("{}{path}", peer.issuer);
    http().post(url).form(form).send().await.unwrap()
}

async fn redeem(peer: &Running, code: &str, verifier: &str) -> (u16, Json) {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "known"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", verifier),
    ];
    let answer = post(peer, "/token", &form).await;
    (
        answer.status().into(),
        answer.json().await.unwrap_or_default(),
    )
}

async fn refresh(peer: &Running, token: &Json) -> (u16, Json) {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "known"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    let answer = post(peer, "/token", &form).await;
    (
        answer.status().into(),
        answer.json().await.unwrap_or_default(),
    )
}

async fn signed_in(peer: &Running) -> Json {
    let code = &authorize(peer, "known").await["code"];
    let (status, tokens) = redeem(peer, code, VERIFIER).await;
    assert_eq!(status, 200, "{tokens}");
    tokens
}

#[tokio::test]
async fn places_of_the_metadata() {
    let oauth = "/.well-known/oauth-authorization-server/tenant/one";
    let inserted = "/.well-known/openid-configuration/tenant/one";
    let appended = "/tenant/one/.well-known/openid-configuration";
    for (discovery, place) in [
        (Discovery::OAuth, oauth),
        (Discovery::OidcInserted, inserted),
        (Discovery::OidcAppended, appended),
    ] {
        let manner = Hostile {
            issuer_path: "/tenant/one",
            discovery,
            ..Hostile::default()
        };
        let peer = manner.start().await;
        for path in [oauth, inserted, appended] {
            let answer = get(format!("{}{path}", peer.origin)).await;
            assert_eq!(
                answer.status() == 200,
                path == place,
                "{discovery:?} {path}"
            );
            if path == place {
                let metadata: Json = answer.json().await.unwrap();
                assert_eq!(metadata["issuer"], peer.issuer.as_str());
                assert_eq!(
                    metadata["code_challenge_methods_supported"],
                    json!(["S256"])
                );
            }
        }
        assert!(signed_in(&peer).await["refresh_token"].is_string());
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_with_its_verifier() {
    let peer = Hostile::default().start().await;
    let code = &authorize(&peer, "known").await["code"];
    assert_eq!(redeem(&peer, code, "another").await.0, 400);
    assert_eq!(redeem(&peer, code, VERIFIER).await.0, 400, "it was used");
    let code = &authorize(&peer, "known").await["code"];
    let (_, tokens) = redeem(&peer, code, VERIFIER).await;
    assert_eq!(tokens["expires_in"], 3600);
    assert!(peer.knows(tokens["access_token"].as_str().unwrap()));
    let bearer = tokens["access_token"].as_str();
    assert_eq!(initialize(&peer, bearer).await.unwrap().status(), 200);
    peer.expire_access();
    assert_eq!(initialize(&peer, bearer).await.unwrap().status(), 401);
    let (status, fresh) = refresh(&peer, &tokens["refresh_token"]).await;
    assert_eq!(status, 200);
    peer.revoke_all();
    assert_eq!(refresh(&peer, &fresh["refresh_token"]).await.0, 400);
    assert!(peer.authority().starts_with("127.0.0.1:"));
}

#[tokio::test]
async fn a_refresh_token_used_twice_kills_its_family() {
    let peer = Hostile::default().start().await;
    let first = signed_in(&peer).await;
    let other = signed_in(&peer).await;
    let (_, second) = refresh(&peer, &first["refresh_token"]).await;
    let (status, refused) = refresh(&peer, &first["refresh_token"]).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    assert_eq!(refresh(&peer, &second["refresh_token"]).await.0, 400);
    assert!(!peer.knows(second["access_token"].as_str().unwrap()));
    assert_eq!(refresh(&peer, &other["refresh_token"]).await.0, 200);
    peer.change(|manner| {
        manner.rotation = false;
        manner.expires_in = None;
    });
    let steady = signed_in(&peer).await;
    for _ in 0..2 {
        let (status, again) = refresh(&peer, &steady["refresh_token"]).await;
        assert_eq!((status, again.get("refresh_token")), (200, None));
        assert_eq!(again.get("expires_in"), None);
    }
    peer.change(|manner| manner.refreshes = false);
    assert_eq!(signed_in(&peer).await.get("refresh_token"), None);
}

#[tokio::test]
async fn token_endpoints() {
    for (token, status, part) in [
        (
            Token::Error("invalid_grant"),
            400,
            "\"error\":\"invalid_grant\"",
        ),
        (Token::Status(429, "slowly"), 429, "slowly"),
        (Token::Html, 200, "<h1>"),
        (Token::Garbage, 200, "{\"access_token\": "),
        (
            Token::Patched(json!({"token_type": "mac"})),
            200,
            "\"token_type\":\"mac\"",
        ),
    ] {
        let manner = Hostile {
            token: token.clone(),
            failing: 2,
            ..Hostile::default()
        };
        let peer = manner.start().await;
        let form = [("grant_type", "client_credentials"), ("client_id", "known")];
        for _ in 0..2 {
            assert_eq!(post(&peer, "/token", &form).await.status(), 503);
        }
        let answer = post(&peer, "/token", &form).await;
        assert_eq!(answer.status(), status, "{token:?}");
        assert!(answer.text().await.unwrap().contains(part), "{token:?}");
        assert_eq!(peer.asked("/token")[2].form()["client_id"], "known");
    }
    let peer = Hostile::default().start().await;
    let tokens = signed_in(&peer).await;
    let old = tokens["refresh_token"].as_str().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "known"),
        ("refresh_token", old),
    ];
    for token in [Token::Lost, Token::Silence] {
        peer.change(|manner| manner.token = token.clone());
        let url = format!("{}/token", peer.issuer);
        let request = http()
            .post(url)
            .form(&form)
            .timeout(Duration::from_millis(200));
        assert!(request.send().await.is_err(), "{token:?}");
        assert!(!peer.knows(old), "it was used, although no answer came");
    }
}

#[tokio::test]
async fn authorization_responses() {
    let peer = Hostile::default().start().await;
    let place = format!("{}/.well-known/oauth-authorization-server", peer.origin);
    let promised = "authorization_response_iss_parameter_supported";
    for (iss, promise, sent) in [
        (Iss::Right, true, Some(peer.issuer.as_str())),
        (Iss::Absent, false, None),
        (Iss::Forgotten, true, None),
        (
            Iss::Other("https://evil.example".into()),
            true,
            Some("https://evil.example"),
        ),
    ] {
        peer.change(|manner| manner.iss = iss.clone());
        let metadata: Json = get(place.clone()).await.json().await.unwrap();
        assert_eq!(metadata[promised], promise, "{iss:?}");
        let back = authorize(&peer, "known").await;
        assert_eq!(back.get("iss").map(String::as_str), sent, "{iss:?}");
        assert_eq!(back["state"], "a-state");
    }
    peer.change(|manner| manner.authorize = Authorize::Error("access_denied"));
    assert_eq!(authorize(&peer, "known").await["error"], "access_denied");
    let plain = format!("{}/authorize?redirect_uri={CALLBACK}&state=s", peer.issuer);
    peer.change(|manner| manner.authorize = Authorize::Grant);
    let to = get(plain.clone()).await.headers()["location"].clone();
    assert!(
        to.to_str().unwrap().contains("error=invalid_request"),
        "no PKCE"
    );
    peer.change(|manner| manner.pkce = false);
    let to = get(plain.clone()).await.headers()["location"].clone();
    assert!(
        to.to_str().unwrap().contains("code=code-"),
        "none was asked for"
    );
    peer.change(|manner| manner.authorize = Authorize::Page);
    assert_eq!(get(plain).await.status(), 200);
}

#[tokio::test]
async fn registration_and_the_clients_it_makes() {
    let peer = Hostile::default().start().await;
    let url = format!("{}/register", peer.issuer);
    let new =
        json!({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "client_secret_basic"});
    let register = async || http().post(&url).json(&new).send().await.unwrap();
    let client: Json = register().await.json().await.unwrap();
    let (id, secret) = (
        client["client_id"].as_str(),
        client["client_secret"].as_str(),
    );
    let form = [("grant_type", "client_credentials")];
    let token = http().post(format!("{}/token", peer.issuer)).form(&form);
    let right = token.try_clone().unwrap().basic_auth(id.unwrap(), secret);
    assert_eq!(right.send().await.unwrap().status(), 200);
    let wrong = token.basic_auth(id.unwrap(), Some("wrong"));
    assert_eq!(wrong.send().await.unwrap().status(), 401);
    let patch = json!({"client_secret_expires_at": 1, "token_endpoint_auth_method": "none"});
    peer.change(|manner| manner.registration = Registration::Patched(patch.clone()));
    let client: Json = register().await.json().await.unwrap();
    assert_eq!(client["client_secret_expires_at"], 1);
    assert_eq!(client["token_endpoint_auth_method"], "none");
    let failing = Registration::Failing(400, "invalid_client_metadata");
    peer.change(|manner| manner.registration = failing);
    assert_eq!(register().await.status(), 400);
    peer.change(|manner| manner.registration = Registration::Off);
    let place = format!("{}/.well-known/oauth-authorization-server", peer.origin);
    let metadata: Json = get(place).await.json().await.unwrap();
    assert_eq!(metadata.get("registration_endpoint"), None);
    assert_eq!(register().await.status(), 404);
}

#[tokio::test]
async fn revocation_endpoints() {
    let peer = Hostile::default().start().await;
    let tokens = signed_in(&peer).await;
    let access = tokens["access_token"].as_str().unwrap();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [
        ("token", refresh),
        ("client_id", "known"),
        ("token_type_hint", "refresh_token"),
    ];
    peer.change(|manner| manner.revocation = Revocation::Failing);
    assert_eq!(post(&peer, "/revoke", &form).await.status(), 503);
    assert!(peer.knows(refresh));
    peer.change(|manner| manner.revocation = Revocation::On);
    assert_eq!(post(&peer, "/revoke", &form).await.status(), 200);
    assert!(!peer.knows(refresh) && !peer.knows(access));
    peer.change(|manner| manner.revocation = Revocation::Off);
    assert_eq!(post(&peer, "/revoke", &form).await.status(), 404);
    peer.change(|manner| manner.revocation = Revocation::Silence);
    let url = format!("{}/revoke", peer.issuer);
    let request = http()
        .post(url)
        .form(&form)
        .timeout(Duration::from_millis(200));
    assert!(request.send().await.is_err());
    assert_eq!(peer.asked("/revoke").len(), 4);
    assert!(peer.asked("/revoke")[0].text().contains(refresh));
}
