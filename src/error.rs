//! What can go wrong, once, for every face. Knows no transport: a face turns an [`Error`] into
//! its own document, and asks [`Error::code`] and [`Error::message`] for what a client may see.

use std::fmt;

/// One thing wrong with what a client sent, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Dotted path of the offending member, as the client spelled it, e.g. `filter.name.contains`.
    pub path: String,
    /// A sentence without capital or full stop that says what is wrong and what would be right.
    pub issue: String,
}

impl Problem {
    /// A problem at `path`.
    pub fn new(path: impl Into<String>, issue: impl Into<String>) -> Self {
        Problem {
            path: path.into(),
            issue: issue.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.path, self.issue)
    }
}

/// The beginning of a text, short enough for a message.
pub fn clip(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The issue of a value that is of another kind than `what`.
pub fn expected(what: &str, got: &serde_json::Value) -> String {
    use serde_json::Value as Json;
    let got = match got {
        Json::Null => "null".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
        Json::String(text) => format!("the text `{}`", clip(text)),
        other => format!("`{other}`"),
    };
    format!("must be {what}, not {got}")
}

/// The stable words that clients branch on, the same in GraphQL (`extensions.code`) and REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The question is malformed: unknown field, wrong operator, page out of bounds.
    BadRequest,
    /// A body is not of the shape its operation reads.
    SchemaValidation,
    /// A body is no JSON.
    InvalidJson,
    /// The credential is missing, unknown, revoked or expired.
    Unauthorized,
    /// The credential is good and the action is not allowed to its role.
    Forbidden,
    /// No such row in the viewer's scope.
    NotFound,
    /// The address exists and does not take the method.
    MethodNotAllowed,
    /// There is no answer in a form the client takes.
    NotAcceptable,
    /// The body is in a form that is not read.
    UnsupportedMediaType,
    /// A uniqueness rule would break, or the row is in a state that does not allow it.
    Conflict,
    /// A document names what is nowhere.
    Unresolved,
    /// The row was changed by somebody else since the client read it.
    PreconditionFailed,
    /// The idempotency key was used for another request.
    KeyReused,
    /// A limit that protects the server was passed.
    TooComplex,
    /// The body is larger than the server reads.
    PayloadTooLarge,
    /// So much is under way already that no more is begun; trying again later may work.
    TooManyRequests,
    /// Another server answered otherwise than it should.
    UpstreamError,
    /// Another server cannot be reached or takes too long.
    UpstreamUnreachable,
    /// The address of another server may not be asked.
    AddressRefused,
    /// The database or the media store cannot be reached or has no free connection.
    Unavailable,
    /// A fault of the server; the cause stands in the log under the trace id.
    Internal,
}

impl Code {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Code::BadRequest => "BAD_REQUEST",
            Code::SchemaValidation => "SCHEMA_VALIDATION_ERROR",
            Code::InvalidJson => "INVALID_JSON",
            Code::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Code::NotAcceptable => "NOT_ACCEPTABLE",
            Code::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Code::PreconditionFailed => "PRECONDITION_FAILED",
            Code::Unauthorized => "UNAUTHORIZED",
            Code::Forbidden => "FORBIDDEN",
            Code::NotFound => "NOT_FOUND",
            Code::Conflict => "CONFLICT",
            Code::Unresolved => "UNRESOLVED_REFERENCE",
            Code::KeyReused => "IDEMPOTENCY_KEY_REUSED",
            Code::TooComplex => "QUERY_TOO_COMPLEX",
            Code::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Code::TooManyRequests => "TOO_MANY_REQUESTS",
            Code::UpstreamError => "UPSTREAM_ERROR",
            Code::UpstreamUnreachable => "UPSTREAM_UNREACHABLE",
            Code::AddressRefused => "ADDRESS_REFUSED",
            Code::Unavailable => "UNAVAILABLE",
            Code::Internal => "INTERNAL_ERROR",
        }
    }
}

/// How another server stands in the way. The texts are cleaned: no bodies, no credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upstream {
    /// It answered with a status that is no success.
    Answered(u16),
    /// It did not answer, or not in time.
    Unreachable,
    /// It does not speak the protocol; the sentence says what was wrong.
    Protocol(String),
    /// Its login cannot be begun or finished; the sentence says why.
    Authorization(String),
    /// Its address may not be asked; the sentence says why.
    Refused(String),
}

impl Upstream {
    const fn code(&self) -> Code {
        match self {
            Upstream::Unreachable => Code::UpstreamUnreachable,
            Upstream::Refused(_) => Code::AddressRefused,
            _ => Code::UpstreamError,
        }
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Upstream::Answered(status) => {
                write!(
                    f,
                    "the connector's server answered with the status {status}"
                )
            }
            Upstream::Unreachable => f.write_str("the connector's server cannot be reached"),
            Upstream::Protocol(issue) => {
                write!(f, "the connector's server does not speak MCP: {issue}")
            }
            Upstream::Authorization(issue) => {
                write!(f, "no login at the connector's server: {issue}")
            }
            Upstream::Refused(issue) => write!(f, "the connector's address is refused: {issue}"),
        }
    }
}

/// Everything a use case can fail with.
#[derive(Debug)]
pub enum Error {
    /// What the client sent is wrong; all problems at once.
    Invalid(Vec<Problem>),
    /// A protective limit was passed; the sentence names it.
    TooComplex(String),
    /// No such row for this viewer.
    NotFound {
        /// The kind of thing, e.g. `workspace`.
        kind: &'static str,
        /// How it was asked for.
        id: String,
    },
    /// A uniqueness rule would break, or the row is in a state that does not allow it.
    Conflict(Problem),
    /// Another row has that name already: a conflict that says which kind of row.
    Exists {
        /// The kind of row in snake case, e.g. `connector`.
        kind: &'static str,
        /// What is taken, and where it was sent.
        problem: Problem,
    },
    /// The row was changed by somebody else since the client read it.
    Stale {
        /// The revision the client named.
        expected: String,
        /// The revision the row has.
        current: i32,
    },
    /// The idempotency key was used for another request.
    KeyReused,
    /// No usable credential.
    Unauthorized(&'static str),
    /// The role does not allow it.
    Forbidden(String),
    /// Another server, to which a connection was to be made, stands in the way.
    Upstream(Upstream),
    /// The database or the media store cannot answer now; trying again later may work.
    Unavailable(String),
    /// A fault of ours; never shown.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// The result of every use case.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// One problem.
    pub fn invalid(path: impl Into<String>, issue: impl Into<String>) -> Self {
        Error::Invalid(vec![Problem::new(path, issue)])
    }

    /// An internal fault described by a sentence for the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Error::Internal(cause.into())
    }

    /// The stable word.
    pub const fn code(&self) -> Code {
        match self {
            Error::Invalid(_) => Code::BadRequest,
            Error::TooComplex(_) => Code::TooComplex,
            Error::NotFound { .. } => Code::NotFound,
            Error::Conflict(_) | Error::Exists { .. } => Code::Conflict,
            Error::Stale { .. } => Code::PreconditionFailed,
            Error::KeyReused => Code::KeyReused,
            Error::Unauthorized(_) => Code::Unauthorized,
            Error::Forbidden(_) => Code::Forbidden,
            Error::Upstream(upstream) => upstream.code(),
            Error::Unavailable(_) => Code::Unavailable,
            Error::Internal(_) => Code::Internal,
        }
    }

    /// The sentence a client may read. Causes of internal faults are not in it.
    pub fn message(&self) -> String {
        match self {
            Error::Invalid(problems) => problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
            Error::TooComplex(issue) => issue.clone(),
            Error::NotFound { kind, id } => format!("there is no {kind} `{id}`"),
            Error::Conflict(problem) | Error::Exists { problem, .. } => problem.to_string(),
            Error::Stale { expected, current } => format!(
                "the row has changed: it is at revision {current}, not {expected}; read it again and repeat the change"
            ),
            Error::KeyReused => {
                "this idempotency key was used for another request; take a new one".into()
            }
            Error::Unauthorized(issue) => (*issue).to_owned(),
            Error::Forbidden(issue) => issue.clone(),
            Error::Upstream(upstream) => upstream.to_string(),
            Error::Unavailable(_) => "the server cannot answer now; try again later".into(),
            Error::Internal(_) => "something went wrong on the server".into(),
        }
    }

    /// The same mistake of the client, to be told once more; `None` for faults of the server.
    pub fn copied(&self) -> Option<Error> {
        Some(match self {
            Error::Invalid(problems) => Error::Invalid(problems.clone()),
            Error::TooComplex(issue) => Error::TooComplex(issue.clone()),
            Error::NotFound { kind, id } => Error::NotFound {
                kind,
                id: id.clone(),
            },
            Error::Conflict(problem) => Error::Conflict(problem.clone()),
            Error::Exists { kind, problem } => Error::Exists {
                kind,
                problem: problem.clone(),
            },
            Error::Stale { expected, current } => Error::Stale {
                expected: expected.clone(),
                current: *current,
            },
            Error::KeyReused => Error::KeyReused,
            Error::Unauthorized(issue) => Error::Unauthorized(issue),
            Error::Forbidden(issue) => Error::Forbidden(issue.clone()),
            Error::Upstream(upstream) => Error::Upstream(upstream.clone()),
            Error::Unavailable(_) | Error::Internal(_) => return None,
        })
    }

    /// The problems, where the kind has some.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Error::Invalid(problems) => problems,
            Error::Conflict(problem) | Error::Exists { problem, .. } => {
                std::slice::from_ref(problem)
            }
            _ => &[],
        }
    }

    /// The cause that belongs into the log and nowhere else.
    pub fn private(&self) -> Option<String> {
        match self {
            Error::Internal(cause) => Some(cause.to_string()),
            Error::Unavailable(cause) => Some(cause.clone()),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())?;
        self.private()
            .map_or(Ok(()), |cause| write!(f, " ({cause})"))
    }
}

impl std::error::Error for Error {}

/// What a driver's error means where it is no fault of ours; `None` where it is.
fn of_driver(error: &sqlx::Error) -> Option<Error> {
    use sqlx::Error as E;
    let code = match error {
        E::Database(e) => e.code().unwrap_or_default(),
        E::PoolTimedOut | E::PoolClosed | E::Io(_) | E::Tls(_) | E::WorkerCrashed => {
            return Some(Error::Unavailable(error.to_string()));
        }
        _ => return None,
    };
    // PostgreSQL's query_canceled and SQLite's SQLITE_INTERRUPT: only our time limit does that.
    if code == "57014" || code == "9" {
        let issue = "the database gave the question up after the limit of `statement_timeout`; \
                     narrow its filter or order by a stored field";
        return Some(Error::TooComplex(issue.into()));
    }
    // Class 57: the server is shutting down or stopped the statement; 53: no resources; 08: the
    // connection broke; 40: transactions were in each other's way, and this one gave in.
    let passing = ["57", "53", "08", "40"];
    let unavailable = passing
        .iter()
        .any(|class| code.len() == 5 && code.starts_with(class));
    unavailable.then(|| Error::Unavailable(error.to_string()))
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        of_driver(&error).unwrap_or_else(|| Error::internal(error))
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        use sea_orm::{DbErr, RuntimeErr};
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Error::Unavailable(error.to_string()),
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
                of_driver(cause).unwrap_or_else(|| Error::internal(error))
            }
            _ => Error::internal(error),
        }
    }
}
