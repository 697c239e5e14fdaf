//! Documents: the one model behind both renderings. `shape` says what a resource's object holds,
//! [`plan`] turns what a client asks for into a projection and a tree of what to write,
//! `gather` finds each resource once, [`write`] writes bytes straight from rows.

mod gather;
mod plan;
mod shape;
mod write;

pub use gather::Gathered;
pub use plan::{Asked, Fieldsets, Node, plan};
pub use shape::{Attribute, Link, SHAPES, Shape, of};
pub use write::{Links, Meta, Writer};

/// Most related rows of a to-many relationship that a document holds; beyond, the relationship
/// says in its `meta` that it is cut.
pub const MAX_LINKED: u32 = 100;

/// Deepest path of `include`.
pub const MAX_INCLUDE_DEPTH: usize = 3;

/// Most paths of `include`.
pub const MAX_INCLUDES: usize = 20;

/// Most rows that the to-many includes of one request may come to.
pub const MAX_ROWS: u64 = 50_000;
