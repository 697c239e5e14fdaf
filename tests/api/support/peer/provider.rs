//! The OpenID provider, and a person who signs in there.

use super::{Process, control, http};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use url::Url;

/// Pages a person has to go through at most.
const PAGES: usize = 8;

/// How the provider behaves; the default is all a modern one does.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderOptions {
    /// Where the clients made beforehand may be sent back to; none: there are no such clients.
    pub redirect_uris: Vec<String>,
    /// Dynamic registration (RFC 7591).
    pub registration: bool,
    /// PKCE is asked of every client, not only of those without a secret.
    pub pkce: bool,
    /// Resource indicators (RFC 8707).
    pub resource_indicators: bool,
    /// The resources that exist; none: any.
    pub resources: Vec<String>,
    /// The scopes of a resource.
    pub scopes: Vec<String>,
    /// `opaque` or `jwt`. Opaque ones alone can be introspected and made to die.
    pub access_tokens: &'static str,
    /// Revocation (RFC 7009).
    pub revocation: bool,
    /// Introspection (RFC 7662).
    pub introspection: bool,
    /// The client credentials grant, for client `machine`.
    pub client_credentials: bool,
    /// `always`, `offline` (scope `offline_access` was granted) or `never`.
    pub refresh_tokens: &'static str,
    /// A used refresh token is replaced, and using it again kills the grant.
    pub rotation: bool,
    /// Seconds an access token lives.
    pub access_token_ttl: u32,
    /// Only OpenID's metadata is there, not that of RFC 8414.
    pub oidc_only: bool,
}

impl Default for ProviderOptions {
    fn default() -> Self {
        ProviderOptions {
            redirect_uris: Vec::new(),
            registration: true,
            pkce: true,
            resource_indicators: true,
            resources: Vec::new(),
            scopes: vec!["mcp:read".into(), "mcp:call".into()],
            access_tokens: "opaque",
            revocation: true,
            introspection: true,
            client_credentials: true,
            refresh_tokens: "always",
            rotation: true,
            access_token_ttl: 3600,
            oidc_only: false,
        }
    }
}

/// The OpenID provider. Its clients made beforehand are `static-public`, `static-secret` (HTTP
/// Basic), `static-post` (secret in the form) and `machine` (client credentials).
pub struct Provider {
    /// Its issuer identifier and origin.
    pub issuer: String,
    http: reqwest::Client,
    process: Process,
}

impl Provider {
    /// Starts it; `None` if this run does without peers.
    pub async fn start(options: ProviderOptions) -> Option<Provider> {
        let process = Process::start("provider.mjs", &json!(options)).await?;
        Some(Provider {
            issuer: process.text("issuer"),
            http: http(),
            process,
        })
    }

    /// `127.0.0.1:port`, as an exception of the egress guard names it.
    pub fn authority(&self) -> String {
        self.process.authority()
    }

    /// The secret of a client made beforehand.
    pub fn secret(client: &str) -> String {
        format!("{client}-client-secret-0123456789abcdef")
    }

    /// A person follows the authorization URL, signs in and allows: where they are sent at last.
    pub async fn login(&self, authorization_url: &str, person: &str) -> Url {
        self.visit(authorization_url, person, "allow").await
    }

    /// A person follows the authorization URL, signs in and denies.
    pub async fn deny(&self, authorization_url: &str, person: &str) -> Url {
        self.visit(authorization_url, person, "deny").await
    }

    /// Goes through the pages until the provider sends the browser elsewhere.
    async fn visit(&self, authorization_url: &str, person: &str, choice: &str) -> Url {
        let mut browser = Browser {
            http: &self.http,
            cookies: BTreeMap::new(),
            home: Url::parse(&self.issuer).expect("an address"),
        };
        let first = Url::parse(authorization_url).expect("an address");
        let mut step = browser.open(first, None).await;
        for _ in 0..PAGES {
            let (page, text) = match step {
                Step::Away(url) => return url,
                Step::Page(page, text) => (page, text),
            };
            let form = if text.contains("name=\"login\"") {
                [("login", person)]
            } else {
                assert!(text.contains("name=\"choice\""), "no form: {text}");
                [("choice", choice)]
            };
            step = browser.open(page, Some(&form)).await;
        }
        panic!("the provider shows page after page and sends nobody away");
    }

    /// The requests it has seen at its endpoints, in order, without a secret in them: `route`
    /// (`authorization`, `token`, `revocation`, `registration`, `introspection`), `status`,
    /// `client_id`, `client_auth`, `grant_type`, `resource`, `scope`, `error` and so on.
    pub async fn log(&self) -> Vec<Json> {
        let log = control(&self.http, false, format!("{}/test/log", self.issuer)).await;
        log.as_array().expect("a list").clone()
    }

    /// Those of one endpoint.
    pub async fn log_of(&self, route: &str) -> Vec<Json> {
        let mut log = self.log().await;
        log.retain(|entry| entry["route"] == route);
        log
    }

    /// All grants die: access tokens are dead, and refreshing is answered with `invalid_grant`.
    pub async fn revoke_all(&self) {
        let url = format!("{}/test/revoke-all", self.issuer);
        control(&self.http, true, url).await;
    }

    /// All access tokens die, as if their time were up. Refresh tokens live on.
    pub async fn expire_access(&self) {
        let url = format!("{}/test/expire-access", self.issuer);
        control(&self.http, true, url).await;
    }

    /// The next `count` token requests are answered with `status`.
    pub async fn fail(&self, count: u32, status: u16) {
        let url = format!("{}/test/fail?count={count}&status={status}", self.issuer);
        control(&self.http, true, url).await;
    }

    /// What a token is: `active`, `kind`, `aud`, `scope`, `sub`, `client_id`.
    pub async fn introspect(&self, token: &str) -> Json {
        let url = format!("{}/test/introspect?token={token}", self.issuer);
        control(&self.http, false, url).await
    }
}

/// As much of a browser as a login needs.
struct Browser<'a> {
    http: &'a reqwest::Client,
    cookies: BTreeMap<String, String>,
    home: Url,
}

enum Step {
    /// A page of the provider, and where it is.
    Page(Url, String),
    /// Sent away from the provider.
    Away(Url),
}

impl Browser<'_> {
    /// Opens an address, or submits a form to it, and follows the provider's redirects.
    async fn open(&mut self, mut url: Url, form: Option<&[(&str, &str)]>) -> Step {
        let mut form = form;
        for _ in 0..PAGES {
            if url.origin() != self.home.origin() {
                return Step::Away(url);
            }
            let request = match form.take() {
                Some(form) => self.http.post(url.clone()).form(form),
                None => self.http.get(url.clone()),
            };
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            let request = request.header("cookie", pairs.join("; "));
            let answer = request.send().await.expect("the provider answers");
            self.keep(&answer);
            let Some(location) = answer.headers().get("location") else {
                let status = answer.status();
                let text = answer.text().await.expect("a page");
                assert_eq!(status, 200, "{url}: {text}");
                return Step::Page(url, text);
            };
            let location = location.to_str().expect("text");
            url = url.join(location).expect("an address");
        }
        panic!("the provider redirects without end");
    }

    fn keep(&mut self, answer: &reqwest::Response) {
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("text");
            let pair = cookie.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a name and a value");
            // An empty one is one taken back.
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
