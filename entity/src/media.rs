//! The table `media`: pictures, and where their bytes lie.

use sea_orm::entity::prelude::*;

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum MediaType {
    /// A face or an emblem, shown small.
    #[sea_orm(string_value = "avatar")]
    Avatar,
    /// A brand.
    #[sea_orm(string_value = "logo")]
    Logo,
    /// A wide picture for the top of a page.
    #[sea_orm(string_value = "banner")]
    Banner,
}

/// A picture of a workspace, a person, a provider or a connector.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "media")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The workspace it belongs to; null for a global one.
    pub workspace_id: Option<Uuid>,
    /// The root of the owner's tree; null for a global one.
    pub organization_id: Option<Uuid>,
    /// What it shows.
    pub media_type: MediaType,
    /// Caption.
    #[sea_orm(column_type = "Text")]
    pub label: Option<String>,
    /// Name of the uploaded file.
    #[sea_orm(column_type = "Text")]
    pub file_name: Option<String>,
    /// MIME type of the bytes.
    #[sea_orm(column_type = "Text")]
    pub content_type: Option<String>,
    /// Size in bytes.
    pub file_size: Option<i32>,
    /// Where it can be fetched.
    #[sea_orm(column_type = "Text")]
    pub url: Option<String>,
    /// Where it lies in storage.
    #[sea_orm(column_type = "Text")]
    pub path: Option<String>,
    /// Where the bytes may be sent.
    #[sea_orm(column_type = "Text")]
    pub upload_url: Option<String>,
    /// Whether it is the one to show among its owner's.
    pub is_primary: bool,
    /// Hash of the bytes.
    #[sea_orm(column_type = "Text")]
    pub content_hash: Option<String>,
    /// When the bytes arrived.
    pub uploaded_at: Option<DateTimeUtc>,
    /// When the bytes were made ready to show.
    pub processed_at: Option<DateTimeUtc>,
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
    /// The workspace it belongs to; null for a global one.
    #[sea_orm(
        belongs_to = "super::workspace::Entity",
        from = "Column::WorkspaceId",
        to = "super::workspace::Column::Id"
    )]
    Workspace,
    /// The root of the owner's tree; null for a global one.
    #[sea_orm(
        belongs_to = "super::workspace::Entity",
        from = "Column::OrganizationId",
        to = "super::workspace::Column::Id"
    )]
    Organization,
}

impl ActiveModelBehavior for ActiveModel {}
