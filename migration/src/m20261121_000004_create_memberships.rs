//! Creates `memberships`.

use crate::column::{choice, reference};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("memberships")
            .columns([
                reference("workspace_id", "workspaces"),
                reference("person_id", "people"),
                choice("role", "owner|admin|member|viewer").sought(),
            ])
            .unique("workspace_person", ["workspace_id", "person_id"])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "memberships").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
