//! The table `connections`: what the server keeps of a connection for itself.

use sea_orm::entity::prelude::*;

/// The bookkeeping of one connection.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connections")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What the row is known by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The installation it belongs to.
    #[sea_orm(unique)]
    pub workspace_connector_id: Uuid,
    /// Counts the tokens it has had, so that those who ask for a fresh one can tell.
    pub generation: i32,
    /// Checks that failed in a row.
    pub failures: i32,
    /// When it is to be looked at next; null for never.
    pub next_check_at: Option<DateTimeUtc>,
    /// Who renews its token or checks it at present.
    pub lease_by: Option<Uuid>,
    /// Until when nobody else does.
    pub lease_until: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// Where its ids point.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The installation it belongs to.
    #[sea_orm(
        belongs_to = "super::workspace_connector::Entity",
        from = "Column::WorkspaceConnectorId",
        to = "super::workspace_connector::Column::Id"
    )]
    WorkspaceConnector,
}

impl Related<super::workspace_connector::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::WorkspaceConnector.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
