//! What JSON:API 1.1 demands of a document, checked on any document: members, resource objects,
//! linkage, links, errors. It knows nothing of Connectory; its own tests plant faults.

mod planted;

use serde_json::{Map, Value as Json};
use std::collections::HashSet;

/// What a document was asked to be.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expect<'a> {
    /// Whether the request had `include`.
    pub included: bool,
    /// Whether primary data is a list.
    pub list: bool,
    /// Types with a sparse fieldset, which lift full linkage.
    pub sparse: &'a [&'a str],
}

/// Everything wrong with a document.
pub fn faults(document: &Json, expect: Expect<'_>) -> Vec<String> {
    let mut check = Check::default();
    check.document(document, expect);
    check.faults
}

#[derive(Default)]
struct Check {
    faults: Vec<String>,
}

type Key = (String, String);

fn key(object: &Json) -> Option<Key> {
    let text = |name: &str| object.get(name)?.as_str().map(str::to_owned);
    Some((text("type")?, text("id")?))
}

/// Member names that are safe to use (JSON:API 1.1, "Member Names").
fn is_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let globally = |c: char| c.is_ascii_alphanumeric();
    !name.is_empty()
        && name.chars().all(inner)
        && name.starts_with(globally)
        && name.ends_with(globally)
}

impl Check {
    fn fault(&mut self, at: &str, what: impl Into<String>) {
        self.faults.push(format!("{at}: {}", what.into()));
    }

    fn only(&mut self, at: &str, object: &Map<String, Json>, allowed: &[&str]) {
        for name in object.keys().filter(|n| !allowed.contains(&n.as_str())) {
            self.fault(at, format!("member `{name}` is not allowed here"));
        }
    }

    fn document(&mut self, document: &Json, expect: Expect<'_>) {
        let Json::Object(top) = document else {
            return self.fault("", "a document is an object");
        };
        self.only(
            "",
            top,
            &["data", "errors", "meta", "jsonapi", "links", "included"],
        );
        if !["data", "errors", "meta"]
            .iter()
            .any(|m| top.contains_key(*m))
        {
            self.fault("", "one of data, errors and meta is needed");
        }
        if top.contains_key("data") && top.contains_key("errors") {
            self.fault("", "data and errors exclude each other");
        }
        if top.contains_key("included") && !top.contains_key("data") {
            self.fault("", "included needs data");
        }
        if top.contains_key("included") != expect.included && top.contains_key("data") {
            self.fault("", "included is there if and only if it was asked for");
        }
        match top.get("jsonapi").and_then(|j| j.get("version")) {
            Some(Json::String(version)) if version == "1.1" => {}
            _ => self.fault("jsonapi", "names version 1.1"),
        }
        if let Some(links) = top.get("links") {
            self.links(
                "links",
                links,
                &[
                    "self",
                    "related",
                    "describedby",
                    "first",
                    "last",
                    "prev",
                    "next",
                ],
            );
        }
        if top.get("meta").is_some_and(|m| !m.is_object()) {
            self.fault("meta", "is an object");
        }
        if let Some(errors) = top.get("errors") {
            self.errors(errors);
        }
        if let Some(data) = top.get("data") {
            self.data(data, top.get("included"), expect);
        }
    }

    fn data(&mut self, data: &Json, included: Option<&Json>, expect: Expect<'_>) {
        let primary: Vec<&Json> = match data {
            Json::Array(list) if expect.list => list.iter().collect(),
            Json::Object(_) | Json::Null if !expect.list => {
                std::iter::once(data).filter(|d| !d.is_null()).collect()
            }
            _ => return self.fault("data", "has the wrong number of resources"),
        };
        let related: Vec<&Json> = match included {
            None => Vec::new(),
            Some(Json::Array(list)) => list.iter().collect(),
            Some(_) => return self.fault("included", "is a list"),
        };
        let all = primary.iter().chain(&related);
        let (mut known, mut linked) = (HashSet::new(), HashSet::new());
        for (i, resource) in all.enumerate() {
            let at = match i.checked_sub(primary.len()) {
                None => format!("data[{i}]"),
                Some(i) => format!("included[{i}]"),
            };
            self.resource(&at, resource, &mut linked);
            if let Some(key) = key(resource)
                && !known.insert(key.clone())
            {
                self.fault(&at, format!("{key:?} stands in the document twice"));
            }
        }
        for resource in related {
            let Some(key) = key(resource) else { continue };
            let sparse = !expect.sparse.is_empty();
            if !linked.contains(&key) && !sparse {
                self.fault("included", format!("nothing links to {key:?}"));
            }
        }
    }

    fn resource(&mut self, at: &str, resource: &Json, linked: &mut HashSet<Key>) {
        let Json::Object(object) = resource else {
            return self.fault(at, "a resource is an object");
        };
        self.only(
            at,
            object,
            &["type", "id", "attributes", "relationships", "links", "meta"],
        );
        for name in ["type", "id"] {
            let text = object.get(name).and_then(Json::as_str);
            if text.is_none_or(str::is_empty) {
                self.fault(at, format!("`{name}` is a text"));
            }
        }
        if object
            .get("type")
            .and_then(Json::as_str)
            .is_some_and(|t| !is_name(t))
        {
            self.fault(at, "`type` is no member name");
        }
        let empty = Map::new();
        let mut members = |name: &str| match object.get(name) {
            None => &empty,
            Some(Json::Object(members)) => members,
            Some(_) => {
                self.faults.push(format!("{at}.{name}: is an object"));
                &empty
            }
        };
        let (attributes, relationships) = (members("attributes"), members("relationships"));
        for name in attributes.keys().chain(relationships.keys()) {
            if !is_name(name) || matches!(name.as_str(), "type" | "id" | "lid") {
                self.fault(at, format!("`{name}` is no name of a field"));
            }
            if attributes.contains_key(name) && relationships.contains_key(name) {
                self.fault(at, format!("`{name}` is an attribute and a relationship"));
            }
        }
        for (name, relationship) in relationships {
            self.relationship(&format!("{at}.relationships.{name}"), relationship, linked);
        }
        if let Some(links) = object.get("links") {
            self.links(&format!("{at}.links"), links, &["self"]);
        }
    }

    fn relationship(&mut self, at: &str, relationship: &Json, linked: &mut HashSet<Key>) {
        let Json::Object(object) = relationship else {
            return self.fault(at, "a relationship is an object");
        };
        self.only(at, object, &["data", "links", "meta"]);
        if object.is_empty() {
            self.fault(at, "needs data, links or meta");
        }
        let identifiers: Vec<&Json> = match object.get("data") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(list)) => list.iter().collect(),
            Some(one) => vec![one],
        };
        let mut here = HashSet::new();
        for identifier in identifiers {
            match identifier {
                Json::Object(object) => self.only(at, object, &["type", "id", "meta"]),
                _ => self.fault(at, "linkage holds identifiers"),
            }
            match key(identifier) {
                None => self.fault(at, "an identifier has `type` and `id`"),
                Some(key) if !here.insert(key.clone()) => {
                    self.fault(at, format!("{key:?} is linked twice"));
                }
                Some(key) => {
                    linked.insert(key);
                }
            }
        }
    }

    fn links(&mut self, at: &str, links: &Json, allowed: &[&str]) {
        let Json::Object(links) = links else {
            return self.fault(at, "is an object");
        };
        self.only(at, links, allowed);
        for (name, link) in links {
            let good = match link {
                Json::Null => true,
                Json::String(text) => text.starts_with('/') || text.starts_with("http"),
                Json::Object(link) => link.get("href").is_some_and(Json::is_string),
                _ => false,
            };
            if !good {
                self.fault(at, format!("`{name}` is no link"));
            }
        }
    }

    fn errors(&mut self, errors: &Json) {
        let Some(list) = errors.as_array().filter(|l| !l.is_empty()) else {
            return self.fault("errors", "is a list with an error");
        };
        for error in list {
            let Json::Object(object) = error else {
                self.fault("errors", "holds objects");
                continue;
            };
            let allowed = [
                "id", "links", "status", "code", "title", "detail", "source", "meta",
            ];
            self.only("errors", object, &allowed);
            for name in ["id", "status", "code", "title", "detail"] {
                if object.get(name).is_some_and(|v| !v.is_string()) {
                    self.fault("errors", format!("`{name}` is a text"));
                }
            }
            match object.get("source") {
                None => {}
                Some(Json::Object(source)) => {
                    self.only("errors.source", source, &["pointer", "parameter", "header"]);
                    let pointer = source.get("pointer").and_then(Json::as_str);
                    if pointer.is_some_and(|p| !p.is_empty() && !p.starts_with('/')) {
                        self.fault("errors.source", "`pointer` begins with a slash");
                    }
                }
                Some(_) => self.fault("errors.source", "is an object"),
            }
        }
    }
}
