//! Why a request has no answer. Sentences for people; none names what a host resolved to.

use std::error::Error;
use std::fmt;
use std::io;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The address may not be asked; the sentence says why and names no resolved address.
    Refused(String),
    /// No connection, or it broke.
    Unreachable(String),
    /// It took longer than [`Limits::time`](super::Limits::time).
    TooSlow,
    /// The body is larger than [`Limits::size`](super::Limits::size).
    TooLarge,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Refused(issue) | Fault::Unreachable(issue) => issue,
            Fault::TooSlow => "the server took too long to answer",
            Fault::TooLarge => "the answer of the server is too large",
        })
    }
}

impl Error for Fault {}

impl From<reqwest::Error> for Fault {
    /// The client's own words may hold addresses, so none of them is passed on.
    fn from(error: reqwest::Error) -> Fault {
        let causes = || std::iter::successors(Some(&error as &dyn Error), |&e| e.source());
        // The resolver hands its fault through the client.
        if let Some(fault) = causes().find_map(|e| e.downcast_ref::<Fault>()) {
            return fault.clone();
        }
        let mut io = causes().filter_map(|e| e.downcast_ref::<io::Error>());
        let tls = error.is_connect() && io.any(of_tls);
        let issue = match () {
            () if tls => "the server has no certificate that is trusted, or speaks no TLS",
            () if error.is_connect() => "the server takes no connection",
            () if error.is_timeout() => return Fault::TooSlow,
            () if error.is_body() || error.is_decode() => "the answer of the server broke off",
            () => "the server gave no answer in HTTP",
        };
        Fault::Unreachable(issue.to_owned())
    }
}

/// Whether the handshake failed: TLS reports it as input that makes no sense or ends too early,
/// and the client packs that into an error of its own, which is no source of it.
fn of_tls(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, UnexpectedEof};
    let inner = error.get_ref().and_then(|e| e.downcast_ref::<io::Error>());
    matches!(error.kind(), InvalidData | UnexpectedEof) || inner.is_some_and(of_tls)
}
