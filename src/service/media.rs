//! Media files: what is behind a media row's address.

use super::catalogue::{MONOGRAMS, monogram};
use crate::db::{Arg, Db};
use crate::error::{Error, Result};
use crate::query::Viewer;
use uuid::Uuid;

/// The picture of a media row, an SVG. Media of no organization are everyone's, also without a
/// token, because pages show them by address; others are for their organization.
pub async fn picture(db: &Db, id: Uuid, viewer: Option<&Viewer>) -> Result<String> {
    let missing = || Error::NotFound {
        kind: "media",
        id: id.to_string(),
    };
    let sql = "SELECT label, path, organization_id FROM media WHERE id = $1 AND deleted_at IS NULL";
    let rows = db.rows(sql.to_owned(), vec![Arg::Uuid(id)]).await?;
    let row = rows.first().ok_or_else(missing)?;
    let organization = row.uuid(2);
    if organization.is_some() && organization != viewer.map(|v| v.organization_id) {
        return Err(missing());
    }
    match row.text(1) {
        Some(path) if path.starts_with(MONOGRAMS) => Ok(monogram(row.text(0).unwrap_or_default())),
        _ => Err(missing()),
    }
}
