//! Attributes: names in either spelling, words with their aliases.

use super::{Reader, canonical, links};
use crate::error::clip;
use crate::query::Resource;
use crate::service::form::{Attribute, Form, Shape};
use serde_json::{Map, Value as Json};

impl Reader<'_> {
    /// Reads the attributes of the resource itself.
    pub(super) fn attributes(&mut self, sent: &Map<String, Json>) {
        let (resource, form) = (self.resource, self.form);
        for (spelled, value) in sent {
            let name = canonical(resource, spelled);
            let path = format!("{}.{}", self.at("attributes"), clip(spelled));
            match taken(resource, form, &name) {
                Ok(_) if self.document.sent.contains_key(&name) => {
                    self.refuse(path, "is given twice, in two spellings");
                }
                Ok(attribute) => {
                    let value = plain(attribute.shape, value);
                    self.document.spots.attribute(attribute.name, &path);
                    self.document.sent.insert(name, value);
                }
                Err(issue) => self.refuse(path, &issue),
            }
        }
    }

    /// Reads the attributes of a resource in `included`, which become those of an object inside
    /// the form. Names the form does not know are left as they are, for it to refuse.
    pub(super) fn nested(
        &mut self,
        target: &Resource,
        form: &'static Form,
        sent: &Map<String, Json>,
        (inside, path): (&str, &str),
    ) -> Map<String, Json> {
        let mut read = Map::new();
        for (spelled, value) in sent {
            let name = canonical(target, spelled);
            let path = format!("{path}.{}", clip(spelled));
            let attribute = form.find(&name).filter(|a| a.name != "id");
            match attribute {
                Some(a) if matches!(a.shape, Shape::File) => {
                    self.refuse(path, "is a file, which only a multipart request can send");
                }
                _ if read.contains_key(&name) => {
                    self.refuse(path, "is given twice, in two spellings");
                }
                Some(attribute) => {
                    let at = format!("{inside}.{name}");
                    self.document.spots.attribute(&at, &path);
                    read.insert(name, plain(attribute.shape, value));
                }
                None => {
                    let known = form.attributes.iter().map(|a| a.name);
                    let known: Vec<_> = known.filter(|n| *n != "id" && *n != "file").collect();
                    self.refuse(
                        path,
                        &format!("is not known here; known are {}", known.join(", ")),
                    );
                }
            }
        }
        read
    }
}

/// The attribute of that name, if documents may send it as one.
fn taken(
    resource: &'static Resource,
    form: &'static Form,
    name: &str,
) -> Result<&'static Attribute, String> {
    let linked = |a: &&Attribute| links(resource, form).any(|(_, taker)| taker.name == a.name);
    let plain =
        |a: &&Attribute| !matches!(a.shape, Shape::Nested(_) | Shape::File) && a.name != "id";
    let known = || form.attributes.iter().filter(plain);
    if let Some(attribute) = known().find(|a| a.name == name) {
        return Ok(attribute);
    }
    if form
        .attributes
        .iter()
        .filter(linked)
        .any(|a| a.name == name)
    {
        return Err("is a relationship; name it in `relationships`".to_owned());
    }
    if resource.find_field(name).is_some_and(|field| field.shown()) {
        return Err("is not changed by this request; leave it out".to_owned());
    }
    let known: Vec<_> = known().map(|a| a.name).collect();
    Err(format!("is not known here; known are {}", known.join(", ")))
}

/// A value as the form takes it: words by the ones that are stored, and an identifier also where
/// it stands in an object of its own.
pub(super) fn plain(shape: Shape, value: &Json) -> Json {
    match (shape, value) {
        (Shape::Word(choice), Json::String(word)) => {
            let folded = word.to_ascii_lowercase().replace('-', "_");
            choice
                .stored(&folded)
                .map_or_else(|| value.clone(), Json::from)
        }
        (Shape::Id | Shape::Key, Json::Object(object)) => match object.get("id") {
            Some(id) if object.len() == 1 => id.clone(),
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}
