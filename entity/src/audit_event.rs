//! The table `audit_events`: who changed what, and when. Rows are only ever added.

use sea_orm::entity::prelude::*;

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Outcome {
    /// It was done.
    #[sea_orm(string_value = "done")]
    Done,
    /// The role did not allow it.
    #[sea_orm(string_value = "refused")]
    Refused,
}

/// One change, as it was made, or one that was refused.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The workspace it happened in.
    pub workspace_id: Option<Uuid>,
    /// Who did it.
    pub person_id: Option<Uuid>,
    /// The key it was done with.
    pub api_token_id: Option<Uuid>,
    /// What was done.
    #[sea_orm(column_type = "Text")]
    pub action: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The kind of record it was done to.
    #[sea_orm(column_type = "Text")]
    pub resource: String,
    /// The record it was done to, which may be gone.
    pub record_id: Option<Uuid>,
    /// The revision of the record afterwards.
    pub revision: Option<i32>,
    /// The record beforehand; null for a creation.
    #[sea_orm(column_type = "JsonBinary")]
    pub before: Option<Json>,
    /// The record afterwards; null for a removal.
    #[sea_orm(column_type = "JsonBinary")]
    pub after: Option<Json>,
    /// The network address it came from.
    #[sea_orm(column_type = "Text")]
    pub address: Option<String>,
    /// The request it was part of.
    #[sea_orm(column_type = "Text")]
    pub trace_id: Option<String>,
    /// Number of the transaction that wrote it, which orders events across server processes;
    /// the database sets it (0 on SQLite, where the row's own number does).
    pub transaction_id: i64,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// Where its ids point.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The workspace it happened in.
    #[sea_orm(
        belongs_to = "super::workspace::Entity",
        from = "Column::WorkspaceId",
        to = "super::workspace::Column::Id"
    )]
    Workspace,
    /// Who did it.
    #[sea_orm(
        belongs_to = "super::person::Entity",
        from = "Column::PersonId",
        to = "super::person::Column::Id"
    )]
    Person,
    /// The key it was done with.
    #[sea_orm(
        belongs_to = "super::api_token::Entity",
        from = "Column::ApiTokenId",
        to = "super::api_token::Column::Id"
    )]
    ApiToken,
}

impl Related<super::workspace::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Workspace.def()
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
