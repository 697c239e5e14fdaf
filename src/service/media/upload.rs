//! Uploads in two steps: a row and a signed address first, then the bytes, then the row is filled.
//! The bytes wait in the store, unchecked and shown to nobody, until the second step judges them
//! as any upload.

use super::change::{made_entry, own, save, to_change};
use super::{KIND, ROOT, write};
use crate::db::Db;
use crate::error::{Error, Problem, Result};
use crate::service::form::Given;
use crate::service::work::{Work, live, outcome};
use crate::service::{Backing, Before, Outcome, Prepared, workspace};
use crate::store::{Format, Presigned, Purpose, Seal};
use chrono::{Duration, Utc};
use entity::media::{Column, Entity, Model};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// How long an address takes bytes.
const VALID: Duration = Duration::minutes(15);

/// What must be sent to an address: the row's declaration, which the token is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The content type.
    pub content_type: &'static str,
    /// The number of bytes.
    pub size: usize,
}

/// Makes a row and an address to send its bytes to.
pub(super) async fn begin(work: &mut Work, given: Given) -> Result<Outcome> {
    let (format, size) = declared(work, &given)?;
    let owner = workspace::place(work, &given, "workspace").await?.id;
    let made = write::row(work, &given, Some(owner))
        .insert(work.tx())
        .await?;
    let address = address(&work.backing, made.id, format, size).await?;
    work.record(made_entry(&made));
    let mut outcome = outcome(ROOT, made.id);
    let headers = address.headers.into_iter();
    let headers: Map<String, Json> = headers.map(|(n, v)| (n.into(), v.into())).collect();
    outcome.extra = vec![
        ("upload_url", address.url.into()),
        ("upload_headers", headers.into()),
        ("upload_expires_at", Json::from(written(address.expires_at))),
    ];
    Ok(outcome)
}

fn written(moment: chrono::DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// The format and size of the file to come; both problems at once.
fn declared(work: &Work, given: &Given) -> Result<(Format, u64)> {
    let content_type = given.text("content_type").value().unwrap_or_default();
    let format = Format::of_content_type(&content_type);
    let size = given.whole("file_size").value().unwrap_or_default();
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let limit = work.backing.store.limit();
    let mut problems = Vec::new();
    if format.is_none() {
        let issue = format!("is not accepted; send {}", Format::accepted());
        problems.push(given.problem("content_type", issue));
    }
    if size > limit {
        let issue = format!("is more than {limit} bytes, the most");
        problems.push(given.problem("file_size", issue));
    }
    match format {
        Some(format) if problems.is_empty() => Ok((format, size as u64)),
        _ => Err(Error::Invalid(problems)),
    }
}

/// An address at the bucket, or one of this server where the files lie in a folder; relative then,
/// since the server does not know by which name it is reached. Signing asks nobody.
async fn address(backing: &Backing, id: Uuid, format: Format, size: u64) -> Result<Presigned> {
    let valid = VALID.to_std().unwrap_or_default();
    if let Some(address) = backing.store.presign(id, format, valid).await? {
        return Ok(address);
    }
    let expires_at = Utc::now() + VALID;
    let subject = subject(id, format.content_type(), size);
    let token = backing.seal.sign(Purpose::Upload, &subject, expires_at);
    Ok(Presigned {
        url: format!("/media/uploads/{id}?token={token}"),
        headers: vec![("content-type", format.content_type().to_owned())],
        expires_at,
    })
}

/// What a token is bound to: the row, and what was agreed to be sent.
fn subject(id: Uuid, content_type: &str, size: u64) -> String {
    format!("{id} {content_type} {size}")
}

/// What the holder of an address may send there. Whoever has no good token learns nothing else.
pub async fn expected(db: &Db, seal: &Seal, id: Uuid, token: &str) -> Result<Expected> {
    let refused = || {
        let issue = "the address is unknown or its time is over; begin the upload again";
        Error::Forbidden(issue.into())
    };
    let found = live::<Entity>(db.orm(), Column::Id, Column::DeletedAt, id, KIND).await;
    let row = match found {
        Err(Error::NotFound { .. }) => return Err(refused()),
        other => other?,
    };
    let format = row
        .content_type
        .as_deref()
        .and_then(Format::of_content_type);
    let size = row.file_size.and_then(|size| u64::try_from(size).ok());
    let (Some(format), Some(size)) = (format, size) else {
        return Err(refused());
    };
    let subject = subject(id, format.content_type(), size);
    let checked = seal.check(Purpose::Upload, &subject, token, Utc::now());
    checked.map_err(|_| refused())?;
    if row.path.is_some() {
        let issue = "was completed already; its picture never changes";
        return Err(Error::Conflict(Problem::new("upload", issue)));
    }
    Ok(Expected {
        content_type: format.content_type(),
        size: usize::try_from(size).unwrap_or(usize::MAX),
    })
}

/// The file that was sent for the row which the attribute names: fetched, checked and kept. Before
/// the transaction, so nothing waits for it; the row is looked at again inside.
pub(super) async fn arrived(before: Before<'_>) -> Result<Prepared> {
    let Before {
        db,
        actor,
        backing,
        given,
    } = before;
    let id = given.id("id").value().unwrap_or_default();
    let row = live::<Entity>(db.orm(), Column::Id, Column::DeletedAt, id, KIND).await?;
    own(db.orm(), &actor.viewer, &row).await?;
    waiting(given, &row)?;
    let nothing = || {
        let issue = "names an upload of which nothing has arrived; send the bytes first";
        Error::Conflict(given.problem("id", issue))
    };
    let bytes = backing.store.incoming(id).await;
    let bytes = bytes.map_err(|e| at(given, e))?.ok_or_else(nothing)?;
    // A bucket cannot hold the sender to the size.
    if row.file_size.and_then(|n| usize::try_from(n).ok()) != Some(bytes.len()) {
        let issue = format!(
            "names {} bytes that arrived, another number than was agreed",
            bytes.len()
        );
        return Err(Error::Invalid(vec![given.problem("id", issue)]));
    }
    let body = futures_util::stream::iter([Ok(bytes)]);
    let judged = backing.store.receive(body, row.content_type, row.file_name);
    let upload = judged.await.map_err(|e| at(given, e))?;
    backing.store.put(&upload).await?;
    Ok(Prepared::File(upload))
}

/// What is wrong with a file, said of the attribute that names it.
fn at(given: &Given, error: Error) -> Error {
    match error {
        Error::Invalid(problems) => {
            let said = |p: Problem| {
                given.problem("id", format!("names a file whose `{}` {}", p.path, p.issue))
            };
            Error::Invalid(problems.into_iter().map(said).collect())
        }
        other => other,
    }
}

/// Refuses a row that has its picture, or never was to get one this way.
fn waiting(given: &Given, row: &Model) -> Result<()> {
    let issue = if row.path.is_some() {
        "names an upload that was completed already"
    } else if row.url.is_some() || row.file_size.is_none() {
        "names media that were not begun as an upload"
    } else {
        return Ok(());
    };
    Err(Error::Conflict(given.problem("id", issue)))
}

/// Fills a row with the file that arrived.
pub(super) async fn complete(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    waiting(&given, &before)?;
    let Prepared::File(upload) = std::mem::take(&mut work.prepared) else {
        return Err(Error::internal("a file that arrived was not handed over"));
    };
    let mut active = before.clone().into_active_model();
    write::fill(&mut active, before.id, &upload);
    let (store, id) = (work.backing.store.clone(), before.id);
    work.afterwards(move || async move {
        if let Err(error) = store.discard_incoming(id).await {
            tracing::warn!(%error, %id, "the bytes of a completed upload stay behind");
        }
    });
    save(work, before, active).await
}
