//! The life of a connection, and the servers of others that take part in it.

mod hostile;
mod peers;
mod vault;
