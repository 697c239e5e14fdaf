//! The table `connector_mappings`: how a tool's responses become records.

use sea_orm::entity::prelude::*;

/// The kind of record that a response is turned into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum TargetModel {
    /// A company.
    #[sea_orm(string_value = "company")]
    Company,
    /// A person.
    #[sea_orm(string_value = "people")]
    People,
    /// An invoice.
    #[sea_orm(string_value = "invoice")]
    Invoice,
    /// A movement on an account.
    #[sea_orm(string_value = "transaction")]
    Transaction,
    /// A bank account.
    #[sea_orm(string_value = "account")]
    Account,
    /// An account of the general ledger.
    #[sea_orm(string_value = "ledger_account")]
    LedgerAccount,
    /// An accounting journal.
    #[sea_orm(string_value = "journal")]
    Journal,
    /// An entry of a journal.
    #[sea_orm(string_value = "journal_entry")]
    JournalEntry,
    /// An e-mail.
    #[sea_orm(string_value = "email")]
    Email,
    /// A way of paying: a card, a bank transfer.
    #[sea_orm(string_value = "payment_means")]
    PaymentMeans,
    /// The match of an invoice with a transaction.
    #[sea_orm(string_value = "invoice_transaction")]
    InvoiceTransaction,
    /// A document.
    #[sea_orm(string_value = "document")]
    Document,
}

/// An expression that turns one tool's response into one kind of record.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connector_mappings")]
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
    /// What it makes.
    pub target_model: TargetModel,
    /// The tool whose response it reads.
    #[sea_orm(column_type = "Text")]
    pub tool_name: String,
    /// The expression, in JSONata.
    #[sea_orm(column_type = "Text")]
    pub expression: String,
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
