//! What is public: one table of fields and relations for each resource. Filters, orders,
//! cursors, GraphQL types, operator gating and documentation all follow from these lines; no
//! face and no engine module lists fields of its own.

pub mod api_token;
pub mod audit_event;
pub mod category;
pub mod choice;
pub mod connector;
pub mod connector_filter;
pub mod connector_mapping;
pub mod media;
pub mod membership;
pub mod person;
pub mod provenance_link;
pub mod provider;
pub mod provider_connector;
pub mod sync_diagnostic;
pub mod sync_log;
pub mod sync_target;
pub mod workspace;
pub mod workspace_connector;

use crate::query::Resource;
use std::sync::LazyLock;

/// Every resource, in the order of the documentation.
pub static RESOURCES: LazyLock<Vec<&'static Resource>> = LazyLock::new(|| {
    vec![
        connector::resource(),
        category::resource(),
        provider::resource(),
        provider_connector::resource(),
        connector_filter::resource(),
        workspace::resource(),
        membership::resource(),
        person::resource(),
        media::resource(),
        workspace_connector::resource(),
        sync_target::resource(),
        connector_mapping::resource(),
        sync_diagnostic::resource(),
        sync_log::resource(),
        provenance_link::resource(),
        api_token::resource(),
        audit_event::resource(),
    ]
});

/// The resource with that GraphQL type.
pub fn by_type(type_name: &str) -> Option<&'static Resource> {
    RESOURCES.iter().copied().find(|r| r.type_name == type_name)
}

/// The operator table as text: one line for each filterable field, as `connectory fields` prints
/// it and the README shows it.
pub fn operator_table() -> String {
    let mut out = String::from("| resource | field | type | operators |\n|---|---|---|---|\n");
    for resource in RESOURCES.iter() {
        for field in resource.fields.iter().filter(|f| f.asked()) {
            let ops: Vec<_> = field
                .kind
                .ops()
                .iter()
                .map(|op| format!("`{}`", op.name()))
                .collect();
            out.push_str(&format!(
                "| {} | `{}` | {} | {} |\n",
                resource.name,
                field.name,
                field.kind.name(),
                ops.join(" ")
            ));
        }
    }
    out
}
