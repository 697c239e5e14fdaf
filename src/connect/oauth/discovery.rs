//! From the challenge of a protected server to the authorization server that guards it.

use super::challenge::Challenge;
use super::failure::Failure;
use super::metadata::{self, Server};
use super::resource;
use crate::connect::egress::Egress;
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// Most authorization servers of one resource that are tried.
const MOST_SERVERS: usize = 5;

/// From the first document to the last.
const WHOLE: Duration = Duration::from_secs(30);

/// Finds the authorization server of `target`, by the protected resource metadata that the
/// challenge names or that lies at the well-known addresses (RFC 9728), and reads its metadata
/// (RFC 8414, then OpenID Connect Discovery). Nothing is cached, least of all a failure.
pub async fn discover(
    egress: &Egress,
    target: &Url,
    challenge: &Challenge,
) -> Result<Server, Failure> {
    let found = timeout(WHOLE, search(egress, target, challenge)).await;
    found.unwrap_or(Err(Failure::Unreachable))
}

async fn search(egress: &Egress, target: &Url, challenge: &Challenge) -> Result<Server, Failure> {
    let resource = resource::find(egress, target, challenge).await?;
    let mut failure: Option<Failure> = None;
    for issuer in resource.servers.iter().take(MOST_SERVERS) {
        match metadata::find(egress, issuer, &resource).await {
            Ok(server) => return Ok(server),
            Err(now) => failure = Some(Failure::first(failure, now)),
        }
    }
    let none = Failure::protocol("`authorization_servers` is empty");
    Err(failure.unwrap_or(none))
}
