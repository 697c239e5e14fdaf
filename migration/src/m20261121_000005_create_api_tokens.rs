//! Creates `api_tokens`.

use crate::column::{choice, reference, text, time};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("api_tokens")
            .columns([
                reference("workspace_id", "workspaces"),
                reference("person_id", "people"),
                text("name").sought(),
                choice("role", "owner|admin|member|viewer").sought(),
                text("hash").unique(),
                text("prefix").sought(),
                time("expires_at").optional().sought(),
                time("last_used_at").optional().sought(),
                time("revoked_at").optional().sought(),
            ])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "api_tokens").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
