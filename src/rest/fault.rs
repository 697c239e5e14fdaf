//! What went wrong, written for the client: the one place that renders errors outside GraphQL, as
//! the dialect's flat object or as JSON:API's `errors`.

use super::{Answer, Rendering};
use crate::error::{Code, Error, Problem};
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;

/// Where in the request the paths of problems point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At query parameters.
    Query,
    /// Into the body.
    Body,
    /// Into the body of a question, whose faults are those of a query.
    Question,
    /// At headers.
    Header,
}

/// A refusal or failure.
#[derive(Debug)]
pub enum Fault {
    /// A failure of the house; problems point into the given place.
    Failed(Error, Place),
    /// The body is no JSON.
    InvalidJson(String),
    /// The address does not take the method; it takes these.
    MethodNotAllowed(String),
    /// The client takes no rendering there is.
    NotAcceptable(String),
    /// The body is of a type that is not read.
    UnsupportedMediaType(Problem),
    /// The body is larger than the server reads.
    PayloadTooLarge(usize),
    /// The row is no longer what the client believes it to be.
    PreconditionFailed(Problem),
    /// The type or identifier of a document is not that of its address.
    Mismatch(Vec<Problem>),
    /// Relationships name what is nowhere. JSON:API demands another status than the dialect.
    Unresolved(Vec<Problem>, Rendering),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::Failed(error, Place::Query)
    }
}

impl Fault {
    /// A fault in the query parameters.
    pub fn query(problems: Vec<Problem>) -> Fault {
        Fault::Failed(Error::Invalid(problems), Place::Query)
    }

    /// A fault in the body.
    pub fn body(problems: Vec<Problem>) -> Fault {
        Fault::Failed(Error::Invalid(problems), Place::Body)
    }

    /// No such thing for this caller.
    pub fn not_found(kind: &'static str, id: &str) -> Fault {
        let id = id.chars().take(80).collect();
        Error::NotFound { kind, id }.into()
    }

    /// The status.
    pub fn status(&self) -> u16 {
        match self {
            Fault::Failed(error, _) => status(error.code()),
            Fault::InvalidJson(_) => 400,
            Fault::MethodNotAllowed(_) => 405,
            Fault::NotAcceptable(_) => 406,
            Fault::UnsupportedMediaType(_) => 415,
            Fault::PayloadTooLarge(_) => 413,
            Fault::PreconditionFailed(_) => 412,
            Fault::Mismatch(_) => 409,
            Fault::Unresolved(_, Rendering::Strict) => 404,
            Fault::Unresolved(_, Rendering::Well) => 422,
        }
    }

    /// The stable word.
    pub fn code(&self) -> Code {
        match self {
            Fault::Failed(Error::Invalid(_), Place::Body) => Code::SchemaValidation,
            Fault::Failed(error, _) => error.code(),
            Fault::InvalidJson(_) => Code::InvalidJson,
            Fault::MethodNotAllowed(_) => Code::MethodNotAllowed,
            Fault::NotAcceptable(_) => Code::NotAcceptable,
            Fault::UnsupportedMediaType(_) => Code::UnsupportedMediaType,
            Fault::PayloadTooLarge(_) => Code::PayloadTooLarge,
            Fault::PreconditionFailed(_) => Code::PreconditionFailed,
            Fault::Mismatch(_) => Code::Conflict,
            Fault::Unresolved(..) => Code::Unresolved,
        }
    }

    /// The code on the wire. That a name is taken says of which kind of resource.
    fn word(&self) -> Cow<'static, str> {
        match self {
            Fault::Failed(Error::Exists { kind, .. }, _) => {
                format!("{}_ALREADY_EXISTS", kind.to_ascii_uppercase()).into()
            }
            _ => self.code().as_str().into(),
        }
    }

    fn message(&self) -> String {
        match self {
            Fault::Failed(error, _) => error.message(),
            Fault::InvalidJson(issue) => format!("the body is no JSON: {issue}"),
            Fault::MethodNotAllowed(allowed) => format!("this address takes {allowed}"),
            Fault::NotAcceptable(issue) => issue.clone(),
            Fault::UnsupportedMediaType(problem) | Fault::PreconditionFailed(problem) => {
                problem.to_string()
            }
            Fault::PayloadTooLarge(limit) => {
                format!("the body is larger than the limit of {limit} bytes")
            }
            Fault::Mismatch(problems) | Fault::Unresolved(problems, _) => sentence(problems),
        }
    }

    fn problems(&self) -> &[Problem] {
        match self {
            Fault::Failed(error, _) => error.problems(),
            Fault::UnsupportedMediaType(problem) | Fault::PreconditionFailed(problem) => {
                std::slice::from_ref(problem)
            }
            Fault::Mismatch(problems) | Fault::Unresolved(problems, _) => problems,
            _ => &[],
        }
    }

    fn place(&self) -> Place {
        match self {
            Fault::Failed(_, place) => *place,
            Fault::Mismatch(_) | Fault::Unresolved(..) => Place::Body,
            _ => Place::Header,
        }
    }

    /// The answer; a cause that is not for the client goes into the log.
    pub fn answer(&self, rendering: Rendering, trace_id: &str) -> Answer {
        if let Fault::Failed(error, _) = self
            && let Some(cause) = error.private()
        {
            tracing::error!(code = error.code().as_str(), cause, "failed");
        }
        let body = match rendering {
            Rendering::Well => flat(
                (&self.word(), title(self.code())),
                self.status(),
                &self.message(),
                self.problems(),
                trace_id,
            ),
            Rendering::Strict => self.errors(trace_id),
        };
        let answer = Answer::new(self.status(), rendering, body.to_string().into_bytes());
        let answer = match hint(answer.status) {
            Some((name, value)) => answer.with(name, value),
            None => answer,
        };
        match self {
            Fault::MethodNotAllowed(allowed) => answer.with("allow", allowed),
            _ => answer,
        }
    }

    /// JSON:API's `errors`: one for each problem, or one for the whole.
    fn errors(&self, trace_id: &str) -> Json {
        let one = |detail: String, source: Option<Json>| {
            let mut error = Map::new();
            error.insert("id".into(), trace_id.into());
            error.insert("status".into(), self.status().to_string().into());
            error.insert("code".into(), self.word().into());
            error.insert("title".into(), title(self.code()).into());
            error.insert("detail".into(), detail.into());
            if let Some(source) = source {
                error.insert("source".into(), source);
            }
            let meta = json!({"trace_id": trace_id, "log_id": trace_id});
            error.insert("meta".into(), meta);
            Json::Object(error)
        };
        let each = |p: &Problem| one(p.to_string(), Some(source(self.place(), &p.path)));
        let mut errors: Vec<Json> = self.problems().iter().map(each).collect();
        if errors.is_empty() {
            let source = match self {
                Fault::NotAcceptable(_) => Some(json!({"header": "Accept"})),
                _ => None,
            };
            errors.push(one(self.message(), source));
        }
        json!({"jsonapi": {"version": "1.1"}, "errors": errors})
    }
}

/// All problems in one sentence.
fn sentence(problems: &[Problem]) -> String {
    let all: Vec<_> = problems.iter().map(ToString::to_string).collect();
    all.join("; ")
}

fn source(place: Place, path: &str) -> Json {
    match place {
        Place::Header => json!({"header": path}),
        // A filter's path goes on inside its parameter: `filter[name]`, `where._and[0].name`.
        Place::Query => {
            let end = path.find('.').unwrap_or(path.len());
            json!({"parameter": path[..end]})
        }
        Place::Body | Place::Question => json!({"pointer": pointer(path)}),
    }
}

/// `data.tags[2].name` as an RFC 6901 pointer, `/data/tags/2/name`.
fn pointer(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 1);
    for part in path.split(['.', '[']).filter(|p| !p.is_empty()) {
        out.push('/');
        let part = part.trim_end_matches(']');
        out.push_str(&part.replace('~', "~0").replace('/', "~1"));
    }
    out
}

/// The status that goes with a code.
pub const fn status(code: Code) -> u16 {
    match code {
        Code::BadRequest | Code::TooComplex | Code::SchemaValidation | Code::InvalidJson => 400,
        Code::Unauthorized => 401,
        Code::Forbidden => 403,
        Code::NotFound => 404,
        Code::MethodNotAllowed => 405,
        Code::NotAcceptable => 406,
        Code::Conflict | Code::KeyReused => 409,
        Code::Unresolved => 422,
        Code::PreconditionFailed => 412,
        Code::PayloadTooLarge => 413,
        Code::UnsupportedMediaType => 415,
        Code::TooManyRequests => 429,
        Code::AddressRefused => 400,
        Code::UpstreamError => 502,
        Code::UpstreamUnreachable => 504,
        Code::Unavailable => 503,
        Code::Internal => 500,
    }
}

/// The short, stable name of what a code means.
pub const fn title(code: Code) -> &'static str {
    match code {
        Code::BadRequest | Code::TooComplex | Code::InvalidJson | Code::AddressRefused => {
            "Bad Request"
        }
        Code::SchemaValidation => "Validation Error",
        Code::Unauthorized => "Unauthorized",
        Code::Forbidden => "Forbidden",
        Code::NotFound => "Not Found",
        Code::MethodNotAllowed => "Method Not Allowed",
        Code::NotAcceptable => "Not Acceptable",
        Code::Conflict | Code::KeyReused => "Conflict",
        Code::Unresolved => "Unprocessable Content",
        Code::PreconditionFailed => "Precondition Failed",
        Code::PayloadTooLarge => "Payload Too Large",
        Code::TooManyRequests => "Too Many Requests",
        Code::UnsupportedMediaType => "Unsupported Media Type",
        Code::UpstreamError => "Bad Gateway",
        Code::UpstreamUnreachable => "Gateway Timeout",
        Code::Unavailable => "Service Unavailable",
        Code::Internal => "Internal Server Error",
    }
}

/// The dialect's error object. `details` names the first problem and lists them all.
pub fn flat(
    (code, title): (&str, &str),
    status: u16,
    message: &str,
    problems: &[Problem],
    trace_id: &str,
) -> Json {
    let mut error = Map::new();
    error.insert("code".into(), code.into());
    error.insert("status".into(), status.into());
    error.insert("title".into(), title.into());
    error.insert("message".into(), message.into());
    if let Some(first) = problems.first() {
        let details = json!({"path": first.path, "issue": first.issue, "problems": problems});
        error.insert("details".into(), details);
    }
    let meta = json!({"trace_id": trace_id, "log_id": trace_id});
    error.insert("meta".into(), meta);
    Json::Object(error)
}

/// The header that goes with a status, whatever the body.
pub const fn hint(status: u16) -> Option<(&'static str, &'static str)> {
    match status {
        401 => Some((
            "www-authenticate",
            "Bearer realm=\"connectory\", error=\"invalid_token\"",
        )),
        503 => Some(("retry-after", "1")),
        _ => None,
    }
}
