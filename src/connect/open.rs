//! Connecting: what is found out before anything is written. The server is asked once with what
//! there is to show; if it wants a login, one is begun.

use super::login::{Beginner, Begun, Browser, upstream};
use super::oauth::{self, Challenge};
use super::probe::{self, Verdict};
use super::secrets::{self, Login};
use super::state::{Event, Phase};
use super::{Connect, Held, Subject};
use crate::error::{Error, Problem, Result, Upstream};
use crate::secret::Secret;
use crate::service::form::Given;
use crate::service::workspace_connector as installation;
use crate::service::{Actor, now};
use entity::connection_authorization as pending;
use std::time::Instant;

/// The header of an API key that was sent without one.
const KEY_HEADER: &str = "x-api-key";

/// What another server said, found out before the transaction.
#[derive(Debug)]
pub struct Found {
    /// What is going to happen.
    pub(super) event: Option<Event>,
    /// What comes with it.
    pub(super) change: super::change::Change,
    /// The revision of the installation it was found out for.
    pub(super) revision: i32,
    /// What the caller is told of the server, for a test of the connection.
    pub(super) report: Option<serde_json::Value>,
}

impl Found {
    pub(super) fn of(subject: &Subject, event: Option<Event>) -> Found {
        Found {
            event,
            change: super::change::Change::default(),
            revision: subject.row.revision,
            report: None,
        }
    }
}

/// How somebody wants to be let in.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Where the browser goes after a login.
    pub redirect_url: Option<String>,
    /// A token or key that is handed over, instead of a login.
    pub(super) supplied: Option<Held>,
    /// Whether the client itself is to be let in (client credentials).
    pub machine: bool,
    /// Whether a pending login is thrown away.
    pub force: bool,
    /// The browser in which it is wished, on a page of this server.
    pub(super) browser: Option<Browser>,
}

impl Wish {
    /// With an access token that is handed over.
    pub fn with_token(mut self, token: Option<Secret>) -> Wish {
        self.supplied = token.map(|token| Held::Bearer { token });
        self
    }

    /// With an API key that is handed over, in a header of that name.
    pub(super) fn with_key(mut self, name: Option<String>, key: Secret) -> Result<Wish> {
        let name = header(name).map_err(|issue| Error::invalid("header", issue))?;
        self.supplied = Some(Held::Header { name, value: key });
        Ok(self)
    }

    /// As a form says it.
    pub(super) fn of(given: &Given, connect: &Connect) -> Result<Wish> {
        let redirect_url = connect.redirect(given)?;
        let token = given.secret("access_token").value();
        let key = given.secret("api_key").value();
        if token.is_some() && key.is_some() {
            let issue = "cannot be sent beside `access_token`; one of them is enough";
            return Err(Error::Invalid(vec![given.problem("api_key", issue)]));
        }
        let name = header(given.text("api_key_header").value())
            .map_err(|issue| Error::Invalid(vec![given.problem("api_key_header", issue)]))?;
        let key = key.map(|value| Held::Header { name, value });
        Ok(Wish {
            redirect_url,
            supplied: token.map(|token| Held::Bearer { token }).or(key),
            machine: given.boolean("client_credentials").value().unwrap_or(false),
            force: given.boolean("force").value().unwrap_or(false),
            browser: None,
        })
    }
}

/// The header in which a key is sent, in lower case.
fn header(name: Option<String>) -> std::result::Result<String, &'static str> {
    let name = name.map_or(KEY_HEADER.to_owned(), |name| name.to_ascii_lowercase());
    if is_free_header(&name) {
        return Ok(name);
    }
    Err("must be the name of a header that is not used for something else")
}

/// Whether a key can be sent in a header of that name: one that exists for nothing else.
fn is_free_header(name: &str) -> bool {
    const USED: [&str; 12] = [
        "host",
        "connection",
        "content-length",
        "content-type",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "accept",
        "cookie",
        "last-event-id",
        "expect",
    ];
    reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_ok()
        && !USED.contains(&name)
        && !name.starts_with("mcp-")
        && !name.starts_with("proxy-")
}

/// What a verdict that is neither good nor a challenge means to whoever wanted to connect.
pub(super) fn failed(verdict: &Verdict) -> Error {
    Error::Upstream(match verdict {
        Verdict::Answered { status, .. } => Upstream::Answered(*status),
        Verdict::Unreachable => Upstream::Unreachable,
        Verdict::Refused(issue) => Upstream::Refused(issue.clone()),
        Verdict::Protocol(issue) => Upstream::Protocol((*issue).to_owned()),
        Verdict::Open | Verdict::Challenged(_) => Upstream::Answered(401),
    })
}

impl Connect {
    /// Whether a browser may be sent to an address, or a sentence that says why not.
    pub(crate) fn redirects_to(&self, url: &str) -> std::result::Result<(), String> {
        let parsed = url::Url::parse(url).map_err(|_| "must be an absolute address".to_owned())?;
        if self.settings().may_redirect_to(&parsed) {
            return Ok(());
        }
        Err("names an origin to which no browser is sent; the operator lists those that are allowed in `redirect_origins`".to_owned())
    }

    /// Where a form sends the browser after the login.
    pub(super) fn redirect(&self, given: &Given) -> Result<Option<String>> {
        let redirect_url = given.text("redirect_url").value();
        if let Some(url) = &redirect_url {
            self.redirects_to(url)
                .map_err(|issue| Error::Invalid(vec![given.problem("redirect_url", issue)]))?;
        }
        Ok(redirect_url)
    }

    /// Asks the server, showing what there is to show.
    pub(super) async fn ask(&self, subject: &Subject, held: Option<&Held>) -> Verdict {
        let shown = held.map(Held::header);
        let credential = match &shown {
            Some((name, value)) => probe::Credential::Header { name, value },
            None => probe::Credential::None,
        };
        let began = Instant::now();
        let verdict = probe::probe(self.egress(), &subject.url, credential).await;
        self.metrics().probed(verdict.word(), began.elapsed());
        verdict
    }

    /// Finds out what connecting comes to.
    pub(super) async fn open(&self, actor: &Actor, subject: Subject, wish: Wish) -> Result<Found> {
        if !wish.force && wish.supplied.is_none() && self.waits(&subject, &wish).await? {
            return Ok(Found::of(&subject, None));
        }
        let subject = self.renewed(subject).await?;
        let held = wish.supplied.as_ref().or(subject.held());
        let verdict = self.ask(&subject, held).await;
        let challenge = match verdict {
            Verdict::Open => return Ok(self.opened(&subject, wish.supplied)),
            Verdict::Challenged(challenge) => challenge,
            other => return Err(failed(&other)),
        };
        if wish.machine {
            return self.open_as_machine(&subject, &challenge).await;
        }
        // The token may have been taken back; the refresh token is then tried before a person is.
        if wish.supplied.is_none()
            && let Some(found) = self.open_refreshed(&subject).await?
        {
            return Ok(found);
        }
        // Looking for a newer token may have ended the grant, which is a change of its own.
        let subject = self.again(subject).await?;
        let beginner = Beginner::of(actor, wish.redirect_url).in_browser(wish.browser.as_ref());
        let begun = self.begin_login(&subject, &challenge, beginner).await?;
        Ok(challenged(&subject, begun))
    }

    /// Whether a login of the same kind is pending.
    async fn waits(&self, subject: &Subject, wish: &Wish) -> Result<bool> {
        if subject.phase() != Phase::AuthRequired || wish.machine {
            return Ok(false);
        }
        let pending = secrets::pending(self.db().orm(), self.vault(), subject.row.id).await?;
        let browser = wish.browser.as_ref();
        Ok(pending.is_some_and(|(row, login)| {
            is_live(&row)
                && row.redirect_url == wish.redirect_url
                && row.browser_hash == browser.map(Browser::hash)
                && login.page.as_ref() == browser.map(|browser| &browser.page)
        }))
    }

    fn opened(&self, subject: &Subject, supplied: Option<Held>) -> Found {
        let mut found = Found::of(subject, Some(Event::Opened));
        found.change.held = supplied;
        found
    }

    /// Lets the client itself in (RFC 6749 section 4.4).
    async fn open_as_machine(&self, subject: &Subject, challenge: &Challenge) -> Result<Found> {
        let server = oauth::discover(self.egress(), &subject.url, challenge).await;
        let server = server.map_err(|f| upstream(&f))?;
        let (client, identity) = self.client(subject, &server).await?;
        let tokens = oauth::client_credentials(self.egress(), &server, &client).await;
        let held = Held::Machine {
            tokens: tokens.map_err(|f| upstream(&f))?,
        };
        match self.ask(subject, Some(&held)).await {
            Verdict::Open => {
                let mut found = self.opened(subject, Some(held));
                found.change.identity = identity;
                found.change.server = Some(server);
                Ok(found)
            }
            other => Err(failed(&other)),
        }
    }

    /// Renews the token once and asks again; `None` if that does not help.
    async fn open_refreshed(&self, subject: &Subject) -> Result<Option<Found>> {
        if !subject.held().is_some_and(Held::is_renewable) {
            return Ok(None);
        }
        let fresh = self.refresh(subject.row.id, subject.generation).await;
        let Ok(super::Fresh::Renewed(subject)) = fresh else {
            return Ok(None);
        };
        match self.ask(&subject, subject.held()).await {
            Verdict::Open => Ok(Some(self.opened(&subject, None))),
            Verdict::Challenged(_) => Ok(None),
            other => Err(failed(&other)),
        }
    }

    /// The subject with a token that does not lapse this moment, where one can be had.
    async fn renewed(&self, subject: Subject) -> Result<Subject> {
        if !subject.held().is_some_and(Held::is_due) {
            return Ok(subject);
        }
        match self.refresh(subject.row.id, subject.generation).await {
            Ok(super::Fresh::Renewed(subject)) => Ok(*subject),
            _ => self.again(subject).await,
        }
    }

    /// The subject as it is now; one that is gone stays as it was, and is missed later.
    async fn again(&self, subject: Subject) -> Result<Subject> {
        let db = self.db().orm();
        match installation::find(db, subject.row.id).await? {
            Some(row) => self.subject(db, row).await,
            None => Ok(subject),
        }
    }

    /// The authorization URL of a pending login, for whoever may finish it.
    pub async fn authorization_url(&self, id: uuid::Uuid) -> Result<Option<String>> {
        let pending = secrets::pending(self.db().orm(), self.vault(), id).await?;
        Ok(pending.map(|(_, Login { url, .. })| url))
    }
}

/// Whether a login can still be finished.
pub(super) fn is_live(row: &pending::Model) -> bool {
    row.consumed_at.is_none() && row.expires_at > now()
}

/// A login was begun.
pub(super) fn challenged(subject: &Subject, begun: Begun) -> Found {
    let mut found = Found::of(subject, Some(Event::Challenged));
    found.change.attempt = Some(begun.attempt);
    found.change.identity = begun.identity;
    found
}

/// Refuses what was found out for another state of the installation.
pub(super) fn same(found: &Found, revision: i32) -> Result<()> {
    if found.revision == revision {
        return Ok(());
    }
    let issue = "names a connection that changed while its server was asked; try again";
    Err(Error::Conflict(Problem::new("input.id", issue)))
}
