//! Creates `media`, and the foreign key by which `workspaces` point at it.

use crate::column::{boolean, choice, integer, reference, text, time};
use crate::table::{NewTable, drop, foreign_key, foreign_key_name};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("media")
            .soft()
            .columns([
                reference("workspace_id", "workspaces").optional(),
                reference("organization_id", "workspaces").optional(),
                choice("media_type", "avatar|logo|banner").sought(),
                text("label").optional().sought(),
                text("file_name").optional().sought(),
                text("content_type").optional().sought(),
                integer("file_size").optional().sought(),
                text("url").optional().sought(),
                text("path").optional().sought(),
                text("upload_url").optional(),
                boolean("is_primary"),
                text("content_hash").optional(),
                time("uploaded_at").optional().sought(),
                time("processed_at").optional().sought(),
            ])
            .create(manager)
            .await?;
        attach(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        detach(manager).await?;
        drop(manager, "media").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn attach(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        let statement = foreign_key("workspaces", "media_id", "media");
        manager.create_foreign_key(statement).await?;
    }
    Ok(())
}

async fn detach(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        let name = foreign_key_name("workspaces", "media_id");
        let statement = ForeignKey::drop().table("workspaces").name(name).to_owned();
        return manager.drop_foreign_key(statement).await;
    }
    // SQLite cannot drop the key, and will not drop a table whose rows are still pointed at.
    let statement = Query::update()
        .table("workspaces")
        .value("media_id", None::<Vec<u8>>)
        .take();
    manager.execute(statement).await
}
