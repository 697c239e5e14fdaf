//! The table `workspace_connectors`: connectors that workspaces have connected.

use sea_orm::entity::prelude::*;

/// Whether a connection works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// It works.
    #[sea_orm(string_value = "active")]
    Active,
    /// It is switched off.
    #[sea_orm(string_value = "disabled")]
    Disabled,
    /// It awaits settings or consent.
    #[sea_orm(string_value = "to_configure")]
    ToConfigure,
    /// It is being set up, or at work.
    #[sea_orm(string_value = "processing")]
    Processing,
    /// It fails.
    #[sea_orm(string_value = "error")]
    Error,
    /// Access has lapsed; people must grant it again.
    #[sea_orm(string_value = "need_reconnect")]
    NeedReconnect,
    /// It is barred.
    #[sea_orm(string_value = "suspended")]
    Suspended,
    /// It works in part.
    #[sea_orm(string_value = "degraded")]
    Degraded,
}

/// Where the connection to a remote server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ConnectionState {
    /// It was never connected.
    #[sea_orm(string_value = "created")]
    Created,
    /// A login was begun and waits for a person.
    #[sea_orm(string_value = "auth_required")]
    AuthRequired,
    /// The server was reached last time.
    #[sea_orm(string_value = "connected")]
    Connected,
    /// It was ended, or the server cannot be reached.
    #[sea_orm(string_value = "disconnected")]
    Disconnected,
}

/// Why a connection is disconnected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum DisconnectCode {
    /// Somebody asked for it.
    #[sea_orm(string_value = "client_request")]
    ClientRequest,
    /// A login was not finished in time, or a token has lapsed and cannot be renewed.
    #[sea_orm(string_value = "auth_expired")]
    AuthExpired,
    /// The server takes the credential no longer.
    #[sea_orm(string_value = "auth_revoked")]
    AuthRevoked,
    /// The server refuses requests.
    #[sea_orm(string_value = "upstream_4xx")]
    Upstream4xx,
    /// The server fails.
    #[sea_orm(string_value = "upstream_5xx")]
    Upstream5xx,
    /// The server cannot be reached.
    #[sea_orm(string_value = "network")]
    Network,
    /// The server does not speak the protocol.
    #[sea_orm(string_value = "protocol")]
    Protocol,
    /// Its address may not be asked.
    #[sea_orm(string_value = "policy_blocked")]
    PolicyBlocked,
}

/// A connection: a connector put to use in a workspace.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspace_connectors")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The workspace it belongs to.
    pub workspace_id: Uuid,
    /// The connector in use.
    pub connector_id: Uuid,
    /// Who looks after it.
    pub person_id: Option<Uuid>,
    /// The rule that picks its documents.
    pub connector_filter_id: Option<Uuid>,
    /// Whether it works.
    pub status: Status,
    /// What the workspace calls it.
    #[sea_orm(column_type = "Text")]
    pub label: Option<String>,
    /// Its settings; secrets lie elsewhere.
    #[sea_orm(column_type = "JsonBinary")]
    pub config: Option<Json>,
    /// Address of the remote server, normalised; null where there is none to connect to.
    #[sea_orm(column_type = "Text")]
    pub url: Option<String>,
    /// Where its connection stands; null without an address.
    pub connection_state: Option<ConnectionState>,
    /// Why it is disconnected.
    pub disconnect_code: Option<DisconnectCode>,
    /// The same as a sentence.
    #[sea_orm(column_type = "Text")]
    pub disconnect_reason: Option<String>,
    /// Whether only a person can connect it again.
    pub disconnect_permanent: Option<bool>,
    /// Texts that clients attach.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Option<Json>,
    /// Whether all members of the workspace may use the connection.
    pub shared: bool,
    /// When its access token lapses; null where it does not, or is not known to.
    pub token_expires_at: Option<DateTimeUtc>,
    /// When the pending login lapses; null without one.
    pub authorization_expires_at: Option<DateTimeUtc>,
    /// When its server was last asked.
    pub last_checked_at: Option<DateTimeUtc>,
    /// When its server last answered well.
    pub last_connected_at: Option<DateTimeUtc>,
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
    /// The workspace it belongs to.
    #[sea_orm(
        belongs_to = "super::workspace::Entity",
        from = "Column::WorkspaceId",
        to = "super::workspace::Column::Id"
    )]
    Workspace,
    /// The connector in use.
    #[sea_orm(
        belongs_to = "super::connector::Entity",
        from = "Column::ConnectorId",
        to = "super::connector::Column::Id"
    )]
    Connector,
    /// Who looks after it.
    #[sea_orm(
        belongs_to = "super::person::Entity",
        from = "Column::PersonId",
        to = "super::person::Column::Id"
    )]
    Person,
    /// The rule that picks its documents.
    #[sea_orm(
        belongs_to = "super::connector_filter::Entity",
        from = "Column::ConnectorFilterId",
        to = "super::connector_filter::Column::Id"
    )]
    Filter,
}

impl Related<super::workspace::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Workspace.def()
    }
}

impl Related<super::connector::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Connector.def()
    }
}

impl Related<super::person::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Person.def()
    }
}

impl Related<super::connector_filter::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Filter.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
