//! Creates `connection_credentials`.

use crate::column::{blob, reference, text};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::internal("connection_credentials")
            .columns([
                reference("workspace_connector_id", "workspace_connectors"),
                text("name"),
                text("key_id"),
                blob("ciphertext"),
            ])
            .unique(
                "workspace_connector_name",
                ["workspace_connector_id", "name"],
            )
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "connection_credentials").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
