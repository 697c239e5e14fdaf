//! Servers that are known beforehand: those of the configuration, and the catalogue's connectors
//! that are remote MCP servers.

use crate::secret::Secret;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// A server that is known beforehand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Its address.
    pub url: Url,
    /// The OAuth client to be used there.
    #[serde(default)]
    pub client_id: Option<String>,
    /// The secret of that client.
    #[serde(default)]
    pub client_secret: Option<Secret>,
    /// Texts that a connection gets unless it brings its own.
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, String>>,
}
