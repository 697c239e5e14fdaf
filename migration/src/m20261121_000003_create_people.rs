//! Creates `people`.

use crate::column::{reference, text};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("people")
            .soft()
            .columns([
                text("full_name").sought(),
                text("first_name").sought(),
                text("last_name").optional().sought(),
                text("email").optional().sought(),
                text("job_title").optional().sought(),
                text("avatar_image").optional(),
                reference("media_id", "media").optional(),
            ])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "people").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
