//! Who we are to an authorization server: known beforehand, known by an address, or registered on
//! the spot (RFC 7591).

use super::document::{Document, wrong};
use super::failure::Failure;
use super::http;
use super::metadata::Server;
use crate::connect::egress::{Answer, Egress};
use crate::connect::text;
use crate::secret::Secret;
use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::{Host, Url};

/// How a client authenticates at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// Not at all: a public client, which PKCE protects.
    None,
    /// Id and secret in the header `Authorization`.
    Basic,
    /// Id and secret in the body.
    Post,
}

impl AuthMethod {
    /// Its registered name.
    const fn name(self) -> &'static str {
        match self {
            AuthMethod::None => "none",
            AuthMethod::Basic => "client_secret_basic",
            AuthMethod::Post => "client_secret_post",
        }
    }

    /// The method of that name, if it is one of ours.
    fn named(name: &str) -> Option<AuthMethod> {
        let ours = [AuthMethod::Basic, AuthMethod::Post, AuthMethod::None];
        ours.into_iter().find(|method| method.name() == name)
    }

    /// The best that a server takes: a secret can be kept here, so one is preferred.
    fn best(server: &Server) -> Option<AuthMethod> {
        let ours = [AuthMethod::Basic, AuthMethod::Post, AuthMethod::None];
        ours.into_iter().find(|method| method.is_taken_by(server))
    }

    fn is_taken_by(self, server: &Server) -> bool {
        let methods = &server.token_endpoint_auth_methods;
        methods.iter().any(|method| method == self.name())
    }
}

/// Where a registration is managed (RFC 7592).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The address of the registration.
    pub url: Url,
    /// The token that allows to change it.
    #[serde(serialize_with = "crate::connect::kept::secret")]
    pub token: Secret,
}

/// Who we are to one authorization server. Serialised it shows its secrets: keep it encrypted, and
/// never use it at another issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// The client id.
    pub id: String,
    /// The secret, unless public.
    #[serde(serialize_with = "crate::connect::kept::option")]
    pub secret: Option<Secret>,
    /// When the secret ends; `None` is never.
    pub secret_expires_at: Option<DateTime<Utc>>,
    /// How it authenticates.
    pub auth_method: AuthMethod,
    /// Where the registration is managed, if the server says.
    pub registration: Option<Registration>,
}

/// What an authorization server is told about us.
#[derive(Debug, Clone)]
pub struct Callback {
    /// Where browsers come back to.
    pub redirect_uri: Url,
    /// The name that people see.
    pub client_name: String,
    /// A page about us.
    pub client_uri: Option<Url>,
    /// The https address of our Client ID Metadata Document, if there is one.
    pub metadata_document: Option<Url>,
}

/// A client that was made beforehand. Without a secret it is public; with one it authenticates in
/// the way that the server takes, the header preferred.
pub fn known(server: &Server, id: impl Into<String>, secret: Option<Secret>) -> Client {
    let method = match &secret {
        Some(_) if AuthMethod::Basic.is_taken_by(server) => AuthMethod::Basic,
        Some(_) if AuthMethod::Post.is_taken_by(server) => AuthMethod::Post,
        // A server that takes neither still gave a secret: RFC 6749 (2.3.1) has all take this.
        Some(_) => AuthMethod::Basic,
        None => AuthMethod::None,
    };
    Client {
        id: id.into(),
        secret,
        secret_expires_at: None,
        auth_method: method,
        registration: None,
    }
}

/// Becomes a client: by the address of our metadata document where the server takes that, else by
/// registration (RFC 7591).
pub async fn register(
    egress: &Egress,
    server: &Server,
    callback: &Callback,
) -> Result<Client, Failure> {
    server.login()?;
    let document = callback.metadata_document.as_ref();
    if let Some(url) =
        document.filter(|url| server.client_id_metadata_document && is_client_id(url))
    {
        return Ok(known(server, url.as_str(), None));
    }
    let endpoint = server.registration_endpoint.as_ref();
    let endpoint = endpoint.ok_or(Failure::Unsupported(
        "the authorization server takes only clients it knows: \
         give a `client_id` that was made there (and its `client_secret`)",
    ))?;
    let wanted = AuthMethod::best(server).ok_or(Failure::Unsupported(
        "the authorization server takes no client authentication that is known here \
         (`client_secret_basic`, `client_secret_post`, `none`)",
    ))?;
    let body = request(server, callback, wanted).to_string();
    let mime = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(ACCEPT, mime.clone()), (CONTENT_TYPE, mime)]);
    let answer = http::post(egress, endpoint, headers, body.into_bytes()).await?;
    registered(&answer, callback, wanted)
}

/// Whether an address may be a client id: https, with a path.
fn is_client_id(url: &Url) -> bool {
    url.scheme() == "https" && url.path() != "/" && url.fragment().is_none()
}

/// The request of a registration.
fn request(server: &Server, callback: &Callback, method: AuthMethod) -> Value {
    let mut grants = vec!["authorization_code"];
    let known = server.grant_types.as_ref();
    if known.is_none_or(|known| known.iter().any(|grant| grant == "refresh_token")) {
        grants.push("refresh_token");
    }
    let mut body = json!({
        "client_name": callback.client_name,
        "redirect_uris": [callback.redirect_uri],
        "grant_types": grants,
        "response_types": ["code"],
        "token_endpoint_auth_method": method.name(),
        "application_type": application_type(&callback.redirect_uri),
    });
    if let Some(uri) = &callback.client_uri {
        body["client_uri"] = json!(uri);
    }
    // All that will be asked for: a client may ask for no more than it was registered with.
    let scopes = super::grant::scopes(server);
    if !scopes.is_empty() {
        body["scope"] = json!(scopes.join(" "));
    }
    body
}

/// OpenID providers take addresses of the own machine from native applications only.
fn application_type(redirect_uri: &Url) -> &'static str {
    let local = match redirect_uri.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if local { "native" } else { "web" }
}

/// Reads the answer of a registration.
fn registered(answer: &Answer, callback: &Callback, wanted: AuthMethod) -> Result<Client, Failure> {
    let document = Document::parse(&answer.body);
    if !answer.status.is_success() {
        return Err(refused(answer, document.as_ref()));
    }
    let document = document
        .ok_or_else(|| Failure::protocol("the answer to a registration is no JSON object"))?;
    let redirects = document.list("redirect_uris")?;
    let ours = |uris: &Vec<String>| uris.iter().any(|uri| uri == callback.redirect_uri.as_str());
    if redirects.is_some_and(|uris| !ours(&uris)) {
        return Err(wrong("redirect_uris", "the list that was registered"));
    }
    let id = document.text("client_id")?.filter(|id| !id.is_empty());
    let secret = document
        .text("client_secret")?
        .filter(|secret| !secret.is_empty());
    let method = method(&document, secret.is_some(), wanted)?;
    let secret = secret
        .filter(|_| method != AuthMethod::None)
        .map(Secret::new);
    Ok(Client {
        id: id.ok_or_else(|| wrong("client_id", "a text"))?.to_owned(),
        secret_expires_at: if secret.is_some() {
            expiry(&document)?
        } else {
            None
        },
        secret,
        auth_method: method,
        registration: management(&document)?,
    })
}

/// How the server wants the client to authenticate; it may choose otherwise than was asked.
fn method(document: &Document, secret: bool, wanted: AuthMethod) -> Result<AuthMethod, Failure> {
    let chosen = match document.text("token_endpoint_auth_method")? {
        Some(name) => AuthMethod::named(name).ok_or(Failure::Unsupported(
            "the authorization server registered a client authentication that is not known here",
        ))?,
        None if !secret => AuthMethod::None,
        None if wanted == AuthMethod::None => AuthMethod::Basic,
        None => wanted,
    };
    if chosen != AuthMethod::None && !secret {
        return Err(wrong(
            "client_secret",
            "there, since the client is to authenticate with it",
        ));
    }
    Ok(chosen)
}

/// When the secret ends; zero is never.
fn expiry(document: &Document) -> Result<Option<DateTime<Utc>>, Failure> {
    let seconds = document.number("client_secret_expires_at")?;
    let seconds = seconds.filter(|seconds| *seconds != 0);
    let moment = seconds.map(|seconds| {
        let moment = DateTime::from_timestamp(seconds, 0);
        moment.ok_or_else(|| wrong("client_secret_expires_at", "seconds since 1970, or zero"))
    });
    moment.transpose()
}

/// Where the registration is managed. Of use only with both of its parts.
fn management(document: &Document) -> Result<Option<Registration>, Failure> {
    let url = document.address("registration_client_uri")?;
    let token = document.text("registration_access_token")?;
    let both = url.zip(token);
    Ok(both.map(|(url, token)| Registration {
        url,
        token: Secret::new(token),
    }))
}

/// The failure of a registration that was not accepted.
fn refused(answer: &Answer, document: Option<&Document>) -> Failure {
    let said = |name| {
        let text = document.and_then(|document| document.text(name).ok().flatten());
        text.and_then(|text| text::clean(text, &[]))
    };
    Failure::Rejected {
        error: said("error").unwrap_or_else(|| format!("status {}", answer.status.as_u16())),
        description: said("error_description"),
    }
}
