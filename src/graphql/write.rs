//! The answer: JSON written straight from rows, as a plan says.

use super::plan::{Connection, ConnectionOut, EdgeOut, Failure, Object, Out, PageOut};
use crate::db::write_text;
use crate::query::cursor::Sealer;
use crate::query::{Found, Slice, View};
use async_graphql::PathSegment;

/// Most failures reported one by one; an answer with more of the same helps nobody.
const MAX_FAILURES: usize = 100;

/// Bytes that a value comes to with its key, more or less.
const BYTES: usize = 32;

/// Writes one answer and notes which fields failed.
pub struct Answer<'a> {
    /// The JSON so far.
    pub out: Vec<u8>,
    /// Fields that failed, with their place.
    pub failed: Vec<(Vec<PathSegment>, &'a Failure)>,
    /// Where the writer stands, below the root field.
    path: Vec<Step<'a>>,
    sealer: &'a Sealer,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    /// A response key as JSON, `"name":`.
    Key(&'a str),
    Index(usize),
}

impl<'a> Answer<'a> {
    /// An empty answer to what was found, with room for it: buffers that grow step by step leave
    /// memory of every size behind.
    pub fn new(sealer: &'a Sealer, found: Option<&Found>) -> Self {
        let values = found.map_or(0, Found::values);
        Answer {
            out: Vec::with_capacity(256 + values * BYTES),
            failed: Vec::new(),
            path: Vec::new(),
            sealer,
        }
    }

    /// Writes an object of entries.
    pub fn entries_of<T>(
        &mut self,
        entries: &'a [(String, T)],
        mut write: impl FnMut(&mut Self, &'a T),
    ) {
        self.out.push(b'{');
        for (i, (key, entry)) in entries.iter().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key.as_bytes());
            self.path.push(Step::Key(key));
            write(self, entry);
            self.path.pop();
        }
        self.out.push(b'}');
    }

    /// Writes a list.
    pub fn list_of<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.out.push(b'[');
        for (i, item) in items.enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            self.path.push(Step::Index(i));
            write(self, item);
            self.path.pop();
        }
        self.out.push(b']');
    }

    fn text(&mut self, text: &str) {
        write_text(text, &mut self.out);
    }

    fn bool(&mut self, yes: bool) {
        self.out
            .extend_from_slice(if yes { b"true" } else { b"false" });
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    /// Writes an object from a row.
    pub fn object(&mut self, object: &'a Object, view: View<'a>) {
        self.entries_of(&object.entries, |answer, out| answer.value(out, view));
    }

    /// Writes the object of the resource that a looked-up row turned out to be, or `null`.
    pub fn first_of(&mut self, objects: &'a [Object], view: View<'a>) {
        let found = |(slot, object)| Some((object, view.one(slot)?));
        match objects.iter().enumerate().find_map(found) {
            Some((object, view)) => self.object(object, view),
            None => self.null(),
        }
    }

    fn value(&mut self, out: &'a Out, view: View<'a>) {
        match out {
            Out::TypeName(name) => self.text(name),
            Out::Column(slot, storage) => match view.row() {
                Some(row) => row.write_json(view.column(*slot), *storage, &mut self.out),
                None => self.null(),
            },
            Out::Word(slot) => self.word(view.row().and_then(|r| r.text(view.column(*slot)))),
            Out::One(slot, object) => match view.one(*slot) {
                Some(view) => self.object(object, view),
                None => self.null(),
            },
            Out::Many(slot, connection) => match view.many(*slot) {
                Some((found, slice)) => self.connection(connection, found, &slice),
                None => self.null(),
            },
            Out::Failed(failure) => {
                self.fail(failure);
                self.null();
            }
        }
    }

    /// A stored word is lower case; its GraphQL name is upper case.
    fn word(&mut self, word: Option<&str>) {
        let Some(word) = word else { return self.null() };
        self.out.push(b'"');
        self.out
            .extend(word.bytes().map(|b| b.to_ascii_uppercase()));
        self.out.push(b'"');
    }

    fn fail(&mut self, failure: &'a Failure) {
        if self.failed.len() < MAX_FAILURES {
            let segment = |step: &Step<'_>| match step {
                Step::Key(key) => PathSegment::Field(key.trim_matches(['"', ':']).to_owned()),
                Step::Index(i) => PathSegment::Index(*i),
            };
            self.failed
                .push((self.path.iter().map(segment).collect(), failure));
        }
    }

    /// Writes a connection from a page.
    pub fn connection(&mut self, connection: &'a Connection, found: &'a Found, slice: &Slice) {
        self.entries_of(&connection.entries, |answer, out| match out {
            ConnectionOut::TypeName(name) => answer.text(name),
            ConnectionOut::Total => {
                let total = slice.total.unwrap_or_default().to_string();
                answer.out.extend_from_slice(total.as_bytes());
            }
            ConnectionOut::Nodes(object) => {
                answer.list_of(found.views(slice), |answer, view| {
                    answer.object(object, view)
                });
            }
            ConnectionOut::Edges(edge) => answer.list_of(found.views(slice), |answer, view| {
                answer.entries_of(edge, |answer, out| match out {
                    EdgeOut::TypeName(name) => answer.text(name),
                    EdgeOut::Cursor => answer.cursor(connection, Some(view)),
                    EdgeOut::Node(object) => answer.object(object, view),
                });
            }),
            ConnectionOut::PageInfo(entries) => answer.page_info(connection, entries, found, slice),
        });
    }

    fn cursor(&mut self, connection: &Connection, view: Option<View<'_>>) {
        let sealer = self.sealer;
        match view.and_then(|v| v.cursor(sealer, &connection.query, &connection.binding)) {
            Some(cursor) => self.text(&cursor),
            None => self.null(),
        }
    }

    fn page_info(
        &mut self,
        connection: &'a Connection,
        entries: &'a [(String, PageOut)],
        found: &'a Found,
        slice: &Slice,
    ) {
        let window = connection.query.window.clone().unwrap_or_default();
        // Against the direction of the page, a cursor says that there were rows beyond it.
        let (next, previous) = match window.backward {
            false => (slice.more, window.after.is_some()),
            true => (window.before.is_some(), slice.more),
        };
        self.entries_of(entries, |answer, out| match out {
            PageOut::TypeName => answer.text("PageInfo"),
            PageOut::HasNext => answer.bool(next),
            PageOut::HasPrevious => answer.bool(previous),
            PageOut::Start => answer.cursor(connection, found.views(slice).next()),
            PageOut::End => answer.cursor(connection, found.views(slice).last()),
        });
    }
}
