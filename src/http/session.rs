//! Who asks over a connection that lasts longer than a request: the credential is looked at again
//! and again, so that a revoked token ends what it began, and a changed role counts at once.

use super::authorize;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::service::Actor;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often the credential is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// A credential, and who it says is asking at any time.
pub(super) struct Session {
    app: Arc<App>,
    credential: Option<String>,
    address: Option<String>,
    trace_id: String,
    actor: watch::Sender<Actor>,
}

impl Session {
    /// Begins with a good credential.
    pub async fn begin(
        app: &Arc<App>,
        credential: Option<&str>,
        address: Option<String>,
        trace_id: String,
    ) -> Result<Session> {
        let actor = authorize::by_credential(app, credential, trace_id.clone()).await?;
        let actor = Actor {
            address: address.clone(),
            ..actor
        };
        Ok(Session {
            app: app.clone(),
            credential: credential.map(str::to_owned),
            address,
            trace_id,
            actor: watch::Sender::new(actor),
        })
    }

    /// Who is asking, looked up now.
    pub async fn actor(&self) -> Result<Actor> {
        let credential = self.credential.as_deref();
        let actor = authorize::by_credential(&self.app, credential, self.trace_id.clone()).await?;
        let actor = Actor {
            address: self.address.clone(),
            ..actor
        };
        self.actor.send_if_modified(|known| {
            let changed = known.viewer != actor.viewer || known.role != actor.role;
            *known = actor.clone();
            changed
        });
        Ok(actor)
    }

    /// Who is asking, as it is known at any time.
    pub fn follow(&self) -> watch::Receiver<Actor> {
        self.actor.subscribe()
    }

    /// Waits until the credential is no longer good. That the database does not answer says
    /// nothing about it.
    pub async fn over(&self) -> Error {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.actor().await {
                Err(error) if refuses(&error) => return error,
                _ => {}
            }
        }
    }
}

/// Whether the error says that the credential is no good.
pub(super) fn refuses(error: &Error) -> bool {
    matches!(error.code(), Code::Unauthorized | Code::Forbidden)
}
