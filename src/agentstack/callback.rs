//! The end of a login: what the browser brings.

use super::check::{Finding, Place};
use super::{Fault, Request};
use crate::connect::callback::Returned;
use crate::secret::Secret;
use serde_json::Value as Json;

/// What the browser holds since it began a login here; the first name is for servers with TLS.
const COOKIES: [&str; 2] = ["__Host-connectory", "connectory"];

/// Reads what the browser brought.
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
        browser: request.header("cookie").and_then(|sent| browser(&sent)),
    })
}

fn browser(sent: &str) -> Option<Secret> {
    let pairs = || {
        sent.split([';', ','])
            .filter_map(|pair| pair.split_once('='))
    };
    COOKIES.iter().find_map(|name| {
        let found = pairs().find(|(n, _)| n.trim() == *name);
        found.map(|(_, value)| Secret::new(value.trim()))
    })
}
