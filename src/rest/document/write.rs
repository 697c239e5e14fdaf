//! Bytes of a document, straight from rows.

use super::MAX_LINKED;
use super::gather::{Entry, Gathered, Place};
use super::plan::{Followed, Member, Node, Way, json_key};
use crate::db::write_text;
use crate::query::View;
use crate::rest::Rendering;
use crate::rest::name::ORGANIZATION;
use serde_json::Value as Json;
use std::io::Write;
use uuid::Uuid;

/// Bytes that an object comes to, more or less.
const BYTES: usize = 1024;

/// Members of the top-level `links`, in order; `None` is `null`.
pub type Links = Vec<(&'static str, Option<String>)>;

/// Members of the top-level `meta`, in order.
pub type Meta = Vec<(&'static str, u64)>;

/// Attributes that no row holds, e.g. what is shown once.
pub type Shown<'a> = Vec<(&'static str, &'a Json)>;

/// Writes one document.
pub struct Writer<'s> {
    out: Vec<u8>,
    rendering: Rendering,
    /// Attributes of the next object beside those of its row; they go before the row's own.
    shown: Shown<'s>,
}

impl<'s> Writer<'s> {
    /// A document with a page of resources.
    pub fn page(
        rendering: Rendering,
        gathered: &Gathered<'_>,
        included: bool,
        meta: &Meta,
        links: &Links,
    ) -> Vec<u8> {
        let mut writer = Writer::begin(rendering, gathered);
        writer.links_first(links);
        writer.key("data");
        let (primary, rest) = gathered.entries.split_at(gathered.primary);
        writer.list(primary, Writer::object);
        if included {
            writer.included(rest);
        }
        writer.meta(meta);
        if rendering == Rendering::Well && !links.is_empty() {
            writer.links(links);
        }
        writer.end()
    }

    /// A document with one resource.
    pub fn one(
        rendering: Rendering,
        gathered: &Gathered<'_>,
        included: bool,
        links: &Links,
    ) -> Vec<u8> {
        Writer::one_with(rendering, gathered, included, links, Vec::new())
    }

    /// A document with one resource and attributes that its row does not hold.
    pub fn one_with(
        rendering: Rendering,
        gathered: &Gathered<'_>,
        included: bool,
        links: &Links,
        shown: Shown<'s>,
    ) -> Vec<u8> {
        let mut writer = Writer::begin(rendering, gathered);
        writer.shown = shown;
        writer.links_first(links);
        writer.key("data");
        let (primary, rest) = gathered.entries.split_at(gathered.primary);
        match primary.first() {
            Some(entry) => writer.object(entry),
            None => writer.raw(b"null"),
        }
        if included {
            writer.included(rest);
        }
        writer.end()
    }

    fn begin(rendering: Rendering, gathered: &Gathered<'_>) -> Self {
        let mut out = Vec::with_capacity(512 + gathered.entries.len() * BYTES);
        out.push(b'{');
        Writer {
            out,
            rendering,
            shown: Vec::new(),
        }
    }

    fn links_first(&mut self, links: &Links) {
        if self.rendering == Rendering::Strict {
            self.raw(b"\"jsonapi\":{\"version\":\"1.1\"}");
            self.links(links);
        }
    }

    fn end(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// A key of the object that is being written, with a comma if it is not the first.
    fn key(&mut self, key: &str) {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.raw(key.as_bytes());
        self.raw(b"\":");
    }

    fn text(&mut self, text: &str) {
        write_text(text, &mut self.out);
    }

    fn number(&mut self, number: u64) {
        // Writing into memory cannot fail.
        let _ = write!(self.out, "{number}");
    }

    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.out.push(b'[');
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            write(self, item);
        }
        self.out.push(b']');
    }

    fn included(&mut self, entries: &[Entry<'_>]) {
        self.key("included");
        self.list(entries, Writer::object);
    }

    fn meta(&mut self, meta: &Meta) {
        self.key("meta");
        self.out.push(b'{');
        for (key, value) in meta {
            self.key(key);
            self.number(*value);
        }
        self.out.push(b'}');
    }

    fn links(&mut self, links: &Links) {
        self.key("links");
        self.out.push(b'{');
        for (key, value) in links {
            self.key(key);
            match value {
                Some(value) => self.text(value),
                None => self.raw(b"null"),
            }
        }
        self.out.push(b'}');
    }

    fn object(&mut self, entry: &Entry<'_>) {
        let Place { node, view } = entry.first;
        let organization = is_organization(node.kind, view);
        self.out.push(b'{');
        self.key("type");
        self.text(if organization {
            ORGANIZATION
        } else {
            node.shape.name.word
        });
        self.key("id");
        self.id(view.id(node.id));
        let members = if organization {
            &node.organization
        } else {
            &node.attributes
        };
        if !members.is_empty() || self.rendering == Rendering::Well {
            self.attributes(members, view);
        }
        self.relationships(entry, organization);
        if let (Rendering::Strict, Some(address)) = (self.rendering, node.shape.address) {
            self.key("links");
            self.raw(b"{\"self\":\"");
            self.raw(address.as_bytes());
            self.bare(view.id(node.id));
            self.raw(b"\"}");
        }
        self.out.push(b'}');
    }

    fn attributes(&mut self, members: &[Member], view: View<'_>) {
        self.key("attributes");
        self.out.push(b'{');
        let shown = std::mem::take(&mut self.shown);
        for (key, value) in &shown {
            self.key(key);
            self.raw(value.to_string().as_bytes());
        }
        let own = |m: &&Member| !shown.iter().any(|(key, _)| m.key == json_key(key));
        for member in members.iter().filter(own) {
            if self.out.last() != Some(&b'{') {
                self.out.push(b',');
            }
            self.raw(member.key.as_bytes());
            let view = match member.through {
                None => Some(view),
                Some(slot) => view.one(slot),
            };
            match view.and_then(|v| Some((v, v.row()?))) {
                Some((v, row)) => {
                    row.write_json(v.column(member.slot), member.storage, &mut self.out)
                }
                None => self.raw(b"null"),
            }
        }
        self.out.push(b'}');
    }

    /// The relationships of an entry: each from the first place that knows it.
    fn relationships(&mut self, entry: &Entry<'_>, organization: bool) {
        let mut any = false;
        for at in 0..entry.first.node.links.len() {
            let known = |place: &Place<'_>| printed(place.node, at, organization).is_some();
            let mut places = std::iter::once(&entry.first).chain(&entry.others);
            let Some(place) = places.find(|p| known(p)).copied() else {
                continue;
            };
            let Some(followed) = printed(place.node, at, organization) else {
                continue;
            };
            if any {
                self.out.push(b',');
            } else {
                self.key("relationships");
                self.out.push(b'{');
            }
            any = true;
            self.raw(followed.key.as_bytes());
            self.relationship(followed, place.view);
        }
        if any {
            self.out.push(b'}');
        }
    }

    fn relationship(&mut self, followed: &Followed, view: View<'_>) {
        self.raw(b"{\"data\":");
        let mut cut = false;
        match followed.way {
            Way::One(slot, id, kind) => match view.one(slot) {
                Some(row) => self.linkage(followed.word, is_organization(kind, row), row.id(id)),
                None => self.raw(b"null"),
            },
            Way::Many(slot, id, kind) => match view.many(slot) {
                Some((found, slice)) => {
                    cut = slice.more;
                    self.list(found.views(&slice), |w, row| {
                        w.linkage(followed.word, is_organization(kind, row), row.id(id));
                    });
                }
                None => self.raw(b"[]"),
            },
            Way::Linked(slot) => {
                let most = MAX_LINKED as usize;
                cut = view.linked(slot).nth(most).is_some();
                self.list(view.linked(slot).take(most), |w, id| {
                    w.linkage(followed.word, false, Some(id));
                });
            }
        }
        if cut {
            self.raw(b",\"meta\":{\"truncated\":true,\"limit\":");
            self.number(u64::from(MAX_LINKED));
            self.out.push(b'}');
        }
        self.out.push(b'}');
    }

    fn linkage(&mut self, word: &str, organization: bool, id: Option<Uuid>) {
        self.raw(b"{\"type\":\"");
        // A class stays a class; the word of a type follows the row.
        let class = word.starts_with(|c: char| c.is_ascii_uppercase());
        let word = if organization && !class {
            ORGANIZATION
        } else {
            word
        };
        self.raw(word.as_bytes());
        self.raw(b"\",\"id\":");
        self.id(id);
        self.out.push(b'}');
    }

    fn id(&mut self, id: Option<Uuid>) {
        self.out.push(b'"');
        self.bare(id);
        self.out.push(b'"');
    }

    fn bare(&mut self, id: Option<Uuid>) {
        let mut buffer = Uuid::encode_buffer();
        let id = id.unwrap_or_default();
        self.raw(id.hyphenated().encode_lower(&mut buffer).as_bytes());
    }
}

/// The relationship at a place of the shape, if objects of the row's type print it.
fn printed(node: &Node, at: usize, organization: bool) -> Option<&Followed> {
    let followed = node.links.get(at)?.as_ref()?;
    followed.printed[usize::from(organization)].then_some(followed)
}

fn is_organization(kind: Option<usize>, view: View<'_>) -> bool {
    kind.and_then(|slot| view.text(slot)) == Some(ORGANIZATION)
}
