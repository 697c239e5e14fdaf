//! The table `connector_filters`: which documents an outgoing connection takes.

use sea_orm::entity::prelude::*;

/// A rule that picks documents for a connector.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connector_filters")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The connector it is written for.
    pub connector_id: Uuid,
    /// The workspace it belongs to; null for a template.
    pub workspace_id: Option<Uuid>,
    /// Whether it is offered to everybody as a default.
    pub template: bool,
    /// The predicate over documents.
    #[sea_orm(column_type = "JsonBinary")]
    pub config: Json,
    /// The rule in words.
    #[sea_orm(column_type = "Text")]
    pub natural_language: Option<String>,
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
    /// The connector it is written for.
    #[sea_orm(
        belongs_to = "super::connector::Entity",
        from = "Column::ConnectorId",
        to = "super::connector::Column::Id"
    )]
    Connector,
    /// The workspace it belongs to; null for a template.
    #[sea_orm(
        belongs_to = "super::workspace::Entity",
        from = "Column::WorkspaceId",
        to = "super::workspace::Column::Id"
    )]
    Workspace,
}

impl Related<super::connector::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Connector.def()
    }
}

impl Related<super::workspace::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Workspace.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
