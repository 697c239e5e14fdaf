//! Creates `provider_connectors`.

use crate::column::reference;
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("provider_connectors")
            .soft()
            .columns([
                reference("provider_id", "providers"),
                reference("connector_id", "connectors").unique(),
            ])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "provider_connectors").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
