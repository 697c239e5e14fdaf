//! Workspace connectors: connectors installed in workspaces.

use super::{
    choice, connector, connector_filter, connector_mapping, person, provenance_link,
    sync_diagnostic, sync_log, sync_target, workspace,
};
use crate::db::Dialect;
use crate::query::{Kind, Resource, Scope, Table, Writer};
use entity::workspace_connector::{Column, Entity};
use std::fmt::Write;
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    let table = Table::<Entity>::new("workspace_connectors", "workspace_connector", "WorkspaceConnector", "A connector installed in a workspace.")
        .scope(Scope::Tenant)
        .shown("status", Column::Status, Kind::Enum(&choice::WORKSPACE_CONNECTOR_STATUS), "Whether it works.")
        .shown("label", Column::Label, Kind::Text, "What members call it, to tell two accounts of one service apart.")
        .json("config", config, "Settings of the installation: the members that its connector declares public. Credentials are never among them.")
        .shown("url", Column::Url, Kind::Text, "Address of the remote server, normalised; null where there is none to connect to.")
        .shown("connection_state", Column::ConnectionState, Kind::Enum(&choice::CONNECTION_STATE), "Where its connection stands; null without an address.")
        .plain("disconnect_code", Column::DisconnectCode, Kind::Enum(&choice::DISCONNECT_CODE), "Why it is disconnected; null while it is not.")
        .plain("disconnect_reason", Column::DisconnectReason, Kind::Text, "The same as a sentence.")
        .plain("disconnect_permanent", Column::DisconnectPermanent, Kind::Boolean, "Whether only a person can connect it again; null while it is not disconnected.")
        .plain("metadata", Column::Metadata, Kind::Json, "Texts that clients attach.")
        .plain("shared", Column::Shared, Kind::Boolean, "Whether all members of the workspace may use the connection.")
        .shown("token_expires_at", Column::TokenExpiresAt, Kind::Date, "When its access token lapses; null where it does not, or is not known to.")
        .plain("authorization_expires_at", Column::AuthorizationExpiresAt, Kind::Date, "When the pending login lapses; null without one.")
        .plain("last_checked_at", Column::LastCheckedAt, Kind::Date, "When its server was last asked.")
        .plain("last_connected_at", Column::LastConnectedAt, Kind::Date, "When its server last answered well.")
        .asked("workspace_id", Column::WorkspaceId, Kind::Workspace, "The workspace it is installed in.")
        .asked("connector_id", Column::ConnectorId, Kind::Text, "Identifier of the connector.")
        .composite("composite_connector_action", action, "The cell with the next step a member can take: configure, reconnect, enable, wait, none.");
    lists(table)
        .one_even_deleted("connector", Column::ConnectorId, connector::resource, "The connector, also after it left the catalogue.")
        .one("workspace", Column::WorkspaceId, workspace::resource, "The workspace it is installed in.")
        .one("person", Column::PersonId, person::resource, "Who owns the connection.")
        .one("filter", Column::ConnectorFilterId, connector_filter::resource, "The rule that chooses what goes out.")
        .many("sync_targets", sync_target::resource, entity::sync_target::Column::WorkspaceConnectorId, "Other workspaces it also feeds.")
        .many("connector_mappings", connector_mapping::resource, entity::connector_mapping::Column::WorkspaceConnectorId, "How answers of its tools become records.")
        .many("sync_diagnostics", sync_diagnostic::resource, entity::sync_diagnostic::Column::WorkspaceConnectorId, "What its syncs noticed.")
        .many("sync_logs", sync_log::resource, entity::sync_log::Column::WorkspaceConnectorId, "Its syncs.")
        .many("provenance_links", provenance_link::resource, entity::provenance_link::Column::WorkspaceConnectorId, "Records that came or went by it.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}

fn action(_: &mut Writer<'_>, row: &str, out: &mut String) {
    let _ = write!(
        out,
        "CASE {row}.status WHEN 'to_configure' THEN 'configure' WHEN 'need_reconnect' THEN 'reconnect' WHEN 'error' THEN 'reconnect' \
         WHEN 'disabled' THEN 'enable' WHEN 'processing' THEN 'wait' ELSE 'none' END"
    );
}

/// The members of `config` that the connector allows to be shown.
fn config(writer: &mut Writer<'_>, row: &str, out: &mut String) {
    let (connector, member) = (writer.alias(), writer.alias());
    let _ = match writer.dialect {
        Dialect::Postgres => write!(
            out,
            "CASE WHEN jsonb_typeof({row}.config) = 'object' THEN (SELECT coalesce(jsonb_object_agg({member}.key, {member}.value), '{{}}') \
             FROM connectors {connector}, jsonb_each({row}.config) {member} \
             WHERE {connector}.id = {row}.connector_id AND {connector}.public_config_keys ? {member}.key) END"
        ),
        Dialect::Sqlite => write!(
            out,
            "CASE WHEN json_type({row}.config) = 'object' THEN (SELECT json_group_object({member}.key, {row}.config -> {member}.fullkey) \
             FROM connectors {connector}, json_each({row}.config) {member} \
             WHERE {connector}.id = {row}.connector_id \
             AND {member}.key IN (SELECT value FROM json_each({connector}.public_config_keys))) END"
        ),
    };
}

/// The list cells: labels of the records of one kind that are linked to the installation.
fn lists(table: Table<Entity>) -> Table<Entity> {
    macro_rules! list {
        ($table:ident, $($name:literal $kind:literal $what:literal,)*) => {
            $table$(.composite(
                $name,
                |writer, row, out| linked(writer, $kind, row, out),
                concat!("The labels of the ", $what, " linked to it, joined by commas; null for none."),
            ))*
        };
    }
    list!(table,
        "composite_accounts_list" "account" "accounts",
        "composite_documents_list" "document" "documents",
        "composite_invoices_list" "invoice" "invoices",
        "composite_journal_entries_list" "journal_entry" "journal entries",
        "composite_journals_list" "journal" "journals",
        "composite_ledger_accounts_list" "ledger_account" "ledger accounts",
        "composite_payment_means_list" "payment_means" "means of payment",
        "composite_transactions_list" "transaction" "transactions",
    )
}

fn linked(writer: &mut Writer<'_>, kind: &str, row: &str, out: &mut String) {
    let link = writer.alias();
    let join = if writer.dialect == Dialect::Postgres {
        "string_agg"
    } else {
        "group_concat"
    };
    let _ = write!(
        out,
        "SELECT {join}({link}.label, ', ' ORDER BY {link}.pk) FROM provenance_links {link} \
         WHERE {link}.workspace_connector_id = {row}.id AND {link}.kind = '{kind}' AND "
    );
    writer.exists(provenance_link::resource(), &link, false, out);
}
