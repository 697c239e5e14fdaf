//! The life of a connection, from the way out upwards.

mod challenge;
mod discovery;
mod egress;
mod fake;
mod grant;
mod probe;
mod registration;
