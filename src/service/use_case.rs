//! Running a use case: one mechanism for every write and every face. It asks for the capability,
//! judges what was sent, opens the transaction, lets the use case write, adds the row to the
//! record, lets the face write its answer from what the transaction sees, keeps that answer under
//! the request's idempotency key, and commits: all of it or nothing.

use super::audit::{self, Entry};
use super::form::{Form, Given};
use super::idempotency::{self, Kept, Key};
use super::work::Work;
use super::{Actor, Backing, Capability};
use crate::connect;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::query::{Resource, Viewer};
use crate::store::Upload;
use entity::audit_event;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// A way to change something: declared once in the table of its module.
pub struct UseCase {
    /// The name, snake case: `connector_create`. In camel case it is the GraphQL mutation, with a
    /// dot for the first underscore after the noun it is the action in the record.
    pub name: &'static str,
    /// What it does, one sentence.
    pub doc: &'static str,
    /// What it needs its actor to be allowed.
    pub capability: Capability,
    /// The kind of record it changes.
    pub resource: fn() -> &'static Resource,
    /// What may be sent.
    pub form: &'static Form,
    /// What it answers beside the record, e.g. a token that is shown once.
    pub extra: &'static [Extra],
    /// What must be found out before the transaction, since no transaction may wait for it.
    pub ahead: Option<Ahead>,
    /// The work itself.
    pub run: for<'a> fn(&'a mut Work, Given) -> BoxFuture<'a, Result<Outcome>>,
}

/// Work that takes its time: fetching a file, asking another server.
pub type Ahead = for<'a> fn(Before<'a>) -> BoxFuture<'a, Result<Prepared>>;

/// What is known before the transaction.
#[derive(Clone, Copy)]
pub struct Before<'a> {
    /// The database.
    pub db: &'a Db,
    /// Who acts.
    pub actor: &'a Actor,
    /// What stands behind use cases.
    pub backing: &'a Backing,
    /// What was sent, judged.
    pub given: &'a Given,
}

/// What was found out before the transaction.
#[derive(Default)]
pub enum Prepared {
    /// Nothing was asked for.
    #[default]
    Nothing,
    /// A file, checked and stored.
    File(Upload),
    /// What another server said.
    Connection(Box<connect::Found>),
}

/// Something answered beside the record.
#[derive(Debug, Clone, Copy)]
pub struct Extra {
    /// The name, snake case.
    pub name: &'static str,
    /// What it is, one sentence.
    pub doc: &'static str,
    /// What it holds.
    pub kind: ExtraKind,
}

/// What an [`Extra`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraKind {
    /// A text.
    Text,
    /// A text that is shown once: an answer that is kept under an idempotency key has null in its
    /// place, and so has its repetition.
    Secret,
    /// A moment.
    Moment,
    /// A JSON value.
    Json,
}

/// What a use case did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The kind of record, the plural root of its resource.
    pub resource: &'static str,
    /// The record.
    pub id: Uuid,
    /// What is answered beside it, by the names of [`UseCase::extra`].
    pub extra: Vec<(&'static str, Json)>,
}

/// An answer as a face wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// Status of HTTP, where the face has one.
    pub status: u16,
    /// Headers beside those every answer has.
    pub headers: Vec<(String, String)>,
    /// The body, or the face's part of it.
    pub body: Vec<u8>,
    /// Whether it was kept from an earlier request of the same key.
    pub replayed: bool,
}

/// How a face writes its answer.
pub trait Face: Sync {
    /// The answer to what was done, read through `db`, which is the transaction's.
    fn done<'a>(
        &'a self,
        db: &'a Db,
        viewer: &'a Viewer,
        outcome: &'a Outcome,
    ) -> BoxFuture<'a, Result<Written>>;

    /// The answer to a mistake of the client; `None` where the face reports it otherwise, and then
    /// it is not kept under the key.
    fn refused(&self, error: &Error) -> Option<Written>;
}

/// A request for a use case.
pub struct Ask<'a> {
    /// Which.
    pub use_case: &'static UseCase,
    /// What was sent.
    pub sent: &'a Map<String, Json>,
    /// Where the client wrote it: `input`, `data.attributes`.
    pub path: &'a str,
    /// Files that came with it.
    pub files: Vec<Upload>,
    /// What stands behind use cases.
    pub backing: &'a Backing,
    /// The idempotency key, if the request has one.
    pub key: Option<&'a Key>,
    /// Which of the writes of the request it is.
    pub part: &'a str,
}

impl UseCase {
    /// The action in the record: `connector.create`.
    pub fn action(&self) -> String {
        match self.name.rsplit_once('_') {
            Some((noun, verb)) => format!("{noun}.{verb}"),
            None => self.name.to_owned(),
        }
    }
}

/// Runs a use case for an actor and returns the face's answer, also to a mistake of the client.
/// Faults of the server, and what a face reports otherwise, are errors; then nothing was done.
pub async fn perform(db: &Db, actor: &Actor, ask: Ask<'_>, face: &dyn Face) -> Result<Written> {
    let action = ask.use_case.action();
    let (key, part, resource) = (ask.key, ask.part, (ask.use_case.resource)().name);
    let backing = ask.backing;
    let error = match attempt(db, actor, &action, ask, face).await {
        Ok(written) => return Ok(written),
        Err(error) => error,
    };
    if matches!(error, Error::Forbidden(_)) {
        refusal(db, actor, &action, resource).await?;
    }
    let Some(written) = face.refused(&error) else {
        return Err(error);
    };
    match key {
        Some(key) => idempotency::keep_refusal(db, actor, backing, key, part, written).await,
        None => Ok(written),
    }
}

async fn attempt(
    db: &Db,
    actor: &Actor,
    action: &str,
    ask: Ask<'_>,
    face: &dyn Face,
) -> Result<Written> {
    actor.require(ask.use_case.capability)?;
    let form = ask.use_case.form;
    // A repeated request is answered as the first one was, so its form is judged after the look
    // for a kept answer, inside the transaction; without a key there is nothing to look for.
    let given = form.check(ask.sent, ask.path, ask.files.len());
    let given = given.map_err(Error::Invalid);
    if ask.key.is_none() {
        given.as_ref().map_err(clone_invalid)?;
    }
    let prepared = match (ask.use_case.ahead, &given) {
        (Some(ahead), Ok(given)) => {
            let backing = ask.backing;
            let before = Before {
                db,
                actor,
                backing,
                given,
            };
            ahead(before).await
        }
        _ => Ok(Prepared::Nothing),
    };
    let (given, prepared) = match prepared {
        Ok(prepared) => (given, prepared),
        Err(error) => (Err(error), Prepared::Nothing),
    };
    let mut work = Work::begin(db, actor, ask.files, ask.backing).await?;
    work.prepared = prepared;
    let done = inside(
        &mut work,
        action,
        ask.use_case,
        given,
        (ask.key, ask.part),
        face,
    )
    .await;
    match done {
        Ok(written) if written.replayed => {
            work.rollback().await;
            Ok(written)
        }
        Ok(written) => {
            work.commit(db).await?;
            Ok(written)
        }
        Err(error) => {
            work.rollback().await;
            Err(error)
        }
    }
}

fn clone_invalid(error: &Error) -> Error {
    Error::Invalid(error.problems().to_vec())
}

async fn inside(
    work: &mut Work,
    action: &str,
    use_case: &'static UseCase,
    given: Result<Given>,
    (key, part): (Option<&Key>, &str),
    face: &dyn Face,
) -> Result<Written> {
    if let Some(key) = key
        && let Kept::Answer(written) = idempotency::look(work, key, part).await?
    {
        return Ok(written);
    }
    let outcome = (use_case.run)(work, given?).await?;
    let entry = work.entry()?;
    let actor = work.actor.clone();
    audit::write(work.tx(), &actor, action, audit_event::Outcome::Done, entry).await?;
    let written = face.done(&work.db, &actor.viewer, &outcome).await?;
    if let Some(key) = key {
        let kept = match unsaid(use_case, &outcome) {
            Some(outcome) => &face.done(&work.db, &actor.viewer, &outcome).await?,
            None => &written,
        };
        idempotency::keep(work, key, part, kept).await?;
    }
    Ok(written)
}

/// The outcome without what is shown once; `None` if there is nothing of that kind.
fn unsaid(use_case: &UseCase, outcome: &Outcome) -> Option<Outcome> {
    let secret = |name: &str| {
        let mut secrets = use_case.extra.iter();
        secrets.any(|e| e.name == name && e.kind == ExtraKind::Secret)
    };
    let shown: Vec<_> = outcome.extra.iter().filter(|(n, _)| !secret(n)).collect();
    (shown.len() < outcome.extra.len()).then(|| Outcome {
        extra: shown.into_iter().cloned().collect(),
        ..*outcome
    })
}

/// Notes in the record that a role was refused; in a transaction of its own, since the refused one
/// left nothing.
async fn refusal(db: &Db, actor: &Actor, action: &str, resource: &'static str) -> Result<()> {
    let transaction = db.begin().await?;
    let entry = Entry {
        resource,
        ..Entry::default()
    };
    let outcome = audit_event::Outcome::Refused;
    audit::write(&transaction, actor, action, outcome, entry).await?;
    transaction.commit().await?;
    Ok(())
}

/// What [`alone`] runs.
pub(crate) type Alone<T> =
    Box<dyn for<'a> FnOnce(&'a mut Work) -> BoxFuture<'a, Result<Option<T>>> + Send>;

/// Runs a change that no client asks for by name: the end of a login, what the server itself finds
/// out. It is recorded as `action`. `None` if `run` finds that there is nothing to do; then
/// nothing was done.
pub(crate) async fn alone<T: Send>(
    db: &Db,
    backing: &Backing,
    actor: &Actor,
    action: &str,
    run: Alone<T>,
) -> Result<Option<T>> {
    let mut work = Work::begin(db, actor, Vec::new(), backing).await?;
    let done = match run(&mut work).await {
        Ok(Some(done)) => match work.entry() {
            Ok(entry) => {
                let outcome = audit_event::Outcome::Done;
                let written = audit::write(work.tx(), actor, action, outcome, entry).await;
                written.map(|()| Some(done))
            }
            Err(error) => Err(error),
        },
        other => other,
    };
    match done {
        Ok(Some(done)) => {
            work.commit(db).await?;
            Ok(Some(done))
        }
        other => {
            work.rollback().await;
            other
        }
    }
}
