//! The Well dialect.

mod filter;
pub mod records;
