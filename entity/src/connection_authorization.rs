//! The table `connection_authorizations`: grants of access that are under way.

use sea_orm::entity::prelude::*;

/// A grant of access that somebody has begun.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connection_authorizations")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The connection that access is asked for.
    #[sea_orm(unique)]
    pub workspace_connector_id: Uuid,
    /// Who began it.
    pub person_id: Option<Uuid>,
    /// The token it was begun with; null where the server itself began it.
    pub api_token_id: Option<Uuid>,
    /// Hash of the `state` that the service sends back.
    #[sea_orm(column_type = "Text", unique)]
    pub state_hash: String,
    /// Hash of what the browser that began it holds; null where no browser did.
    #[sea_orm(column_type = "Text")]
    pub browser_hash: Option<String>,
    /// What is needed to finish it, encrypted.
    #[sea_orm(column_type = "Blob")]
    pub sealed: Vec<u8>,
    /// Where the person goes afterwards.
    #[sea_orm(column_type = "Text")]
    pub redirect_url: Option<String>,
    /// When it lapses.
    pub expires_at: DateTimeUtc,
    /// When it was finished; it cannot be used again.
    pub consumed_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// Where its ids point.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The connection that access is asked for.
    #[sea_orm(
        belongs_to = "super::workspace_connector::Entity",
        from = "Column::WorkspaceConnectorId",
        to = "super::workspace_connector::Column::Id"
    )]
    WorkspaceConnector,
    /// Who began it.
    #[sea_orm(
        belongs_to = "super::person::Entity",
        from = "Column::PersonId",
        to = "super::person::Column::Id"
    )]
    Person,
    /// The token it was begun with.
    #[sea_orm(
        belongs_to = "super::api_token::Entity",
        from = "Column::ApiTokenId",
        to = "super::api_token::Column::Id"
    )]
    ApiToken,
}

impl Related<super::workspace_connector::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::WorkspaceConnector.def()
    }
}

impl Related<super::person::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Person.def()
    }
}

impl Related<super::api_token::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::ApiToken.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
