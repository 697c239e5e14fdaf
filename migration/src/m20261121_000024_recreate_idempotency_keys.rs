//! Lets one key answer for several writes of one request: each has a part of its own. Nothing
//! wrote to the table before, so it is made anew.

use crate::column::{integer, json, reference, text, time};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "idempotency_keys").await?;
        NewTable::internal("idempotency_keys")
            .columns([
                reference("workspace_id", "workspaces"),
                text("key"),
                text("part"),
                text("fingerprint"),
                integer("status"),
                json("headers"),
                text("body"),
                time("expires_at").sought(),
            ])
            .unique("workspace_key_part", ["workspace_id", "key", "part"])
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "idempotency_keys").await?;
        NewTable::internal("idempotency_keys")
            .columns([
                reference("workspace_id", "workspaces"),
                text("key"),
                text("fingerprint"),
                integer("status").optional(),
                json("headers").optional(),
                text("body").optional(),
                time("expires_at"),
            ])
            .unique("workspace_key", ["workspace_id", "key"])
            .create(manager)
            .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
