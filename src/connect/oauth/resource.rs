//! Protected resource metadata (RFC 9728): which authorization servers guard a server.

use super::challenge::Challenge;
use super::document::{Document, address, is_scope, wrong};
use super::failure::Failure;
use super::http;
use crate::connect::egress::Egress;
use url::Url;

/// The name of the document under `/.well-known/`.
const NAME: &str = "/.well-known/oauth-protected-resource";

/// What it means that there is no document.
const ABSENT: &str = "the server asks for a login but publishes no protected resource metadata \
                      (RFC 9728) that would say where";

/// What a protected resource says of itself.
pub(super) struct Resource {
    /// Its identifier, as spelled there; tokens are asked for it.
    pub(super) identifier: String,
    /// Issuers of its authorization servers, the preferred first.
    pub(super) servers: Vec<String>,
    /// The scope to ask for.
    pub(super) scope: Option<String>,
}

/// Reads the metadata of `target`: where the challenge says, and only without such a word at the
/// well-known address of the path, then of the origin.
pub(super) async fn find(
    egress: &Egress,
    target: &Url,
    challenge: &Challenge,
) -> Result<Resource, Failure> {
    let places = places(target, challenge);
    http::search(egress, &places, ABSENT, |document| {
        judge(document, target, challenge)
    })
    .await
}

/// Where the metadata may lie, in order.
fn places(target: &Url, challenge: &Challenge) -> Vec<Url> {
    if let Some(named) = &challenge.resource_metadata {
        return vec![named.clone()];
    }
    let mut root = target.clone();
    root.set_fragment(None);
    let mut inserted = root.clone();
    root.set_query(None);
    root.set_path(NAME);
    match target.path() {
        "/" => inserted.set_path(NAME),
        path => inserted.set_path(&format!("{NAME}{path}")),
    }
    let mut places = vec![inserted, root];
    places.dedup();
    places
}

/// Checks what the document says.
fn judge(document: &Document, target: &Url, challenge: &Challenge) -> Result<Resource, Failure> {
    let identifier = document.text("resource")?;
    let identifier = identifier
        .filter(|text| address(text).is_some_and(|resource| covers(&resource, target)))
        .ok_or_else(|| wrong("resource", &format!("the address {target} or one above it")))?;
    let servers = document.list("authorization_servers")?.unwrap_or_default();
    if servers.is_empty() {
        return Err(wrong(
            "authorization_servers",
            "a list with at least one issuer",
        ));
    }
    Ok(Resource {
        identifier: identifier.to_owned(),
        servers,
        scope: scope(document, challenge)?,
    })
}

/// Whether tokens for `resource` are meant for `target`: the same origin, and the same path or one
/// above it. RFC 9728 asks for equality; MCP lets one document at the root speak for all below.
fn covers(resource: &Url, target: &Url) -> bool {
    let above = resource.path().trim_end_matches('/');
    let rest = target.path().strip_prefix(above);
    resource.origin() == target.origin()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        && (resource.query().is_none() || resource.query() == target.query())
}

/// The scope to ask for: the challenge's, else all that the resource lists, else none.
fn scope(document: &Document, challenge: &Challenge) -> Result<Option<String>, Failure> {
    if challenge.scope.is_some() {
        return Ok(challenge.scope.clone());
    }
    let listed = document
        .list("scopes_supported")?
        .unwrap_or_default()
        .join(" ");
    if listed.is_empty() {
        return Ok(None);
    }
    let scope = is_scope(&listed).then_some(listed);
    scope
        .map(Some)
        .ok_or_else(|| wrong("scopes_supported", "a list of scopes (RFC 6749, 3.3)"))
}
