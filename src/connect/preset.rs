//! Servers that are known beforehand: those of the configuration, and the catalogue's connectors
//! that are remote MCP servers.

use crate::error::{Error, Result};
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// A server that is known beforehand.
#[derive(Debug, Clone, Serialize, Deserialize)]
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

/// Reads a JSON array of presets.
pub fn list(text: &str) -> Result<Vec<Preset>> {
    // The cause could quote a secret; its place says enough.
    serde_json::from_str(text).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        let issue = format!(
            "must be a JSON array of objects with `url`, `client_id`, `client_secret` and `metadata`; line {line}, column {column} is not"
        );
        Error::invalid("presets", issue)
    })
}
