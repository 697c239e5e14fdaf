//! OAuth as a client: from the challenge of a protected server to tokens that are renewed and
//! revoked. Protocol only: it knows neither database nor face nor vault, and speaks to others
//! only through [`egress`](super::egress).
//!
//! The rules are those of the MCP authorization specification of 2026-07-28, which builds on RFC
//! 6749 and its companions. The order of a login: [`discover`], then [`register`] or [`known`],
//! then [`begin`]; after the browser came back [`check_issuer`] and [`exchange`].
//!
//! # Why
//!
//! A server without protected resource metadata (RFC 9728) is refused. The revision of 2025-03-26
//! took the server's own origin for the authorization server then; later ones took that back,
//! since it sends the person to an address that nobody vouched for.

mod challenge;
mod discovery;
mod document;
mod failure;
mod grant;
mod http;
mod metadata;
mod registration;
mod resource;
mod revocation;
mod token;

pub use challenge::Challenge;
pub use discovery::discover;
pub use failure::Failure;
pub use grant::{Begun, begin, check_issuer};
pub use metadata::Server;
pub use registration::{AuthMethod, Callback, Client, Registration, known, register};
pub use revocation::revoke;
pub use token::{Tokens, client_credentials, exchange, refresh};
