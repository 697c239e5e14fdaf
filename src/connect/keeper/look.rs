//! What is done with one connection that is due.

use super::Stop;
use super::claim::Claim;
use crate::connect::callback::reason;
use crate::connect::change::{self, Change, Guard, Reason};
use crate::connect::probe::Verdict;
use crate::connect::secrets;
use crate::connect::state::{Event, Phase};
use crate::connect::use_case::event;
use crate::connect::{Connect, Fresh, Held, Subject};
use crate::error::{Error, Result, Upstream};
use crate::service::workspace_connector as installation;
use crate::service::{Actor, now};
use chrono::{DateTime, TimeDelta, Utc};
use entity::connection_authorization as pending;
use entity::workspace_connector::{Column, ConnectionState, DisconnectCode, Entity, Model, Status};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// How long a login that came back may take to be finished, before its process is taken for dead.
const FINISHING: TimeDelta = TimeDelta::minutes(2);

/// Why a login is over that nobody finished.
const LAPSED: &str = "Authorization expired";

/// Looks at a connection and sees to it that the next look is in its place.
pub(super) async fn check(connect: &Connect, claim: &Claim, stop: Stop) -> Result<()> {
    let db = connect.db().orm();
    let Some(row) = installation::find(db, claim.installation).await? else {
        return secrets::forget(db, claim.installation).await;
    };
    if row.url.is_none() {
        return claim.end(connect, None).await;
    }
    if is_barred(&row) {
        return claim.end(connect, Some(after_pause(connect))).await;
    }
    let subject = connect.subject(db, row).await?;
    match subject.phase() {
        Phase::AuthRequired => lapse(connect, claim, subject).await,
        Phase::Connected | Phase::Failing => look(connect, claim, subject, stop).await,
        Phase::Created | Phase::Stopped => claim.end(connect, None).await,
    }
}

/// Whether an installation is to be left alone: the operator barred it, or somebody paused it.
fn is_barred(row: &Model) -> bool {
    match row.status {
        Status::Suspended => true,
        Status::Disabled => row.connection_state == Some(ConnectionState::Connected),
        _ => false,
    }
}

fn after_pause(connect: &Connect) -> DateTime<Utc> {
    let pause = TimeDelta::from_std(connect.settings().check_interval);
    now() + change::jittered(pause.unwrap_or(TimeDelta::minutes(1)))
}

/// Ends a login that nobody finished in time.
async fn lapse(connect: &Connect, claim: &Claim, subject: Subject) -> Result<()> {
    let pending = pending::Entity::find()
        .filter(pending::Column::WorkspaceConnectorId.eq(claim.installation))
        .one(connect.db().orm())
        .await?;
    let end = pending.as_ref().map(|row| {
        let finished = row.consumed_at.map(|at| at + FINISHING);
        finished.map_or(row.expires_at, |finished| finished.max(row.expires_at))
    });
    if end.is_some_and(|end| end > now()) {
        return claim.end(connect, end).await;
    }
    let guard = Guard {
        attempt: pending.map(|row| row.id),
        ..Guard::of(&subject)
    };
    let reason = Reason::new(DisconnectCode::AuthExpired, LAPSED);
    let actor = connect.server_actor(&subject.row).await?;
    let happened = (Event::Lapsed, Change::because(reason));
    connect
        .happen(&actor, claim.installation, happened, guard)
        .await?;
    Ok(())
}

/// Asks the server, with a token that is renewed before it lapses, or once where the server takes
/// it no longer.
async fn look(
    connect: &Connect,
    claim: &Claim,
    mut subject: Subject,
    mut stop: Stop,
) -> Result<()> {
    let actor = connect.server_actor(&subject.row).await?;
    let mut due = subject.held().is_some_and(Held::is_due);
    let mut renewed = false;
    loop {
        if due {
            match renew(connect, &actor, &subject).await? {
                Some(fresh) => subject = fresh,
                None => return Ok(()),
            }
            renewed = true;
        }
        let asked = stop.unless(connect.ask(&subject, subject.held())).await;
        let Some(verdict) = asked else {
            // Another process may look at once.
            return claim.end(connect, Some(now())).await;
        };
        let refused = matches!(verdict, Verdict::Challenged(_));
        due = refused && !renewed && subject.held().is_some_and(Held::is_renewable);
        if !due {
            return conclude(connect, claim, &actor, subject, &verdict).await;
        }
    }
}

/// The connection with a new token; `None` where there is none, and what that means is written.
async fn renew(connect: &Connect, actor: &Actor, subject: &Subject) -> Result<Option<Subject>> {
    let fault = match connect.refresh(subject.row.id, subject.generation).await {
        Ok(Fresh::Renewed(fresh)) => return Ok(Some(*fresh)),
        // It waits for a person now, or somebody ended it meanwhile.
        Ok(Fresh::Ended) => return Ok(None),
        Err(Error::Upstream(fault)) => fault,
        Err(error) => return Err(error),
    };
    let (event, code) = match fault {
        Upstream::Refused(_) => (Event::Refused, DisconnectCode::PolicyBlocked),
        Upstream::Unreachable => (Event::Faulted, DisconnectCode::Network),
        Upstream::Protocol(_) => (Event::Faulted, DisconnectCode::Protocol),
        Upstream::Answered(_) | Upstream::Authorization(_) => {
            (Event::Faulted, DisconnectCode::Upstream5xx)
        }
    };
    let reason = Reason::new(code, Error::Upstream(fault).message());
    let happened = (event, Change::because(reason));
    connect
        .happen(actor, subject.row.id, happened, Guard::of(subject))
        .await?;
    Ok(None)
}

/// Writes what the server's answer means. Where nothing changed that is no change of the
/// installation, only the moments of the look are noted.
async fn conclude(
    connect: &Connect,
    claim: &Claim,
    actor: &Actor,
    subject: Subject,
    verdict: &Verdict,
) -> Result<()> {
    if *verdict == Verdict::Open && subject.phase() == Phase::Connected {
        touch(connect, &subject).await?;
        let next = change::next_look(connect, Phase::Connected, 0, subject.held(), None);
        return claim.end(connect, next).await;
    }
    let change = match verdict {
        Verdict::Open => Change::default(),
        Verdict::Challenged(_) if has_lapsed(&subject) => {
            Change::because(Reason::new(DisconnectCode::AuthExpired, LAPSED))
        }
        other => Change::because(reason(other)),
    };
    let happened = (event(verdict), change);
    connect
        .happen(actor, subject.row.id, happened, Guard::of(&subject))
        .await?;
    Ok(())
}

/// Whether the token's time was up.
fn has_lapsed(subject: &Subject) -> bool {
    let end = subject.held().and_then(Held::expires_at);
    end.is_some_and(|end| end <= now())
}

/// Notes when the server was asked and answered well. No revision and no event: nothing changed
/// that anybody follows.
async fn touch(connect: &Connect, subject: &Subject) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastCheckedAt, Expr::value(now()))
        .col_expr(Column::LastConnectedAt, Expr::value(now()))
        .filter(Column::Id.eq(subject.row.id))
        .filter(Column::ConnectionState.eq(ConnectionState::Connected))
        .filter(Column::DeletedAt.is_null())
        .exec(connect.db().orm())
        .await?;
    Ok(())
}
