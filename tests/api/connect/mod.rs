//! The life of a connection, and its parts.

mod challenge;
mod discovery;
mod fake;
mod grant;
mod probe;
mod registration;
