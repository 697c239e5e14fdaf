//! Writing: every use case through GraphQL, what it leaves in the database, and what each refusal
//! leaves as it was.

mod media;
mod membership;
mod scene;
mod snapshot;
mod token;
mod upload;
mod workspace;
