//! Links to the page on which a person connects an installation. All that a link says stands in
//! its address, signed: nothing of it is stored, and it ends with the token that made it.

use super::subject;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::service::form::Given;
use crate::service::work::{Work, outcome};
use crate::service::workspace_connector::{self as installation, ROOT};
use crate::service::{Extra, ExtraKind, Outcome, now};
use crate::store::{Purpose, Refusal, Seal};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use uuid::Uuid;

/// How long a link works.
const LIFE: TimeDelta = TimeDelta::minutes(30);

/// Bytes of an identifier.
const ID: usize = 16;

/// What is answered when a link is made.
pub(super) const EXTRA: [Extra; 2] = [
    Extra {
        name: "url",
        doc: "The link, complete, for a browser. Whoever has it can connect the installation: it is shown once.",
        kind: ExtraKind::Secret,
    },
    Extra {
        name: "expires_at",
        doc: "When the link stops working.",
        kind: ExtraKind::Moment,
    },
];

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The installation to be connected.
    pub installation: Uuid,
    /// Who made it.
    pub person_id: Uuid,
    /// The token they made it with.
    pub api_token_id: Uuid,
    /// Where the browser goes once the installation is connected.
    pub redirect_url: Option<String>,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

impl Link {
    /// What stands in the address: who made it and where it leads, and the signature over that, the
    /// installation and the moment.
    pub fn token(&self, seal: &Seal) -> Secret {
        let redirect = self.redirect_url.as_deref().unwrap_or_default();
        let (person, token) = (self.person_id.as_bytes(), self.api_token_id.as_bytes());
        let said = [person.as_slice(), token.as_slice(), redirect.as_bytes()].concat();
        let said = BASE64_URL_SAFE_NO_PAD.encode(said);
        let subject = signed(self.installation, &said);
        let signature = seal.sign(Purpose::Connect, &subject, self.expires_at);
        Secret::new(format!("{said}.{signature}"))
    }

    /// What a link to an installation says.
    ///
    /// # Errors
    ///
    /// It was not made here for this installation, or its time is over.
    pub fn read(
        seal: &Seal,
        installation: Uuid,
        token: &str,
        now: DateTime<Utc>,
    ) -> std::result::Result<Link, Refusal> {
        let (said, signature) = token.split_once('.').ok_or(Refusal::Forged)?;
        let subject = signed(installation, said);
        let expires_at = seal.check(Purpose::Connect, &subject, signature, now)?;
        let said = BASE64_URL_SAFE_NO_PAD
            .decode(said)
            .map_err(|_| Refusal::Forged)?;
        let (person, said) = identifier(&said).ok_or(Refusal::Forged)?;
        let (token, said) = identifier(said).ok_or(Refusal::Forged)?;
        let redirect = std::str::from_utf8(said).map_err(|_| Refusal::Forged)?;
        Ok(Link {
            installation,
            person_id: person,
            api_token_id: token,
            redirect_url: (!redirect.is_empty()).then(|| redirect.to_owned()),
            expires_at,
        })
    }
}

/// What is signed. The identifier has a fixed length, so no two pairs read the same.
fn signed(installation: Uuid, said: &str) -> String {
    format!("{}{said}", installation.simple())
}

fn identifier(bytes: &[u8]) -> Option<(Uuid, &[u8])> {
    let (id, rest) = bytes.split_first_chunk::<ID>()?;
    Some((Uuid::from_bytes(*id), rest))
}

/// Makes a link.
pub(super) async fn make(work: &mut Work, given: Given) -> Result<Outcome> {
    let row = installation::to_change(work, &given).await?;
    subject::address(&row)?;
    let connect = work.backing.connect.clone();
    let by_server = || Error::internal("the server itself asks for a link");
    let link = Link {
        installation: row.id,
        person_id: work.actor.viewer.person_id,
        api_token_id: work.actor.token_id.ok_or_else(by_server)?,
        redirect_url: connect.redirect(&given)?,
        // Whole seconds are signed.
        expires_at: DateTime::from_timestamp((now() + LIFE).timestamp(), 0).unwrap_or_default(),
    };
    installation::note(work, &row);
    let url = connect.page(row.id, &link.token(&work.backing.seal));
    let mut done = outcome(ROOT, row.id);
    done.extra = vec![
        ("url", url.reveal().into()),
        (
            "expires_at",
            link.expires_at
                .to_rfc3339_opts(SecondsFormat::Millis, true)
                .into(),
        ),
    ];
    Ok(done)
}
