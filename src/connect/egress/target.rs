//! What can be told of an address before its name is resolved.

use super::address::is_public;
use super::exception::Exceptions;
use super::fault::Fault;
use url::{Host, Url};

/// How an address is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// With TLS, at public addresses only.
    Guarded,
    /// As it is: the operator named this host and port.
    Excepted,
}

/// Last labels of names that are meant for the network at hand: RFC 6761, 6762 (with appendix G),
/// 7686, 8375 and `internal`, which ICANN set aside. The metadata of clouds has names there.
const LOCAL: &[&str] = &[
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "home.arpa",
    "lan",
    "onion",
];

/// Ports of other protocols, whose servers could take a request for one of theirs: the "bad
/// ports" of the WHATWG's fetch standard, and 0.
const BAD_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
];

/// How an address is asked, or why it is not.
pub(super) fn judge(url: &Url, exceptions: &Exceptions) -> Result<Way, Fault> {
    if !matches!(url.scheme(), "http" | "https") {
        let issue = format!(
            "the scheme `{}` is not asked; an address begins with `https://`",
            crate::error::clip(url.scheme())
        );
        return Err(Fault::Refused(issue));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refused("an address with user name or password is not asked");
    }
    if url.fragment().is_some() {
        return refused("an address with a fragment (`#…`) is not asked");
    }
    if url.port() == Some(0) {
        return refused("port 0 is not asked");
    }
    if exceptions.allow(url) {
        return Ok(Way::Excepted);
    }
    guarded(url).map(|()| Way::Guarded)
}

/// The rules that exceptions are excepted from.
fn guarded(url: &Url) -> Result<(), Fault> {
    if url.scheme() != "https" {
        return refused("an address without TLS is not asked; it must begin with `https://`");
    }
    if let Some(port) = url.port().filter(|port| BAD_PORTS.contains(port)) {
        let issue = format!("port {port} belongs to another protocol and is not asked");
        return Err(Fault::Refused(issue));
    }
    match url.host() {
        Some(Host::Domain(name)) => public_name(name),
        Some(Host::Ipv4(address)) if is_public(address.into()) => Ok(()),
        Some(Host::Ipv6(address)) if is_public(address.into()) => Ok(()),
        Some(_) => refused("the host is no address of the public internet and is not asked"),
        None => refused("an address without a host is not asked"),
    }
}

fn public_name(name: &str) -> Result<(), Fault> {
    if name.ends_with('.') {
        return refused("a host is named without a dot at its end");
    }
    let below = |suffix: &str| {
        name.strip_suffix(suffix)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    // A name without a dot is completed from the search list of the machine.
    if !name.contains('.') || LOCAL.iter().any(|suffix| below(suffix)) {
        let issue = format!(
            "`{}` is a name of a private network and is not asked",
            crate::error::clip(name)
        );
        return Err(Fault::Refused(issue));
    }
    Ok(())
}

fn refused<T>(why: &str) -> Result<T, Fault> {
    Err(Fault::Refused(why.to_owned()))
}
