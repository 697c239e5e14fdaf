//! Refusals of calls, as the dialect says them, and what they mean to the connection of the caller.

use crate::agentstack::{Fault, passage};
use crate::app::App;
use crate::connect::proxy::Refusal;
use crate::error::Error;
use crate::http::agentstack::{question, written};
use poem::http::{HeaderValue, header};
use poem::{Request, Response};

/// Why there is no answer to pass on.
#[derive(Debug)]
pub(super) struct Refused {
    fault: Fault,
    /// Whether the rest of the body stands where the next request would.
    closes: bool,
}

impl Refused {
    /// The address does not take the method.
    pub fn method() -> Refused {
        Fault::MethodNotAllowed("GET, POST, DELETE".to_owned()).into()
    }

    /// The body is larger than that.
    pub fn too_large(limit: usize) -> Refused {
        Refused::closing(Fault::PayloadTooLarge(limit))
    }

    /// The body did not come in time.
    pub fn too_slow() -> Refused {
        Refused::closing(passage::too_slow())
    }

    /// The body broke off.
    pub fn broken() -> Refused {
        Refused::closing(passage::broken())
    }

    fn closing(fault: Fault) -> Refused {
        Refused {
            fault,
            closes: true,
        }
    }

    /// The answer; causes of faults of the house go to the log.
    pub fn response(&self, app: &App, request: &Request) -> Response {
        let mut response = written(
            app.agentstack.refuse(&question(request), &self.fault),
            false,
        );
        if self.closes {
            let headers = response.headers_mut();
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Refused {
            fault,
            closes: false,
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Fault::from(refusal).into()
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Fault::Failed(error).into()
    }
}
