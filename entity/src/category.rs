//! The table `categories`: the shelves of the catalogue.

use sea_orm::entity::prelude::*;

/// A shelf of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "categories")]
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
    /// What belongs there.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// No column holds the id of another table.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
