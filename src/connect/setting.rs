//! What an operator decides about connections.

use super::{Preset, proxy};
use std::time::Duration;
use url::{Origin, Url};

/// Where authorization servers send browsers back to, below the public address.
pub const CALLBACK: &str = "api/v1/connectors/oauth/callback";

/// Decisions of the operator.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where browsers reach this server. Never taken from a request, since whoever sends the request
    /// could choose it.
    pub public_url: Url,
    /// Origins, beside the own one, to which a browser may be sent after a login.
    pub redirect_origins: Vec<Origin>,
    /// Whether a browser may also be sent to any port of this machine, for development.
    pub redirect_to_loopback: bool,
    /// Servers that are known beforehand.
    pub presets: Vec<Preset>,
    /// How often a connection is looked at.
    pub check_interval: Duration,
    /// Calls that pass through.
    pub proxy: proxy::Limits,
}

impl Settings {
    /// Where authorization servers send browsers back to (`redirect_uri`).
    pub fn callback(&self) -> Url {
        self.below(CALLBACK)
    }

    /// An address below the public one, by its path without the first slash.
    pub fn below(&self, path: &str) -> Url {
        let mut base = self.public_url.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        // A relative path can be joined to any address with a host.
        base.join(path).unwrap_or(base)
    }

    /// Whether a browser may be sent to an address after a login.
    pub fn may_redirect_to(&self, url: &Url) -> bool {
        if !matches!(url.scheme(), "http" | "https") {
            return false;
        }
        let origin = url.origin();
        origin == self.public_url.origin()
            || self.redirect_origins.contains(&origin)
            || (self.redirect_to_loopback && is_loopback(url))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
