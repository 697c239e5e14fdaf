//! The end of a login: what the browser brings, and where it goes from here.

use super::check::{Finding, Place};
use super::{Fault, Request};
use crate::connect::callback::{Landing, Returned};
use crate::secret::Secret;
use serde_json::Value as Json;
use url::Url;

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

/// What is shown where this server itself failed.
pub fn failed() -> Landing {
    let issue = "An internal error has occurred. Please try again later.";
    Landing {
        redirect_url: None,
        page: None,
        installation: None,
        error: Some(("server_error".to_owned(), Some(issue.to_owned()))),
    }
}

/// Where the browser goes; `None` for a page of this server. Only what went wrong is added.
pub fn location(landing: &Landing) -> Option<String> {
    let mut url = Url::parse(landing.redirect_url.as_deref()?).ok()?;
    if let Some((error, description)) = &landing.error {
        let mut query = url.query_pairs_mut();
        query.append_pair("error", error);
        if let Some(description) = description {
            query.append_pair("error_description", description);
        }
    }
    Some(url.into())
}
