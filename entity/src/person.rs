//! The table `people`: who acts, and who is spoken of.

use sea_orm::entity::prelude::*;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "people")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The whole name, as written.
    #[sea_orm(column_type = "Text")]
    pub full_name: String,
    /// Given name.
    #[sea_orm(column_type = "Text")]
    pub first_name: String,
    /// Family name.
    #[sea_orm(column_type = "Text")]
    pub last_name: Option<String>,
    /// E-mail address.
    #[sea_orm(column_type = "Text")]
    pub email: Option<String>,
    /// Position held.
    #[sea_orm(column_type = "Text")]
    pub job_title: Option<String>,
    /// Address of a picture.
    #[sea_orm(column_type = "Text")]
    pub avatar_image: Option<String>,
    /// A picture, if stored here.
    pub media_id: Option<Uuid>,
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
    /// A picture, if stored here.
    #[sea_orm(
        belongs_to = "super::media::Entity",
        from = "Column::MediaId",
        to = "super::media::Column::Id"
    )]
    Media,
}

impl Related<super::media::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Media.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
