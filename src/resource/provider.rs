//! Providers: who makes the services behind connectors.

use super::{media, provider_connector};
use crate::query::{Kind, Resource, Scope, Table};
use entity::provider::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("providers", "provider", "Provider", "A company or project that makes the service behind connectors.")
        .scope(Scope::Public)
        .keys(&["slug"])
        .default_order(&["name"])
        .shown("slug", Column::Slug, Kind::Text, "Short name for addresses, unique.")
        .shown("name", Column::Name, Kind::Text, "Display name.")
        .plain("description", Column::Description, Kind::Text, "Who it is.")
        .plain("url", Column::Url, Kind::Text, "Web site.")
        .shown("category", Column::Category, Kind::Text, "The field it works in.")
        .plain("countries", Column::Countries, Kind::Texts, "Countries it serves, ISO 3166-1 alpha-2.")
        .plain("searchable_terms", Column::SearchableTerms, Kind::Texts, "Other words to find it by.")
        .plain("blueprint", Column::Blueprint, Kind::Json, "Steps that connect it, `{version, steps: [{action, url}]}`.")
        .plain("skill_status", Column::SkillStatus, Kind::Text, "How well its steps work, e.g. `green`.")
        .plain("skill_version", Column::SkillVersion, Kind::Number, "Version of its steps.")
        .plain("skill_metadata", Column::SkillMetadata, Kind::Json, "Facts about its steps.")
        .plain("skill_body", Column::SkillBody, Kind::Text, "Its steps in words.")
        .one("logo", Column::LogoId, media::resource, "Its logo.")
        .many("provider_connectors", provider_connector::resource, entity::provider_connector::Column::ProviderId, "Ties to the connectors of its services.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
