//! Media files: what is behind a media row's address, addresses for those who have no token, and
//! the ways to change media.

mod change;
mod form;
mod upload;
mod write;

pub use upload::{Expected, expected};
pub(in crate::service) use write::add;

use super::use_case::UseCase;
use super::{Capability, Extra, ExtraKind};

use super::catalogue::{MONOGRAMS, monogram};
use crate::db::{Arg, Db, Row};
use crate::error::{Error, Result};
use crate::query::Viewer;
use crate::store::{Format, Key, Purpose, Seal};
use bytes::Bytes;
use chrono::{DateTime, Duration, DurationRound, Utc};
use entity::media::{Column, Entity};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The kind in sentences and codes.
const KIND: &str = "media";

/// The root of records.
const ROOT: &str = "media";

/// What is answered when an upload begins.
const ADDRESS: [Extra; 3] = [
    Extra {
        name: "upload_url",
        doc: "Where the bytes are to be sent by PUT, without a token; relative to this server where it takes them itself.",
        kind: ExtraKind::Text,
    },
    Extra {
        name: "upload_headers",
        doc: "Headers that must be sent with the bytes, exactly so.",
        kind: ExtraKind::Json,
    },
    Extra {
        name: "upload_expires_at",
        doc: "When the address stops working.",
        kind: ExtraKind::Moment,
    },
];

/// Ways to change media.
pub static USE_CASES: [UseCase; 5] = [
    UseCase {
        name: "media_upload",
        doc: "Keeps a picture that comes with the request, as a part of a multipart request.",
        capability: Capability::Catalogue,
        resource: crate::resource::media::resource,
        form: &form::UPLOAD,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(change::upload(work, given)),
    },
    UseCase {
        name: "media_update",
        doc: "Changes what is said about a picture. The picture itself never changes: other bytes are another row.",
        capability: Capability::Catalogue,
        resource: crate::resource::media::resource,
        form: &form::UPDATE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(change::update(work, given)),
    },
    UseCase {
        name: "media_delete",
        doc: "Deletes a picture that nothing shows, or with `force` any.",
        capability: Capability::Catalogue,
        resource: crate::resource::media::resource,
        form: &form::DELETE,
        extra: &[],
        ahead: None,
        run: |work, given| Box::pin(change::delete(work, given)),
    },
    UseCase {
        name: "media_upload_begin",
        doc: "Makes a media row without a picture, and an address to send the picture to, for files that a client sends past the API.",
        capability: Capability::Catalogue,
        resource: crate::resource::media::resource,
        form: &form::BEGIN,
        extra: &ADDRESS,
        ahead: None,
        run: |work, given| Box::pin(upload::begin(work, given)),
    },
    UseCase {
        name: "media_upload_complete",
        doc: "Checks the picture that was sent to the address, as any upload, and gives it to its row.",
        capability: Capability::Catalogue,
        resource: crate::resource::media::resource,
        form: &form::COMPLETE,
        extra: &[],
        ahead: Some(|before| Box::pin(upload::arrived(before))),
        run: |work, given| Box::pin(upload::complete(work, given)),
    },
];

/// Whether a live media row is everyone's or of the viewer's organization.
pub(in crate::service) async fn is_visible(
    connection: &impl ConnectionTrait,
    viewer: &Viewer,
    id: Uuid,
) -> Result<bool> {
    let whose = Condition::any()
        .add(Column::OrganizationId.is_null())
        .add(Column::OrganizationId.eq(viewer.organization_id));
    let found = Entity::find()
        .filter(Column::Id.eq(id))
        .filter(Column::DeletedAt.is_null())
        .filter(whose)
        .one(connection)
        .await?;
    Ok(found.is_some())
}

/// The address of a media row's picture, the column `url`. Relative: the server does not know by
/// which name it is reached.
pub fn address(id: Uuid) -> String {
    format!("/media/{id}")
}

/// An address that shows a picture to whoever holds it, also one of an organization, so that
/// pages can. It works for `valid` and up to an hour longer: within an hour the address stays
/// the same, and so do the caches that know it.
pub fn public_url(seal: &Seal, id: Uuid, valid: Duration) -> String {
    let hour = Duration::hours(1);
    let until = Utc::now() + valid;
    let until = until.duration_trunc(hour).unwrap_or(until) + hour;
    let token = seal.sign(Purpose::Show, &id.to_string(), until);
    format!("{}?token={token}", address(id))
}

/// Until when a token shows a picture; `None` if it does not.
pub fn shown_until(seal: &Seal, id: Uuid, token: &str) -> Option<DateTime<Utc>> {
    let subject = id.to_string();
    seal.check(Purpose::Show, &subject, token, Utc::now()).ok()
}

/// Who asks for a picture.
#[derive(Debug, Clone, Copy)]
pub enum Asker<'a> {
    /// Somebody without a credential.
    Anyone,
    /// Somebody with an API token.
    Viewer(&'a Viewer),
    /// The holder of a signed address for this very picture.
    Holder,
}

/// The picture of a media row.
#[derive(Debug)]
pub struct Picture {
    /// Its format.
    pub format: Format,
    /// Name to save it under.
    pub file_name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Number of its bytes, where the row tells.
    pub size: Option<u64>,
    /// Whether it is everyone's, and caches between may keep it.
    pub shared: bool,
    /// Where its bytes are.
    pub source: Source,
}

/// Where the bytes of a picture are.
#[derive(Debug)]
pub enum Source {
    /// In the store. The row's file never changes: other bytes are another row.
    Stored(Key),
    /// Made from the row; other with other words in the row.
    Made(Bytes),
}

/// The picture of a media row. Media of no organization are everyone's, also without a token,
/// because pages show them by address; others are for their organization.
pub async fn find(db: &Db, id: Uuid, asker: Asker<'_>) -> Result<Picture> {
    let missing = || Error::NotFound {
        kind: "media",
        id: id.to_string(),
    };
    let sql = "SELECT label, path, organization_id, file_name, content_hash, CAST(file_size AS BIGINT) FROM media WHERE id = $1 AND deleted_at IS NULL";
    let rows = db.rows(sql.to_owned(), vec![Arg::Uuid(id)]).await?;
    let row = rows.first().ok_or_else(missing)?;
    let organization = row.uuid(2);
    let allowed = match asker {
        Asker::Holder => true,
        Asker::Viewer(viewer) => organization.is_none_or(|o| o == viewer.organization_id),
        Asker::Anyone => organization.is_none(),
    };
    if !allowed {
        return Err(missing());
    }
    picture(row, organization.is_none()).ok_or_else(missing)
}

/// The picture that a row tells of, if it has one here.
fn picture(row: &Row, shared: bool) -> Option<Picture> {
    let path = row.text(1)?;
    let (format, sha256, source) = if path.starts_with(MONOGRAMS) {
        let svg = monogram(row.text(0).unwrap_or_default());
        let hash = format!("{:x}", Sha256::digest(&svg));
        (Format::Svg, hash, Source::Made(svg.into()))
    } else {
        let key = Key::parse(path)?;
        // Only an upload writes the hash. A path from elsewhere, an imported file say, must not
        // open the file of somebody else.
        if row.text(4) != Some(key.sha256()) {
            return None;
        }
        (key.format(), key.sha256().to_owned(), Source::Stored(key))
    };
    let unnamed = || format!("picture.{}", format.extension());
    Some(Picture {
        format,
        file_name: row.text(3).map_or_else(unnamed, str::to_owned),
        sha256,
        size: row.int(5).and_then(|size| u64::try_from(size).ok()),
        shared,
        source,
    })
}
