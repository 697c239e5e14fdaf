//! The end of a login: what the browser brings.

use super::check::{Finding, Place};
use super::{Fault, Request};
use crate::connect::callback::Returned;
use crate::secret::Secret;
use serde_json::Value as Json;

/// Reads what stands in the address; what the browser itself holds is for HTTP to read.
pub fn read(request: &Request) -> Result<Returned, Fault> {
    let Some(state) = request.parameter("state") else {
        let missing = Finding::missing(Place::Query, vec!["state".into()], Json::Null);
        return Err(Fault::Invalid(vec![missing]));
    };
    Ok(Returned {
        state,
        code: request.parameter("code").map(Secret::new),
        error: request.parameter("error"),
        error_description: request.parameter("error_description"),
        iss: request.parameter("iss"),
        browser: None,
    })
}
