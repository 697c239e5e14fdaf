//! Categories: the shelves of the catalogue.

use super::connector;
use crate::query::{Kind, Resource, Scope, Table};
use entity::category::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("categories", "category", "Category", "A shelf of the catalogue.")
        .scope(Scope::Public)
        .keys(&["slug"])
        .default_order(&["name"])
        .shown("slug", Column::Slug, Kind::Text, "Short name for addresses, unique.")
        .shown("name", Column::Name, Kind::Text, "Display name.")
        .plain("description", Column::Description, Kind::Text, "What belongs here.")
        .many("connectors", connector::resource, entity::connector::Column::CategoryId, "Connectors of this category.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
