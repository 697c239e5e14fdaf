//! Relationships: what they name becomes an identifier in the form, or an object to be found or
//! made.

use super::Link;
use super::{Reader, is_type, links};
use crate::error::{Problem, clip, expected};
use crate::rest::name;
use crate::service::form::{Attribute, Form, Shape};
use crate::service::is_slug;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// Said of a reference that leads nowhere.
const NOWHERE: &str = "names nothing: no resource in `included` has this type and identifier";

/// A resource identifier of a relationship.
struct Named<'a> {
    id: &'a str,
    /// Whether it is a `lid`, which only `included` can have.
    local: bool,
    /// The path of the relationship, and of the identifier in it.
    at: (String, String),
    /// Its place in `included`.
    included: Option<usize>,
}

impl<'a> Reader<'a> {
    /// Reads the relationships of the resource.
    pub(super) fn relationships(&mut self, sent: &'a Map<String, Json>) {
        let (resource, form) = (self.resource, self.form);
        for (spelled, value) in sent {
            let name = name::snake(spelled);
            let path = format!("{}.{}", self.at("relationships"), clip(spelled));
            let found = links(resource, form).find(|(link, _)| link.name == name);
            match found {
                Some((_, attribute)) if self.document.sent.contains_key(attribute.name) => {
                    self.refuse(path, "is given twice, under two names");
                }
                Some((link, attribute)) => self.relationship(link, attribute, value, path),
                None => {
                    let known: Vec<_> = links(resource, form).map(|(link, _)| link.name).collect();
                    let known = if known.is_empty() {
                        "none".to_owned()
                    } else {
                        known.join(", ")
                    };
                    self.refuse(path, &format!("cannot be sent here; known are {known}"));
                }
            }
        }
    }

    fn relationship(
        &mut self,
        link: &'static Link,
        attribute: &'static Attribute,
        sent: &'a Json,
        path: String,
    ) {
        let Json::Object(sent) = sent else {
            return self.refuse(path, &expected("an object with `data`", sent));
        };
        let unknown = |name: &&String| !matches!(name.as_str(), "data" | "links" | "meta");
        if let Some(name) = sent.keys().find(unknown) {
            self.refuse(
                format!("{path}.{}", clip(name)),
                "is no member of a relationship; it has `data`",
            );
        }
        let at = format!("{path}.data");
        match sent.get("data") {
            None => self.refuse(at, "is missing; it names the resource, or is null"),
            Some(Json::Null) => {
                self.document.spots.attribute(attribute.name, &path);
                self.document
                    .sent
                    .insert(attribute.name.to_owned(), Json::Null);
            }
            Some(Json::Object(identifier)) => {
                self.identifier(link, attribute, identifier, (path, at))
            }
            Some(Json::Array(list)) => match list.as_slice() {
                [Json::Object(identifier)] => {
                    self.identifier(link, attribute, identifier, (path, format!("{at}.0")))
                }
                _ => self.refuse(at, "must be one resource identifier, or null"),
            },
            Some(other) => self.refuse(at, &expected("a resource identifier or null", other)),
        }
    }

    fn identifier(
        &mut self,
        link: &'static Link,
        attribute: &'static Attribute,
        sent: &'a Map<String, Json>,
        (path, at): (String, String),
    ) {
        let unknown = |name: &&String| !matches!(name.as_str(), "type" | "id" | "lid" | "meta");
        for name in sent.keys().filter(unknown) {
            self.refuse(
                format!("{at}.{}", clip(name)),
                "is no member of a resource identifier; it has type and id",
            );
        }
        let target = (link.target)();
        match sent.get("type") {
            Some(Json::String(word)) if is_type(target, word) => {}
            Some(Json::String(word)) => {
                let own = name::of(target).map_or(target.singular, |n| n.word);
                self.refuse(
                    format!("{at}.type"),
                    &format!("must be `{own}`, not `{}`", clip(word)),
                );
            }
            Some(other) => self.refuse(format!("{at}.type"), &expected("a text", other)),
            None => self.refuse(format!("{at}.type"), "is missing"),
        }
        let Some((id, local)) = self.local_id(sent, &at) else {
            return;
        };
        let included = self
            .included
            .iter()
            .position(|i| std::ptr::eq(i.resource, target) && i.id == (id, local));
        if let Some(found) = included.and_then(|i| self.included.get_mut(i)) {
            found.named = true;
        }
        let at = format!("{at}.{}", if local { "lid" } else { "id" });
        let named = Named {
            id,
            local,
            at: (path, at),
            included,
        };
        match attribute.shape {
            Shape::Nested(form) => self.described(link, attribute.name, form, &named),
            _ if local => self.unresolved(&named),
            _ => {
                self.document.spots.attribute(attribute.name, &named.at.1);
                self.document
                    .sent
                    .insert(attribute.name.to_owned(), id.into());
            }
        }
    }

    fn unresolved(&mut self, named: &Named<'_>) {
        let problem = Problem::new(&*named.at.1, NOWHERE);
        self.document.unresolved.push(problem);
    }

    /// A resource that is found by its identifier or one of its other names, or made as `included`
    /// describes it.
    fn described(&mut self, link: &Link, name: &str, form: &'static Form, named: &Named<'_>) {
        let spots = &mut self.document.spots;
        spots.at(name, &*named.at.0);
        spots.at(format!("{name}.id"), &*named.at.1);
        let is_row = !named.local && Uuid::parse_str(named.id).is_ok();
        let object = match named.included {
            // What is there already is not changed by being named.
            _ if is_row => Map::from_iter([("id".to_owned(), Json::from(named.id))]),
            Some(i) => self.made(link, name, form, i),
            None => {
                let names = other_names(form, named.id);
                if named.local || names.is_empty() {
                    return self.unresolved(named);
                }
                for attribute in form.attributes {
                    let at = format!("{name}.{}", attribute.name);
                    self.document.spots.because(
                        at,
                        &*named.at.1,
                        "names nothing that this token reaches, and no resource in `included`",
                    );
                }
                names
            }
        };
        self.document
            .sent
            .insert(name.to_owned(), Json::Object(object));
    }

    fn made(
        &mut self,
        link: &Link,
        name: &str,
        form: &'static Form,
        at: usize,
    ) -> Map<String, Json> {
        let Some(included) = self.included.get(at) else {
            return Map::new();
        };
        let (attributes, path) = (included.attributes, format!("{}.attributes", included.path));
        self.document.spots.under(name, &*path);
        match attributes {
            Some(attributes) => self.nested((link.target)(), form, attributes, (name, &path)),
            None => Map::new(),
        }
    }
}

/// The names, beside the identifier, by which a row is found.
fn other_names(form: &Form, id: &str) -> Map<String, Json> {
    let mut names = Map::new();
    if form.find("external_workspace_id").is_some() {
        names.insert("external_workspace_id".to_owned(), id.into());
        if form.find("slug").is_some() && is_slug(id) {
            names.insert("slug".to_owned(), id.into());
        }
    }
    names
}
