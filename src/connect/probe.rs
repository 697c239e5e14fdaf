//! Asks an address whether an MCP server is there and whether it lets us in. Knows neither OAuth's
//! steps nor what becomes of the verdict.
//!
//! # Why
//!
//! Servers of two eras are met. Up to the revision of 2025-11-25 a session begins with
//! `initialize`; from 2026-07-28 on there is none, and `server/discover` is what every server
//! answers. `initialize` comes first, since nearly all servers know it; one that refuses it as a
//! server of the new era does is asked the other way.

mod credential;
mod event;
mod message;

use super::egress::{Egress, Fault};
use super::oauth::Challenge;
use super::text;
pub use credential::Credential;
use event::Events;
use message::{Era, Reply};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use url::Url;

/// From the first step to the verdict.
const WHOLE: Duration = Duration::from_secs(20);

/// Most bytes that are read of an answer.
const SIZE: usize = 1024 * 1024;

/// Most bytes that are read of an answer that only explains a refusal.
const EXPLANATION: usize = 16 * 1024;

/// What the probe showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// An MCP server, and it let us in.
    Open,
    /// It asks for a login, or for another than we have: 401, or 403 for want of scope.
    Challenged(Challenge),
    /// It answered with another status that is no success.
    Answered {
        /// The status.
        status: u16,
        /// What it said, made fit to be shown.
        detail: Option<String>,
    },
    /// No connection, or no answer in time.
    Unreachable,
    /// It answered, but not as an MCP server does.
    Protocol(&'static str),
    /// The address may not be asked, or the credential not be sent; the sentence says why.
    Refused(String),
}

impl Verdict {
    /// One word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Verdict::Open => "open",
            Verdict::Challenged(_) => "challenged",
            Verdict::Answered { status: 500.., .. } => "failed",
            Verdict::Answered { .. } => "rejected",
            Verdict::Unreachable => "unreachable",
            Verdict::Protocol(_) => "protocol",
            Verdict::Refused(_) => "refused",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Open => f.write_str("the server answers"),
            Verdict::Challenged(_) => f.write_str("the server asks for a login"),
            Verdict::Answered { status, detail } => {
                write!(f, "the server answered with status {status}")?;
                let detail = detail.as_ref();
                detail.map_or(Ok(()), |said| write!(f, ": {said}"))
            }
            Verdict::Unreachable => f.write_str("the server cannot be reached"),
            Verdict::Protocol(sentence) => f.write_str(sentence),
            Verdict::Refused(reason) => f.write_str(reason),
        }
    }
}

/// Asks the server at `url`, within twenty seconds. No redirect is followed.
pub async fn probe(egress: &Egress, url: &Url, credential: Credential<'_>) -> Verdict {
    probe_within(egress, url, credential, WHOLE).await
}

/// Asks the server at `url` within a time of one's own.
pub async fn probe_within(
    egress: &Egress,
    url: &Url,
    credential: Credential<'_>,
    time: Duration,
) -> Verdict {
    let headers = match credential.headers() {
        Ok(headers) => headers,
        Err(reason) => return Verdict::Refused(reason.into()),
    };
    let probe = Probe {
        egress,
        url,
        headers,
        hidden: credential.secret(),
        deadline: Instant::now() + time,
    };
    probe.run().await.unwrap_or_else(|verdict| verdict)
}

/// One probe under way.
struct Probe<'a> {
    egress: &'a Egress,
    url: &'a Url,
    headers: HeaderMap,
    hidden: Option<&'a str>,
    deadline: Instant,
}

impl Probe<'_> {
    /// Asks in the one way and, if the server is of the other era, in the other.
    async fn run(&self) -> Result<Verdict, Verdict> {
        match self.ask(Era::Sessions).await? {
            Outcome::Done(verdict) => Ok(verdict),
            Outcome::OtherEra => match self.ask(Era::Stateless).await? {
                Outcome::Done(verdict) => Ok(verdict),
                Outcome::OtherEra => Ok(Verdict::Protocol(message::REFUSED)),
            },
        }
    }

    /// Sends the first message of an era and reads what comes.
    async fn ask(&self, era: Era) -> Result<Outcome, Verdict> {
        let answer = self
            .send(Method::POST, era.headers(), Some(era.hello()))
            .await?;
        let (status, head) = (answer.status(), answer.headers().clone());
        let challenge = Challenge::read(&head);
        if status == StatusCode::UNAUTHORIZED || wants_more(status, &challenge) {
            return Ok(Outcome::Done(Verdict::Challenged(challenge)));
        }
        if !status.is_success() {
            return Ok(self.refusal(answer).await);
        }
        let found = timeout_at(self.deadline, self.reply(answer)).await;
        let reply = found.unwrap_or(Err(Verdict::Protocol(
            "the server began an answer and did not finish it in time",
        )))?;
        if reply.is_of_other_era() {
            return Ok(Outcome::OtherEra);
        }
        let version = reply.accepts(era).map_err(Verdict::Protocol)?;
        if era == Era::Sessions {
            self.farewell(&head, &version).await;
        }
        Ok(Outcome::Done(Verdict::Open))
    }

    /// Sends one request and waits for the head of the answer.
    async fn send(
        &self,
        method: Method,
        headers: HeaderMap,
        body: Option<Value>,
    ) -> Result<Response, Verdict> {
        let mut request = reqwest::Request::new(method, self.url.clone());
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().extend(headers);
        *request.body_mut() = body.map(|body| body.to_string().into());
        let patience = self.deadline.saturating_duration_since(Instant::now());
        let answer = self.egress.open(request, patience).await;
        answer.map_err(|fault| match fault {
            Fault::Refused(reason) => Verdict::Refused(reason),
            Fault::Unreachable(_) | Fault::TooSlow => Verdict::Unreachable,
            Fault::TooLarge => Verdict::Protocol("the server's answer is larger than 1 MiB"),
        })
    }

    /// Reads the reply to our message out of a successful answer.
    async fn reply(&self, mut answer: Response) -> Result<Reply, Verdict> {
        let kind = Kind::of(answer.headers());
        let mut events = Events::default();
        let mut body = Vec::new();
        let mut size = 0;
        match kind {
            Kind::Json | Kind::Events if answer.status() == StatusCode::OK => {}
            Kind::Page => return Err(Verdict::Protocol("a web page is there, no MCP server")),
            _ => return Err(Verdict::Protocol("the server gives no answer to a request")),
        }
        while let Some(chunk) = answer.chunk().await.map_err(|_| Verdict::Unreachable)? {
            size += chunk.len();
            if size > SIZE {
                return Err(Verdict::Protocol(
                    "the server's answer is larger than 1 MiB",
                ));
            }
            match kind {
                Kind::Events => {
                    if let Some(reply) = events.feed(&chunk).find_map(|data| Reply::read(&data)) {
                        return Ok(reply);
                    }
                }
                _ => body.extend_from_slice(&chunk),
            }
        }
        Reply::read(&body).ok_or(Verdict::Protocol(
            "the server's answer holds no JSON-RPC reply to the request",
        ))
    }

    /// What a status that is no success means.
    async fn refusal(&self, mut answer: Response) -> Outcome {
        let status = answer.status();
        let kind = Kind::of(answer.headers());
        let mut body = Vec::new();
        let reading = async {
            while let Ok(Some(chunk)) = answer.chunk().await {
                body.extend_from_slice(&chunk);
                if body.len() > EXPLANATION {
                    break;
                }
            }
        };
        // The status stands, whether or not the explanation comes to its end.
        let _ = timeout_at(self.deadline, reading).await;
        if Reply::read(&body).is_some_and(|reply| reply.is_of_other_era()) {
            return Outcome::OtherEra;
        }
        let hidden: Vec<&str> = self.hidden.into_iter().collect();
        let said = String::from_utf8_lossy(&body);
        let detail = match kind {
            Kind::Page => None,
            _ => text::clean(&said, &hidden),
        };
        Outcome::Done(Verdict::Answered {
            status: status.as_u16(),
            detail,
        })
    }

    /// Ends the session in good order. The verdict stands, whatever the server makes of it.
    async fn farewell(&self, head: &HeaderMap, version: &str) {
        let headers = message::later(head, version);
        let parting = async {
            let _ = self
                .send(Method::POST, headers.clone(), Some(message::initialized()))
                .await;
            if headers.contains_key(message::SESSION) {
                let _ = self.send(Method::DELETE, headers, None).await;
            }
        };
        let soon = self.deadline.min(Instant::now() + Duration::from_secs(3));
        let _ = timeout_at(soon, parting).await;
    }
}

/// Whether a login with more scope would help (RFC 6750, 3.1).
fn wants_more(status: StatusCode, challenge: &Challenge) -> bool {
    let error = challenge.error.as_deref();
    status == StatusCode::FORBIDDEN && error == Some("insufficient_scope")
}

/// Where asking in one way led.
enum Outcome {
    /// The verdict is there.
    Done(Verdict),
    /// The server is of the other era.
    OtherEra,
}

/// What an answer consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Events,
    Page,
    Other,
}

impl Kind {
    fn of(headers: &HeaderMap) -> Kind {
        let value = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let value = value.unwrap_or_default();
        let mime = value.split(';').next().unwrap_or_default().trim();
        match mime.to_ascii_lowercase().as_str() {
            "application/json" => Kind::Json,
            "text/event-stream" => Kind::Events,
            "text/html" | "application/xhtml+xml" => Kind::Page,
            _ => Kind::Other,
        }
    }
}
