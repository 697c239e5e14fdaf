//! The servers that an operator lets be asked though they are private or without TLS.

use crate::error::{Error, Problem, Result};
use std::collections::BTreeSet;
use url::{Host, Url};

/// Exact pairs of host and port. Each allows itself and nothing beside it: no other port of the
/// host, no name below it, nothing it redirects to.
#[derive(Debug, Clone, Default)]
pub struct Exceptions(BTreeSet<(Host<String>, u16)>);

impl Exceptions {
    /// From entries such as `127.0.0.1:9000`, `[::1]:9000` and `mcp.internal:8080`. Hosts are
    /// written in the one form they have in addresses.
    pub fn parse(entries: &[String]) -> Result<Exceptions> {
        let mut pairs = BTreeSet::new();
        let mut problems = Vec::new();
        for entry in entries {
            match pair(entry.trim()) {
                Some(pair) => _ = pairs.insert(pair),
                None => problems.push(Problem::new("egress_allow", issue(entry))),
            }
        }
        if problems.is_empty() {
            Ok(Exceptions(pairs))
        } else {
            Err(Error::Invalid(problems))
        }
    }

    /// Whether host and port of an address are an exception.
    pub fn allow(&self, url: &Url) -> bool {
        let pair = url.host().zip(url.port_or_known_default());
        pair.is_some_and(|(host, port)| self.0.contains(&(host.to_owned(), port)))
    }
}

fn pair(entry: &str) -> Option<(Host<String>, u16)> {
    let (host, port) = entry.rsplit_once(':')?;
    let digits = port.bytes().all(|b| b.is_ascii_digit());
    let port = port.parse().ok().filter(|port| digits && *port != 0)?;
    let host = Host::parse(host).ok()?;
    // Addresses may hold more, such as `*`, which would look like a pattern and never apply.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let exact = !matches!(&host, Host::Domain(name) if !name.chars().all(plain));
    exact.then_some((host, port))
}

fn issue(entry: &str) -> String {
    let entry = crate::error::clip(entry);
    format!(
        "has the entry `{entry}`; each must be a host and a port such as `127.0.0.1:9000`, \
         `[::1]:9000` or `mcp.internal:8080`, without scheme or path"
    )
}
