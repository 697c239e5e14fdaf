//! Gives installations of remote servers their connection: its address and state on the
//! installation, where clients see it; what the server keeps for itself in a table of its own, so
//! that its bookkeeping is no change of the installation. A pending authorization knows which token
//! began it and which browser must finish it. Nothing wrote to `connection_authorizations` before,
//! so it is made anew.

use crate::column::{Column, blob, boolean, choice, integer, json, reference, text, time, uuid};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "workspace_connectors";

const STATES: &str = "created|auth_required|connected|disconnected";

const CODES: &str = "client_request|auth_expired|auth_revoked|upstream_4xx|upstream_5xx|network|protocol|policy_blocked";

/// One account of a service for each owner, workspace and label.
const UNIQUE: &str = "CREATE UNIQUE INDEX uq_workspace_connectors_url ON workspace_connectors \
     (workspace_id, person_id, url, (coalesce(label, ''))) WHERE url IS NOT NULL AND deleted_at IS NULL";

const SOUGHT: [&str; 3] = ["url", "connection_state", "token_expires_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let shared = ColumnDef::new("shared")
            .boolean()
            .not_null()
            .default(false)
            .take();
        let columns = columns().into_iter().map(|c| c.definition(TABLE, backend));
        for column in columns.chain([shared]) {
            let change = Table::alter().table(TABLE).add_column(column).take();
            manager.alter_table(change).await?;
        }
        for column in SOUGHT {
            let index = Index::create()
                .name(format!("idx_{TABLE}_{column}"))
                .table(TABLE)
                .col(column)
                .col("pk")
                .take();
            manager.create_index(index).await?;
        }
        manager.get_connection().execute_unprepared(UNIQUE).await?;
        connections().create(manager).await?;
        drop(manager, "connection_authorizations").await?;
        authorizations().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "connections").await?;
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP INDEX uq_workspace_connectors_url")
            .await?;
        for column in SOUGHT {
            let name = format!("idx_{TABLE}_{column}");
            manager
                .drop_index(Index::drop().name(name).table(TABLE).to_owned())
                .await?;
        }
        let columns = columns().into_iter().map(|c| c.name);
        for column in columns.chain(["shared"]) {
            let change = Table::alter().table(TABLE).drop_column(column).take();
            manager.alter_table(change).await?;
        }
        drop(manager, "connection_authorizations").await?;
        NewTable::internal("connection_authorizations")
            .columns([
                reference("workspace_connector_id", TABLE),
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

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What installations get, all of it optional.
fn columns() -> [Column; 10] {
    [
        text("url"),
        choice("connection_state", STATES),
        choice("disconnect_code", CODES),
        text("disconnect_reason"),
        boolean("disconnect_permanent"),
        json("metadata"),
        time("token_expires_at"),
        time("authorization_expires_at"),
        time("last_checked_at"),
        time("last_connected_at"),
    ]
    .map(Column::optional)
}

fn connections() -> NewTable {
    NewTable::internal("connections").columns([
        reference("workspace_connector_id", TABLE).unique(),
        integer("generation"),
        integer("failures"),
        time("next_check_at").optional().sought(),
        uuid("lease_by").optional(),
        time("lease_until").optional(),
    ])
}

fn authorizations() -> NewTable {
    NewTable::internal("connection_authorizations").columns([
        reference("workspace_connector_id", TABLE).unique(),
        reference("person_id", "people").optional(),
        reference("api_token_id", "api_tokens").optional(),
        text("state_hash").unique(),
        text("browser_hash").optional(),
        blob("sealed"),
        text("redirect_url").optional(),
        time("expires_at").sought(),
        time("consumed_at").optional(),
    ])
}
