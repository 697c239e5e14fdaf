//! The OAuth client goes out through the same door.

use super::peer::{Peer, Reply, answer, ok};
use super::{Fault, Limits, PATIENT, towards};
use connectory::connect::egress::OAuth;
use oauth2::basic::BasicClient;
use oauth2::{AuthType, ClientId, ClientSecret, RequestTokenError, TokenResponse, TokenUrl};

const TOKEN: &str = r#"{"access_token":"made","token_type":"bearer","expires_in":60}"#;

/// What came of asking an address for a token by client credentials.
async fn token(oauth: &OAuth, url: &str) -> Result<String, String> {
    let client = BasicClient::new(ClientId::new("machine".into()))
        .set_client_secret(ClientSecret::new("planted".into()))
        .set_auth_type(AuthType::BasicAuth)
        .set_token_uri(TokenUrl::new(url.into()).unwrap());
    match client
        .exchange_client_credentials()
        .request_async(oauth)
        .await
    {
        Ok(token) => Ok(token.access_token().secret().clone()),
        Err(RequestTokenError::Request(fault)) => Err(format!("{fault:?}")),
        Err(other) => Err(other.to_string()),
    }
}

fn through(peers: &[&Peer]) -> OAuth {
    OAuth {
        egress: towards(peers),
        limits: Limits {
            redirects: 0,
            ..PATIENT
        },
    }
}

#[tokio::test]
async fn a_token_is_asked_for_with_all_that_the_client_wrote() {
    let json = "Content-Type: application/json\r\n";
    let peer = Peer::start(move |_| Reply::Bytes(answer("200 OK", json, TOKEN))).await;
    let made = token(&through(&[&peer]), &peer.at("/token?tenant=1")).await;
    assert_eq!(made.as_deref(), Ok("made"));
    let seen = &peer.seen()[0];
    assert!(
        seen.starts_with("POST /token?tenant=1 HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(
        seen.contains("authorization: Basic bWFjaGluZTpwbGFudGVk\r\n"),
        "{seen}"
    );
    assert!(
        seen.contains("content-type: application/x-www-form-urlencoded\r\n"),
        "{seen}"
    );
    assert!(
        seen.ends_with("\r\n\r\ngrant_type=client_credentials"),
        "{seen}"
    );
}

#[tokio::test]
async fn status_and_body_of_a_refusal_reach_the_client() {
    let body = r#"{"error":"invalid_client"}"#;
    let peer = Peer::start(move |_| Reply::Bytes(answer("401 Unauthorized", "", body))).await;
    let error = token(&through(&[&peer]), &peer.at("/")).await.unwrap_err();
    assert!(
        error.contains("returned error response: invalid_client"),
        "{error}"
    );
}

#[tokio::test]
async fn a_fault_of_the_way_out_stays_itself() {
    let peer = Peer::start(|_| Reply::Bytes(ok(TOKEN))).await;
    let oauth = through(&[]);
    let error = token(&oauth, &peer.at("/")).await.unwrap_err();
    assert!(error.starts_with("Refused("), "{error}");
    assert_eq!(peer.connections().await, 0);
    let large = Peer::start(|_| Reply::Bytes(ok(&"x".repeat(PATIENT.size + 1)))).await;
    let error = token(&through(&[&large]), &large.at("/"))
        .await
        .unwrap_err();
    assert_eq!(error, format!("{:?}", Fault::TooLarge));
}
