//! Creates `workspace_connectors`.

use crate::column::{choice, json, reference, text};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

const STATUSES: &str = "active|disabled|to_configure|processing|error|need_reconnect|suspended\
    |degraded";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("workspace_connectors")
            .soft()
            .columns([
                reference("workspace_id", "workspaces"),
                reference("connector_id", "connectors"),
                reference("person_id", "people").optional(),
                reference("connector_filter_id", "connector_filters").optional(),
                choice("status", STATUSES).sought(),
                text("label").optional().sought(),
                json("config").optional(),
            ])
            .index(["workspace_id", "created_at", "pk"])
            .index(["workspace_id", "status", "pk"])
            .index(["workspace_id", "updated_at", "pk"])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "workspace_connectors").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
