//! Adds `public_config_keys` to connectors: which keys of an installation's `config` may be shown.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = ColumnDef::new("public_config_keys")
            .json_binary()
            .not_null()
            .default("[]")
            .take();
        let change = Table::alter().table("connectors").add_column(keys).take();
        manager.alter_table(change).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let change = Table::alter()
            .table("connectors")
            .drop_column("public_config_keys")
            .take();
        manager.alter_table(change).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
