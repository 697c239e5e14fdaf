//! Creates `provenance_links`.

use crate::column::{choice, reference, text, uuid};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

const KINDS: &str = "document|people|company|account|invoice|transaction|journal|journal_entry\
    |ledger_account|payment_means";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("provenance_links")
            .columns([
                reference("workspace_connector_id", "workspace_connectors"),
                reference("workspace_id", "workspaces"),
                choice("kind", KINDS).sought(),
                uuid("record_id").sought(),
                text("label").optional().sought(),
                choice("direction", "input|output").sought(),
            ])
            .index(["workspace_id", "created_at", "pk"])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "provenance_links").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
