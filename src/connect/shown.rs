//! What faces show of the secrets of connections: where a pending login goes on, and whether a
//! client has a secret. One statement for any number of connections.

use super::Connect;
use super::login::Identity;
use super::secrets::{self, Login, Name};
use super::vault::Place;
use crate::db::{Arg, Db, Dialect, Row};
use crate::error::{Error, Result};
use crate::service::now;
use std::collections::HashMap;
use uuid::Uuid;

/// What is shown of one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Where a person logs in, while a login is pending. Only its owner may see it.
    pub authorization_url: Option<String>,
    /// Whether the OAuth client that somebody gave it has a secret.
    pub has_client_secret: bool,
}

impl Connect {
    /// What is shown of connections; those of which there is nothing to show are left out. `db` may
    /// be inside a transaction.
    pub async fn shown(&self, db: &Db, connections: &[Uuid]) -> Result<HashMap<Uuid, Shown>> {
        let mut found: HashMap<Uuid, Shown> = HashMap::new();
        if connections.is_empty() {
            return Ok(found);
        }
        let args = vec![Arg::Uuids(connections.to_vec()), Arg::Time(now())];
        for row in db.rows(statement(db.dialect()), args).await? {
            let installation = row
                .uuid(0)
                .ok_or_else(|| Error::internal("no connection"))?;
            self.show(found.entry(installation).or_default(), &row)?;
        }
        Ok(found)
    }

    fn show(&self, shown: &mut Shown, row: &Row) -> Result<()> {
        let id = row
            .uuid(1)
            .ok_or_else(|| Error::internal("no identifier"))?;
        let sealed = row.text(3).and_then(bytes);
        let sealed = sealed.ok_or_else(|| Error::internal("a sealed value is no hexadecimal"))?;
        let (table, field) = match row.text(2) {
            Some("client") => (secrets::CREDENTIALS, Name::Client.as_str()),
            _ => (secrets::AUTHORIZATIONS, secrets::SEALED),
        };
        let place = Place {
            table,
            row: id,
            field,
        };
        if table == secrets::CREDENTIALS {
            let identity: Identity = secrets::open(self.vault(), &place, &sealed)?;
            let given = matches!(
                identity,
                Identity::Given {
                    secret: Some(_),
                    ..
                }
            );
            shown.has_client_secret = given;
        } else {
            let login: Login = secrets::open(self.vault(), &place, &sealed)?;
            shown.authorization_url = Some(login.url);
        }
        Ok(())
    }
}

/// Logins that can still be finished, and clients.
fn statement(dialect: Dialect) -> String {
    let (these, sealed, ciphertext) = match dialect {
        Dialect::Postgres => (
            "= ANY($1)",
            "encode(sealed, 'hex')",
            "encode(ciphertext, 'hex')",
        ),
        Dialect::Sqlite => (
            "IN (SELECT unhex(value) FROM json_each($1))",
            "hex(sealed)",
            "hex(ciphertext)",
        ),
    };
    format!(
        "SELECT workspace_connector_id, id, 'login', {sealed} FROM connection_authorizations \
         WHERE workspace_connector_id {these} AND consumed_at IS NULL AND expires_at > $2 \
         UNION ALL SELECT workspace_connector_id, id, name, {ciphertext} FROM connection_credentials \
         WHERE workspace_connector_id {these} AND name = 'client'"
    )
}

/// The bytes of hexadecimal digits.
fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = hexadecimal.chars().map(|c| c.to_digit(16)).collect();
    let pair = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits?.chunks(2).map(pair).collect()
}
