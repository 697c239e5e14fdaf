//! Ways to change connections that clients can ask for. Another server is asked before the
//! transaction; inside it, what was found out happens if nobody was faster.

use super::callback::reason;
use super::change::{Change, Reason, apply};
use super::open::{Found, Wish, failed, same};
use super::probe::Verdict;
use super::state::Event;
use super::{Connect, Fresh, Held, form, link, secrets};
use crate::error::{Error, Result};
use crate::service::form::Given;
use crate::service::work::{Work, outcome};
use crate::service::workspace_connector::{self as installation, ROOT};
use crate::service::{Before, Capability, Extra, ExtraKind, Outcome, Prepared, UseCase};
use entity::workspace_connector::{DisconnectCode, Model};
use serde_json::json;
use std::time::Instant;

/// Where a person logs in.
const AUTHORIZATION_URL: Extra = Extra {
    name: "authorization_url",
    doc: "Where a person logs in, complete, for a browser; null where nobody has to. Connecting again answers the same until it lapses.",
    kind: ExtraKind::Secret,
};

/// What a test found.
const REPORT: Extra = Extra {
    name: "report",
    doc: "What the server answered: `healthy`, `milliseconds`, and `issue` where it is not healthy.",
    kind: ExtraKind::Json,
};

macro_rules! case {
    ($name:literal, $doc:literal, $form:expr, $extra:expr, $ahead:expr, $run:expr) => {
        UseCase {
            name: $name,
            doc: $doc,
            capability: Capability::Installations,
            resource: crate::resource::workspace_connector::resource,
            form: $form,
            extra: $extra,
            ahead: $ahead,
            run: $run,
        }
    };
}

/// Ways to change connections.
pub static USE_CASES: [UseCase; 5] = [
    case!(
        "workspace_connector_connect",
        "Connects an installation to its server: at once where the server lets it in, otherwise by a login that a person finishes in a browser.",
        &form::CONNECT,
        &[AUTHORIZATION_URL],
        Some(|before| Box::pin(connect_ahead(before))),
        |work, given| Box::pin(connect(work, given))
    ),
    case!(
        "workspace_connector_link",
        "Makes a link to a page of this server, on which a person connects an installation in a browser without a token. It works until it expires or the token that made it is revoked.",
        &form::LINK,
        &link::EXTRA,
        None,
        |work, given| Box::pin(link::make(work, given))
    ),
    case!(
        "workspace_connector_disconnect",
        "Ends a connection: its tokens are erased, and revoked where the server allows it.",
        &form::NAMED,
        &[],
        None,
        |work, given| Box::pin(disconnect(work, given))
    ),
    case!(
        "workspace_connector_refresh",
        "Renews the access token of a connection now.",
        &form::NAMED,
        &[],
        Some(|before| Box::pin(refresh_ahead(before))),
        |work, given| Box::pin(refreshed(work, given))
    ),
    case!(
        "workspace_connector_test",
        "Asks the server of a connection whether it answers, and notes what it says.",
        &form::NAMED,
        &[REPORT],
        Some(|before| Box::pin(test_ahead(before))),
        |work, given| Box::pin(tested(work, given))
    ),
];

fn named(given: &Given) -> uuid::Uuid {
    given.id("id").value().unwrap_or_default()
}

fn connection(found: Found) -> Prepared {
    Prepared::Connection(Box::new(found))
}

/// What was found out before the transaction.
fn found(work: &mut Work) -> Result<Found> {
    match std::mem::take(&mut work.prepared) {
        Prepared::Connection(found) => Ok(*found),
        _ => Err(Error::internal(
            "no server was asked before the transaction",
        )),
    }
}

async fn connect_ahead(before: Before<'_>) -> Result<Prepared> {
    let connect = &before.backing.connect;
    let wish = Wish::of(before.given, connect)?;
    let db = before.db.orm();
    let subject = connect
        .managed(db, before.actor, named(before.given))
        .await?;
    let found = connect.open(before.actor, subject, wish).await?;
    Ok(connection(found))
}

async fn connect(work: &mut Work, given: Given) -> Result<Outcome> {
    let row = installation::to_change(work, &given).await?;
    let found = found(work)?;
    let connect = work.backing.connect.clone();
    same(&found, row.revision)?;
    let url = match (found.event, &found.change.attempt) {
        (Some(Event::Challenged), Some(attempt)) => Some(attempt.login.url.clone()),
        (None, _) => pending_url(work, &connect, &row).await?,
        _ => None,
    };
    let mut done = happened(work, &connect, row, found).await?;
    done.extra = vec![("authorization_url", url.into())];
    Ok(done)
}

async fn pending_url(work: &Work, connect: &Connect, row: &Model) -> Result<Option<String>> {
    let pending = secrets::pending(work.tx(), connect.vault(), row.id).await?;
    Ok(pending.map(|(_, login)| login.url))
}

/// Makes what was found out happen; where nothing is to happen, that somebody asked is noted.
async fn happened(work: &mut Work, connect: &Connect, row: Model, found: Found) -> Result<Outcome> {
    let id = row.id;
    match found.event {
        Some(event) => {
            let subject = connect.subject(work.tx(), row).await?;
            apply(work, connect, subject, event, found.change).await?;
        }
        None => installation::note(work, &row),
    }
    Ok(outcome(ROOT, id))
}

async fn disconnect(work: &mut Work, given: Given) -> Result<Outcome> {
    let row = installation::to_change(work, &given).await?;
    let connect = work.backing.connect.clone();
    let reason = Reason::new(DisconnectCode::ClientRequest, "Client request");
    let subject = connect.subject(work.tx(), row).await?;
    let id = subject.row.id;
    apply(
        work,
        &connect,
        subject,
        Event::Disconnected,
        Change::because(reason),
    )
    .await?;
    Ok(outcome(ROOT, id))
}

async fn refresh_ahead(before: Before<'_>) -> Result<Prepared> {
    let connect = &before.backing.connect;
    let subject = connect
        .managed(before.db.orm(), before.actor, named(before.given))
        .await?;
    if !subject.held().is_some_and(Held::is_renewable) {
        let issue = "names a connection without a token that can be renewed; connect it instead";
        return Err(Error::Conflict(before.given.problem("id", issue)));
    }
    match connect.refresh(subject.row.id, subject.generation).await? {
        Fresh::Renewed(subject) => Ok(connection(Found::of(&subject, None))),
        Fresh::Ended => Ok(connection(Found::of(&subject, None))),
    }
}

/// The token was stored with its own event; here it is noted who asked for it.
async fn refreshed(work: &mut Work, given: Given) -> Result<Outcome> {
    let id = named(&given);
    work.lock(id).await?;
    let row = installation::managed(work.tx(), &work.actor, id).await?;
    found(work)?;
    installation::note(work, &row);
    Ok(outcome(ROOT, id))
}

async fn test_ahead(before: Before<'_>) -> Result<Prepared> {
    let connect = &before.backing.connect;
    let subject = connect
        .managed(before.db.orm(), before.actor, named(before.given))
        .await?;
    let began = Instant::now();
    let verdict = connect.ask(&subject, subject.held()).await;
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let healthy = matches!(verdict, Verdict::Open);
    let issue = (!healthy).then(|| failed(&verdict).message());
    let watched = subject.phase().is_watched();
    let mut found = Found::of(&subject, watched.then(|| event(&verdict)));
    if !healthy {
        found.change = Change::because(reason(&verdict));
    }
    found.report =
        Some(json!({ "healthy": healthy, "milliseconds": milliseconds, "issue": issue }));
    Ok(connection(found))
}

/// What a look at a connection that is watched comes to.
pub(super) fn event(verdict: &Verdict) -> Event {
    match verdict {
        Verdict::Open => Event::Recovered,
        Verdict::Challenged(_) => Event::Lost,
        // "Not now" is no refusal: a request that took too long, came too early or too often.
        Verdict::Answered {
            status: 408 | 425 | 429,
            ..
        } => Event::Faulted,
        Verdict::Answered {
            status: 400..=499, ..
        } => Event::Refused,
        Verdict::Refused(_) => Event::Refused,
        Verdict::Answered { .. } | Verdict::Unreachable | Verdict::Protocol(_) => Event::Faulted,
    }
}

async fn tested(work: &mut Work, given: Given) -> Result<Outcome> {
    let row = installation::to_change(work, &given).await?;
    let mut found = found(work)?;
    let connect = work.backing.connect.clone();
    same(&found, row.revision)?;
    let report = found.report.take();
    let mut done = happened(work, &connect, row, found).await?;
    done.extra = vec![("report", report.into())];
    Ok(done)
}
