//! What is sent with the operations, judged and turned into the attributes of the use cases.

use super::check::{self, Finding, Judged, Place, Value};
use super::{Call, Fault, said};
use crate::error::Code;
use serde_json::{Map, Value as Json};
use url::Url;
use uuid::Uuid;

/// Longest address, in characters.
const MAX_URL: usize = 256;

/// What a use case is sent.
pub type Attributes = Map<String, Json>;

/// Findings of one request, gathered: all are reported at once, in the order of the parts.
#[derive(Default)]
struct Found(Vec<Finding>);

impl Found {
    fn keep<T>(&mut self, judged: Judged<T>) -> Option<T> {
        judged.map_err(|found| self.0.extend(found)).ok()
    }

    fn or<T>(self, value: Option<T>) -> Result<T, Fault> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Fault::Invalid(self.0)),
        }
    }
}

/// Members of a body, read one by one.
struct Body<'a> {
    members: &'a Map<String, Json>,
    found: Found,
    sent: Attributes,
}

impl Body<'_> {
    fn value<'v>(name: &'v str, value: &'v Json) -> Value<'v> {
        Value {
            place: Place::Body,
            name,
            value,
        }
    }

    /// A member that may be null, which is the same as leaving it out.
    fn optional<T>(&mut self, name: &str, judge: impl FnOnce(Value<'_>) -> Judged<T>) -> Option<T> {
        let value = self.members.get(name).filter(|value| !value.is_null())?;
        self.found.keep(judge(Self::value(name, value)))
    }

    /// The same, of which null empties.
    fn emptied(&mut self, name: &str, judge: impl FnOnce(Value<'_>) -> Judged<Json>) {
        match self.members.get(name) {
            Some(Json::Null) => {
                self.sent.insert(name.to_owned(), Json::Null);
            }
            Some(_) => {
                let judged = self.optional(name, judge);
                self.put(name, judged);
            }
            None => {}
        }
    }

    /// True or false, which may be left out and not be null.
    fn boolean(&mut self, name: &str) {
        if let Some(value) = self.members.get(name) {
            let judged = self.found.keep(Self::value(name, value).boolean());
            self.put(name, judged.map(Json::from));
        }
    }

    fn put(&mut self, name: &str, value: Option<Json>) {
        if let Some(value) = value {
            self.sent.insert(name.to_owned(), value);
        }
    }

    /// A text; one that is empty counts as left out.
    fn full_text(&mut self, name: &str) {
        let text = self.optional(name, |v| v.text());
        let text = text.filter(|text| !text.is_empty());
        self.put(name, text.map(Json::from));
    }

    fn address(&mut self, name: &str) -> Option<Url> {
        let Some(value) = self.members.get(name) else {
            let whole = Json::Object(self.members.clone());
            let missing = Finding::missing(Place::Body, vec![name.into()], whole);
            self.found.0.push(missing);
            return None;
        };
        let value = Self::value(name, value);
        self.found.keep(address(value))
    }

    fn metadata(&mut self) {
        self.emptied("metadata", |value| value.metadata().map(Json::from));
    }
}

/// The address of a server.
fn address(value: Value<'_>) -> Judged<Url> {
    let url = value.url()?;
    if url.as_str().chars().count() > MAX_URL {
        return Err(vec![value.too_long(MAX_URL)]);
    }
    // It would be kept and shown in the clear.
    if !url.username().is_empty() || url.password().is_some() {
        let issue =
            "URL must not hold a user name or password; connect with `access_token` instead";
        let at = vec![value.name.into()];
        return Err(vec![Finding::value(value.place, at, issue, Json::Null)]);
    }
    Ok(url)
}

impl Call<'_> {
    /// The identifier in the address.
    pub(super) fn named(&self) -> Result<Uuid, Fault> {
        let mut found = Found::default();
        let id = self.identifier(&mut found);
        found.or(id)
    }

    fn identifier(&self, found: &mut Found) -> Option<Uuid> {
        found.keep(check::connector_id(self.id.as_deref().unwrap_or_default()))
    }

    /// A parameter of the query, where it was sent.
    pub(super) fn queried<T>(
        &self,
        name: &str,
        judge: impl FnOnce(Value<'_>) -> Judged<T>,
    ) -> Judged<Option<T>> {
        let Some(sent) = self.request.parameter(name) else {
            return Ok(None);
        };
        let sent = Json::from(sent);
        let value = Value {
            place: Place::Query,
            name,
            value: &sent,
        };
        judge(value).map(Some)
    }

    /// The members of the body; what is no object is found fault with.
    fn members(&self, found: &mut Found) -> Option<&Map<String, Json>> {
        match &self.body {
            Some(Json::Object(members)) => return Some(members),
            None | Some(Json::Null) => {
                let missing = Finding::missing(Place::Body, Vec::new(), Json::Null);
                found.0.push(missing);
            }
            Some(other) => {
                let msg = "Input should be a valid dictionary or object to extract fields from";
                let kind = "model_attributes_type";
                let finding = Finding::new(kind, Place::Body, Vec::new(), msg, other.clone());
                found.0.push(finding);
            }
        }
        None
    }

    fn read<T>(
        &self,
        mut found: Found,
        read: impl FnOnce(&mut Body<'_>) -> Option<T>,
    ) -> Result<(Attributes, T), Fault> {
        let Some(members) = self.members(&mut found) else {
            return Err(Fault::Invalid(found.0));
        };
        let mut body = Body {
            members,
            found,
            sent: Attributes::new(),
        };
        let value = read(&mut body);
        let Body { found, sent, .. } = body;
        found.or(value.map(|value| (sent, value)))
    }

    /// A connector to be made, and its address.
    pub(super) fn create(&self) -> Result<(Attributes, String), Fault> {
        let (mut sent, url) = self.read(Found::default(), |body| {
            let url = body.address("url");
            body.full_text("client_id");
            body.full_text("client_secret");
            let metadata = body.optional("metadata", |v| v.metadata());
            body.put("metadata", metadata.map(Json::from));
            body.boolean("match_preset");
            body.full_text("label");
            body.boolean("shared");
            url
        })?;
        client(&sent)?;
        if !matches!(url.scheme(), "http" | "https") {
            let issue = "Connector URL has an unsupported scheme";
            return Err(said(400, Code::BadRequest, issue));
        }
        sent.insert("url".into(), url.as_str().into());
        Ok((sent, url.into()))
    }

    /// What changes of a connector, and which.
    pub(super) fn changed(&self) -> Result<(Attributes, Uuid), Fault> {
        let mut found = Found::default();
        let id = self.identifier(&mut found);
        let (sent, id) = self.read(found, |body| {
            body.metadata();
            body.emptied("label", |value| value.text().map(Json::from));
            body.boolean("shared");
            body.full_text("client_id");
            body.full_text("client_secret");
            id
        })?;
        client(&sent)?;
        Ok((sent, id))
    }

    /// How a connector is to be connected, and which.
    pub(super) fn connect(&self) -> Result<(Attributes, Uuid), Fault> {
        let mut found = Found::default();
        let id = self.identifier(&mut found);
        let force = found.keep(self.queried("force", |v| v.boolean()));
        let (mut sent, id) = self.read(found, |body| {
            let url = body.optional("redirect_url", |v| v.url());
            body.put("redirect_url", url.map(|url| String::from(url).into()));
            body.full_text("access_token");
            id
        })?;
        if let Some(force) = force.flatten() {
            sent.insert("force".into(), force.into());
        }
        Ok((sent, id))
    }
}

/// A secret needs a client to belong to.
fn client(sent: &Attributes) -> Result<(), Fault> {
    if sent.contains_key("client_secret") && !sent.contains_key("client_id") {
        let issue = "client_id must be present when client_secret is specified";
        return Err(said(400, Code::BadRequest, issue));
    }
    Ok(())
}
