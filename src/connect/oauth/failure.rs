//! Why a step of OAuth failed, in terms that decide what happens next.

use crate::connect::egress::Fault;
use std::fmt;

/// Why a step failed. What it says may be shown: it never holds a token, code or secret, nor an
/// answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The address may not be asked; the sentence says why.
    Refused(String),
    /// No answer came: no connection, or not in time.
    Unreachable,
    /// The code or refresh token is not, or no longer, good: only a new login helps.
    InvalidGrant,
    /// The authorization server said no.
    Rejected {
        /// Its error code, such as `invalid_client`.
        error: String,
        /// What it said of it.
        description: Option<String>,
    },
    /// It cannot answer now (a status of 500 or above, or 429); later it may.
    ServerError(u16),
    /// Metadata or an answer breaks its specification; the sentence names the member.
    Protocol(String),
    /// It does not offer what is needed here.
    Unsupported(&'static str),
}

impl Failure {
    /// A breach of a specification.
    pub(super) fn protocol(sentence: impl Into<String>) -> Failure {
        Failure::Protocol(sentence.into())
    }

    /// One word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Failure::Refused(_) => "refused",
            Failure::Unreachable => "unreachable",
            Failure::InvalidGrant => "invalid_grant",
            Failure::Rejected { .. } => "rejected",
            Failure::ServerError(_) => "failed",
            Failure::Protocol(_) => "protocol",
            Failure::Unsupported(_) => "unsupported",
        }
    }

    /// The more telling of two failures of one search: the earlier, unless it is a passing one.
    pub(super) fn first(earlier: Option<Failure>, later: Failure) -> Failure {
        match earlier {
            None | Some(Failure::ServerError(_)) => later,
            Some(earlier) => earlier,
        }
    }

    /// Whether the other places of the same server will not answer either.
    pub(super) fn ends_search(&self) -> bool {
        matches!(self, Failure::Refused(_) | Failure::Unreachable)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        match fault {
            Fault::Refused(reason) => Failure::Refused(reason),
            Fault::Unreachable(_) | Fault::TooSlow => Failure::Unreachable,
            Fault::TooLarge => Failure::protocol("its answer is larger than 1 MiB"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(reason) => f.write_str(reason),
            Failure::Unreachable => f.write_str("the authorization server cannot be reached"),
            Failure::InvalidGrant => f.write_str(
                "the authorization server no longer accepts this login; a new one is needed",
            ),
            Failure::Rejected { error, description } => {
                write!(f, "the authorization server refused with `{error}`")?;
                let description = description.as_ref();
                description.map_or(Ok(()), |said| write!(f, ": {said}"))
            }
            Failure::ServerError(status) => write!(
                f,
                "the authorization server answered with status {status}; it may work later"
            ),
            Failure::Protocol(sentence) => {
                write!(
                    f,
                    "the authorization server breaks the protocol: {sentence}"
                )
            }
            Failure::Unsupported(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for Failure {}
