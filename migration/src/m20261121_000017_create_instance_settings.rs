//! Creates `instance_settings`.

use crate::column::text;
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::internal("instance_settings")
            .columns([text("name").unique(), text("value")])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "instance_settings").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
