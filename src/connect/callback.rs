//! The end of a login: the browser comes back from the authorization server with a code or an
//! error. Nobody is signed in here, so the `state` is all that says who this is; it is good once.

use super::change::{Change, Guard, Reason};
use super::login::{Beginner, revoke};
use super::oauth::{self, Failure};
use super::open::failed;
use super::probe::Verdict;
use super::secrets::{self, Credentials, Login};
use super::state::Event;
use super::{Connect, Held, Subject, hashed};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::service::workspace_connector as installation;
use crate::service::{Actor, now, token};
use entity::connection_authorization as pending;
use entity::workspace_connector::{DisconnectCode, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use url::Url;
use uuid::Uuid;

/// What the browser brought, RFC 6749 section 4.1.2 and RFC 9207.
#[derive(Debug, Clone, Default)]
pub struct Returned {
    /// Which login.
    pub state: String,
    /// The code, if access was granted.
    pub code: Option<Secret>,
    /// Why access was not granted.
    pub error: Option<String>,
    /// The same for people.
    pub error_description: Option<String>,
    /// Which authorization server sends it.
    pub iss: Option<String>,
    /// What the browser holds since it began the login here.
    pub browser: Option<Secret>,
}

/// What is to be shown to the browser.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Landing {
    /// Where the browser goes; `None` for a page of this server.
    pub redirect_url: Option<String>,
    /// The page on which the login was begun, complete; whoever has its address may begin logins.
    pub page: Option<Secret>,
    /// The installation, where it is known.
    pub installation: Option<Uuid>,
    /// What went wrong: a word of RFC 6749 and a sentence.
    pub error: Option<(String, Option<String>)>,
}

impl Landing {
    /// A login that this server itself failed to finish.
    pub fn failed() -> Landing {
        let issue = "An internal error has occurred. Please try again later.".to_owned();
        Landing {
            error: Some(("server_error".to_owned(), Some(issue))),
            ..Landing::default()
        }
    }

    /// An address with what went wrong added to its query; as it is where nothing did.
    pub fn onto(&self, address: &str) -> Option<Url> {
        let mut url = Url::parse(address).ok()?;
        if let Some((error, description)) = &self.error {
            let mut query = url.query_pairs_mut();
            query.append_pair("error", error);
            if let Some(description) = description {
                query.append_pair("error_description", description);
            }
        }
        Some(url)
    }

    /// A refusal that says nothing about any connection.
    fn invalid() -> Landing {
        let issue = "Invalid or expired login attempt.".to_owned();
        Landing {
            error: Some(("invalid_request".to_owned(), Some(issue))),
            ..Landing::default()
        }
    }
}

/// A login whose `state` came back, used up.
struct Attempt {
    row: pending::Model,
    login: Login,
    subject: Subject,
    actor: Actor,
}

/// How a login ended.
enum Ending {
    /// Access was granted and tokens were issued.
    Granted(Held),
    /// It was not; the word and the sentence are for the browser.
    Denied(String, Option<String>),
}

impl Connect {
    /// Finishes a login.
    ///
    /// # Errors
    ///
    /// Faults of this server only; what went wrong elsewhere is in the [`Landing`].
    pub async fn complete(&self, returned: Returned) -> Result<Landing> {
        let Some(attempt) = self.take(&returned).await? else {
            return Ok(Landing::invalid());
        };
        let ending = self.ending(&attempt, &returned).await;
        let error = match ending {
            Ending::Granted(held) => self.granted(&attempt, held).await?,
            Ending::Denied(error, description) => {
                self.begin_again(&attempt).await?;
                Some((error, description))
            }
        };
        let page = attempt.login.page.clone();
        // Who began on a page reads there why it failed, and tries again.
        let stays = page.is_some() && error.is_some();
        let redirect_url = attempt.row.redirect_url.clone();
        Ok(Landing {
            redirect_url: redirect_url.filter(|_| !stays),
            page,
            installation: Some(attempt.subject.row.id),
            error,
        })
    }

    /// The login of a `state`, which is used up by looking. `None` if there is none, it has lapsed,
    /// another browser began it, or who began it may no longer act.
    async fn take(&self, returned: &Returned) -> Result<Option<Attempt>> {
        use pending::{Column as C, Entity as E};
        let hash = hashed(&returned.state);
        let db = self.db().orm();
        let found = E::find().filter(C::StateHash.eq(&hash)).one(db).await?;
        let Some(row) = found.filter(super::open::is_live) else {
            return Ok(None);
        };
        // Another browser does not use it up: its owner may still come.
        if !is_same_browser(&row, returned.browser.as_ref()) {
            return Ok(None);
        }
        let taken = E::update_many()
            .col_expr(C::ConsumedAt, Expr::value(now()))
            .filter(C::StateHash.eq(&hash))
            .filter(C::ConsumedAt.is_null())
            .exec(db)
            .await?;
        if taken.rows_affected != 1 {
            return Ok(None);
        }
        let Some(installed) = installation::find(db, row.workspace_connector_id).await? else {
            return Ok(None);
        };
        let Some(actor) = self.beginner(&row, &installed).await? else {
            return Ok(None);
        };
        Ok(Some(Attempt {
            login: secrets::login(self.vault(), &row)?,
            subject: self.subject(db, installed).await?,
            actor,
            row,
        }))
    }

    /// Who began a login: their token, which must still be good; the server itself where it did.
    async fn beginner(&self, row: &pending::Model, installed: &Model) -> Result<Option<Actor>> {
        match row.api_token_id {
            Some(id) => token::actor(self.db(), id).await,
            None => self.server_actor(installed).await.map(Some),
        }
    }

    /// What the authorization server has to say, its tokens included.
    async fn ending(&self, attempt: &Attempt, returned: &Returned) -> Ending {
        let internal = || {
            let issue = "An internal error has occurred. Please try again later.";
            Ending::Denied("server_error".to_owned(), Some(issue.to_owned()))
        };
        let login = &attempt.login;
        if let Err(failure) = oauth::check_issuer(&login.server, returned.iss.as_deref()) {
            return Ending::Denied("invalid_request".to_owned(), Some(failure.to_string()));
        }
        if let Some(error) = &returned.error {
            return Ending::Denied(error.clone(), returned.error_description.clone());
        }
        let Some(code) = &returned.code else {
            let issue = "The authorization server sent neither a code nor an error.";
            return Ending::Denied("invalid_request".to_owned(), Some(issue.to_owned()));
        };
        let callback = self.settings().callback();
        let (server, client) = (&login.server, &login.client);
        let tokens = oauth::exchange(
            self.egress(),
            server,
            client,
            &callback,
            code,
            &login.verifier,
        )
        .await;
        match tokens {
            Ok(tokens) => Ending::Granted(Held::Grant { tokens }),
            Err(failure) => {
                let id = attempt.subject.row.id;
                tracing::warn!(%id, %failure, "a code was not exchanged");
                internal()
            }
        }
    }

    /// Tokens were issued: the server is asked whether it takes them.
    async fn granted(
        &self,
        attempt: &Attempt,
        held: Held,
    ) -> Result<Option<(String, Option<String>)>> {
        let verdict = self.ask(&attempt.subject, Some(&held)).await;
        let mut change = Change {
            held: Some(held.clone()),
            server: Some(attempt.login.server.clone()),
            ..Change::default()
        };
        let (event, error) = match verdict {
            Verdict::Open => (Event::Authorized, None),
            other => {
                let reason = reason(&other);
                let text = reason.text.clone();
                change.reason = Some(reason);
                (
                    Event::Rejected,
                    Some(("server_error".to_owned(), Some(text))),
                )
            }
        };
        let happened = self.finish(attempt, event, change).await?;
        if happened.is_some() {
            return Ok(error);
        }
        // Somebody disconnected or began anew meanwhile: what was granted is given back.
        let credentials = Credentials {
            held: Some(held),
            server: Some(attempt.login.server.clone()),
            ..attempt.subject.credentials.clone()
        };
        revoke(self.clone(), credentials).await;
        let issue = "Connector must be in auth_required state.".to_owned();
        Ok(Some(("invalid_request".to_owned(), Some(issue))))
    }

    /// A login that failed is used up; another takes its place, so that the person can try again.
    async fn begin_again(&self, attempt: &Attempt) -> Result<()> {
        let beginner = Beginner {
            person_id: attempt.row.person_id,
            api_token_id: attempt.row.api_token_id,
            browser_hash: attempt.row.browser_hash.clone(),
            redirect_url: attempt.row.redirect_url.clone(),
            page: attempt.login.page.clone(),
        };
        let login = attempt.login.clone();
        let next = self.attempt(login.server, login.client, beginner)?;
        let change = Change {
            attempt: Some(next),
            ..Change::default()
        };
        self.finish(attempt, Event::Renewed, change).await?;
        Ok(())
    }

    async fn finish(
        &self,
        attempt: &Attempt,
        event: Event,
        change: Change,
    ) -> Result<Option<Model>> {
        let guard = Guard {
            attempt: Some(attempt.row.id),
            ..Guard::default()
        };
        let id = attempt.subject.row.id;
        self.happen(&attempt.actor, id, (event, change), guard)
            .await
    }
}

/// Whether the browser is the one that began the login; any will do where none began it.
fn is_same_browser(row: &pending::Model, browser: Option<&Secret>) -> bool {
    match &row.browser_hash {
        None => true,
        Some(hash) => browser.is_some_and(|held| hashed(held.reveal()) == *hash),
    }
}

/// Why a server does not take what it was shown.
pub(super) fn reason(verdict: &Verdict) -> Reason {
    let code = match verdict {
        Verdict::Challenged(_) => DisconnectCode::AuthRevoked,
        Verdict::Answered { status, .. } if *status >= 500 => DisconnectCode::Upstream5xx,
        Verdict::Answered { .. } => DisconnectCode::Upstream4xx,
        Verdict::Unreachable => DisconnectCode::Network,
        Verdict::Refused(_) => DisconnectCode::PolicyBlocked,
        Verdict::Protocol(_) | Verdict::Open => DisconnectCode::Protocol,
    };
    Reason::new(code, failed(verdict).message())
}

/// What went wrong, for a log.
impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        super::login::upstream(&failure)
    }
}
