//! The table `instance_settings`: what this installation remembers about itself.

use sea_orm::entity::prelude::*;

/// One thing that this installation remembers about itself.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instance_settings")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// What it is.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// What it is set to.
    #[sea_orm(column_type = "Text")]
    pub value: String,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// No column holds the id of another table.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
