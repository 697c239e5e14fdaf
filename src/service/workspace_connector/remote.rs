//! What is installed: a connector of the catalogue, or a remote server by its address. A server that
//! is known beforehand lends its connector, its OAuth client and its metadata.

use crate::connect::Preset;
use crate::error::{Problem, Result};
use crate::secret::Secret;
use crate::service::connector;
use crate::service::form::{Given, Sent};
use crate::service::reference::Named;
use crate::service::work::Work;
use entity::connector::{Model, Transport};
use serde_json::{Map, Value as Json};
use url::Url;

/// Longest address, in characters.
pub const MAX_URL: usize = 256;

/// Longest value of metadata, in characters.
const MAX_VALUE: usize = 512;

/// What is installed.
pub(super) struct What {
    /// The connector.
    pub connector: Model,
    /// The address of its server, where it is a remote one.
    pub url: Option<Url>,
    /// The OAuth client to log in with, and its secret.
    pub client: Option<(String, Option<Secret>)>,
    /// Texts that are kept with it.
    pub metadata: Option<Json>,
}

/// What the input names; a problem with an attribute if it names nothing.
pub(super) async fn what(work: &Work, given: &Given) -> Result<Named<What>> {
    let url = match given.text("url").value().map(|text| address(given, &text)) {
        Some(Err(problem)) => return Ok(Err(problem)),
        Some(Ok(url)) => Some(url),
        None => None,
    };
    let client = match client(given) {
        Ok(client) => client,
        Err(problem) => return Ok(Err(problem)),
    };
    let metadata = given.json("metadata").value();
    match (given.text("connector").is_sent(), url) {
        (false, None) => Ok(Err(
            given.problem("connector", "is missing; send it, or `url`")
        )),
        (false, Some(url)) => server(work, given, url, client, metadata).await.map(Ok),
        (true, url) => Ok(listed(work, given, url)
            .await?
            .map(|(connector, url)| What {
                connector,
                url,
                client,
                metadata,
            })),
    }
}

/// A connector of the catalogue, and the address of its server if it is a remote one.
async fn listed(
    work: &Work,
    given: &Given,
    url: Option<Url>,
) -> Result<Named<(Model, Option<Url>)>> {
    let connector = match connector::named(work, given).await? {
        Ok(connector) => connector,
        Err(problem) => return Ok(Err(problem)),
    };
    if connector.transport != Some(Transport::Mcp) {
        return Ok(match url {
            None => Ok((connector, None)),
            Some(_) => Err(given.problem("url", "belongs to a connector whose transport is `mcp`")),
        });
    }
    let own = connector
        .endpoint_url
        .as_deref()
        .and_then(|text| Url::parse(text).ok());
    let url = url.or(own);
    Ok(Ok((connector, url)))
}

/// A server by its address, with what is known of it beforehand.
async fn server(
    work: &Work,
    given: &Given,
    url: Url,
    client: Option<(String, Option<Secret>)>,
    metadata: Option<Json>,
) -> Result<What> {
    let known = given.boolean("match_preset").value().unwrap_or(true);
    let listed = match known {
        true => connector::remote::at(work, &url).await?,
        false => None,
    };
    let presets = &work.backing.connect.settings().presets;
    let preset = presets.iter().find(|preset| known && preset.url == url);
    let metadata = metadata.filter(|m| m.as_object().is_some_and(|m| !m.is_empty()));
    let lent = || preset.map_or_else(|| listed.as_ref().map(described), texts);
    Ok(What {
        metadata: metadata.or_else(lent),
        client: client.or_else(|| preset.and_then(client_of)),
        connector: match listed {
            Some(connector) => connector,
            None => connector::remote::generic(work).await?,
        },
        url: Some(url),
    })
}

fn texts(preset: &Preset) -> Option<Json> {
    serde_json::to_value(preset.metadata.as_ref()?).ok()
}

fn client_of(preset: &Preset) -> Option<(String, Option<Secret>)> {
    Some((preset.client_id.clone()?, preset.client_secret.clone()))
}

/// The metadata that a connector of the catalogue lends.
pub fn described(connector: &Model) -> Json {
    let mut texts = Map::new();
    texts.insert("name".into(), connector.name.clone().into());
    if let Some(description) = &connector.description {
        let text: String = description.chars().take(MAX_VALUE).collect();
        texts.insert("description".into(), text.into());
    }
    texts.into()
}

/// The address of a server, in the one form in which it is compared.
fn address(given: &Given, text: &str) -> Named<Url> {
    let url = Url::parse(text).map_err(|_| given.problem("url", "must be an absolute address"))?;
    match url.as_str().chars().count() {
        0..=MAX_URL => Ok(url),
        length => Err(given.problem(
            "url",
            format!("has {length} characters; the limit is {MAX_URL}"),
        )),
    }
}

/// The OAuth client that was sent; a secret needs a client to belong to.
pub(super) fn client(given: &Given) -> Named<Option<(String, Option<Secret>)>> {
    let secret = given.secret("client_secret").value();
    match (given.text("client_id"), secret) {
        (Sent::Value(id), secret) => Ok(Some((id, secret))),
        (_, None) => Ok(None),
        (_, Some(_)) => Err(given.problem("client_secret", "needs `client_id` beside it")),
    }
}

/// What is wrong when the owner has connected the server under that label already.
pub(super) fn taken(given: &Given) -> Problem {
    given.problem(
        "url",
        "names a server that its owner has installed here under this label already; give it another label",
    )
}
