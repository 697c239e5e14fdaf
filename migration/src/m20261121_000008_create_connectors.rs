//! Creates `connectors`.

use crate::column::{choice, json, reference, text};
use crate::table::{NewTable, drop, live};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::listed("connectors")
            .soft()
            .columns([
                text("slug").sought(),
                text("name").sought(),
                text("description").optional(),
                reference("category_id", "categories"),
                choice("direction", "import|export|both").sought(),
                json("tags"),
                choice(
                    "status",
                    "active|inactive|coming_soon|maintenance|deprecated",
                )
                .sought(),
                text("state").optional(),
                text("version").optional(),
                json("data_quality").optional(),
                text("redirect_url").optional(),
                text("website").optional(),
                text("endpoint_url").optional(),
                choice("provider", "apideck|chift|well|plaid_eu|plaid_us")
                    .optional()
                    .sought(),
                choice(
                    "authorization_flow",
                    "oauth2|oauth2_dcr|api_key|basic|link|none",
                )
                .optional()
                .sought(),
                choice("transport", "rest|graphql|mcp|webhook|file|email|database")
                    .optional()
                    .sought(),
                text("external_connector_id").optional().sought(),
                text("service_id").optional().sought(),
                reference("published_by_id", "workspaces").optional(),
                reference("organization_id", "workspaces").optional(),
                reference("logo_id", "media").optional(),
            ])
            .unique_where(
                "organization_slug",
                ["organization_id", "slug"],
                live().and(Expr::col("organization_id").is_not_null()),
            )
            .unique_where(
                "global_slug",
                ["slug"],
                live().and(Expr::col("organization_id").is_null()),
            )
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "connectors").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
