//! The table `providers`: the services behind connectors.

use sea_orm::entity::prelude::*;

/// A service that connectors connect to.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "providers")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// Name for addresses.
    #[sea_orm(column_type = "Text", unique)]
    pub slug: String,
    /// Name for people.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// What it offers.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
    /// Address of its web site.
    #[sea_orm(column_type = "Text")]
    pub url: Option<String>,
    /// Its logo.
    pub logo_id: Option<Uuid>,
    /// The kind of business it is in.
    #[sea_orm(column_type = "Text")]
    pub category: Option<String>,
    /// Where it operates: an array of ISO 3166 codes of two letters.
    #[sea_orm(column_type = "JsonBinary")]
    pub countries: Json,
    /// Other words it is found by: an array of text.
    #[sea_orm(column_type = "JsonBinary")]
    pub searchable_terms: Json,
    /// Steps that lead through its own site.
    #[sea_orm(column_type = "JsonBinary")]
    pub blueprint: Option<Json>,
    /// State of the instructions for assistants.
    #[sea_orm(column_type = "Text")]
    pub skill_status: Option<String>,
    /// Version of the instructions for assistants.
    pub skill_version: Option<i32>,
    /// Facts about the instructions for assistants.
    #[sea_orm(column_type = "JsonBinary")]
    pub skill_metadata: Option<Json>,
    /// The instructions for assistants.
    #[sea_orm(column_type = "Text")]
    pub skill_body: Option<String>,
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
    /// Its logo.
    #[sea_orm(
        belongs_to = "super::media::Entity",
        from = "Column::LogoId",
        to = "super::media::Column::Id"
    )]
    Logo,
}

impl Related<super::media::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Logo.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
