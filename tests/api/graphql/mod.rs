//! The GraphQL face: what the specification says, and every type of the schema.

mod execution;
mod schema;
mod spec;
mod types;
