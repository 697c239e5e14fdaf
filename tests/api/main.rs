//! The suite: every test that needs a database runs on SQLite and on PostgreSQL, and every
//! question goes through the real HTTP stack. `tests/run` provides the servers.

mod support;

mod agentstack;
mod browser;
mod catalogue;
mod chaos;
mod cli;
mod connect;
mod graphql;
mod house;
mod http;
mod live;
mod openapi;
mod parity;
mod query;
mod rest;
mod schema;
mod store;
mod tenancy;
mod write;
