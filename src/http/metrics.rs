//! The figures of the process, for Prometheus.

use super::authorize::trace_id;
use super::error;
use crate::app::App;
use crate::error::Error;
use poem::http::header::AUTHORIZATION;
use poem::{Request, Response, handler, web::Data};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// As [OpenMetrics](https://prometheus.io/docs/specs/om/open_metrics_spec/) names its text.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All figures. The connections are counted at most every few seconds; while the database is away
/// the rest is still told.
#[handler]
pub async fn show(app: Data<&Arc<App>>, request: &Request) -> Response {
    let id = trace_id(request);
    if !is_let_in(&app, request) {
        let refused = Error::Unauthorized(
            "send the token of the setting `metrics_token` as `Authorization: Bearer <token>`",
        );
        return error::response_of(&refused, &id);
    }
    if let Err(error) = app.connect.count().await {
        tracing::warn!(%error, "connections are not counted now");
    }
    match app.metrics.text() {
        Ok(text) => Response::builder().content_type(TEXT).body(text),
        Err(fault) => error::response_of(&Error::internal(fault), &id),
    }
}

fn is_let_in(app: &App, request: &Request) -> bool {
    let Some(token) = &app.config.metrics_token else {
        return true;
    };
    let sent = request.header(AUTHORIZATION).unwrap_or_default();
    let sent = sent.split_once(' ');
    let sent = sent.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    // Hashes are compared, so that the time it takes tells nothing of the token.
    sent.is_some_and(|(_, sent)| Sha256::digest(sent.trim()) == Sha256::digest(token.reveal()))
}
