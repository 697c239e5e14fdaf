//! The table `connector_sync_diagnostics`: what a synchronisation noticed.

use super::connector_mapping::TargetModel;
use sea_orm::entity::prelude::*;

/// What a diagnostic is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Reason {
    /// The service refused access.
    #[sea_orm(string_value = "authorization_failed")]
    AuthorizationFailed,
    /// The service asked for patience.
    #[sea_orm(string_value = "rate_limited")]
    RateLimited,
    /// The service did not answer in time.
    #[sea_orm(string_value = "timeout")]
    Timeout,
    /// The service answered with an error.
    #[sea_orm(string_value = "upstream_error")]
    UpstreamError,
    /// The service no longer has the tool.
    #[sea_orm(string_value = "tool_missing")]
    ToolMissing,
    /// The response had another shape than expected.
    #[sea_orm(string_value = "schema_mismatch")]
    SchemaMismatch,
    /// The expression could not be evaluated.
    #[sea_orm(string_value = "mapping_failed")]
    MappingFailed,
    /// The response held nothing.
    #[sea_orm(string_value = "empty_result")]
    EmptyResult,
    /// The response held only part.
    #[sea_orm(string_value = "partial_result")]
    PartialResult,
}

/// Something that a synchronisation noticed, bad or merely odd.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connector_sync_diagnostics")]
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
    /// The kind of record that was to be made.
    pub target_model: TargetModel,
    /// The tool that was asked.
    #[sea_orm(column_type = "Text")]
    pub tool_name: Option<String>,
    /// What it is about.
    pub reason: Reason,
    /// More, in words.
    #[sea_orm(column_type = "Text")]
    pub detail: Option<String>,
    /// Counts the changes of the row, from 1.
    pub revision: i32,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
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
