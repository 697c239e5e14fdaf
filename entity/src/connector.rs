//! The table `connectors`: what can be connected to, global or published by a workspace.

use sea_orm::entity::prelude::*;

/// Which way records move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Direction {
    /// From the service to here.
    #[sea_orm(string_value = "import")]
    Import,
    /// From here to the service.
    #[sea_orm(string_value = "export")]
    Export,
    /// Both ways.
    #[sea_orm(string_value = "both")]
    Both,
}

/// Whether a connector can be connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// It can.
    #[sea_orm(string_value = "active")]
    Active,
    /// It is switched off.
    #[sea_orm(string_value = "inactive")]
    Inactive,
    /// It is announced.
    #[sea_orm(string_value = "coming_soon")]
    ComingSoon,
    /// It is being worked on.
    #[sea_orm(string_value = "maintenance")]
    Maintenance,
    /// It still works, and will go.
    #[sea_orm(string_value = "deprecated")]
    Deprecated,
}

/// The aggregator that carries a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ConnectorProvider {
    /// Apideck.
    #[sea_orm(string_value = "apideck")]
    Apideck,
    /// Chift.
    #[sea_orm(string_value = "chift")]
    Chift,
    /// Nobody in between: the service is spoken to directly.
    #[sea_orm(string_value = "well")]
    Well,
    /// Plaid, for Europe.
    #[sea_orm(string_value = "plaid_eu")]
    PlaidEu,
    /// Plaid, for the United States.
    #[sea_orm(string_value = "plaid_us")]
    PlaidUs,
}

/// How access to a service is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum AuthorizationFlow {
    /// OAuth 2 with a client registered beforehand.
    #[sea_orm(string_value = "oauth2")]
    Oauth2,
    /// OAuth 2 with a client registered on the fly.
    #[sea_orm(string_value = "oauth2_dcr")]
    Oauth2Dcr,
    /// A key that people paste.
    #[sea_orm(string_value = "api_key")]
    ApiKey,
    /// A name and a password.
    #[sea_orm(string_value = "basic")]
    Basic,
    /// The aggregator's own dialogue.
    #[sea_orm(string_value = "link")]
    Link,
    /// No grant is needed.
    #[sea_orm(string_value = "none")]
    None,
}

/// How records travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Transport {
    /// HTTP requests to resources.
    #[sea_orm(string_value = "rest")]
    Rest,
    /// GraphQL queries.
    #[sea_orm(string_value = "graphql")]
    Graphql,
    /// Calls of tools over the Model Context Protocol.
    #[sea_orm(string_value = "mcp")]
    Mcp,
    /// Requests that the service sends.
    #[sea_orm(string_value = "webhook")]
    Webhook,
    /// Files.
    #[sea_orm(string_value = "file")]
    File,
    /// E-mail.
    #[sea_orm(string_value = "email")]
    Email,
    /// Queries to a database.
    #[sea_orm(string_value = "database")]
    Database,
}

/// A way to move records in, out, or both.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connectors")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// Name for addresses: unique among an organisation's live connectors, or the global ones.
    #[sea_orm(column_type = "Text")]
    pub slug: String,
    /// Name for people.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// What it does.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
    /// The shelf it stands on.
    pub category_id: Uuid,
    /// Which way records move.
    pub direction: Direction,
    /// Free words: an array of text.
    #[sea_orm(column_type = "JsonBinary")]
    pub tags: Json,
    /// Whether it can be connected.
    pub status: Status,
    /// The publisher's own flag; nothing here reads it.
    #[sea_orm(column_type = "Text")]
    pub state: Option<String>,
    /// The publisher's version.
    #[sea_orm(column_type = "Text")]
    pub version: Option<String>,
    /// What it imports, and how fresh that is.
    #[sea_orm(column_type = "JsonBinary")]
    pub data_quality: Option<Json>,
    /// Where people are sent once connected.
    #[sea_orm(column_type = "Text")]
    pub redirect_url: Option<String>,
    /// Address of its web site.
    #[sea_orm(column_type = "Text")]
    pub website: Option<String>,
    /// Address that requests go to.
    #[sea_orm(column_type = "Text")]
    pub endpoint_url: Option<String>,
    /// The aggregator that carries it.
    pub provider: Option<ConnectorProvider>,
    /// How access is granted.
    pub authorization_flow: Option<AuthorizationFlow>,
    /// How records travel.
    pub transport: Option<Transport>,
    /// The aggregator's id for it; several connectors may share one.
    #[sea_orm(column_type = "Text")]
    pub external_connector_id: Option<String>,
    /// Stable name of the service in the catalogue.
    #[sea_orm(column_type = "Text")]
    pub service_id: Option<String>,
    /// The workspace that publishes it.
    pub published_by_id: Option<Uuid>,
    /// The root of the publisher's tree; null for a global one.
    pub organization_id: Option<Uuid>,
    /// Its logo.
    pub logo_id: Option<Uuid>,
    /// The keys of an installation's `config` that may be shown, a list of texts.
    #[sea_orm(column_type = "JsonBinary")]
    pub public_config_keys: Json,
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
    /// The shelf it stands on.
    #[sea_orm(
        belongs_to = "super::category::Entity",
        from = "Column::CategoryId",
        to = "super::category::Column::Id"
    )]
    Category,
    /// The workspace that publishes it.
    #[sea_orm(
        belongs_to = "super::workspace::Entity",
        from = "Column::PublishedById",
        to = "super::workspace::Column::Id"
    )]
    PublishedBy,
    /// The root of the publisher's tree; null for a global one.
    #[sea_orm(
        belongs_to = "super::workspace::Entity",
        from = "Column::OrganizationId",
        to = "super::workspace::Column::Id"
    )]
    Organization,
    /// Its logo.
    #[sea_orm(
        belongs_to = "super::media::Entity",
        from = "Column::LogoId",
        to = "super::media::Column::Id"
    )]
    Logo,
}

impl Related<super::category::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Category.def()
    }
}

impl Related<super::media::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Logo.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
