//! Why a call does not pass to the server of a connector, in the words of the dialect.

use super::check;
use super::connector::missing;
use super::{Fault, said};
use crate::connect::proxy::Refusal;
use crate::error::{Code, Error};
use serde_json::json;
use uuid::Uuid;

/// The identifier of a connector in an address.
pub fn identifier(text: &str) -> Result<Uuid, Fault> {
    check::connector_id(text).map_err(Fault::Invalid)
}

/// A body that did not come in time.
pub fn too_slow() -> Fault {
    said(408, Code::BadRequest, "The body did not come in time")
}

/// A body that broke off.
pub fn broken() -> Fault {
    said(400, Code::BadRequest, "The body cannot be read")
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Forbidden => Fault::Failed(Error::Forbidden(String::new())),
            Refusal::Unknown(id) => missing(id),
            Refusal::NotConnected { state, status } => not_connected(&state, &status),
            Refusal::Busy(most) => said(
                429,
                Code::TooManyRequests,
                format!("Connector has {most} calls under way, which is the most there may be"),
            ),
            Refusal::Rejected { state } => said(
                502,
                Code::UpstreamError,
                "Connector does not accept its credential",
            )
            .with("state", state)
            .with("upstream", json!({"status": 401})),
            Refusal::Renewed => said(
                503,
                Code::Unavailable,
                "The connector's credential was renewed while the call was on its way; send it again",
            ),
            Refusal::Failed(error) => Fault::Failed(error),
        }
    }
}

fn not_connected(state: &str, status: &str) -> Fault {
    let detail = match (state, status) {
        ("connected", "suspended") => "Connector is suspended",
        ("connected", "disabled") => "Connector is paused",
        _ => "Connector is not connected",
    };
    said(409, Code::Conflict, detail)
        .with("state", state)
        .with("status", status)
}
