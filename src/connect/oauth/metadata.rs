//! Authorization server metadata (RFC 8414, OpenID Connect Discovery): what a server offers, and
//! whether it may be used.

use super::document::{Document, address, wrong};
use super::failure::Failure;
use super::http;
use super::resource::Resource;
use crate::connect::egress::Egress;
use serde::{Deserialize, Serialize};
use url::Url;

/// What it means that there is no document.
const ABSENT: &str = "the authorization server publishes no metadata (RFC 8414 or OpenID Connect \
                      Discovery)";

/// What it means that codes cannot be protected.
pub(super) const NO_S256: &str = "the authorization server does not offer PKCE with S256 \
                                  (RFC 7636), without which no login is begun";

/// Parameters that the client sets; an endpoint that brings one along would send it twice.
const OURS: [&str; 9] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "resource",
    "code_challenge",
    "code_challenge_method",
    "prompt",
];

/// An authorization server as its metadata describes it, for one protected resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Its identifier, exactly as spelled.
    pub issuer: String,
    /// Where a person logs in.
    pub authorization_endpoint: Option<Url>,
    /// Where codes and refresh tokens become access tokens.
    pub token_endpoint: Url,
    /// Where clients register themselves (RFC 7591).
    pub registration_endpoint: Option<Url>,
    /// Where tokens are given back (RFC 7009).
    pub revocation_endpoint: Option<Url>,
    /// How clients may authenticate; what RFC 8414 assumes if the server does not say.
    pub token_endpoint_auth_methods: Vec<String>,
    /// The grants it knows; `None` if it does not say.
    pub grant_types: Option<Vec<String>>,
    /// The scopes it knows.
    pub scopes_supported: Vec<String>,
    /// Its methods of PKCE.
    pub code_challenge_methods: Vec<String>,
    /// Whether its answers name it (RFC 9207).
    pub iss_parameter: bool,
    /// Whether an address may serve as client id (Client ID Metadata Documents).
    pub client_id_metadata_document: bool,
    /// The protected resource that tokens are asked for (RFC 8707).
    pub resource: String,
    /// The scope to ask for; none leaves it to the server.
    pub scope: Option<String>,
}

impl Server {
    /// The authorization endpoint, if a code that comes from it can be protected.
    pub(super) fn login(&self) -> Result<&Url, Failure> {
        if !self.code_challenge_methods.iter().any(|m| m == "S256") {
            return Err(Failure::Unsupported(NO_S256));
        }
        let endpoint = self.authorization_endpoint.as_ref();
        endpoint.ok_or(Failure::Unsupported(
            "the authorization server has no authorization endpoint, so nobody can log in there",
        ))
    }

    /// Whether it says that it knows the grant.
    fn grants(&self, grant: &str) -> bool {
        let grants = self.grant_types.as_ref();
        grants.is_some_and(|grants| grants.iter().any(|g| g == grant))
    }
}

/// Reads the metadata of an issuer, at the three places in the order of the specification.
pub(super) async fn find(
    egress: &Egress,
    issuer: &str,
    resource: &Resource,
) -> Result<Server, Failure> {
    let url = address(issuer).filter(|url| url.query().is_none());
    let url = url.ok_or_else(|| {
        wrong(
            "authorization_servers",
            "a list of addresses without query and fragment",
        )
    })?;
    http::search(egress, &places(&url), ABSENT, |document| {
        judge(document, issuer, resource)
    })
    .await
}

/// Where the metadata may lie, in order.
fn places(issuer: &Url) -> Vec<Url> {
    let path = issuer.path().trim_end_matches('/');
    let paths = [
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
        format!("{path}/.well-known/openid-configuration"),
    ];
    let mut places = Vec::from(paths.map(|path| {
        let mut place = issuer.clone();
        place.set_path(&path);
        place
    }));
    places.dedup();
    places
}

/// Checks what the document says.
fn judge(document: &Document, issuer: &str, resource: &Resource) -> Result<Server, Failure> {
    if document.text("issuer")? != Some(issuer) {
        return Err(wrong(
            "issuer",
            &format!("exactly `{issuer}`, whose metadata was asked for"),
        ));
    }
    let list = |name| document.list(name).map(Option::unwrap_or_default);
    let endpoint = |name| endpoint(document, name, issuer);
    let token_endpoint = endpoint("token_endpoint")?;
    let methods = document.list("token_endpoint_auth_methods_supported")?;
    let server = Server {
        issuer: issuer.to_owned(),
        authorization_endpoint: endpoint("authorization_endpoint")?,
        token_endpoint: token_endpoint.ok_or_else(|| wrong("token_endpoint", "there"))?,
        registration_endpoint: endpoint("registration_endpoint")?,
        revocation_endpoint: endpoint("revocation_endpoint")?,
        token_endpoint_auth_methods: methods.unwrap_or_else(|| vec!["client_secret_basic".into()]),
        grant_types: document.list("grant_types_supported")?,
        scopes_supported: list("scopes_supported")?,
        code_challenge_methods: list("code_challenge_methods_supported")?,
        iss_parameter: document.flag("authorization_response_iss_parameter_supported")?,
        client_id_metadata_document: document.flag("client_id_metadata_document_supported")?,
        resource: resource.identifier.clone(),
        scope: resource.scope.clone(),
    };
    usable(document, &server)?;
    Ok(server)
}

/// An endpoint. One without TLS under an issuer with it would give the login away.
fn endpoint(document: &Document, name: &str, issuer: &str) -> Result<Option<Url>, Failure> {
    let Some(url) = document.address(name)? else {
        return Ok(None);
    };
    if issuer.starts_with("https:") && url.scheme() != "https" {
        return Err(wrong(name, "an https address, as the issuer is"));
    }
    let mut brought = url.query_pairs().map(|(key, _)| key);
    if let Some(parameter) = brought.find(|key| OURS.contains(&key.as_ref())) {
        return Err(wrong(
            name,
            &format!("an address without the parameter `{parameter}`"),
        ));
    }
    Ok(Some(url))
}

/// Whether there is a way to a token: a login with a protected code, or the client's own.
fn usable(document: &Document, server: &Server) -> Result<(), Failure> {
    if server.grants("client_credentials") {
        return Ok(());
    }
    server.login()?;
    let types = document.list("response_types_supported")?;
    if types.is_some_and(|types| !types.iter().any(|t| t == "code")) {
        return Err(Failure::Unsupported(
            "the authorization server does not offer the response type `code`",
        ));
    }
    Ok(())
}
