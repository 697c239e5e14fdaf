//! Connectory: a connector catalogue and connection service.
//!
//! # Where things live
//!
//! | module | what |
//! |---|---|
//! | [`query`] | the engine: filters, orders, cursors, pages, nested pages, scope; read its contract first |
//! | [`resource`] | what is public: one table of fields and relations for each resource |
//! | [`graphql`] | the GraphQL face: documents in, JSON out |
//! | [`rest`] | the REST face: the Well dialect in two renderings |
//! | [`agentstack`] | the Agent Stack face: connectors of one person, flat JSON |
//! | [`http`] | routes, credentials, limits, GraphiQL, health |
//! | [`live`] | every committed write as an event, in order, to those who follow |
//! | [`service`] | use cases that write, in one table; who may do what; the record; kept answers |
//! | [`connect`] | the life of a connection: egress, OAuth, vault, keeper, proxy |
//! | [`store`] | the files behind media: what is taken in, where it lies, signed addresses |
//! | [`db`] | pools, dialects, parameters, rows |
//! | [`cli`], [`config`], [`app`] | the program around it |
//! | [`metrics`] | what is counted of a running process |
//! | [`secret`] | keys and passwords that are never shown |
//! | [`error`] | what can go wrong, once, for every face |
//!
//! The tables are the crate `entity`, their changes the crate `migration`.
//!
//! # The path of a question
//!
//! `http::graphql` reads the request and who asks; `graphql::document` bounds what it may cost;
//! async-graphql validates it; `graphql::plan` turns a root field and all below it into one
//! [`query::Query`], whose filter and order are judged against [`resource`]; [`query`] adds the
//! viewer's scope, writes one statement for the page and one for each nested page, and hands out
//! rows; `graphql::write` writes the answer from them.
//!
//! # The path of a write
//!
//! A face turns what was sent into the attributes of a form and hands a `service::Ask` to
//! `service::perform`, which asks for the capability, judges the form, opens the transaction,
//! lets the use case write, adds the event to the record, lets the face write its answer from what
//! the transaction sees, keeps it under the request's idempotency key, and commits.
//!
//! # Adding a use case
//!
//! A form, a function and one [`service::UseCase`] in the table of its module. The mutation with
//! its input and payload, the row in the matrix of roles and the documentation follow.
//!
//! # Adding a filterable field
//!
//! A migration with the column and its index, the entity's column, one line in the resource's
//! table, one case in the tests. Then `UPDATE=1 cargo test` rewrites `schema.graphql` and the
//! README's table.

pub mod agentstack;
pub mod app;
pub mod cli;
pub mod config;
pub mod connect;
pub mod db;
pub mod error;
pub mod graphql;
pub mod http;
pub mod live;
pub mod metrics;
pub mod query;
pub mod resource;
pub mod rest;
pub mod secret;
pub mod service;
pub mod store;
