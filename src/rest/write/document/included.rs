//! `included`: resources that the document describes and its relationships name, by a local
//! identifier of the client's choice.

use super::{LOOSE, Reader};
use crate::error::{Problem, clip, expected};
use crate::query::Resource;
use crate::rest::name;
use serde_json::{Map, Value as Json};

/// Most resources in `included`.
const MAX_INCLUDED: usize = 20;

/// A resource in `included`.
pub(super) struct Included<'a> {
    /// What it is.
    pub resource: &'static Resource,
    /// What the document calls it: `id` or `lid`, and which of the two.
    pub id: (&'a str, bool),
    /// Where it stands.
    pub path: String,
    /// Its attributes.
    pub attributes: Option<&'a Map<String, Json>>,
    /// Whether a relationship names it.
    pub named: bool,
}

impl<'a> Reader<'a> {
    /// Reads `included`: a list, or one resource alone.
    pub(super) fn read_included(&mut self, included: &'a Json) {
        match included {
            Json::Array(list) if list.len() > MAX_INCLUDED => {
                let issue = format!("has {} resources; the limit is {MAX_INCLUDED}", list.len());
                self.refuse("included", &issue);
            }
            Json::Array(list) => {
                for (i, one) in list.iter().enumerate() {
                    self.include(one, format!("included.{i}"));
                }
            }
            Json::Object(_) => self.include(included, "included".to_owned()),
            other => self.refuse("included", &expected("a list of resources", other)),
        }
    }

    fn include(&mut self, one: &'a Json, path: String) {
        let Json::Object(one) = one else {
            return self.refuse(path, &expected("a resource object", one));
        };
        let before = self.document.problems.len();
        for name in one
            .keys()
            .filter(|n| !LOOSE.contains(&n.as_str()) && *n != "meta" && *n != "links")
        {
            let issue = format!("is no member of a resource; there are {}", LOOSE.join(", "));
            self.refuse(format!("{path}.{}", clip(name)), &issue);
        }
        let resource = self.included_type(one.get("type"), &path);
        let id = self.local_id(one, &path);
        let attributes = match one.get("attributes") {
            None => None,
            Some(Json::Object(attributes)) => Some(attributes),
            Some(other) => {
                self.refuse(format!("{path}.attributes"), &expected("an object", other));
                None
            }
        };
        if one
            .get("relationships")
            .is_some_and(|r| r.as_object().is_none_or(|r| !r.is_empty()))
        {
            let issue = "is not read; only the resource itself has relationships here";
            self.refuse(format!("{path}.relationships"), issue);
        }
        let (Some(resource), Some(id)) = (resource, id) else {
            return;
        };
        if self
            .included
            .iter()
            .any(|i| std::ptr::eq(i.resource, resource) && i.id == id)
        {
            return self.refuse(
                path,
                "stands twice: another resource has this type and identifier",
            );
        }
        // What is wrong with it was said; that nothing names it need not be.
        let named = self.document.problems.len() > before;
        self.included.push(Included {
            resource,
            id,
            path,
            attributes,
            named,
        });
    }

    fn included_type(&mut self, sent: Option<&Json>, path: &str) -> Option<&'static Resource> {
        let path = format!("{path}.type");
        match sent {
            None => self.refuse(path, "is missing"),
            Some(Json::String(word)) => match name::by_type(word) {
                Some(name) => return Some((name.resource)()),
                None => self.refuse(
                    path,
                    &format!("names no type of resource: `{}`", clip(word)),
                ),
            },
            Some(other) => self.refuse(path, &expected("a text", other)),
        }
        None
    }

    /// `id` or `lid` of an object, and whether it is the second.
    pub(super) fn local_id(
        &mut self,
        object: &'a Map<String, Json>,
        path: &str,
    ) -> Option<(&'a str, bool)> {
        let (name, sent, local) = match (object.get("id"), object.get("lid")) {
            (Some(_), Some(_)) => {
                self.refuse(
                    format!("{path}.lid"),
                    "stands beside `id`; send one of them",
                );
                return None;
            }
            (Some(id), None) => ("id", id, false),
            (None, Some(lid)) => ("lid", lid, true),
            (None, None) => {
                self.refuse(format!("{path}.id"), "is missing");
                return None;
            }
        };
        match sent {
            Json::String(text) if !text.is_empty() && text.len() <= 500 => Some((text, local)),
            Json::String(_) => {
                self.refuse(format!("{path}.{name}"), "must have 1 to 500 characters");
                None
            }
            other => {
                self.refuse(format!("{path}.{name}"), &expected("a text", other));
                None
            }
        }
    }

    /// Reports what no relationship names: it would be lost without a word.
    pub(super) fn judge_unnamed(&mut self) {
        let issue = "is named by no relationship; name it or leave it out";
        let unnamed = self.included.iter().filter(|i| !i.named);
        let problems: Vec<_> = unnamed.map(|i| Problem::new(&*i.path, issue)).collect();
        self.document.problems.extend(problems);
    }
}
