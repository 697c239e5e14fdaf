//! Gives tokens back (RFC 7009).

use super::http::Endpoint;
use super::metadata::Server;
use super::registration::Client;
use super::token::{Tokens, crated};
use crate::connect::egress::Egress;
use oauth2::{AccessToken, RefreshToken, RevocationUrl, StandardRevocableToken};
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// How long a server may take; whoever disconnects waits for it.
const WHOLE: Duration = Duration::from_secs(5);

/// Asks the server to forget both tokens. It is a courtesy: whether the server has no such
/// endpoint, refuses or does not answer, the tokens are to be erased here.
pub async fn revoke(egress: &Egress, server: &Server, client: &Client, tokens: &Tokens) {
    let Some(endpoint) = &server.revocation_endpoint else {
        return;
    };
    let access = AccessToken::new(tokens.access.reveal().to_owned());
    let refresh = tokens.refresh.as_ref();
    let refresh = refresh.map(|token| RefreshToken::new(token.reveal().to_owned()));
    let both = async {
        // Side by side: a server that is slow with one still hears of the other.
        tokio::join!(
            give_back(egress, server, client, endpoint, access.into()),
            async {
                if let Some(refresh) = refresh {
                    give_back(egress, server, client, endpoint, refresh.into()).await;
                }
            }
        )
    };
    if timeout(WHOLE, both).await.is_err() {
        tracing::info!(issuer = server.issuer, "a revocation took too long");
    }
}

/// Asks for one token to be forgotten.
async fn give_back(
    egress: &Egress,
    server: &Server,
    client: &Client,
    endpoint: &Url,
    token: StandardRevocableToken,
) {
    // The protocol crate takes https only; where the request goes is said below.
    let mut named = endpoint.clone();
    if named.set_scheme("https").is_err() {
        return;
    }
    let crated = crated(server, client).set_revocation_url(RevocationUrl::from_url(named));
    let Ok(request) = crated.revoke_token(token) else {
        return;
    };
    let sent = request
        .request_async(&Endpoint::new(egress, endpoint))
        .await;
    if sent.is_err() {
        // The error may quote the answer, so it is not written.
        tracing::info!(issuer = server.issuer, "a revocation was not accepted");
    }
}
