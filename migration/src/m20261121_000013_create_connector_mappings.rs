//! Creates `connector_mappings`.

use crate::column::{choice, reference, text};
use crate::table::{NewTable, drop, live};
use sea_orm_migration::prelude::*;

const TARGET_MODELS: &str = "company|people|invoice|transaction|account|ledger_account|journal\
    |journal_entry|email|payment_means|invoice_transaction|document";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("connector_mappings")
            .soft()
            .columns([
                reference("workspace_connector_id", "workspace_connectors"),
                reference("workspace_id", "workspaces"),
                choice("target_model", TARGET_MODELS).sought(),
                text("tool_name").sought(),
                text("expression"),
            ])
            .unique_where(
                "target_tool",
                ["workspace_connector_id", "target_model", "tool_name"],
                live(),
            )
            .index(["workspace_id", "created_at", "pk"])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "connector_mappings").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
