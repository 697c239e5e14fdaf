//! Creates `connector_filters`.

use crate::column::{boolean, json, reference, text};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("connector_filters")
            .soft()
            .columns([
                reference("connector_id", "connectors"),
                reference("workspace_id", "workspaces").optional(),
                boolean("template").sought(),
                json("config"),
                text("natural_language").optional(),
            ])
            .index(["workspace_id", "created_at", "pk"])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "connector_filters").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
