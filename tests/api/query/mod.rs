//! The engine, line by line of its contract (`connectory::query`), on both databases.
//!
//! What is true is found twice: by asking, and by [`truth`] and [`order`] over [`model`], which
//! share no code with the engine: rows are read by plain SQL, filters are evaluated in Rust with
//! three-valued logic, scope follows the tree of workspaces by its parents.

pub mod ask;
mod coverage;
mod cursor;
mod identifier;
mod limits;
pub mod model;
mod nested;
mod operators;
mod order;
mod paging;
mod property;
mod raw;
mod relation;
mod script;
mod shift;
mod sql;
mod statements;
mod truth;
pub mod world;

pub use ask::resource;
