//! Creates `workspace_connector_sync_logs`.

use crate::column::{choice, integer, json, reference, text, time};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("workspace_connector_sync_logs")
            .soft()
            .columns([
                reference("workspace_connector_id", "workspace_connectors"),
                reference("workspace_id", "workspaces"),
                choice("status", "scheduled|in_progress|success|error").sought(),
                choice("trigger_type", "manual|scheduled|webhook|initial")
                    .optional()
                    .sought(),
                time("started_at").optional().sought(),
                time("completed_at").optional().sought(),
                integer("duration_ms").optional().sought(),
                text("error").optional().sought(),
                text("cloud_task_id").optional().sought(),
                json("metadata").optional(),
            ])
            .index(["workspace_id", "created_at", "pk"])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "workspace_connector_sync_logs").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
