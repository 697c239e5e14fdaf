//! The table `provenance_links`: which connection a record came from, or went to.

use sea_orm::entity::prelude::*;

/// What a tied record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Kind {
    /// A document.
    #[sea_orm(string_value = "document")]
    Document,
    /// A person.
    #[sea_orm(string_value = "people")]
    People,
    /// A company.
    #[sea_orm(string_value = "company")]
    Company,
    /// A bank account.
    #[sea_orm(string_value = "account")]
    Account,
    /// An invoice.
    #[sea_orm(string_value = "invoice")]
    Invoice,
    /// A movement on an account.
    #[sea_orm(string_value = "transaction")]
    Transaction,
    /// An accounting journal.
    #[sea_orm(string_value = "journal")]
    Journal,
    /// An entry of a journal.
    #[sea_orm(string_value = "journal_entry")]
    JournalEntry,
    /// An account of the general ledger.
    #[sea_orm(string_value = "ledger_account")]
    LedgerAccount,
    /// A way of paying: a card, a bank transfer.
    #[sea_orm(string_value = "payment_means")]
    PaymentMeans,
}

/// Which way a record moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Direction {
    /// It came from the connection.
    #[sea_orm(string_value = "input")]
    Input,
    /// It went to the connection.
    #[sea_orm(string_value = "output")]
    Output,
}

/// A record's tie to a connection.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provenance_links")]
pub struct Model {
    /// Number of the row: sorting ends in it; clients never see it.
    #[sea_orm(primary_key)]
    pub pk: i64,
    /// What clients know it by.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The connection it belongs to.
    pub workspace_connector_id: Uuid,
    /// The workspace it belongs to.
    pub workspace_id: Uuid,
    /// What the record is.
    pub kind: Kind,
    /// The record, which may live in another system.
    pub record_id: Uuid,
    /// What to call the record in a list.
    #[sea_orm(column_type = "Text")]
    pub label: Option<String>,
    /// Which way the record moved.
    pub direction: Direction,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// Where its ids point.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The connection it belongs to.
    #[sea_orm(
        belongs_to = "super::workspace_connector::Entity",
        from = "Column::WorkspaceConnectorId",
        to = "super::workspace_connector::Column::Id"
    )]
    WorkspaceConnector,
    /// The workspace it belongs to.
    #[sea_orm(
        belongs_to = "super::workspace::Entity",
        from = "Column::WorkspaceId",
        to = "super::workspace::Column::Id"
    )]
    Workspace,
}

impl Related<super::workspace_connector::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::WorkspaceConnector.def()
    }
}

impl Related<super::workspace::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Workspace.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
