//! The life of a connection.

mod vault;
