//! Calls that pass through: what a caller sends to the server of a connection, and what it answers.
//! Who may call, which headers pass, when a token is renewed and when a call is repeated stands
//! here. It knows no face, and the caller's own credential never comes this far.
//!
//! # Why
//!
//! A server that answers 401 says something about the credential of the connection and nothing about
//! the caller's, so that status never passes. The token is renewed and the call repeated, once, if
//! all of it is still here. If that does not help, the server is asked by a message of our own: a
//! caller could otherwise end a connection by a request that the server refuses for what it says.

mod header;
mod relay;
mod traffic;

pub use header::{back, onward};
pub use relay::{End, Relayed, relay};
pub use traffic::{Counted, Counts, Traffic};

use super::callback::reason;
use super::change::{Change, Guard};
use super::egress::Fault;
use super::probe::{Credential, Verdict};
use super::state::Phase;
use super::subject::phase;
use super::{Connect, Fresh, Held, Subject, use_case};
use crate::error::{Error, Upstream};
use crate::live::Permit;
use crate::service::workspace_connector as installation;
use crate::service::{Actor, Capability, now};
use bytes::Bytes;
use entity::workspace_connector::{Model, Status};
use reqwest::header::{CONTENT_LENGTH, HeaderMap};
use reqwest::{Method, Response, StatusCode};
use sea_orm::ActiveEnum;
use std::time::Duration;
use uuid::Uuid;

/// What an operator decides about calls that pass through.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long a server may take to begin its answer.
    pub patience: Duration,
    /// How long an answer may pause, and a caller may leave it unread.
    pub idle: Duration,
    /// Most bytes of what a caller sends.
    pub size: usize,
    /// Most calls of one connection at once.
    pub concurrency: usize,
}

/// What a caller sends.
#[derive(Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The headers that pass, see [`onward`].
    pub headers: HeaderMap,
    /// The body.
    pub body: Payload,
}

/// The body of a call.
#[derive(Debug)]
pub enum Payload {
    /// All of it; empty for none. Such a call can be repeated.
    Whole(Bytes),
    /// What is sent on as it comes, and its length if that is known.
    Streamed(reqwest::Body, Option<u64>),
}

/// Why a call does not pass, or its answer does not.
#[derive(Debug)]
pub enum Refusal {
    /// The caller's role may not call.
    Forbidden,
    /// There is no such connection for this caller.
    Unknown(Uuid),
    /// It is not connected, or switched off.
    NotConnected {
        /// Where the connection stands.
        state: String,
        /// Where the installation does.
        status: String,
    },
    /// So many calls of it are under way, which is the most there may be.
    Busy(usize),
    /// The server does not take the credential.
    Rejected {
        /// Where the connection stands now.
        state: String,
    },
    /// The server did not take the credential, which was renewed since; what the caller sent is gone.
    Renewed,
    /// Another server stands in the way, or this one fails.
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::Failed(error)
    }
}

/// Leave to make one call.
pub struct Admitted {
    subject: Subject,
    permit: Permit,
}

impl Connect {
    /// Lets a caller call a connection, if it is theirs or shared in their workspace, is connected
    /// and has not too many calls already. What is refused stands in the record.
    pub async fn admit(&self, actor: &Actor, id: Uuid) -> Result<Admitted, Refusal> {
        let traffic = self.traffic();
        let row = match self.callable(actor, id).await {
            Ok(row) => row,
            Err(refusal) => {
                traffic.refused(self.db(), actor, id, &refusal).await?;
                return Err(refusal);
            }
        };
        let Some(permit) = traffic.quota().take(id) else {
            let busy = Refusal::Busy(traffic.quota().most());
            traffic.refused(self.db(), actor, id, &busy).await?;
            return Err(busy);
        };
        let subject = self.subject(self.db().orm(), row).await?;
        Ok(Admitted { subject, permit })
    }

    /// The installation that a caller may call now.
    async fn callable(&self, actor: &Actor, id: Uuid) -> Result<Model, Refusal> {
        if actor.require(Capability::Installations).is_err() {
            return Err(Refusal::Forbidden);
        }
        let row = installation::find(self.db().orm(), id).await?;
        let row = row.filter(|row| {
            let own = row.person_id.is_some() && row.person_id == actor.person();
            row.url.is_some()
                && row.workspace_id == actor.viewer.workspace_id
                && (own || row.shared)
        });
        let row = row.ok_or(Refusal::Unknown(id))?;
        match standing(&row) {
            None => Ok(row),
            Some(refusal) => Err(refusal),
        }
    }

    /// Whether a caller who was admitted may go on. That the database does not answer says nothing
    /// about it.
    pub async fn may_go_on(&self, actor: &Actor, id: Uuid) -> bool {
        matches!(
            self.callable(actor, id).await,
            Ok(_) | Err(Refusal::Failed(_))
        )
    }

    /// Makes the call. What comes back is the head of the answer; the rest is for [`relay`].
    pub async fn call(
        &self,
        admitted: Admitted,
        call: Call,
    ) -> Result<(Response, Permit), Refusal> {
        let Admitted { subject, permit } = admitted;
        let counts = &self.traffic().counts;
        counts.call();
        match self.exchange(subject, call).await {
            Ok(answer) => Ok((answer, permit)),
            Err(refusal) => {
                counts.failure();
                Err(refusal)
            }
        }
    }

    async fn exchange(&self, subject: Subject, call: Call) -> Result<Response, Refusal> {
        let subject = self.with_time_left(subject).await?;
        let again = call.again();
        let answer = self.pass(&subject, call).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return passable(answer);
        }
        drop(answer);
        let id = subject.row.id;
        let Fresh::Renewed(renewed) = self.refresh(id, subject.generation).await? else {
            return Err(self.rejected(&subject).await?);
        };
        if let Some(refusal) = standing(&renewed.row) {
            return Err(refusal);
        }
        let again = again.ok_or(Refusal::Renewed)?;
        self.traffic().counts.repetition();
        let answer = self.pass(&renewed, again).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return passable(answer);
        }
        Err(self.rejected(&renewed).await?)
    }

    /// The connection with a token that does not lapse on the way, where one can be had.
    async fn with_time_left(&self, subject: Subject) -> Result<Subject, Refusal> {
        let Some(held) = subject.held().filter(|held| held.is_due()) else {
            return Ok(subject);
        };
        let has_lapsed = held.expires_at().is_none_or(|end| end <= now());
        match self.refresh(subject.row.id, subject.generation).await {
            Ok(Fresh::Renewed(renewed)) => match standing(&renewed.row) {
                None => Ok(*renewed),
                Some(refusal) => Err(refusal),
            },
            Ok(Fresh::Ended) => Err(self.ended(subject.row.id).await?),
            // There is some time left, and the authorization server may come back within it.
            Err(_) if !has_lapsed => Ok(subject),
            Err(error) => Err(error.into()),
        }
    }

    /// Why a connection that has ended cannot be called.
    async fn ended(&self, id: Uuid) -> Result<Refusal, Error> {
        let row = installation::find(self.db().orm(), id).await?;
        let refusal = row.map(|row| standing(&row).unwrap_or_else(|| not_connected(&row)));
        Ok(refusal.unwrap_or(Refusal::Unknown(id)))
    }

    /// Sends a call once.
    async fn pass(&self, subject: &Subject, call: Call) -> Result<Response, Error> {
        let mut request = reqwest::Request::new(call.method, subject.url.clone());
        let shown = subject.held().map(Held::header);
        let credential = match &shown {
            Some((name, value)) => Credential::Header { name, value },
            None => Credential::None,
        };
        let credential = credential.headers();
        let credential =
            credential.map_err(|issue| Error::Upstream(Upstream::Refused(issue.to_owned())))?;
        *request.headers_mut() = call.headers;
        request.headers_mut().extend(credential);
        let mut patience = self.settings().proxy.patience;
        match call.body {
            Payload::Whole(body) if body.is_empty() => {}
            Payload::Whole(body) => *request.body_mut() = Some(body.into()),
            Payload::Streamed(body, length) => {
                if let Some(length) = length {
                    request.headers_mut().insert(CONTENT_LENGTH, length.into());
                }
                *request.body_mut() = Some(body);
                // The caller is still sending, at a pace of their own.
                patience += self.settings().proxy.idle;
            }
        }
        let answer = self.egress().open(request, patience).await;
        answer.map_err(|fault| {
            Error::Upstream(match fault {
                Fault::Refused(issue) => Upstream::Refused(issue),
                Fault::Unreachable(_) | Fault::TooSlow | Fault::TooLarge => Upstream::Unreachable,
            })
        })
    }

    /// The server does not take the credential, and there is no newer one: if it lets us in no
    /// longer, the connection is lost.
    async fn rejected(&self, subject: &Subject) -> Result<Refusal, Error> {
        let id = subject.row.id;
        let verdict = match self.unchanged(subject).await? {
            true => self.ask(subject, subject.held()).await,
            false => Verdict::Open,
        };
        if matches!(verdict, Verdict::Challenged(_)) {
            let actor = self.server_actor(&subject.row).await?;
            let lost = (use_case::event(&verdict), Change::because(reason(&verdict)));
            self.happen(&actor, id, lost, Guard::of(subject)).await?;
        }
        let row = installation::find(self.db().orm(), id).await?;
        Ok(row.map_or(Refusal::Unknown(id), |row| {
            let state = phase(&row).state().to_value();
            Refusal::Rejected { state }
        }))
    }

    /// Whether nothing happened to a connection since it was looked up.
    async fn unchanged(&self, subject: &Subject) -> Result<bool, Error> {
        let row = installation::find(self.db().orm(), subject.row.id).await?;
        Ok(row.is_some_and(|row| row.revision == subject.row.revision))
    }
}

/// Why an installation cannot be called as it stands; `None` if it can.
fn standing(row: &Model) -> Option<Refusal> {
    let barred = matches!(row.status, Status::Disabled | Status::Suspended);
    (barred || phase(row) != Phase::Connected).then(|| not_connected(row))
}

fn not_connected(row: &Model) -> Refusal {
    Refusal::NotConnected {
        state: phase(row).state().to_value(),
        status: row.status.to_value(),
    }
}

/// Refuses an answer that means something to us and nothing to the caller: redirects, which are not
/// followed, and what belongs to one connection.
fn passable(answer: Response) -> Result<Response, Refusal> {
    let status = answer.status();
    let final_answer = status.is_success() || status.is_client_error() || status.is_server_error();
    if final_answer && status != StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return Ok(answer);
    }
    Err(Error::Upstream(Upstream::Answered(status.as_u16())).into())
}

impl Call {
    /// The same call once more, if all of it is here.
    fn again(&self) -> Option<Call> {
        let Payload::Whole(body) = &self.body else {
            return None;
        };
        Some(Call {
            method: self.method.clone(),
            headers: self.headers.clone(),
            body: Payload::Whole(body.clone()),
        })
    }
}
