//! Writing media rows.

use crate::error::Result;
use crate::service::form::Given;
use crate::service::work::Work;
use crate::service::{new_id, now};
use crate::store::Upload;
use entity::media::{ActiveModel, Entity, MediaType};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use uuid::Uuid;

/// A media row as the input describes it, owned by a workspace of the actor's organization. Bytes
/// that came with the request were stored before.
pub(in crate::service) fn row(work: &Work, given: &Given, owner: Option<Uuid>) -> ActiveModel {
    let id = new_id();
    let mut row = ActiveModel {
        id: Set(id),
        workspace_id: Set(owner),
        organization_id: Set(Some(work.actor.viewer.organization_id)),
        media_type: Set(given.word("media_type").value().unwrap_or(MediaType::Logo)),
        label: Set(given.text("label").value()),
        file_name: Set(given.text("file_name").value()),
        content_type: Set(given.text("content_type").value()),
        file_size: Set(given.small("file_size").value()),
        url: Set(given.text("url").value()),
        upload_url: Set(given.text("upload_url").value()),
        is_primary: Set(given.boolean("is_primary").value().unwrap_or(true)),
        revision: Set(1),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let upload = given.file("file").value();
    if let Some(upload) = upload.and_then(|number| work.files.get(number)) {
        fill(&mut row, id, upload);
    }
    row
}

/// Sets what is known of a file that was stored.
pub(super) fn fill(row: &mut ActiveModel, id: Uuid, upload: &Upload) {
    let stored = upload.stored();
    row.path = Set(Some(stored.path));
    row.content_hash = Set(Some(stored.sha256));
    row.content_type = Set(Some(stored.content_type.to_owned()));
    row.file_size = Set(i32::try_from(stored.size).ok());
    row.url = Set(Some(super::address(id)));
    row.uploaded_at = Set(Some(now()));
    row.processed_at = Set(Some(now()));
    if let Some(name) = upload.file_name() {
        row.file_name = Set(Some(name.to_owned()));
    }
}

/// Makes a media row and returns its identifier.
pub(in crate::service) async fn add(
    work: &Work,
    given: &Given,
    owner: Option<Uuid>,
) -> Result<Uuid> {
    let row = row(work, given, owner);
    let id = row.id.clone().take().unwrap_or_default();
    Entity::insert(row)
        .exec_without_returning(work.tx())
        .await?;
    Ok(id)
}
