//! A connection as it is at one moment: the installation, its address, its secrets.

use super::login::Identity;
use super::secrets::{self, Credentials, Name};
use super::state::Phase;
use super::{Connect, Held};
use crate::error::{Error, Problem, Result};
use crate::secret::Secret;
use crate::service::Actor;
use crate::service::workspace_connector as installation;
use entity::workspace_connector::{ConnectionState, Model, Status};
use sea_orm::ConnectionTrait;
use url::Url;
use uuid::Uuid;

/// A connection, looked up.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The installation.
    pub row: Model,
    /// The address of its server.
    pub url: Url,
    /// Its secrets.
    pub(super) credentials: Credentials,
    /// Counts the tokens it has had.
    pub generation: i32,
    /// Checks that failed in a row.
    pub(super) failures: i32,
}

impl Subject {
    /// Where it stands.
    pub fn phase(&self) -> Phase {
        phase(&self.row)
    }

    /// What its server is shown, if there is something.
    pub fn held(&self) -> Option<&Held> {
        self.credentials.held.as_ref()
    }
}

/// Where an installation's connection stands.
pub(super) fn phase(row: &Model) -> Phase {
    let state = row.connection_state.unwrap_or(ConnectionState::Created);
    Phase::of(state, row.disconnect_permanent)
}

/// The address of an installation's server; refuses one that has none.
pub(super) fn address(row: &Model) -> Result<Url> {
    let none = || {
        Error::Conflict(Problem::new(
            "input.id",
            "names an installation without an address: its service is not a remote server that is connected to here",
        ))
    };
    let url = row.url.as_deref().ok_or_else(none)?;
    Url::parse(url).map_err(Error::internal)
}

impl Connect {
    /// The connection of an installation, with its secrets.
    pub(super) async fn subject(
        &self,
        connection: &impl ConnectionTrait,
        row: Model,
    ) -> Result<Subject> {
        let url = address(&row)?;
        // The generation first: a token that is stored between the two reads then looks older than it
        // is, and nobody renews it again or takes it for refused.
        let kept = secrets::bookkeeping(connection, row.id).await?;
        let credentials = secrets::credentials(connection, self.vault(), row.id).await?;
        let (generation, failures) = kept.map_or((0, 0), |k| (k.generation, k.failures));
        Ok(Subject {
            row,
            url,
            credentials,
            generation,
            failures,
        })
    }

    /// The connection that an actor names, if it is theirs to change.
    pub(super) async fn managed(
        &self,
        connection: &impl ConnectionTrait,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Subject> {
        let row = installation::managed(connection, actor, id).await?;
        self.subject(connection, row).await
    }
}

/// The status that goes with where an installation's connection stands.
pub fn status(row: &Model) -> Status {
    super::state::status(phase(row), row.disconnect_code)
}

impl Connect {
    /// Gives an installation the OAuth client to log in with, in place of any other.
    pub(crate) async fn give_client(
        &self,
        connection: &impl ConnectionTrait,
        installation: Uuid,
        id: String,
        secret: Option<Secret>,
    ) -> Result<()> {
        let identity = Identity::Given { id, secret };
        secrets::put(
            connection,
            self.vault(),
            installation,
            Name::Client,
            &identity,
        )
        .await
    }
}
