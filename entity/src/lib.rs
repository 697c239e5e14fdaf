//! Connectory's tables, a module each: columns, and relations on the side that holds the id.
//! Nothing here serialises, answers queries or decides anything.

pub mod api_token;
pub mod audit_event;
pub mod category;
pub mod connection;
pub mod connection_authorization;
pub mod connection_credential;
pub mod connector;
pub mod connector_filter;
pub mod connector_mapping;
pub mod idempotency_key;
pub mod instance_setting;
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
