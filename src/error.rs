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

/// The stable words that clients branch on, the same in GraphQL (`extensions.code`) and REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The question is malformed: unknown field, wrong operator, page out of bounds.
    BadRequest,
    /// The credential is missing, unknown, revoked or expired.
    Unauthorized,
    /// The credential is good and the action is not allowed to its role.
    Forbidden,
    /// No such row in the viewer's scope.
    NotFound,
    /// A uniqueness rule would break.
    Conflict,
    /// A limit that protects the server was passed.
    TooComplex,
    /// The body is larger than the server reads.
    PayloadTooLarge,
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
            Code::Unauthorized => "UNAUTHORIZED",
            Code::Forbidden => "FORBIDDEN",
            Code::NotFound => "NOT_FOUND",
            Code::Conflict => "CONFLICT",
            Code::TooComplex => "QUERY_TOO_COMPLEX",
            Code::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Code::Unavailable => "UNAVAILABLE",
            Code::Internal => "INTERNAL_ERROR",
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
    /// A uniqueness rule would break.
    Conflict(Problem),
    /// No usable credential.
    Unauthorized(&'static str),
    /// The role does not allow it.
    Forbidden(String),
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
            Error::Conflict(_) => Code::Conflict,
            Error::Unauthorized(_) => Code::Unauthorized,
            Error::Forbidden(_) => Code::Forbidden,
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
            Error::Conflict(problem) => problem.to_string(),
            Error::Unauthorized(issue) => (*issue).to_owned(),
            Error::Forbidden(issue) => issue.clone(),
            Error::Unavailable(_) => "the server cannot answer now; try again later".into(),
            Error::Internal(_) => "something went wrong on the server".into(),
        }
    }

    /// The problems, where the kind has some.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Error::Invalid(problems) => problems,
            Error::Conflict(problem) => std::slice::from_ref(problem),
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

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        // PostgreSQL's query_canceled and SQLite's SQLITE_INTERRUPT: only our time limit does that.
        if let E::Database(e) = &error
            && e.code().is_some_and(|c| c == "57014" || c == "9")
        {
            let issue = "the database gave the question up after the limit of `statement_timeout`; \
                         narrow its filter or order by a stored field";
            return Error::TooComplex(issue.into());
        }
        let unavailable = match &error {
            E::PoolTimedOut | E::PoolClosed | E::Io(_) | E::Tls(_) | E::WorkerCrashed => true,
            // Class 57: the server is shutting down or stopped the statement; 53: no resources.
            E::Database(e) => e
                .code()
                .is_some_and(|c| c.starts_with("57") || c.starts_with("53")),
            _ => false,
        };
        if unavailable {
            Error::Unavailable(error.to_string())
        } else {
            Error::internal(error)
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        match error {
            sea_orm::DbErr::ConnectionAcquire(_) | sea_orm::DbErr::Conn(_) => {
                Error::Unavailable(error.to_string())
            }
            other => Error::internal(other),
        }
    }
}
