//! Creates `audit_events`.

use crate::column::{json, reference, text, uuid};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::internal("audit_events")
            .columns([
                reference("workspace_id", "workspaces").optional(),
                reference("person_id", "people").optional(),
                reference("api_token_id", "api_tokens").optional(),
                text("action"),
                text("resource"),
                uuid("record_id").optional(),
                json("before").optional(),
                json("after").optional(),
                text("address").optional(),
                text("trace_id").optional(),
            ])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "audit_events").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
