//! Connectory.

pub mod db;
pub mod error;
pub mod graphql;
pub mod query;
pub mod resource;
