//! What a client may send with a use case: one line for each attribute, from which every face
//! makes its inputs, its checks and its documentation. A form judges JSON by these lines and
//! reports everything wrong at once; it must not know what the use case does with the values.
//!
//! An attribute that is left out and one that is `null` are two things ([`Sent`]): the first
//! stays as it is, the second is emptied.

mod check;
mod colour;

pub use check::{MAX_ATTRIBUTES, credential_like};

use crate::error::Problem;
use crate::query::Choice;
use crate::secret::Secret;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// What an attribute holds.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Text of so many characters.
    Text(usize, usize),
    /// A credential of at most so many characters; it is never shown, recorded or quoted.
    Secret(usize),
    /// A short name for addresses, see [`is_slug`](super::is_slug).
    Slug,
    /// An absolute address with `https` or `http`, at most 500 characters.
    Url,
    /// A mail address, by shape only.
    Email,
    /// A name of the IANA time zone database, by shape only.
    Timezone,
    /// One of a few words.
    Word(&'static Choice),
    /// True or false.
    Boolean,
    /// A whole number between two bounds, both included.
    Whole(i64, i64),
    /// A moment, RFC 3339.
    Moment,
    /// A list of at most so many texts of so many characters.
    Texts(usize, usize),
    /// A JSON object of so many bytes when written.
    Object(usize),
    /// As [`Shape::Object`], and no member may look like a credential: those have a vault.
    Settings(usize),
    /// A JSON object of texts: so many members, names and values of so many characters.
    Labels(usize, usize, usize),
    /// The identifier of a row.
    Id,
    /// The identifier of a row, or another of its unique names.
    Key,
    /// An uploaded file.
    File,
    /// A colour as style sheets write it: `#RRGGBB` or a word.
    Colour,
    /// An object with attributes of its own.
    Nested(&'static Form),
}

/// One thing a client may send.
#[derive(Clone, Copy)]
pub struct Attribute {
    /// The name, snake case.
    pub name: &'static str,
    /// What it means, one sentence: it is the API documentation.
    pub doc: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether it must be sent.
    pub required: bool,
    /// Whether `null` may be sent, to empty it.
    pub nullable: bool,
}

impl Attribute {
    /// The revision a change was made against, the same wherever a row is changed.
    pub const REVISION: Attribute = Attribute::new(
        "revision",
        Shape::Whole(1, i32::MAX as i64),
        "The revision the change was made against; refused if the row has changed since.",
    );

    /// One that may be left out and not be null.
    pub const fn new(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Attribute {
            name,
            doc,
            shape,
            required: false,
            nullable: false,
        }
    }

    /// The same, required.
    pub const fn required(self) -> Self {
        Attribute {
            required: true,
            ..self
        }
    }

    /// The same, and `null` empties it.
    pub const fn nullable(self) -> Self {
        Attribute {
            nullable: true,
            ..self
        }
    }
}

/// The attributes of a use case, or of an object inside them.
pub struct Form {
    /// The name of the input, camel case with a capital: `ConnectorCreate`.
    pub name: &'static str,
    /// What it is for, one sentence.
    pub doc: &'static str,
    /// What may be sent.
    pub attributes: &'static [Attribute],
}

impl Form {
    /// The attribute of that name.
    pub fn find(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }

    /// Judges what was sent; `path` is where the client wrote it, and `files` is how many came with
    /// it. All problems at once.
    pub fn check(
        &self,
        sent: &Map<String, Json>,
        path: &str,
        files: usize,
    ) -> Result<Given, Vec<Problem>> {
        check::form(self, sent, path, files)
    }
}

/// A value as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent<T> {
    /// Not at all: it stays as it is.
    Absent,
    /// As `null`: it is emptied.
    Null,
    /// A value.
    Value(T),
}

impl<T> Sent<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Sent::Value(value) => Some(value),
            Sent::Absent | Sent::Null => None,
        }
    }

    /// The value as another type.
    pub fn map<U>(self, turn: impl FnOnce(T) -> U) -> Sent<U> {
        match self {
            Sent::Absent => Sent::Absent,
            Sent::Null => Sent::Null,
            Sent::Value(value) => Sent::Value(turn(value)),
        }
    }

    /// Whether anything was sent.
    pub const fn is_sent(&self) -> bool {
        !matches!(self, Sent::Absent)
    }
}

/// What was sent, judged: every member is an attribute of the form and has its shape.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given {
    values: Map<String, Json>,
    /// Where the client wrote it, for problems that only the database shows.
    path: String,
}

impl Given {
    fn sent<T>(&self, name: &str, read: impl FnOnce(&Json) -> Option<T>) -> Sent<T> {
        match self.values.get(name) {
            None => Sent::Absent,
            Some(Json::Null) => Sent::Null,
            // A value of another shape was refused; what cannot be read was not there.
            Some(value) => read(value).map_or(Sent::Absent, Sent::Value),
        }
    }

    /// Where the client wrote an attribute.
    pub fn at(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// A problem with an attribute.
    pub fn problem(&self, name: &str, issue: impl Into<String>) -> Problem {
        Problem::new(self.at(name), issue)
    }

    /// A text, slug, address, word or key.
    pub fn text(&self, name: &str) -> Sent<String> {
        self.sent(name, |v| v.as_str().map(str::to_owned))
    }

    /// A credential.
    pub fn secret(&self, name: &str) -> Sent<Secret> {
        self.text(name).map(Secret::new)
    }

    /// True or false.
    pub fn boolean(&self, name: &str) -> Sent<bool> {
        self.sent(name, Json::as_bool)
    }

    /// A whole number.
    pub fn whole(&self, name: &str) -> Sent<i64> {
        self.sent(name, Json::as_i64)
    }

    /// A whole number of 32 bits.
    pub fn small(&self, name: &str) -> Sent<i32> {
        self.sent(name, |v| v.as_i64().and_then(|n| i32::try_from(n).ok()))
    }

    /// A moment, in UTC with microseconds.
    pub fn moment(&self, name: &str) -> Sent<DateTime<Utc>> {
        self.sent(name, |v| {
            v.as_str().and_then(|t| crate::query::read_moment(t).ok())
        })
    }

    /// An identifier.
    pub fn id(&self, name: &str) -> Sent<Uuid> {
        self.sent(name, |v| v.as_str().and_then(|t| Uuid::parse_str(t).ok()))
    }

    /// A JSON document: texts, objects.
    pub fn json(&self, name: &str) -> Sent<Json> {
        self.sent(name, |v| Some(v.clone()))
    }

    /// The number of an uploaded file among those of the request.
    pub fn file(&self, name: &str) -> Sent<usize> {
        self.sent(name, |v| v.as_u64().and_then(|n| usize::try_from(n).ok()))
    }

    /// The attributes of an object.
    pub fn nested(&self, name: &str) -> Sent<Given> {
        self.sent(name, |v| {
            Some(Given {
                values: v.as_object()?.clone(),
                path: self.at(name),
            })
        })
    }

    /// One of the words of an enumeration, as its entity's type.
    pub fn word<E: sea_orm::ActiveEnum<Value = String>>(&self, name: &str) -> Sent<E> {
        self.sent(name, |v| E::try_from_value(&v.as_str()?.to_owned()).ok())
    }

    /// Whether nothing at all was sent beside these names.
    pub fn is_empty_beside(&self, names: &[&str]) -> bool {
        self.values.keys().all(|k| names.contains(&k.as_str()))
    }
}
