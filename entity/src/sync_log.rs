//! The table `workspace_connector_sync_logs`: the runs of connections.

use sea_orm::entity::prelude::*;

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// It waits.
    #[sea_orm(string_value = "scheduled")]
    Scheduled,
    /// It is going on.
    #[sea_orm(string_value = "in_progress")]
    InProgress,
    /// It ended well.
    #[sea_orm(string_value = "success")]
    Success,
    /// It failed.
    #[sea_orm(string_value = "error")]
    Error,
}

/// What set a run off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum TriggerType {
    /// A person.
    #[sea_orm(string_value = "manual")]
    Manual,
    /// The clock.
    #[sea_orm(string_value = "scheduled")]
    Scheduled,
    /// The service.
    #[sea_orm(string_value = "webhook")]
    Webhook,
    /// The connection's being made.
    #[sea_orm(string_value = "initial")]
    Initial,
}

/// One run of a connection.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspace_connector_sync_logs")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The connection it belongs to.
    pub workspace_connector_id: Uuid,
    /// The workspace it belongs to.
    pub workspace_id: Uuid,
    /// How the run stands.
    pub status: Status,
    /// What set it off.
    pub trigger_type: Option<TriggerType>,
    /// When it began.
    pub started_at: Option<DateTimeUtc>,
    /// When it ended, well or badly.
    pub completed_at: Option<DateTimeUtc>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i32>,
    /// Why it failed.
    #[sea_orm(column_type = "Text")]
    pub error: Option<String>,
    /// The task runner's id for it.
    #[sea_orm(column_type = "Text")]
    pub cloud_task_id: Option<String>,
    /// What it counted.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Option<Json>,
    /// Counts the changes of the row, from 1.
    pub revision: i32,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// When it was deleted; null while it lives.
    pub deleted_at: Option<DateTimeUtc>,
}

/// Where its ids point.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The connection it belongs to.
    #[sea_orm(
        belongs_to = "super::workspace_connector::Entity",
        from = "Column::WorkspaceConnectorId",
        to = "super::workspace_connector::Column::Id"
    )]
    WorkspaceConnector,
    /// The workspace it belongs to.
    #[sea_orm(
        belongs_to = "super::workspace::Entity",
        from = "Column::WorkspaceId",
        to = "super::workspace::Column::Id"
    )]
    Workspace,
}

impl Related<super::workspace_connector::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::WorkspaceConnector.def()
    }
}

impl Related<super::workspace::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Workspace.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
