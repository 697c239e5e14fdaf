//! The table `workspaces`: tenants, arranged in trees whose roots are organisations.

use sea_orm::entity::prelude::*;

/// What a workspace was opened as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Kind {
    /// An organisation: it may own workspaces.
    #[sea_orm(string_value = "organization")]
    Organization,
    /// A workspace of an organisation.
    #[sea_orm(string_value = "workspace")]
    Workspace,
}

/// How far a workspace is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Stage {
    /// In use.
    #[sea_orm(string_value = "active")]
    Active,
    /// Closed for the time being.
    #[sea_orm(string_value = "suspended")]
    Suspended,
    /// Kept for reading only.
    #[sea_orm(string_value = "archived")]
    Archived,
}

/// A tenant: an organisation, or a workspace somewhere below one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspaces")]
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
    /// What it is, in prose.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
    /// Whether it was opened as an organisation or as a workspace.
    pub kind: Kind,
    /// The root of its tree; a root names itself.
    pub organization_id: Uuid,
    /// The workspace above it; a root has none.
    pub parent_workspace_id: Option<Uuid>,
    /// Ids from the root down to itself: `/<uuid>/<uuid>/`.
    #[sea_orm(column_type = "Text")]
    pub path: String,
    /// The caller's own id for it.
    #[sea_orm(column_type = "Text")]
    pub external_workspace_id: Option<String>,
    /// Address of its web site.
    #[sea_orm(column_type = "Text")]
    pub website: Option<String>,
    /// Address of its picture.
    #[sea_orm(column_type = "Text")]
    pub avatar_image: Option<String>,
    /// Colour shown where there is no picture.
    #[sea_orm(column_type = "Text")]
    pub avatar_color: Option<String>,
    /// Its picture, if stored here.
    pub media_id: Option<Uuid>,
    /// Whether it is vouched for.
    pub trusted: bool,
    /// Whether records are extracted from its documents unasked.
    pub auto_extract_enabled: bool,
    /// How far it is in its life.
    pub stage: Stage,
    /// IANA name of its time zone.
    #[sea_orm(column_type = "Text")]
    pub timezone: Option<String>,
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
    /// The root of its tree; a root names itself.
    #[sea_orm(
        belongs_to = "Entity",
        from = "Column::OrganizationId",
        to = "Column::Id"
    )]
    Organization,
    /// The workspace above it; a root has none.
    #[sea_orm(
        belongs_to = "Entity",
        from = "Column::ParentWorkspaceId",
        to = "Column::Id"
    )]
    Parent,
    /// Its picture, if stored here.
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
