//! Writing: every use case through GraphQL, what it leaves in the database, and what each refusal
//! leaves as it was.

mod diagnostic;
mod install;
mod install_race;
mod mapping;
mod matrix;
mod media;
mod membership;
mod rule;
mod scenario;
pub mod scene;
mod snapshot;
mod sync_log;
mod target;
mod token;
mod upload;
mod workspace;
