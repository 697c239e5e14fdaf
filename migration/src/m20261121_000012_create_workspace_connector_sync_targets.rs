//! Creates `workspace_connector_sync_targets`.

use crate::column::reference;
use crate::table::{NewTable, drop, live};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("workspace_connector_sync_targets")
            .soft()
            .columns([
                reference("workspace_connector_id", "workspace_connectors"),
                reference("workspace_id", "workspaces"),
            ])
            .unique_where("pair", ["workspace_connector_id", "workspace_id"], live())
            .index(["workspace_id", "created_at", "pk"])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "workspace_connector_sync_targets").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
