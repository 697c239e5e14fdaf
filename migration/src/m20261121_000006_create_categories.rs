//! Creates `categories`.

use crate::column::text;
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("categories")
            .columns([
                text("slug").unique(),
                text("name").sought(),
                text("description").optional(),
            ])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "categories").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
