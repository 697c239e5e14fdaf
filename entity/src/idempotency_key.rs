//! The table `idempotency_keys`: answers kept so that a repeated request is not carried out twice.

use sea_orm::entity::prelude::*;

/// One write of a request that carried a key, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The workspace the request was for.
    pub workspace_id: Uuid,
    /// The key the client chose.
    #[sea_orm(column_type = "Text")]
    pub key: String,
    /// Which of the writes of the request: a request can hold several.
    #[sea_orm(column_type = "Text")]
    pub part: String,
    /// Hash of the request, to refuse the same key on another.
    #[sea_orm(column_type = "Text")]
    pub fingerprint: String,
    /// HTTP status of the answer.
    pub status: i32,
    /// Headers of the answer, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub headers: Json,
    /// Body of the answer.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// When the key may be used anew.
    pub expires_at: DateTimeUtc,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// Where its ids point.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The workspace the request was for.
    #[sea_orm(
        belongs_to = "super::workspace::Entity",
        from = "Column::WorkspaceId",
        to = "super::workspace::Column::Id"
    )]
    Workspace,
}

impl Related<super::workspace::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Workspace.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
