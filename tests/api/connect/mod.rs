//! The life of a connection, and the servers of others that take part in it.

mod challenge;
mod discovery;
mod egress;
mod fake;
mod grant;
mod hostile;
pub mod lifecycle;
mod page;
mod peers;
mod probe;
mod real;
mod registration;
mod vault;
