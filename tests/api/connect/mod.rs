//! The life of a connection, and the servers of others that take part in it.

mod challenge;
mod discovery;
mod egress;
mod fake;
mod figures;
mod grant;
mod hostile;
mod keeper;
pub mod lifecycle;
mod page;
mod peers;
mod planted;
mod probe;
mod proxy;
mod real;
mod reconnect;
mod registration;
mod state;
mod vault;
