//! `/api/v1/connectors/{id}/mcp`: the server of a connection, as if it stood here. Reads who asks
//! and what they send, streams both ways, and writes what went wrong in the shape of that dialect.
//! What may pass is decided in [`connect::proxy`].

mod payload;
mod refusal;

use super::authorize;
use super::client::Client;
use super::session::{Session, refuses};
use crate::agentstack::passage;
use crate::app::App;
use crate::connect::proxy::{Call, End, Relayed, back, onward, relay};
use crate::error::Error;
use crate::service::Actor;
use payload::Spoilt;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Body, Request, Response, Result};
use refusal::Refused;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;
use uuid::Uuid;

/// The methods of the transport.
const METHODS: [Method; 3] = [Method::GET, Method::POST, Method::DELETE];

/// How often it is looked whether whoever reads an answer still may.
const LOOK: Duration = Duration::from_secs(5);

/// An answer in a browser is a stranger's page at this server's address: nothing of it may run.
const POLICY: &str = "default-src 'none'; sandbox";

/// Whether an address is one of these. Their requests take as long as others let them, each step
/// with a limit of its own.
pub(super) fn is_at(path: &str) -> bool {
    path.starts_with("/api/v1/connectors/") && path.ends_with("/mcp")
}

/// The endpoint, all methods.
pub async fn endpoint(mut request: Request) -> Result<Response> {
    let app = request.data::<Arc<App>>().cloned();
    let app = app.ok_or_else(|| super::error::Refused(Error::internal("no application")))?;
    let id = request.raw_path_param("id").unwrap_or_default().to_owned();
    let span = tracing::info_span!("proxy", id);
    let client = Client::of(&request);
    let answer = answer(&app, &mut request, &id).instrument(span);
    let answer = tokio::select! {
        answer = answer => answer,
        // Nobody reads this.
        () = client.gone() => Err(Refused::broken()),
    };
    Ok(answer.unwrap_or_else(|refused| refused.response(&app, &request)))
}

async fn answer(
    app: &Arc<App>,
    request: &mut Request,
    id: &str,
) -> std::result::Result<Response, Refused> {
    if !METHODS.contains(request.method()) {
        return Err(Refused::method());
    }
    let actor = authorize::session_or_password(app, request).await?;
    let id = passage::identifier(id)?;
    let admitted = app.connect.admit(&actor, id).await?;
    let spoilt = Spoilt::default();
    let call = Call {
        method: request.method().clone(),
        headers: onward(request.headers()),
        body: payload::read(request, app.connect.settings().proxy, &spoilt).await?,
    };
    let passed = app.connect.call(admitted, call).await;
    // What went wrong on the caller's side looks like a broken connection to the other.
    let (answer, permit) = passed.map_err(|refusal| spoilt.or(refusal))?;
    let relayed = Relayed {
        answer,
        permit,
        idle: app.connect.settings().proxy.idle,
        counts: app.connect.traffic().counts.clone(),
    };
    let reader = Reader::begin(app, request, actor, id).await?;
    Ok(passed_on(relayed, reader))
}

/// The answer, its body still to come.
fn passed_on(relayed: Relayed, reader: Reader) -> Response {
    let mut response = Response::builder().status(relayed.answer.status()).finish();
    let headers = response.headers_mut();
    *headers = back(relayed.answer.headers());
    // Who may read it is decided for each request, so nobody keeps it; and what has passed so far
    // unchanged is not to be packed or collected on the rest of the way.
    for (name, value) in [
        ("cache-control", "no-store, no-transform"),
        ("content-security-policy", POLICY),
        ("x-accel-buffering", "no"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let empty = [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT];
    if empty.contains(&relayed.answer.status()) {
        return response;
    }
    // Without one it has none, or is of unknown length.
    if let Some(length) = relayed.answer.content_length() {
        headers.insert(header::CONTENT_LENGTH, length.into());
        if length == 0 {
            return response;
        }
    }
    let client = reader.client.clone();
    let body = relay(relayed, reader.end(), move || client.cut());
    response.set_body(Body::from_bytes_stream(body));
    response
}

/// Who reads an answer, for as long as it lasts.
struct Reader {
    app: Arc<App>,
    client: Client,
    session: Session,
    actor: Actor,
    connection: Uuid,
    /// Whether it lasts until somebody ends it: the stream of a GET has no end of its own, and the
    /// answer to a message is given time to come to it.
    endless: bool,
}

impl Reader {
    async fn begin(
        app: &Arc<App>,
        request: &Request,
        actor: Actor,
        connection: Uuid,
    ) -> std::result::Result<Reader, Error> {
        let credential = authorize::credential(request);
        let (address, trace_id) = (authorize::address(request), authorize::trace_id(request));
        Ok(Reader {
            app: app.clone(),
            client: Client::of(request),
            session: Session::begin(app, credential.as_deref(), address, trace_id).await?,
            actor,
            connection,
            endless: *request.method() == Method::GET,
        })
    }

    /// Waits until it is to end.
    async fn end(self) -> End {
        let mut guest = self.app.live.guest();
        let stopping = async {
            match self.endless {
                true => guest.stopped().await,
                false => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stopping => End::Stopping,
            () = self.barred() => End::Barred,
            () = self.client.gone() => End::Left,
        }
    }

    /// Waits until they may read it no longer: their token is revoked or may do less, the
    /// connection is not theirs or not connected any more.
    async fn barred(&self) {
        let mut actor = self.actor.clone();
        loop {
            tokio::time::sleep(LOOK).await;
            match self.session.actor().await {
                Ok(now) => actor = now,
                Err(error) if refuses(&error) => return,
                // That the database does not answer says nothing about it.
                Err(_) => {}
            }
            if !self.app.connect.may_go_on(&actor, self.connection).await {
                return;
            }
        }
    }
}
