//! The OpenAPI document: it is valid, it names every route and nothing else, its examples are what
//! its schemas say, and so is what the server answers.
//!
//! `openapi-3.1.schema.json` is the schema of OpenAPI 3.1 documents as the OpenAPI Initiative
//! publishes it (2022-10-07), under the Apache License 2.0 that stands beside it.

mod contract;
mod document;
mod live;

pub use contract::conforms;
