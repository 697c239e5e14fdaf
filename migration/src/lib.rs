//! Connectory's schema, one change a file, for SQLite and PostgreSQL alike.
//! Changes are never edited once released, and know nothing of the entities, which move on.

mod column;
mod m20261121_000001_create_workspaces;
mod m20261121_000002_create_media;
mod m20261121_000003_create_people;
mod m20261121_000004_create_memberships;
mod m20261121_000005_create_api_tokens;
mod m20261121_000006_create_categories;
mod m20261121_000007_create_providers;
mod m20261121_000008_create_connectors;
mod m20261121_000009_create_provider_connectors;
mod m20261121_000010_create_connector_filters;
mod m20261121_000011_create_workspace_connectors;
mod m20261121_000012_create_workspace_connector_sync_targets;
mod m20261121_000013_create_connector_mappings;
mod m20261121_000014_create_connector_sync_diagnostics;
mod m20261121_000015_create_workspace_connector_sync_logs;
mod m20261121_000016_create_provenance_links;
mod m20261121_000017_create_instance_settings;
mod m20261121_000018_create_audit_events;
mod m20261121_000019_create_idempotency_keys;
mod m20261121_000020_create_connection_credentials;
mod m20261121_000021_create_connection_authorizations;
mod m20261121_000022_add_revisions;
mod m20261121_000023_recreate_audit_events;
mod m20261121_000024_recreate_idempotency_keys;
mod m20261121_000025_add_public_config_keys;
mod m20261121_000026_index_catalogue_totals;
mod m20261121_000027_add_connections;
mod table;

use sea_orm_migration::prelude::*;

/// All changes, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_create_workspaces::Migration),
            Box::new(m20261121_000002_create_media::Migration),
            Box::new(m20261121_000003_create_people::Migration),
            Box::new(m20261121_000004_create_memberships::Migration),
            Box::new(m20261121_000005_create_api_tokens::Migration),
            Box::new(m20261121_000006_create_categories::Migration),
            Box::new(m20261121_000007_create_providers::Migration),
            Box::new(m20261121_000008_create_connectors::Migration),
            Box::new(m20261121_000009_create_provider_connectors::Migration),
            Box::new(m20261121_000010_create_connector_filters::Migration),
            Box::new(m20261121_000011_create_workspace_connectors::Migration),
            Box::new(m20261121_000012_create_workspace_connector_sync_targets::Migration),
            Box::new(m20261121_000013_create_connector_mappings::Migration),
            Box::new(m20261121_000014_create_connector_sync_diagnostics::Migration),
            Box::new(m20261121_000015_create_workspace_connector_sync_logs::Migration),
            Box::new(m20261121_000016_create_provenance_links::Migration),
            Box::new(m20261121_000017_create_instance_settings::Migration),
            Box::new(m20261121_000018_create_audit_events::Migration),
            Box::new(m20261121_000019_create_idempotency_keys::Migration),
            Box::new(m20261121_000020_create_connection_credentials::Migration),
            Box::new(m20261121_000021_create_connection_authorizations::Migration),
            Box::new(m20261121_000022_add_revisions::Migration),
            Box::new(m20261121_000023_recreate_audit_events::Migration),
            Box::new(m20261121_000024_recreate_idempotency_keys::Migration),
            Box::new(m20261121_000025_add_public_config_keys::Migration),
            Box::new(m20261121_000026_index_catalogue_totals::Migration),
            Box::new(m20261121_000027_add_connections::Migration),
        ]
    }
}
