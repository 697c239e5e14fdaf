//! The life of a connection, from the way out upwards.

mod egress;
