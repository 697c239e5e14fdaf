//! What is kept of a connection beside the installation: its secrets, sealed by the vault, the
//! pending login, and the server's own bookkeeping. It writes rows and decides nothing.

use super::login::Identity;
use super::oauth::{self, Client, Server, Tokens};
use super::vault::{Place, Vault};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::service::{new_id, now};
use chrono::{DateTime, Utc};
use entity::{
    connection, connection_authorization as pending, connection_credential as credential,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The table of secrets, as the vault knows it.
pub const CREDENTIALS: &str = "connection_credentials";

/// The table of pending logins, as the vault knows it.
pub const AUTHORIZATIONS: &str = "connection_authorizations";

/// The column of pending logins that is sealed.
pub(super) const SEALED: &str = "sealed";

/// Which secret of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// Who this server is to the authorization server ([`Identity`]).
    Client,
    /// The authorization server that was found.
    Server,
    /// What the server is shown.
    Tokens,
}

impl Name {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Name::Client => "client",
            Name::Server => "server",
            Name::Tokens => "tokens",
        }
    }
}

/// How the tokens of a connection were come by, which decides how they are renewed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Held {
    /// A person granted access; renewed with the refresh token.
    Grant {
        /// What was granted.
        tokens: Tokens,
    },
    /// The client itself has access (RFC 6749 section 4.4); asked for anew.
    Machine {
        /// What was issued.
        tokens: Tokens,
    },
    /// A token that somebody handed over; never renewed.
    Bearer {
        /// The token.
        #[serde(serialize_with = "super::kept::secret")]
        token: Secret,
    },
    /// A key that is sent in a header of its own; never renewed.
    Header {
        /// The header.
        name: String,
        /// The key.
        #[serde(serialize_with = "super::kept::secret")]
        value: Secret,
    },
}

impl Held {
    /// When it lapses; `None` where it does not, or is not known to.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Held::Grant { tokens } | Held::Machine { tokens } => tokens.expires_at,
            Held::Bearer { .. } | Held::Header { .. } => None,
        }
    }

    /// Whether it is to be renewed now: it lapses at once, or has, and can be renewed.
    pub(super) fn is_due(&self) -> bool {
        let soon = now() + super::change::LEAD;
        self.is_renewable() && self.expires_at().is_some_and(|end| end <= soon)
    }

    /// Header and value that show it to the server.
    pub fn header(&self) -> (&str, Secret) {
        let bearer = |token: &Secret| Secret::new(format!("Bearer {}", token.reveal()));
        match self {
            Held::Grant { tokens } | Held::Machine { tokens } => {
                ("authorization", bearer(&tokens.access))
            }
            Held::Bearer { token } => ("authorization", bearer(token)),
            Held::Header { name, value } => (name, value.clone()),
        }
    }

    /// Whether it can be renewed without a person.
    pub fn is_renewable(&self) -> bool {
        match self {
            Held::Grant { tokens } => tokens.refresh.is_some(),
            Held::Machine { .. } => true,
            Held::Bearer { .. } | Held::Header { .. } => false,
        }
    }
}

/// The secrets of one connection, opened.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// Who this server is to the authorization server.
    pub identity: Option<Identity>,
    /// The authorization server.
    pub server: Option<Server>,
    /// What the server is shown.
    pub held: Option<Held>,
}

impl Credentials {
    /// The authorization server and the client that tokens were issued to.
    pub fn issuer(&self) -> Option<(&Server, Client)> {
        let server = self.server.as_ref()?;
        let client = match self.identity.as_ref()? {
            Identity::Given { id, secret } => oauth::known(server, id.clone(), secret.clone()),
            Identity::Registered { client, .. } => client.as_ref().clone(),
        };
        Some((server, client))
    }
}

/// A login that was begun: what is needed to finish it, and by whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Login {
    /// The complete authorization URL, which holds the `state`.
    pub url: String,
    /// The PKCE verifier.
    #[serde(serialize_with = "super::kept::secret")]
    pub verifier: Secret,
    /// Where the code is exchanged.
    pub server: Server,
    /// Who exchanges it.
    pub client: Client,
    /// The page of this server on which it was begun. It lets its holder begin logins, so it is
    /// kept sealed.
    #[serde(default, serialize_with = "super::kept::option")]
    pub page: Option<Secret>,
}

/// A login to be stored.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What is sealed.
    pub login: Login,
    /// SHA-256 of the `state`, hexadecimal.
    pub state_hash: String,
    /// Where the browser goes afterwards.
    pub redirect_url: Option<String>,
    /// Who began it.
    pub person_id: Option<Uuid>,
    /// With which token.
    pub api_token_id: Option<Uuid>,
    /// SHA-256 of what the browser that began it holds.
    pub browser_hash: Option<String>,
    /// When it lapses.
    pub expires_at: DateTime<Utc>,
}

/// Opens a sealed value and reads it.
pub(super) fn open<T: DeserializeOwned>(
    vault: &Vault,
    place: &Place<'_>,
    sealed: &[u8],
) -> Result<T> {
    let plain = vault.open(place, sealed)?;
    // The cause would quote what was opened.
    serde_json::from_slice(&plain)
        .map_err(|_| Error::internal(format!("{} of {} cannot be read", place.field, place.row)))
}

fn seal(vault: &Vault, place: &Place<'_>, value: &impl Serialize) -> Result<Vec<u8>> {
    let plain = serde_json::to_vec(value).map(zeroize::Zeroizing::new);
    vault.seal(place, &plain.map_err(Error::internal)?)
}

/// The secrets of a connection.
pub async fn credentials(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    installation: Uuid,
) -> Result<Credentials> {
    let rows = credential::Entity::find()
        .filter(credential::Column::WorkspaceConnectorId.eq(installation))
        .all(connection)
        .await?;
    let mut found = Credentials::default();
    for row in rows {
        let place = Place {
            table: CREDENTIALS,
            row: row.id,
            field: &row.name,
        };
        match row.name.as_str() {
            "client" => found.identity = Some(open(vault, &place, &row.ciphertext)?),
            "server" => found.server = Some(open(vault, &place, &row.ciphertext)?),
            "tokens" => found.held = Some(open(vault, &place, &row.ciphertext)?),
            _ => {}
        }
    }
    Ok(found)
}

/// Stores a secret, in place of the one that was there.
pub async fn put(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    installation: Uuid,
    name: Name,
    value: &impl Serialize,
) -> Result<()> {
    erase(connection, installation, name).await?;
    let id = new_id();
    let place = Place {
        table: CREDENTIALS,
        row: id,
        field: name.as_str(),
    };
    let ciphertext = seal(vault, &place, value)?;
    let row = credential::ActiveModel {
        id: Set(id),
        workspace_connector_id: Set(installation),
        name: Set(name.as_str().to_owned()),
        key_id: Set(Vault::key_id_of(&ciphertext).unwrap_or_default()),
        ciphertext: Set(ciphertext),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    row.insert(connection).await?;
    Ok(())
}

/// Erases a secret.
pub async fn erase(
    connection: &impl ConnectionTrait,
    installation: Uuid,
    name: Name,
) -> Result<()> {
    credential::Entity::delete_many()
        .filter(credential::Column::WorkspaceConnectorId.eq(installation))
        .filter(credential::Column::Name.eq(name.as_str()))
        .exec(connection)
        .await?;
    Ok(())
}

/// The pending login of a connection, with what is needed to finish it.
pub async fn pending(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    installation: Uuid,
) -> Result<Option<(pending::Model, Login)>> {
    let row = pending::Entity::find()
        .filter(pending::Column::WorkspaceConnectorId.eq(installation))
        .one(connection)
        .await?;
    row.map(|row| Ok((row.clone(), login(vault, &row)?)))
        .transpose()
}

/// What is needed to finish a login.
pub fn login(vault: &Vault, row: &pending::Model) -> Result<Login> {
    let place = Place {
        table: AUTHORIZATIONS,
        row: row.id,
        field: SEALED,
    };
    open(vault, &place, &row.sealed)
}

/// Stores a login, in place of the one that was there.
pub async fn begin(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    installation: Uuid,
    attempt: Attempt,
) -> Result<()> {
    end(connection, installation).await?;
    let id = new_id();
    let place = Place {
        table: AUTHORIZATIONS,
        row: id,
        field: SEALED,
    };
    let row = pending::ActiveModel {
        id: Set(id),
        workspace_connector_id: Set(installation),
        person_id: Set(attempt.person_id),
        api_token_id: Set(attempt.api_token_id),
        state_hash: Set(attempt.state_hash),
        browser_hash: Set(attempt.browser_hash),
        sealed: Set(seal(vault, &place, &attempt.login)?),
        redirect_url: Set(attempt.redirect_url),
        expires_at: Set(attempt.expires_at),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    row.insert(connection).await?;
    Ok(())
}

/// Whether that login is the pending one.
pub async fn is_pending(
    connection: &impl ConnectionTrait,
    installation: Uuid,
    id: Uuid,
) -> Result<bool> {
    let row = pending::Entity::find()
        .filter(pending::Column::WorkspaceConnectorId.eq(installation))
        .one(connection)
        .await?;
    Ok(row.is_some_and(|row| row.id == id))
}

/// Erases the pending login.
pub async fn end(connection: &impl ConnectionTrait, installation: Uuid) -> Result<()> {
    pending::Entity::delete_many()
        .filter(pending::Column::WorkspaceConnectorId.eq(installation))
        .exec(connection)
        .await?;
    Ok(())
}

/// The server's bookkeeping of a connection; `None` before it was first connected.
pub async fn bookkeeping(
    connection: &impl ConnectionTrait,
    installation: Uuid,
) -> Result<Option<connection::Model>> {
    Ok(connection::Entity::find()
        .filter(connection::Column::WorkspaceConnectorId.eq(installation))
        .one(connection)
        .await?)
}

/// Changes the bookkeeping of a connection.
pub async fn note(
    connection: &impl ConnectionTrait,
    installation: Uuid,
    generation: i32,
    failures: i32,
    next_check_at: Option<DateTime<Utc>>,
) -> Result<()> {
    use connection::Column as C;
    let row = connection::ActiveModel {
        id: Set(new_id()),
        workspace_connector_id: Set(installation),
        generation: Set(generation),
        failures: Set(failures),
        next_check_at: Set(next_check_at),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let known = OnConflict::column(C::WorkspaceConnectorId)
        .update_columns([C::Generation, C::Failures, C::NextCheckAt, C::UpdatedAt])
        .to_owned();
    connection::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Erases all that is kept of a connection.
pub async fn forget(connection: &impl ConnectionTrait, installation: Uuid) -> Result<()> {
    end(connection, installation).await?;
    credential::Entity::delete_many()
        .filter(credential::Column::WorkspaceConnectorId.eq(installation))
        .exec(connection)
        .await?;
    connection::Entity::delete_many()
        .filter(connection::Column::WorkspaceConnectorId.eq(installation))
        .exec(connection)
        .await?;
    Ok(())
}
