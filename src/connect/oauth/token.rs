//! The token endpoint: codes, refresh tokens and the client's own credentials become access tokens.

use super::failure::Failure;
use super::http::Endpoint;
use super::kept;
use super::metadata::Server;
use super::registration::{AuthMethod, Client};
use crate::connect::egress::Egress;
use crate::connect::text;
use crate::secret::Secret;
use chrono::{DateTime, TimeDelta, Utc};
use oauth2::basic::{
    BasicClient, BasicErrorResponseType, BasicRequestTokenError, BasicTokenResponse, BasicTokenType,
};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;
use url::Url;

/// The longest life of a token that is believed, in days; beyond, arithmetic on times would fail.
const LONGEST: u64 = 3650;

/// What the token endpoint gave. Serialised it shows the tokens: keep it encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The access token, a bearer token.
    #[serde(serialize_with = "kept::secret")]
    pub access: Secret,
    /// The refresh token.
    #[serde(serialize_with = "kept::option")]
    pub refresh: Option<Secret>,
    /// When the access token ends; `None` if the server does not say.
    pub expires_at: Option<DateTime<Utc>>,
    /// What was granted; `None` if it is what was asked for.
    pub scope: Option<String>,
}

/// A client of the protocol crate that knows the token endpoint.
type Crated =
    BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// The client in the terms of the protocol crate.
pub(super) fn crated(server: &Server, client: &Client) -> Crated {
    let method = match client.auth_method {
        AuthMethod::Basic => AuthType::BasicAuth,
        AuthMethod::Post | AuthMethod::None => AuthType::RequestBody,
    };
    let crated = BasicClient::new(ClientId::new(client.id.clone()))
        .set_token_uri(TokenUrl::from_url(server.token_endpoint.clone()))
        .set_auth_type(method);
    let secret = client.secret.as_ref();
    match secret.filter(|_| client.auth_method != AuthMethod::None) {
        Some(secret) => crated.set_client_secret(ClientSecret::new(secret.reveal().to_owned())),
        None => crated,
    }
}

/// Turns the code of a login into tokens.
pub async fn exchange(
    egress: &Egress,
    server: &Server,
    client: &Client,
    redirect_uri: &Url,
    code: &Secret,
    verifier: &Secret,
) -> Result<Tokens, Failure> {
    let redirect = RedirectUrl::from_url(redirect_uri.clone());
    let crated = crated(server, client);
    let sent = crated
        .exchange_code(AuthorizationCode::new(code.reveal().to_owned()))
        .set_redirect_uri(Cow::Owned(redirect))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.reveal().to_owned()))
        .add_extra_param("resource", server.resource.as_str())
        .request_async(&Endpoint::new(egress, &server.token_endpoint))
        .await;
    read(sent, &confided(client, &[code, verifier]))
}

/// Renews the access token. Where the server returns no new refresh token the old one stays good.
pub async fn refresh(
    egress: &Egress,
    server: &Server,
    client: &Client,
    refresh: &Secret,
) -> Result<Tokens, Failure> {
    let crated = crated(server, client);
    let token = RefreshToken::new(refresh.reveal().to_owned());
    let sent = crated
        .exchange_refresh_token(&token)
        .add_extra_param("resource", server.resource.as_str())
        .request_async(&Endpoint::new(egress, &server.token_endpoint))
        .await;
    let mut tokens = read(sent, &confided(client, &[refresh]))?;
    tokens.refresh.get_or_insert_with(|| refresh.clone());
    Ok(tokens)
}

/// Gets an access token on the client's own behalf; only a client with a secret can.
pub async fn client_credentials(
    egress: &Egress,
    server: &Server,
    client: &Client,
) -> Result<Tokens, Failure> {
    if client.secret.is_none() || client.auth_method == AuthMethod::None {
        return Err(Failure::Unsupported(
            "the client credentials grant needs a `client_id` and its `client_secret`",
        ));
    }
    let crated = crated(server, client);
    let scopes = server.scope.iter().flat_map(|scope| scope.split(' '));
    let sent = crated
        .exchange_client_credentials()
        .add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())))
        .add_extra_param("resource", server.resource.as_str())
        .request_async(&Endpoint::new(egress, &server.token_endpoint))
        .await;
    read(sent, &confided(client, &[]))
}

/// What was confided to the server and must not come back in its words.
fn confided<'a>(client: &'a Client, sent: &[&'a Secret]) -> Vec<&'a str> {
    let secrets = client.secret.iter().chain(sent.iter().copied());
    secrets.map(Secret::reveal).collect()
}

/// The tokens of an answer.
fn read(
    sent: Result<BasicTokenResponse, BasicRequestTokenError<Failure>>,
    hidden: &[&str],
) -> Result<Tokens, Failure> {
    let answer = sent.map_err(|error| failure(error, hidden))?;
    if *answer.token_type() != BasicTokenType::Bearer {
        return Err(Failure::protocol("`token_type` must be `Bearer`"));
    }
    let access = Secret::new(answer.access_token().secret());
    if !is_header_text(access.reveal()) {
        return Err(Failure::protocol(
            "`access_token` must be a text that fits into a header",
        ));
    }
    let refresh = answer.refresh_token().map(|token| token.secret());
    let refresh = refresh.filter(|token| !token.is_empty());
    let scopes = answer.scopes().map(|scopes| {
        let scopes = scopes.iter().map(|scope| scope.as_str());
        scopes.collect::<Vec<_>>().join(" ")
    });
    Ok(Tokens {
        access,
        refresh: refresh.map(Secret::new),
        expires_at: answer.expires_in().map(end),
        scope: scopes.and_then(|scopes| text::clean(&scopes, hidden)),
    })
}

/// Whether a token can be sent as RFC 6750 (2.1) has it: visible ASCII characters.
fn is_header_text(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// When a life that begins now ends.
fn end(life: Duration) -> DateTime<Utc> {
    let longest = Duration::from_secs(LONGEST * 24 * 60 * 60);
    // Never out of range: ten years fit.
    let life = TimeDelta::from_std(life.min(longest)).unwrap_or(TimeDelta::zero());
    Utc::now() + life
}

/// What an error of the protocol crate means. Its own sentences quote the answer and are left out.
fn failure(error: BasicRequestTokenError<Failure>, hidden: &[&str]) -> Failure {
    match error {
        RequestTokenError::Request(failure) => failure,
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            BasicErrorResponseType::InvalidGrant => Failure::InvalidGrant,
            error => Failure::Rejected {
                error: text::clean(error.as_ref(), hidden).unwrap_or_default(),
                description: answer
                    .error_description()
                    .and_then(|said| text::clean(said, hidden)),
            },
        },
        RequestTokenError::Parse(error, _) => {
            let missing = error.inner().to_string();
            let member = missing.strip_prefix("missing field ");
            let member = member.and_then(|rest| rest.split(' ').next());
            Failure::protocol(match member {
                Some(member) => format!("the answer of the token endpoint lacks {member}"),
                None => "the answer of the token endpoint is not as RFC 6749 (5.1) has it".into(),
            })
        }
        RequestTokenError::Other(_) => {
            Failure::protocol("the token endpoint did not answer with JSON")
        }
    }
}
