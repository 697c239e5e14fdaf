//! Creates `workspaces`.

use crate::column::{boolean, choice, forward_reference, reference, text};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("workspaces")
            .soft()
            .columns([
                text("slug").unique(),
                text("name").sought(),
                text("description").optional(),
                choice("kind", "organization|workspace").sought(),
                reference("organization_id", "workspaces"),
                reference("parent_workspace_id", "workspaces").optional(),
                text("path"),
                text("external_workspace_id").optional().sought(),
                text("website").optional(),
                text("avatar_image").optional(),
                text("avatar_color").optional(),
                forward_reference("media_id", "media").optional(),
                boolean("trusted"),
                boolean("auto_extract_enabled"),
                choice("stage", "active|suspended|archived").sought(),
                text("timezone").optional().sought(),
            ])
            .unique(
                "organization_external_workspace_id",
                ["organization_id", "external_workspace_id"],
            )
            .index(["path"])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "workspaces").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
