//! The table `connection_credentials`: the secrets of connections, encrypted.

use sea_orm::entity::prelude::*;

/// One secret of a connection, encrypted.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connection_credentials")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The connection it belongs to.
    pub workspace_connector_id: Uuid,
    /// Which secret it is.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The key it is encrypted with.
    #[sea_orm(column_type = "Text")]
    pub key_id: String,
    /// The encrypted bytes.
    #[sea_orm(column_type = "Blob")]
    pub ciphertext: Vec<u8>,
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
}

impl Related<super::workspace_connector::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::WorkspaceConnector.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
