//! Media files: what is behind a media row's address, and addresses for those who have no token.

mod write;

pub(in crate::service) use write::add;

use super::catalogue::{MONOGRAMS, monogram};
use crate::db::{Arg, Db, Row};
use crate::error::{Error, Result};
use crate::query::Viewer;
use crate::store::{Format, Key, Purpose, Seal};
use bytes::Bytes;
use chrono::{DateTime, Duration, DurationRound, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

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
