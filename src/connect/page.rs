//! What a person finds behind a link: what is to be connected, for whom and by whom; and beginning
//! it there. Whoever made the link acts, so what they may not do, or no more, the link cannot. How
//! it looks is not known here.

use super::link::Link;
use super::open::{self, Found, Wish};
use super::secrets;
use super::state::{Event, Phase};
use super::subject::{address, phase};
use super::{Browser, Connect};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::service::connector::is_generic;
use crate::service::workspace_connector as installation;
use crate::service::{Actor, Alone, Capability, alone, media, now, token};
use crate::store::Refusal;
use chrono::TimeDelta;
use entity::connector::AuthorizationFlow;
use entity::workspace_connector::{DisconnectCode, Model};
use entity::{connector, person, workspace};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use url::Url;
use uuid::Uuid;

/// How long the address of a logo on a page works.
const LOGO: TimeDelta = TimeDelta::hours(1);

/// Why a link leads nowhere.
#[derive(Debug)]
pub enum Closed {
    /// It was not made here, or not for this installation.
    Unknown,
    /// Its time is over.
    Expired,
    /// The installation is gone, or who made the link may no longer connect it.
    Withdrawn,
    /// A fault of this server.
    Fault(Error),
}

impl From<Error> for Closed {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } | Error::Forbidden(_) | Error::Conflict(_) => Closed::Withdrawn,
            other => Closed::Fault(other),
        }
    }
}

/// A link that works, followed.
#[derive(Debug, Clone)]
pub struct Visit {
    /// What the link says.
    pub link: Link,
    /// The page, complete: the link itself.
    pub page: Secret,
    /// Who made the link, and acts.
    pub actor: Actor,
    row: Model,
}

/// What a person is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What the service is called.
    pub name: String,
    /// The address of its logo, if it has one here.
    pub logo: Option<Url>,
    /// The host of its server, with the port unless that is the usual one.
    pub host: String,
    /// The workspace that gets access.
    pub workspace: String,
    /// What members call the connection.
    pub label: Option<String>,
    /// Who made the link.
    pub person: String,
    /// Where the connection stands.
    pub standing: Standing,
    /// Whether the service takes a key or token that people paste.
    pub key: Key,
    /// The host on which the person logs in, where that is known already.
    pub login_host: Option<String>,
}

/// Where a connection stands, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It waits to be connected.
    Open,
    /// It is connected.
    Connected,
    /// It was, or was tried, and is not; the sentence says why, unless somebody wanted it so.
    Disconnected(Option<String>),
}

/// Whether a service takes a key or token that people paste.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// It does, and nothing else.
    Needed,
    /// It may.
    Possible,
    /// It does not.
    Useless,
}

/// What a person hands over instead of logging in.
#[derive(Debug, Clone)]
pub enum Handed {
    /// A bearer token.
    Token(Secret),
    /// An API key, and the header in which it is sent.
    Key(Option<String>, Secret),
}

/// What beginning comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// The server let them in at once.
    Connected,
    /// A person logs in there.
    Login(Url),
}

impl Connect {
    /// The page of an installation, with the token of a link.
    pub(super) fn page(&self, id: Uuid, token: &Secret) -> Secret {
        let mut url = self.settings().below(&format!("connect/{id}"));
        url.query_pairs_mut().append_pair("token", token.reveal());
        Secret::new(url)
    }

    /// Follows a link.
    ///
    /// # Errors
    ///
    /// It leads nowhere, or no longer.
    pub async fn visit(&self, id: Uuid, token: &str) -> std::result::Result<Visit, Closed> {
        let link = Link::read(&self.backing().seal, id, token, now());
        let link = link.map_err(|refusal| match refusal {
            Refusal::Forged => Closed::Unknown,
            Refusal::Expired => Closed::Expired,
        })?;
        let actor = token::actor(self.db(), link.api_token_id).await?;
        let actor = actor.filter(|actor| actor.viewer.person_id == link.person_id);
        let actor = actor.ok_or(Closed::Withdrawn)?;
        actor.require(Capability::Installations)?;
        let row = installation::managed(self.db().orm(), &actor, id).await?;
        address(&row)?;
        Ok(Visit {
            page: self.page(id, &Secret::new(token)),
            link,
            actor,
            row,
        })
    }

    /// What a visitor is shown.
    pub async fn sheet(&self, visit: &Visit) -> Result<Sheet> {
        let (db, row) = (self.db().orm(), &visit.row);
        let connector = connector::Entity::find()
            .filter(connector::Column::Id.eq(row.connector_id))
            .one(db)
            .await?;
        let connector = connector.filter(|connector| !is_generic(connector));
        let workspace = workspace::Entity::find()
            .filter(workspace::Column::Id.eq(row.workspace_id))
            .one(db)
            .await?;
        let person = person::Entity::find()
            .filter(person::Column::Id.eq(visit.link.person_id))
            .one(db)
            .await?;
        let host = host(&address(row)?);
        let flow = connector.as_ref().map(|c| c.authorization_flow);
        let logo = connector.as_ref().and_then(|c| c.logo_id);
        Ok(Sheet {
            name: connector
                .map(|c| c.name)
                .unwrap_or_else(|| called(row, &host)),
            logo: self.logo(logo).await?,
            host,
            workspace: workspace.map_or_else(String::new, |w| w.name),
            label: row.label.clone(),
            person: person.map_or_else(String::new, |p| p.full_name),
            standing: standing(row),
            key: key(flow.flatten()),
            login_host: self.login_host(row.id).await?,
        })
    }

    /// The address of a logo, if there is a picture behind it.
    async fn logo(&self, id: Option<Uuid>) -> Result<Option<Url>> {
        let Some(id) = id else {
            return Ok(None);
        };
        match media::find(self.db(), id, media::Asker::Holder).await {
            Ok(_) => {
                let path = media::public_url(&self.backing().seal, id, LOGO);
                Ok(Some(self.settings().below(path.trim_start_matches('/'))))
            }
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The host on which a login that is pending goes on.
    async fn login_host(&self, id: Uuid) -> Result<Option<String>> {
        let pending = secrets::pending(self.db().orm(), self.vault(), id).await?;
        let live = pending.filter(|(row, _)| open::is_live(row));
        let url = live.and_then(|(_, login)| Url::parse(&login.url).ok());
        Ok(url.as_ref().map(host))
    }

    /// Begins, for a visitor who wants to connect: at once with what they hand over or where the
    /// server lets them in, otherwise by a login that only their browser can finish.
    ///
    /// # Errors
    ///
    /// The other server stands in the way, or what was handed over cannot be used.
    pub async fn enter(
        &self,
        visit: &Visit,
        held: &Secret,
        handed: Option<Handed>,
    ) -> Result<Passage> {
        let wish = Wish {
            redirect_url: visit.link.redirect_url.clone(),
            browser: Some(Browser {
                held: held.clone(),
                page: visit.page.clone(),
            }),
            ..Wish::default()
        };
        let wish = match handed {
            Some(Handed::Token(token)) => wish.with_token(Some(token)),
            Some(Handed::Key(name, key)) => wish.with_key(name, key)?,
            None => wish,
        };
        let id = visit.row.id;
        let subject = self.managed(self.db().orm(), &visit.actor, id).await?;
        let found = self.open(&visit.actor, subject, wish).await?;
        let url = match (found.event, &found.change.attempt) {
            (Some(Event::Challenged), Some(attempt)) => Some(attempt.login.url.clone()),
            (None, _) => self.authorization_url(id).await?,
            _ => None,
        };
        self.settle(&visit.actor, id, found).await?;
        url.map_or(Ok(Passage::Connected), |url| {
            let url = Url::parse(&url).map_err(Error::internal)?;
            Ok(Passage::Login(url))
        })
    }

    /// Makes what was found out happen, unless the connection changed meanwhile.
    async fn settle(&self, actor: &Actor, id: Uuid, found: Found) -> Result<()> {
        let Some(event) = found.event else {
            return Ok(());
        };
        let connect = self.clone();
        let run: Alone<Model> = Box::new(move |work| {
            Box::pin(async move {
                work.lock(id).await?;
                let row = installation::managed(work.tx(), &work.actor, id).await?;
                open::same(&found, row.revision)?;
                let subject = connect.subject(work.tx(), row).await?;
                let change = found.change;
                super::change::apply(work, &connect, subject, event, change)
                    .await
                    .map(Some)
            })
        });
        let action = "workspace_connector.connect";
        alone(self.db(), &self.backing(), actor, action, run).await?;
        Ok(())
    }
}

/// What a service that is in no catalogue is called: what clients call it, or its host.
fn called(row: &Model, host: &str) -> String {
    let metadata = row.metadata.as_ref();
    let name = metadata.and_then(|metadata| metadata["name"].as_str());
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    name.unwrap_or(host).to_owned()
}

/// The host of an address, with the port unless that is the usual one.
pub fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn standing(row: &Model) -> Standing {
    match phase(row) {
        Phase::Created | Phase::AuthRequired => Standing::Open,
        Phase::Connected => Standing::Connected,
        Phase::Failing | Phase::Stopped => {
            let wanted = row.disconnect_code == Some(DisconnectCode::ClientRequest);
            let reason = row.disconnect_reason.clone();
            Standing::Disconnected(reason.filter(|_| !wanted))
        }
    }
}

/// Whether a service whose catalogue entry says that takes a key; nothing is known of one that is
/// in no catalogue.
fn key(flow: Option<AuthorizationFlow>) -> Key {
    use AuthorizationFlow as Flow;
    match flow {
        Some(Flow::ApiKey) => Key::Needed,
        Some(Flow::Oauth2 | Flow::Oauth2Dcr | Flow::Link | Flow::None) => Key::Useless,
        Some(Flow::Basic) | None => Key::Possible,
    }
}
