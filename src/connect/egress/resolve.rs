//! From names to addresses. What a connection is made to is what was checked, for the client asks
//! nobody else: a second lookup, which could answer otherwise, does not exist.

use super::address::is_public;
use super::fault::Fault;
use crate::error::clip;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Who knows the addresses of names.
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of a name.
    fn lookup(&self, name: &str) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Lookup for System {
    fn lookup(&self, name: &str) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Addresses for a client.
pub struct Names {
    lookup: Arc<dyn Lookup>,
    guarded: bool,
}

impl Names {
    /// Hands out public addresses: one other among those of a name refuses the name.
    pub fn guarded(lookup: Arc<dyn Lookup>) -> Names {
        Names {
            lookup,
            guarded: true,
        }
    }

    /// Hands out every address.
    pub(super) fn open(lookup: Arc<dyn Lookup>) -> Names {
        Names {
            lookup,
            guarded: false,
        }
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, guarded) = (self.lookup.lookup(name.as_str()), self.guarded);
        Box::pin(async move {
            let name = clip(name.as_str());
            let found = found.await.unwrap_or_default();
            if found.is_empty() {
                let issue = format!("the host `{name}` has no address");
                return Err(Fault::Unreachable(issue).into());
            }
            if guarded && !found.iter().copied().all(is_public) {
                let issue = format!("the host `{name}` is not of the public internet alone");
                return Err(Fault::Refused(issue).into());
            }
            // Port 0 is replaced by the one of the address.
            let found = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}
