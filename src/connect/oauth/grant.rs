//! The way through the browser: the address a person is sent to, and what comes back with them.

use super::failure::Failure;
use super::metadata::Server;
use super::registration::Client;
use crate::secret::Secret;
use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope};
use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

/// Bytes of randomness in `state`.
const STATE: u32 = 32;

/// A login that was begun. It is kept until the browser comes back.
#[derive(Clone, Serialize, Deserialize)]
pub struct Begun {
    /// The complete authorization URL, for the browser.
    pub url: Url,
    /// What the browser must bring back.
    #[serde(serialize_with = "crate::connect::kept::secret")]
    pub state: Secret,
    /// The PKCE verifier, which the code is worth nothing without.
    #[serde(serialize_with = "crate::connect::kept::secret")]
    pub verifier: Secret,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address holds the state.
        let url = &self.url;
        let shown = format!("{}{}", url.origin().ascii_serialization(), url.path());
        f.debug_struct("Begun")
            .field("url", &shown)
            .finish_non_exhaustive()
    }
}

/// Begins a login: authorization code with PKCE (S256), for the resource of `server`.
pub fn begin(server: &Server, client: &Client, redirect_uri: &Url) -> Result<Begun, Failure> {
    let endpoint = AuthUrl::from_url(server.login()?.clone());
    let crated = BasicClient::new(ClientId::new(client.id.clone()))
        .set_auth_uri(endpoint)
        .set_redirect_uri(RedirectUrl::from_url(redirect_uri.clone()));
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let scopes = scopes(server);
    let offline = scopes.contains(&OFFLINE);
    let scopes = scopes.into_iter().map(|scope| Scope::new(scope.to_owned()));
    let mut request = crated
        .authorize_url(|| CsrfToken::new_random_len(STATE))
        .set_pkce_challenge(challenge)
        .add_scopes(scopes)
        .add_extra_param("resource", server.resource.as_str());
    if offline {
        // OpenID Connect (11) gives offline access only to who was asked.
        request = request.add_extra_param("prompt", "consent");
    }
    let (url, state) = request.url();
    Ok(Begun {
        url,
        state: Secret::new(state.into_secret()),
        verifier: Secret::new(verifier.into_secret()),
    })
}

/// The scope that asks for a refresh token.
const OFFLINE: &str = "offline_access";

/// The scopes to ask for. Where none is known nothing is added either: the server's default would
/// be lost.
pub(super) fn scopes(server: &Server) -> Vec<&str> {
    let mut scopes: Vec<&str> = server
        .scope
        .iter()
        .flat_map(|scope| scope.split(' '))
        .collect();
    let offered = server.scopes_supported.iter().any(|scope| scope == OFFLINE);
    if offered && !scopes.is_empty() && !scopes.contains(&OFFLINE) {
        scopes.push(OFFLINE);
    }
    scopes
}

/// Checks that an answer comes from the server that was asked (RFC 9207), before its code or its
/// error is believed. Compared as texts, without any normalisation.
pub fn check_issuer(server: &Server, iss: Option<&str>) -> Result<(), Failure> {
    match iss {
        Some(iss) if iss == server.issuer => Ok(()),
        Some(_) => Err(Failure::protocol(
            "`iss` names another server than the one that was asked for a login",
        )),
        None if server.iss_parameter => Err(Failure::protocol(
            "`iss` is missing, though the server says that its answers bring it",
        )),
        None => Ok(()),
    }
}
