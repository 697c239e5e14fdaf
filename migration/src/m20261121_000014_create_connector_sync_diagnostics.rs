//! Creates `connector_sync_diagnostics`.

use crate::column::{choice, reference, text};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

const TARGET_MODELS: &str = "company|people|invoice|transaction|account|ledger_account|journal\
    |journal_entry|email|payment_means|invoice_transaction|document";
const REASONS: &str = "authorization_failed|rate_limited|timeout|upstream_error|tool_missing\
    |schema_mismatch|mapping_failed|empty_result|partial_result";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("connector_sync_diagnostics")
            .columns([
                reference("workspace_connector_id", "workspace_connectors"),
                reference("workspace_id", "workspaces"),
                choice("target_model", TARGET_MODELS).sought(),
                text("tool_name").optional().sought(),
                choice("reason", REASONS).sought(),
                text("detail").optional(),
            ])
            .index(["workspace_id", "created_at", "pk"])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "connector_sync_diagnostics").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
