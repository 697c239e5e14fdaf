//! Connectors: the entries of the catalogue.

use super::{
    category, choice, connector_filter, media, provider_connector, workspace, workspace_connector,
};
use crate::query::{Kind, Resource, Scope, Table, Writer};
use entity::connector::{Column, Entity};
use std::fmt::Write;
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("connectors", "connector", "Connector", "An entry of the catalogue: one service that a workspace can install.")
        .scope(Scope::Catalogue)
        .keys(&["slug"])
        .shown("slug", Column::Slug, Kind::Text, "Short name for addresses, unique in its organization.")
        .shown("name", Column::Name, Kind::Text, "Display name.")
        .plain("description", Column::Description, Kind::Text, "What the connector reads or writes, in a sentence or two.")
        .shown("category_id", Column::CategoryId, Kind::Text, "Identifier of the category.")
        .shown("direction", Column::Direction, Kind::Enum(&choice::DIRECTION), "Which way data flows.")
        .plain("tags", Column::Tags, Kind::Texts, "Words to find it by.")
        .shown("status", Column::Status, Kind::Enum(&choice::CONNECTOR_STATUS), "Whether it can be installed.")
        .plain("state", Column::State, Kind::Text, "A word of the client's own.")
        .plain("version", Column::Version, Kind::Text, "Version of the connector, e.g. `2.1.0`.")
        .plain("data_quality", Column::DataQuality, Kind::Json, "What is imported and when it last was.")
        .plain("redirect_url", Column::RedirectUrl, Kind::Text, "Where a browser goes after an installation.")
        .plain("website", Column::Website, Kind::Text, "Web site of the service.")
        .plain("endpoint_url", Column::EndpointUrl, Kind::Text, "Address of the service, for connectors that are remote servers.")
        .shown("provider", Column::Provider, Kind::Enum(&choice::CONNECTOR_PROVIDER), "The aggregator through which it is reached; null for none.")
        .shown("authorization_flow", Column::AuthorizationFlow, Kind::Enum(&choice::AUTHORIZATION_FLOW), "How a connection is authorized.")
        .shown("transport", Column::Transport, Kind::Enum(&choice::TRANSPORT), "How the service is spoken to.")
        .shown("external_connector_id", Column::ExternalConnectorId, Kind::Text, "Its identifier at the aggregator or in the catalogue it came from.")
        .shown("service_id", Column::ServiceId, Kind::Text, "Stable identifier of the service behind it.")
        .plain("public_config_keys", Column::PublicConfigKeys, Kind::Texts, "Keys of an installation's `config` that may be shown.")
        .asked("published_by_id", Column::PublishedById, Kind::Workspace, "The workspace that published it.")
        .composite("composite_connector_logo_name", name, "The cell of logo and name: compares the name.")
        .composite("composite_connector_action", action, "The cell with the next step a member can take: install, wait, none.")
        .one("published_by", Column::PublishedById, workspace::resource, "The workspace that published it; null for connectors of the shared catalogue.")
        .one("logo", Column::LogoId, media::resource, "Its logo.")
        .one("category", Column::CategoryId, category::resource, "Its category.")
        .one_back("provider_connector", provider_connector::resource, entity::provider_connector::Column::ConnectorId, "The tie to the provider of its service.")
        .many("connector_filters", connector_filter::resource, entity::connector_filter::Column::ConnectorId, "Rules that choose what is sent through it.")
        .many("workspace_connectors", workspace_connector::resource, entity::workspace_connector::Column::ConnectorId, "Its installations in the viewer's workspaces.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}

fn name(_: &mut Writer<'_>, row: &str, out: &mut String) {
    let _ = write!(out, "{row}.name");
}

fn action(_: &mut Writer<'_>, row: &str, out: &mut String) {
    let _ = write!(
        out,
        "CASE {row}.status WHEN 'active' THEN 'install' WHEN 'coming_soon' THEN 'wait' WHEN 'maintenance' THEN 'wait' ELSE 'none' END"
    );
}
