//! Creates `connection_authorizations`.

use crate::column::{blob, reference, text, time};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::internal("connection_authorizations")
            .columns([
                reference("workspace_connector_id", "workspace_connectors"),
                reference("person_id", "people").optional(),
                text("state_hash").unique(),
                blob("sealed"),
                text("redirect_url").optional(),
                time("expires_at"),
                time("consumed_at").optional(),
            ])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "connection_authorizations").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
