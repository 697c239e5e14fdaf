//! The Well dialect.

mod filter;
mod records;
