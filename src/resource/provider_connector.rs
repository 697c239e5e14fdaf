//! The tie between a provider and a connector.

use super::{connector, provider};
use crate::query::{Kind, Resource, Scope, Table};
use entity::provider_connector::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("provider_connectors", "provider_connector", "ProviderConnector", "The tie between a provider and a connector; a connector has at most one.")
        .scope(Scope::OfConnector)
        .asked("provider_id", Column::ProviderId, Kind::Text, "Identifier of the provider.")
        .asked("connector_id", Column::ConnectorId, Kind::Text, "Identifier of the connector.")
        .one("provider", Column::ProviderId, provider::resource, "The provider.")
        .one("connector", Column::ConnectorId, connector::resource, "The connector.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
