//! Documents that clients send: a resource to make or change, wrapped in `data` as JSON:API has
//! it or with its members at the top level, with what it names in `included`. A document becomes
//! the attributes of a use case's form, and [`Spots`] remember where each was written. What the
//! values mean is judged by the form and the use case.

mod attribute;
mod included;
mod relationship;

use super::spots::Spots;
use super::{ALIASES, LINKS, Link};
use crate::error::{Problem, clip, expected};
use crate::query::Resource;
use crate::rest::document as shape;
use crate::rest::{Rendering, name};
use crate::service::form::{Attribute, Form};
use included::Included;
use serde_json::{Map, Value as Json};

/// Members of a resource object.
const OBJECT: [&str; 7] = [
    "type",
    "id",
    "lid",
    "attributes",
    "relationships",
    "meta",
    "links",
];

/// Members that make the top level itself the resource.
const LOOSE: [&str; 5] = ["type", "id", "lid", "attributes", "relationships"];

/// Members of the top level.
const TOP: [&str; 5] = ["data", "included", "meta", "jsonapi", "links"];

/// Most problems that are listed.
const MAX_PROBLEMS: usize = 100;

/// A document, read.
#[derive(Debug, Default)]
pub struct Document {
    /// Attributes by the form's names.
    pub sent: Map<String, Json>,
    /// Where they were written.
    pub spots: Spots,
    /// The identifier of the resource, if one was sent.
    pub id: Option<String>,
    /// Where the identifier would stand.
    pub id_path: String,
    /// Where the attributes stand.
    pub attributes_path: String,
    /// `meta` of the document or of the resource.
    pub meta: Option<(String, Map<String, Json>)>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// A type that the address does not take.
    pub mismatch: Vec<Problem>,
    /// Relationships that name what is nowhere.
    pub unresolved: Vec<Problem>,
}

/// What a document is read for.
pub struct Reader<'a> {
    resource: &'static Resource,
    form: &'static Form,
    /// `data.`, or nothing where the members stand at the top level.
    base: &'static str,
    included: Vec<Included<'a>>,
    document: Document,
}

impl<'a> Reader<'a> {
    /// Reads `body` as a document about `resource`.
    pub fn read(resource: &'static Resource, form: &'static Form, body: &'a Json) -> Document {
        let mut reader = Reader {
            resource,
            form,
            base: "data.",
            included: Vec::new(),
            document: Document::default(),
        };
        match body {
            Json::Object(top) => reader.top(top),
            other => reader.refuse(
                "data",
                &format!(
                    "is missing: the body {}",
                    expected("an object with it", other)
                ),
            ),
        }
        reader.document
    }

    fn refuse(&mut self, path: impl Into<String>, issue: &str) {
        if self.document.problems.len() < MAX_PROBLEMS {
            self.document.problems.push(Problem::new(path, issue));
        }
    }

    /// The path of a member of the resource object.
    fn at(&self, member: &str) -> String {
        format!("{}{member}", self.base)
    }

    fn top(&mut self, top: &'a Map<String, Json>) {
        let loose = LOOSE.iter().find(|name| top.contains_key(**name));
        let object = match (top.get("data"), loose) {
            (Some(_), Some(loose)) => {
                let issue = format!(
                    "stands beside `{loose}`: send the resource in `data` or its members at the top level, not both"
                );
                self.refuse("data", &issue);
                None
            }
            (Some(Json::Object(data)), None) => Some(data),
            (Some(other), None) => {
                self.refuse("data", &expected("one resource object", other));
                None
            }
            (None, Some(_)) => {
                self.base = "";
                Some(top)
            }
            (None, None) => {
                self.refuse("data", "is missing; it holds the resource");
                None
            }
        };
        for name in top.keys().filter(|name| !TOP.contains(&name.as_str())) {
            // A loose member beside `data` was reported as such.
            if !LOOSE.contains(&name.as_str()) {
                let issue = format!("is no member of a document; there are {}", TOP.join(", "));
                self.refuse(clip(name), &issue);
            }
        }
        if let Some(included) = top.get("included") {
            self.read_included(included);
        }
        if let Some(Json::Object(meta)) = top.get("meta") {
            self.document.meta = Some(("meta".to_owned(), meta.clone()));
        }
        if let Some(object) = object {
            self.object(object);
            self.judge_unnamed();
        }
    }

    fn object(&mut self, object: &'a Map<String, Json>) {
        self.document.id_path = self.at("id");
        self.document.attributes_path = self.at("attributes");
        self.document.spots.under("", self.at("attributes"));
        let unknown = |name: &&String| !self.base.is_empty() && !OBJECT.contains(&name.as_str());
        for name in object.keys().filter(unknown).cloned().collect::<Vec<_>>() {
            let issue = format!(
                "is no member of a resource; there are {}",
                OBJECT.join(", ")
            );
            self.refuse(self.at(&clip(&name)), &issue);
        }
        self.judge_type(object.get("type"));
        match object.get("id") {
            None | Some(Json::Null) => {}
            Some(Json::String(id)) => self.document.id = Some(id.clone()),
            Some(other) => self.refuse(self.at("id"), &expected("a text", other)),
        }
        match object.get("attributes") {
            None => {}
            Some(Json::Object(attributes)) => self.attributes(attributes),
            Some(other) => self.refuse(self.at("attributes"), &expected("an object", other)),
        }
        match object.get("relationships") {
            None => {}
            Some(Json::Object(relationships)) => self.relationships(relationships),
            Some(other) => self.refuse(self.at("relationships"), &expected("an object", other)),
        }
        self.place_what_is_missing();
        if let (false, Some(Json::Object(meta))) = (self.base.is_empty(), object.get("meta")) {
            self.document.meta = Some((self.at("meta"), meta.clone()));
        }
    }

    /// Where relationships would stand that were not sent; what is printed as an attribute is
    /// missed as one.
    fn place_what_is_missing(&mut self) {
        let shape = shape::of(self.resource);
        let printed = |name: &str| {
            shape.is_some_and(|shape| {
                let mut attributes = shape.attributes(Rendering::Well, false).iter();
                attributes.any(|attribute| attribute.key == name)
            })
        };
        for (link, attribute) in links(self.resource, self.form) {
            let name = attribute.name;
            if !self.document.sent.contains_key(name) && !printed(name) {
                let path = self.at(&format!("relationships.{}", link.name));
                self.document.spots.attribute(name, &path);
            }
        }
    }

    fn judge_type(&mut self, sent: Option<&Json>) {
        let word = name::of(self.resource).map_or(self.resource.singular, |n| n.word);
        match sent {
            None => self.refuse(self.at("type"), &format!("is missing; it is `{word}`")),
            Some(Json::String(sent)) => {
                if !is_type(self.resource, sent) {
                    let issue = format!("must be `{word}`, not `{}`", clip(sent));
                    let problem = Problem::new(self.at("type"), issue);
                    self.document.mismatch.push(problem);
                }
            }
            Some(other) => self.refuse(self.at("type"), &expected("a text", other)),
        }
    }
}

/// Whether a word is a type of the resource, in any of its spellings.
fn is_type(resource: &'static Resource, word: &str) -> bool {
    name::by_type(word).is_some_and(|name| std::ptr::eq((name.resource)(), resource))
}

/// The form's name of a member that documents about `resource` call `spelled`.
fn canonical(resource: &Resource, spelled: &str) -> String {
    let name = name::snake(spelled);
    let alias = ALIASES
        .iter()
        .find(|(of, alias, _)| *of == resource.name && *alias == name);
    alias.map_or_else(|| name.into_owned(), |(.., own)| (*own).to_owned())
}

/// The relationships of a resource that a form takes.
fn links(
    resource: &'static Resource,
    form: &'static Form,
) -> impl Iterator<Item = (&'static Link, &'static Attribute)> {
    LINKS
        .iter()
        .filter(|link| link.of == resource.name)
        .filter_map(|link| Some((link, form.find(link.attribute)?)))
}
