//! Refusals of calls, as clients of the dialect read them: a status and `detail`, and beside it
//! what programs can branch on.

use crate::connect::proxy::Refusal;
use crate::error::{Code, Error, Upstream};
use crate::http::error;
use entity::workspace_connector::{ConnectionState, Status};
use poem::Response;
use poem::http::{HeaderValue, StatusCode, header};
use sea_orm::ActiveEnum;
use serde_json::{Map, Value as Json, json};

/// Why there is no answer to pass on.
#[derive(Debug)]
pub(super) enum Refused {
    /// The address does not take the method.
    Method,
    /// What should be an identifier is none.
    Id(String),
    /// The body is larger than that.
    TooLarge(usize),
    /// The body did not come in time.
    TooSlow,
    /// The body broke off.
    Broken,
    /// The call does not pass.
    Call(Refusal),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Refused::Call(refusal)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused::Call(Refusal::Failed(error))
    }
}

/// A refusal written down: status, code, `detail`, and further members.
struct Written(StatusCode, Code, Json, Vec<(&'static str, Json)>);

impl Written {
    fn new(status: StatusCode, code: Code, detail: impl Into<Json>) -> Written {
        Written(status, code, detail.into(), Vec::new())
    }

    fn with(mut self, name: &'static str, value: impl Into<Json>) -> Written {
        self.3.push((name, value.into()));
        self
    }
}

impl Refused {
    /// The answer; causes of faults of the house go to the log.
    pub fn response(&self, trace_id: &str) -> Response {
        let Written(status, code, detail, more) = self.written();
        tracing::debug!(status = status.as_u16(), code = code.as_str(), "refused");
        let mut body = Map::new();
        body.insert("detail".into(), detail);
        body.insert("code".into(), code.as_str().into());
        body.insert("request_id".into(), trace_id.into());
        body.extend(more.into_iter().map(|(name, value)| (name.into(), value)));
        let response = Response::builder()
            .status(status)
            .content_type("application/json")
            .body(Json::Object(body).to_string());
        let mut response = error::with_hints(status, response);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Refused::Method => {
                headers.insert(header::ALLOW, HeaderValue::from_static("GET, POST, DELETE"));
            }
            Refused::Call(Refusal::Busy(_)) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            // The rest of the body stands where the next request would.
            Refused::TooLarge(_) | Refused::TooSlow | Refused::Broken => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }

    fn written(&self) -> Written {
        match self {
            Refused::Method => Written::new(
                StatusCode::METHOD_NOT_ALLOWED,
                Code::MethodNotAllowed,
                "Method Not Allowed",
            ),
            Refused::Id(id) => Written::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                Code::SchemaValidation,
                not_an_id(id),
            ),
            Refused::TooLarge(limit) => Written::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                Code::PayloadTooLarge,
                format!("The body is larger than the limit of {limit} bytes"),
            ),
            Refused::TooSlow => Written::new(
                StatusCode::REQUEST_TIMEOUT,
                Code::BadRequest,
                "The body did not come in time",
            ),
            Refused::Broken => Written::new(
                StatusCode::BAD_REQUEST,
                Code::BadRequest,
                "The body cannot be read",
            ),
            Refused::Call(refusal) => call(refusal),
        }
    }
}

fn not_an_id(id: &str) -> Json {
    let input: String = id.chars().take(80).collect();
    let issue = uuid::Uuid::parse_str(id).map_or_else(|issue| issue.to_string(), |_| String::new());
    let msg = format!("Input should be a valid UUID, {issue}");
    let at = ["path", "connector_id"];
    json!([{"type": "uuid_parsing", "loc": at, "msg": msg, "input": input, "ctx": {"error": issue}}])
}

fn call(refusal: &Refusal) -> Written {
    match refusal {
        Refusal::Forbidden => Written::new(
            StatusCode::FORBIDDEN,
            Code::Forbidden,
            "Insufficient permissions",
        ),
        Refusal::Unknown(id) => Written::new(
            StatusCode::NOT_FOUND,
            Code::NotFound,
            format!("connector with id {id} not found"),
        ),
        Refusal::NotConnected(state, status) => not_connected(*state, *status),
        Refusal::Busy(most) => Written::new(
            StatusCode::TOO_MANY_REQUESTS,
            Code::TooManyRequests,
            format!("Connector has {most} calls under way, which is the most there may be"),
        ),
        Refusal::Rejected(state) => Written::new(
            StatusCode::BAD_GATEWAY,
            Code::UpstreamError,
            "Connector does not accept its credential",
        )
        .with("state", state.to_value())
        .with("upstream", json!({"status": 401})),
        Refusal::Renewed => Written::new(
            StatusCode::SERVICE_UNAVAILABLE,
            Code::Unavailable,
            "The connector's credential was renewed while the call was on its way; send it again",
        ),
        Refusal::Failed(Error::Upstream(upstream)) => stranger(upstream),
        Refusal::Failed(error) => failed(error),
    }
}

fn not_connected(state: ConnectionState, status: Status) -> Written {
    let detail = match (state, status) {
        (ConnectionState::Connected, Status::Suspended) => "Connector is suspended",
        (ConnectionState::Connected, Status::Disabled) => "Connector is paused",
        _ => "Connector is not connected",
    };
    Written::new(StatusCode::CONFLICT, Code::Conflict, detail)
        .with("state", state.to_value())
        .with("status", status.to_value())
}

/// What another server, or the way to it, stands for.
fn stranger(upstream: &Upstream) -> Written {
    let error = Error::Upstream(upstream.clone());
    let (status, code) = (error::status(&error), error.code());
    match upstream {
        Upstream::Answered(answered) => {
            Written::new(status, code, "Connector has returned an error")
                .with("upstream", json!({"status": answered}))
        }
        Upstream::Unreachable => Written::new(
            status,
            code,
            "Unable to establish connection with the connector",
        ),
        _ => Written::new(status, code, error.message()),
    }
}

fn failed(error: &Error) -> Written {
    if let Some(cause) = error.private() {
        tracing::error!(code = error.code().as_str(), cause, "failed");
    }
    Written::new(error::status(error), error.code(), error.message())
}
