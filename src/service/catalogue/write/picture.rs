//! Logos: those of a file, and generated ones.

use super::{Publisher, Writer, keep, put};
use crate::error::Result;
use crate::service::catalogue::monogram::{FOLDER, svg};
use crate::service::catalogue::read::{Connector, Media};
use crate::service::{new_id, now};
use entity::media;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

impl Writer<'_> {
    pub(super) async fn change_picture(&mut self, id: Uuid, picture: &Media) -> Result<()> {
        let Some(known) = media::Entity::find()
            .filter(media::Column::Id.eq(id))
            .one(self.transaction)
            .await?
        else {
            return Ok(());
        };
        let mut active = known.into_active_model();
        keep(&mut active.file_name, picture.file_name.clone());
        keep(&mut active.content_type, picture.content_type.clone());
        keep(&mut active.file_size, picture.file_size);
        keep(&mut active.upload_url, picture.upload_url.clone());
        keep(
            &mut active.url,
            picture.url.clone().or_else(|| picture.upload_url.clone()),
        );
        keep(&mut active.label, picture.label.clone());
        if picture.url.is_some() || picture.upload_url.is_some() || picture.path.is_some() {
            // A monogram that stood here does not any more.
            put(&mut active.path, picture.path.clone());
        }
        self.save(active, |a| a.updated_at = Set(now())).await?;
        Ok(())
    }

    pub(super) fn new_picture(
        &mut self,
        picture: &Media,
        row: &Connector,
        publisher: Publisher,
    ) -> Uuid {
        let id = new_id();
        self.new_media.push(media::ActiveModel {
            media_type: Set(media_type(picture)),
            label: Set(picture.label.clone().or_else(|| Some(row.name.clone()))),
            file_name: Set(picture.file_name.clone()),
            content_type: Set(picture.content_type.clone()),
            file_size: Set(picture.file_size),
            url: Set(picture.url.clone().or_else(|| picture.upload_url.clone())),
            upload_url: Set(picture.upload_url.clone()),
            path: Set(picture.path.clone()),
            ..blank_media(id, publisher)
        });
        id
    }

    /// A generated logo.
    pub(super) fn monogram(&mut self, slug: &str, name: &str, publisher: Publisher) -> Uuid {
        let id = new_id();
        self.new_media.push(media::ActiveModel {
            label: Set(Some(name.to_owned())),
            file_name: Set(Some(format!("{slug}.svg"))),
            content_type: Set(Some("image/svg+xml".to_owned())),
            file_size: Set(i32::try_from(svg(name).len()).ok()),
            url: Set(Some(format!("/media/{id}"))),
            path: Set(Some(format!("{FOLDER}{slug}.svg"))),
            uploaded_at: Set(Some(now())),
            ..blank_media(id, publisher)
        });
        id
    }
}

fn blank_media(id: Uuid, publisher: Publisher) -> media::ActiveModel {
    media::ActiveModel {
        id: Set(id),
        workspace_id: Set(publisher.map(|p| p.0)),
        organization_id: Set(publisher.map(|p| p.1)),
        media_type: Set(media::MediaType::Logo),
        label: Set(None),
        file_name: Set(None),
        content_type: Set(None),
        file_size: Set(None),
        url: Set(None),
        path: Set(None),
        upload_url: Set(None),
        is_primary: Set(true),
        uploaded_at: Set(None),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    }
}

fn media_type(picture: &Media) -> media::MediaType {
    // The word was judged when the file was read.
    media::MediaType::try_from_value(&picture.media_type).unwrap_or(media::MediaType::Logo)
}
