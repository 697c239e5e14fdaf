//! Adds `revision` to every table whose rows clients change: it counts the changes of a row, so
//! that a client can say which state its change was made against.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 11] = [
    "workspaces",
    "media",
    "memberships",
    "api_tokens",
    "connectors",
    "connector_filters",
    "workspace_connectors",
    "workspace_connector_sync_targets",
    "connector_mappings",
    "connector_sync_diagnostics",
    "workspace_connector_sync_logs",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            let revision = ColumnDef::new("revision")
                .integer()
                .not_null()
                .default(1)
                .take();
            let change = Table::alter().table(table).add_column(revision).take();
            manager.alter_table(change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            let change = Table::alter().table(table).drop_column("revision").take();
            manager.alter_table(change).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
