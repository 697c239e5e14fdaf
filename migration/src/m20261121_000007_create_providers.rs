//! Creates `providers`.

use crate::column::{integer, json, reference, text};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("providers")
            .soft()
            .columns([
                text("slug").unique(),
                text("name").sought(),
                text("description").optional(),
                text("url").optional().sought(),
                reference("logo_id", "media").optional(),
                text("category").optional().sought(),
                json("countries"),
                json("searchable_terms"),
                json("blueprint").optional(),
                text("skill_status").optional(),
                integer("skill_version").optional(),
                json("skill_metadata").optional(),
                text("skill_body").optional(),
            ])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "providers").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
