//! What a probe shows to be let in, and how it travels.

use super::message;
use crate::secret::Secret;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// What lets us in.
#[derive(Debug, Clone, Copy)]
pub enum Credential<'a> {
    /// Nothing.
    None,
    /// An access token.
    Bearer(&'a Secret),
    /// A key in a header of the service's own.
    Header {
        /// The header's name.
        name: &'a str,
        /// The whole value.
        value: &'a Secret,
    },
}

impl<'a> Credential<'a> {
    /// What must never be shown.
    pub(super) fn secret(self) -> Option<&'a str> {
        match self {
            Credential::None => None,
            Credential::Bearer(secret) | Credential::Header { value: secret, .. } => {
                Some(secret.reveal())
            }
        }
    }

    /// The header that carries it.
    pub(in crate::connect) fn headers(self) -> Result<HeaderMap, &'static str> {
        let (name, value) = match self {
            Credential::None => return Ok(HeaderMap::new()),
            Credential::Bearer(token) => ("authorization", format!("Bearer {}", token.reveal())),
            Credential::Header { name, value } => (name, value.reveal().to_owned()),
        };
        let name = HeaderName::try_from(name);
        let name = name.map_err(|_| "the name of the credential's header is not one of HTTP")?;
        if message::OURS.contains(&name.as_str()) {
            return Err("the credential's header is one that the connection itself needs");
        }
        let value = HeaderValue::try_from(value);
        let mut value =
            value.map_err(|_| "the credential holds characters that no header takes")?;
        value.set_sensitive(true);
        Ok(HeaderMap::from_iter([(name, value)]))
    }
}
