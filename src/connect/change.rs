//! Writing what happened to a connection: the one place where its state, its secrets, its pending
//! login and the server's bookkeeping change, together, in one transaction, as [`state::step`] says.

use super::login::{Identity, revoke};
use super::oauth::Server;
use super::secrets::{self, Attempt, Name};
use super::state::{self, Event, Phase, Tokens};
use super::{Connect, Held, Subject};
use crate::error::{Error, Problem, Result};
use crate::service::work::Work;
use crate::service::workspace_connector as installation;
use crate::service::{Actor, Alone, alone, now};
use chrono::{DateTime, TimeDelta, Utc};
use entity::workspace;
use entity::workspace_connector::{ActiveModel, DisconnectCode, Model, Status};
use rand::Rng;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

/// How long before a token lapses it is renewed.
pub(super) const LEAD: TimeDelta = TimeDelta::seconds(60);

/// The longest pause between two looks at a server that fails.
const MOST: TimeDelta = TimeDelta::minutes(30);

/// The shortest pause before a token is renewed by itself, however short its life.
const LEAST: TimeDelta = TimeDelta::seconds(5);

/// Why a connection is disconnected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// For programs.
    pub code: DisconnectCode,
    /// For people. It never holds a credential or what a server sent.
    pub text: String,
}

impl Reason {
    /// A reason.
    pub fn new(code: DisconnectCode, text: impl Into<String>) -> Reason {
        Reason {
            code,
            text: text.into(),
        }
    }
}

/// What comes with an event.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    /// Why it is disconnected; needed where it then is.
    pub reason: Option<Reason>,
    /// The login that was begun; needed where one is then pending.
    pub attempt: Option<Attempt>,
    /// What the server is shown from now on.
    pub held: Option<Held>,
    /// Who the server is to its authorization server.
    pub identity: Option<Identity>,
    /// The authorization server.
    pub server: Option<Server>,
}

impl Change {
    /// With a reason alone.
    pub fn because(reason: Reason) -> Change {
        Change {
            reason: Some(reason),
            ..Change::default()
        }
    }
}

/// Makes `event` happen to a locked connection.
pub(super) async fn apply(
    work: &mut Work,
    connect: &Connect,
    subject: Subject,
    event: Event,
    change: Change,
) -> Result<Model> {
    let before = subject.row.clone();
    let step = state::step(subject.phase(), event).map_err(refused)?;
    let failures = match (event, step.to) {
        (Event::Faulted, _) => subject.failures.saturating_add(1),
        (_, Phase::Failing) => subject.failures,
        _ => 0,
    };
    let held = match step.tokens {
        Tokens::Keep => change.held.as_ref().or(subject.held()),
        Tokens::Erase => None,
    };
    let next = next_look(connect, step.to, failures, held, change.attempt.as_ref());
    let mut active = before.clone().into_active_model();
    // A token that was renewed tells nothing of the server.
    if event != Event::Refreshed {
        write_state(&mut active, &before, step.to, change.reason.as_ref());
    }
    active.token_expires_at = Set(held.and_then(Held::expires_at));
    active.authorization_expires_at = Set(change.attempt.as_ref().map(|a| a.expires_at));
    let generation = subject.generation + i32::from(change.held.is_some());
    let id = before.id;
    if step.tokens == Tokens::Erase {
        secrets::erase(work.tx(), id, Name::Tokens).await?;
        revoke_afterwards(work, connect, &subject);
    }
    write_secrets(work, connect, id, step.to, change).await?;
    secrets::note(work.tx(), id, generation, failures, next).await?;
    installation::write(work, before, active).await
}

fn refused(issue: String) -> Error {
    Error::Conflict(Problem::new(
        "input.id",
        format!("names a connection that {issue}"),
    ))
}

/// State, reason, status and moments.
fn write_state(active: &mut ActiveModel, before: &Model, to: Phase, reason: Option<&Reason>) {
    let reason = reason.filter(|_| to.permanent().is_some());
    let code = reason.map(|r| r.code);
    active.connection_state = Set(Some(to.state()));
    active.disconnect_permanent = Set(to.permanent());
    active.disconnect_code = Set(code);
    active.disconnect_reason = Set(reason.map(|r| r.text.clone()));
    // What the operator has barred stays barred.
    if before.status != Status::Suspended {
        active.status = Set(state::status(to, code));
    }
    active.last_checked_at = Set(Some(now()));
    if to == Phase::Connected {
        active.last_connected_at = Set(Some(now()));
    }
}

async fn write_secrets(
    work: &Work,
    connect: &Connect,
    id: Uuid,
    to: Phase,
    change: Change,
) -> Result<()> {
    let vault = connect.vault();
    if let Some(identity) = &change.identity {
        secrets::put(work.tx(), vault, id, Name::Client, identity).await?;
    }
    if let Some(server) = &change.server {
        secrets::put(work.tx(), vault, id, Name::Server, server).await?;
    }
    if let Some(held) = &change.held {
        secrets::put(work.tx(), vault, id, Name::Tokens, held).await?;
    }
    match (to, change.attempt) {
        (Phase::AuthRequired, Some(attempt)) => secrets::begin(work.tx(), vault, id, attempt).await,
        (Phase::AuthRequired, None) => Err(Error::internal("a login is due and none was begun")),
        _ => secrets::end(work.tx(), id).await,
    }
}

/// Asks the authorization server to forget tokens that are erased here, once they are.
fn revoke_afterwards(work: &mut Work, connect: &Connect, subject: &Subject) {
    let connect = connect.clone();
    let credentials = subject.credentials.clone();
    work.afterwards(move || revoke(connect, credentials));
}

/// When a connection is to be looked at next.
pub(super) fn next_look(
    connect: &Connect,
    to: Phase,
    failures: i32,
    held: Option<&Held>,
    attempt: Option<&Attempt>,
) -> Option<DateTime<Utc>> {
    let interval = TimeDelta::from_std(connect.settings().check_interval).unwrap_or(MOST);
    match to {
        Phase::Connected => {
            let look = now() + jittered(interval);
            let renewal = held
                .filter(|held| held.is_renewable())
                .and_then(|held| held.expires_at())
                .map(renewal);
            Some(renewal.map_or(look, |renewal| look.min(renewal)))
        }
        Phase::Failing => Some(now() + jittered(backed_off(interval, failures))),
        Phase::AuthRequired => attempt.map(|attempt| attempt.expires_at),
        Phase::Created | Phase::Stopped => None,
    }
}

/// When a token is renewed that lapses at `end`: a little before, or half-way where its whole life
/// is not much longer than that.
fn renewal(end: DateTime<Utc>) -> DateTime<Utc> {
    let half = (end - now()) / 2;
    (end - LEAD).max(now() + half.max(LEAST))
}

/// The pause after so many failures in a row: doubled each time, up to a cap.
fn backed_off(interval: TimeDelta, failures: i32) -> TimeDelta {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(0);
    let factor = 2_i32.checked_pow(doublings.min(20)).unwrap_or(i32::MAX);
    interval
        .checked_mul(factor)
        .unwrap_or(MOST)
        .min(MOST.max(interval))
}

/// A pause up to a fifth shorter or longer, so that connections made together are not looked at
/// together.
pub(super) fn jittered(pause: TimeDelta) -> TimeDelta {
    let milliseconds = pause.num_milliseconds();
    let spread = milliseconds / 5;
    TimeDelta::milliseconds(milliseconds + rand::rng().random_range(-spread..=spread))
}

/// What must still hold for something to happen that was found out before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Guard {
    /// The tokens are those it was found out with.
    pub generation: Option<i32>,
    /// The pending login is that one.
    pub attempt: Option<Uuid>,
    /// The phase is that one.
    pub phase: Option<Phase>,
}

impl Guard {
    /// The tokens and the phase are those of a subject.
    pub fn of(subject: &Subject) -> Guard {
        Guard {
            generation: Some(subject.generation),
            phase: Some(subject.phase()),
            attempt: None,
        }
    }

    async fn holds(self, work: &Work, subject: &Subject) -> Result<bool> {
        let pending = match self.attempt {
            None => true,
            Some(id) => secrets::is_pending(work.tx(), subject.row.id, id).await?,
        };
        let generation = self.generation.is_none_or(|g| g == subject.generation);
        Ok(pending && generation && self.phase.is_none_or(|p| p == subject.phase()))
    }
}

impl Connect {
    /// Makes something happen that no client asks for by name, if it may still happen: what a
    /// person did meanwhile is never undone. `None` if it may not.
    pub(super) async fn happen(
        &self,
        actor: &Actor,
        id: Uuid,
        (event, change): (Event, Change),
        guard: Guard,
    ) -> Result<Option<Model>> {
        let action = format!("workspace_connector.{}", event.done());
        let connect = self.clone();
        let run: Alone<Model> = Box::new(move |work| {
            Box::pin(async move {
                work.lock(id).await?;
                let Some(row) = installation::find(work.tx(), id).await? else {
                    return Ok(None);
                };
                let subject = connect.subject(work.tx(), row).await?;
                let possible = state::step(subject.phase(), event).is_ok();
                if !possible || !guard.holds(work, &subject).await? {
                    return Ok(None);
                }
                apply(work, &connect, subject, event, change)
                    .await
                    .map(Some)
            })
        });
        alone(self.db(), &self.backing(), actor, &action, run).await
    }

    /// The server itself, acting on an installation.
    pub(super) async fn server_actor(&self, row: &Model) -> Result<Actor> {
        let workspace = workspace::Entity::find()
            .filter(workspace::Column::Id.eq(row.workspace_id))
            .one(self.db().orm())
            .await?;
        let workspace =
            workspace.ok_or_else(|| Error::internal("an installation without a workspace"))?;
        Ok(Actor::server(
            &workspace,
            Uuid::now_v7().simple().to_string(),
        ))
    }
}
