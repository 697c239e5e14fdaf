//! What went wrong, in the shape of the dialect: `detail` is a sentence, or a list of findings for
//! what was sent in a wrong shape. `code` and `request_id` stand beside it; the code is the one
//! word that all faces use.

use super::Answer;
use super::check::{Finding, Place};
use crate::error::{Code, Error, Problem, Upstream};
use serde_json::{Map, Value as Json, json};

/// A refusal or failure.
#[derive(Debug)]
pub enum Fault {
    /// What was sent has a wrong shape.
    Invalid(Vec<Finding>),
    /// A failure of the house.
    Failed(Error),
    /// A sentence that clients of the dialect know.
    Said {
        /// The status.
        status: u16,
        /// The stable word.
        code: Code,
        /// The sentence.
        detail: String,
        /// Members beside them.
        more: Vec<(&'static str, Json)>,
    },
    /// The owner has a connector of that address already.
    Taken {
        /// The kind of row in snake case.
        kind: &'static str,
        /// The address, as it would be kept.
        url: String,
    },
    /// There is nothing at the address.
    NoSuchAddress,
    /// The address does not take the method; it takes these.
    MethodNotAllowed(String),
    /// The body is larger than the server reads.
    PayloadTooLarge(usize),
}

impl Fault {
    /// The same with another member; only of those that are [`Fault::Said`].
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Json>) -> Fault {
        if let Fault::Said { more, .. } = &mut self {
            more.push((name, value.into()));
        }
        self
    }

    /// The answer; a cause that is not for the client goes into the log.
    pub fn answer(&self, request_id: &str) -> Answer {
        if let Fault::Failed(error) = self
            && let Some(cause) = error.private()
        {
            tracing::error!(code = error.code().as_str(), cause, "failed");
        }
        let mut body = Map::new();
        body.insert("detail".into(), self.detail());
        body.insert("code".into(), self.word().into());
        body.insert("request_id".into(), request_id.into());
        if let Fault::Failed(Error::Upstream(upstream)) = self {
            body.insert("upstream".into(), other_server(upstream));
        }
        if let Fault::Said { more, .. } = self {
            body.extend(
                more.iter()
                    .map(|(name, value)| ((*name).into(), value.clone())),
            );
        }
        let answer = Answer::json(self.status(), Json::Object(body).to_string().into_bytes());
        match self {
            Fault::MethodNotAllowed(methods) => answer.with("allow", methods),
            _ if matches!(self.code(), Code::Unavailable | Code::TooManyRequests) => {
                answer.with("retry-after", "1")
            }
            _ => answer,
        }
    }

    fn status(&self) -> u16 {
        match self {
            Fault::Invalid(_) | Fault::Failed(Error::Invalid(_)) => 422,
            Fault::Failed(Error::Upstream(Upstream::Protocol(_))) => 500,
            Fault::Failed(error) => status(error.code()),
            Fault::Said { status, .. } => *status,
            Fault::Taken { .. } => 409,
            Fault::NoSuchAddress => 404,
            Fault::MethodNotAllowed(_) => 405,
            Fault::PayloadTooLarge(_) => 413,
        }
    }

    fn code(&self) -> Code {
        match self {
            Fault::Invalid(found) if found.iter().any(Finding::is_no_json) => Code::InvalidJson,
            Fault::Invalid(_) | Fault::Failed(Error::Invalid(_)) => Code::SchemaValidation,
            Fault::Failed(error) => error.code(),
            Fault::Said { code, .. } => *code,
            Fault::Taken { .. } => Code::Conflict,
            Fault::NoSuchAddress => Code::NotFound,
            Fault::MethodNotAllowed(_) => Code::MethodNotAllowed,
            Fault::PayloadTooLarge(_) => Code::PayloadTooLarge,
        }
    }

    /// The code on the wire. That a name is taken says of which kind of row.
    fn word(&self) -> String {
        match self {
            Fault::Failed(Error::Exists { kind, .. }) | Fault::Taken { kind, .. } => {
                format!("{}_ALREADY_EXISTS", kind.to_ascii_uppercase())
            }
            _ => self.code().as_str().to_owned(),
        }
    }

    fn detail(&self) -> Json {
        match self {
            Fault::Invalid(found) => found.iter().map(Finding::json).collect(),
            Fault::Failed(Error::Invalid(problems)) => {
                problems.iter().map(|p| finding(p).json()).collect()
            }
            Fault::Failed(error) => sentence(error).into(),
            Fault::Said { detail, .. } => detail.as_str().into(),
            Fault::Taken { url, .. } => {
                format!("Duplicate connector found: url='{url}' already exists").into()
            }
            Fault::NoSuchAddress => "Not Found".into(),
            Fault::MethodNotAllowed(_) => "Method Not Allowed".into(),
            Fault::PayloadTooLarge(limit) => {
                format!("The body is larger than the limit of {limit} bytes").into()
            }
        }
    }
}

/// What a form refused, as the dialect says it. The value is not repeated: a form also judges
/// credentials.
fn finding(problem: &Problem) -> Finding {
    let loc = problem.path.split('.').map(Json::from).collect();
    let place = match problem.path.as_str() {
        "Idempotency-Key" => Place::Header,
        _ => Place::Body,
    };
    Finding::value(place, loc, &problem.issue, Json::Null)
}

fn sentence(error: &Error) -> String {
    match error {
        Error::Forbidden(_) => "Insufficient permissions".into(),
        Error::Upstream(upstream) => of_other_server(upstream),
        // The attribute of a form that clients of the dialect do not see.
        Error::Conflict(problem) if problem.path.rsplit('.').next() == Some("id") => {
            format!("The identifier {}", problem.issue)
        }
        other => other.message(),
    }
}

fn of_other_server(upstream: &Upstream) -> String {
    match upstream {
        Upstream::Answered(_) => "Connector has returned an error".into(),
        Upstream::Unreachable => "Unable to establish connection with the connector".into(),
        Upstream::Protocol(_) => "Connection has failed".into(),
        Upstream::Authorization(_) | Upstream::Refused(_) => upstream.to_string(),
    }
}

/// What is told of another server beside the sentence: never what it sent.
fn other_server(upstream: &Upstream) -> Json {
    match upstream {
        Upstream::Answered(status) => json!({ "status": status }),
        other => json!({ "status": null, "issue": other.to_string() }),
    }
}

/// The status that goes with a code.
const fn status(code: Code) -> u16 {
    match code {
        Code::BadRequest | Code::TooComplex | Code::AddressRefused => 400,
        Code::SchemaValidation | Code::InvalidJson | Code::Unresolved => 422,
        Code::Unauthorized => 401,
        Code::Forbidden => 403,
        Code::NotFound => 404,
        Code::MethodNotAllowed => 405,
        Code::NotAcceptable => 406,
        Code::Conflict | Code::KeyReused => 409,
        Code::PreconditionFailed => 412,
        Code::PayloadTooLarge => 413,
        Code::UnsupportedMediaType => 415,
        Code::TooManyRequests => 429,
        Code::UpstreamError => 502,
        Code::UpstreamUnreachable => 504,
        Code::Unavailable => 503,
        Code::Internal => 500,
    }
}
