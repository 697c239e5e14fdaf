//! Beginning a login at a connector's authorization server, and ending what came of one.

use super::oauth::{self, Challenge, Client, Failure, Server};
use super::secrets::{Attempt, Credentials, Login};
use super::{Connect, Held, Subject, hashed};
use crate::error::{Error, Result, Upstream};
use crate::secret::Secret;
use crate::service::{Actor, now};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

/// How long a person may take to log in.
const LIFE: TimeDelta = TimeDelta::minutes(10);

/// What people are told at the authorization server.
const CLIENT_NAME: &str = "Connectory";

/// Who this server is to an authorization server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Identity {
    /// A client that the owner or a preset brought.
    Given {
        /// Its identifier.
        id: String,
        /// Its secret, unless it is public.
        #[serde(serialize_with = "super::kept::option")]
        secret: Option<Secret>,
    },
    /// A client that was registered for this connection (RFC 7591).
    Registered {
        /// Where.
        issuer: String,
        /// For which callback.
        redirect_uri: Url,
        /// The client.
        client: Box<Client>,
    },
}

/// Who begins a login.
#[derive(Debug, Clone, Default)]
pub(super) struct Beginner {
    /// The person.
    pub person_id: Option<Uuid>,
    /// The token they used.
    pub api_token_id: Option<Uuid>,
    /// SHA-256 of what their browser holds, where a browser began it.
    pub browser_hash: Option<String>,
    /// Where the browser goes afterwards.
    pub redirect_url: Option<String>,
    /// The page of this server on which it was begun, complete.
    pub page: Option<Secret>,
}

impl Beginner {
    /// The actor of a request.
    pub fn of(actor: &Actor, redirect_url: Option<String>) -> Beginner {
        Beginner {
            person_id: actor.person(),
            api_token_id: actor.token_id,
            redirect_url,
            ..Beginner::default()
        }
    }

    /// The same, in a browser.
    pub fn in_browser(self, browser: Option<&Browser>) -> Beginner {
        Beginner {
            browser_hash: browser.map(Browser::hash),
            page: browser.map(|browser| browser.page.clone()),
            ..self
        }
    }
}

/// The browser in which a person begins a login, on a page of this server.
#[derive(Debug, Clone)]
pub struct Browser {
    /// What it holds, and no other browser does.
    pub held: Secret,
    /// The page, complete; whoever has its address may begin logins.
    pub page: Secret,
}

impl Browser {
    /// What is stored to recognise it.
    pub(super) fn hash(&self) -> String {
        hashed(self.held.reveal())
    }
}

/// A login that was begun, and what was found on the way.
#[derive(Debug, Clone)]
pub(super) struct Begun {
    /// The login.
    pub attempt: Attempt,
    /// The client, where it was registered just now.
    pub identity: Option<Identity>,
}

/// What a failure means to whoever wanted to connect.
pub(super) fn upstream(failure: &Failure) -> Error {
    Error::Upstream(match failure {
        Failure::Refused(issue) => Upstream::Refused(issue.clone()),
        Failure::Unreachable => Upstream::Unreachable,
        other => Upstream::Authorization(other.to_string()),
    })
}

impl Connect {
    /// Finds the authorization server, registers if need be, and begins a login.
    pub(super) async fn begin_login(
        &self,
        subject: &Subject,
        challenge: &Challenge,
        beginner: Beginner,
    ) -> Result<Begun> {
        let found = oauth::discover(self.egress(), &subject.url, challenge).await;
        let server = found.map_err(|f| upstream(&f))?;
        let (client, identity) = self.client(subject, &server).await?;
        let attempt = self.attempt(server, client, beginner)?;
        Ok(Begun { attempt, identity })
    }

    /// A login at a known server by a known client.
    pub(super) fn attempt(
        &self,
        server: Server,
        client: Client,
        beginner: Beginner,
    ) -> Result<Attempt> {
        let callback = self.settings().callback();
        let begun = oauth::begin(&server, &client, &callback).map_err(|f| upstream(&f))?;
        Ok(Attempt {
            state_hash: hashed(begun.state.reveal()),
            redirect_url: beginner.redirect_url,
            person_id: beginner.person_id,
            api_token_id: beginner.api_token_id,
            browser_hash: beginner.browser_hash,
            expires_at: now() + LIFE,
            login: Login {
                url: begun.url.into(),
                verifier: begun.verifier,
                server,
                client,
                page: beginner.page,
            },
        })
    }

    /// The client for an authorization server: the one that was given, the one that was registered
    /// there, or a new one.
    pub(super) async fn client(
        &self,
        subject: &Subject,
        server: &Server,
    ) -> Result<(Client, Option<Identity>)> {
        let callback = self.settings().callback();
        match &subject.credentials.identity {
            Some(Identity::Given { id, secret }) => {
                return Ok((oauth::known(server, id.clone(), secret.clone()), None));
            }
            Some(Identity::Registered {
                issuer,
                redirect_uri,
                client,
            }) if *issuer == server.issuer && *redirect_uri == callback && !lapsed(client) => {
                return Ok((client.as_ref().clone(), None));
            }
            _ => {}
        }
        let about = oauth::Callback {
            redirect_uri: callback.clone(),
            client_name: CLIENT_NAME.to_owned(),
            client_uri: Some(self.settings().public_url.clone()),
            metadata_document: None,
        };
        let client = oauth::register(self.egress(), server, &about).await;
        let client = client.map_err(|f| upstream(&f))?;
        let identity = Identity::Registered {
            issuer: server.issuer.clone(),
            redirect_uri: callback,
            client: Box::new(client.clone()),
        };
        Ok((client, Some(identity)))
    }
}

fn lapsed(client: &Client) -> bool {
    client.secret_expires_at.is_some_and(|end| end <= now())
}

/// Asks an authorization server to forget tokens. Nobody waits for more than a moment, and nothing
/// depends on it.
pub(super) async fn revoke(connect: Connect, credentials: Credentials) {
    if let Some(Held::Grant { tokens } | Held::Machine { tokens }) = &credentials.held
        && let Some((server, client)) = credentials.issuer()
    {
        oauth::revoke(connect.egress(), server, &client, tokens).await;
    }
}
