//! Reads members of other servers' JSON documents, and says which member is wrong.

use super::failure::Failure;
use serde_json::{Map, Value};
use url::Url;

/// A JSON object whose members are read one by one. A member that is null counts as absent.
pub(super) struct Document(Map<String, Value>);

impl Document {
    /// Reads an object; `None` if it is none.
    pub(super) fn parse(bytes: &[u8]) -> Option<Document> {
        serde_json::from_slice(bytes).ok().map(Document)
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        let value = self.member(name);
        value
            .map(|value| value.as_str().ok_or_else(|| wrong(name, "a text")))
            .transpose()
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Failure> {
        let value = self.member(name);
        value
            .map(|value| value.as_i64().ok_or_else(|| wrong(name, "a whole number")))
            .transpose()
    }

    /// True or false; absent is false.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Failure> {
        let value = self.member(name);
        value.map_or(Ok(false), |value| {
            value.as_bool().ok_or_else(|| wrong(name, "true or false"))
        })
    }

    /// A list of texts.
    pub(super) fn list(&self, name: &str) -> Result<Option<Vec<String>>, Failure> {
        let Some(value) = self.member(name) else {
            return Ok(None);
        };
        let items = value.as_array().map(|items| {
            let items = items.iter().map(|item| item.as_str().map(str::to_owned));
            items.collect::<Option<Vec<_>>>()
        });
        let list = items
            .flatten()
            .ok_or_else(|| wrong(name, "a list of texts"));
        list.map(Some)
    }

    /// An address.
    pub(super) fn address(&self, name: &str) -> Result<Option<Url>, Failure> {
        let text = self.text(name)?;
        let url = text.map(|text| {
            address(text).ok_or_else(|| {
                wrong(
                    name,
                    "an http or https address without user name and fragment",
                )
            })
        });
        url.transpose()
    }
}

/// An address that may be asked: http or https, no user information, no fragment.
pub(super) fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (web && bare).then_some(url)
}

/// Whether a text is a list of scopes as RFC 6749 (3.3) spells them.
pub(super) fn is_scope(text: &str) -> bool {
    let allowed = |c: u8| matches!(c, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    let mut words = text.split(' ');
    text.len() <= 4096 && words.all(|word| !word.is_empty() && word.bytes().all(allowed))
}

/// The failure of a member of the wrong kind.
pub(super) fn wrong(name: &str, right: &str) -> Failure {
    Failure::Protocol(format!("`{name}` must be {right}"))
}
