//! JSON whose members keep the order they were written in: readers of the document meet `openapi`
//! before `components`, and the fields of a resource in the order of the registry.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use std::borrow::Cow;

/// The members of an object.
pub type Members = Vec<(Cow<'static, str>, Node)>;

/// A JSON value.
#[derive(Debug, Clone)]
pub enum Node {
    /// Anything whose inner order does not matter.
    Json(Json),
    /// A list.
    List(Vec<Node>),
    /// An object.
    Object(Members),
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Json(value) => value.serialize(serializer),
            Node::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Node::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl Node {
    /// The value as plain JSON.
    pub fn json(&self) -> Json {
        match self {
            Node::Json(value) => value.clone(),
            Node::List(items) => items.iter().map(Node::json).collect(),
            Node::Object(members) => {
                let members = members.iter().map(|(n, v)| (n.to_string(), v.json()));
                Json::Object(members.collect())
            }
        }
    }

    /// The same object with one more member.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Node>) -> Node {
        if let Node::Object(members) = &mut self {
            members.push((name.into(), value.into()));
        }
        self
    }

    /// The same object with one more member, if there is a value for it.
    pub fn with_some(self, name: &'static str, value: Option<impl Into<Node>>) -> Node {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

macro_rules! from_plain {
    ($($ty:ty)*) => {$(
        impl From<$ty> for Node {
            fn from(value: $ty) -> Node {
                Node::Json(value.into())
            }
        }
    )*};
}

from_plain!(&str String bool i64 u64 u16 i32 Cow<'_, str>);

impl From<usize> for Node {
    fn from(value: usize) -> Node {
        Node::Json((value as u64).into())
    }
}

impl From<Json> for Node {
    fn from(value: Json) -> Node {
        Node::Json(value)
    }
}

impl From<Members> for Node {
    fn from(members: Members) -> Node {
        Node::Object(members)
    }
}

impl<T: Into<Node>> FromIterator<T> for Node {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Node {
        Node::List(items.into_iter().map(Into::into).collect())
    }
}

/// An object, member by member, in this order.
macro_rules! object {
    ($($name:expr => $value:expr),* $(,)?) => {
        $crate::rest::openapi::node::Node::Object(vec![
            $((::std::borrow::Cow::from($name), $crate::rest::openapi::node::Node::from($value))),*
        ])
    };
}

/// A list.
macro_rules! list {
    ($($item:expr),* $(,)?) => {
        $crate::rest::openapi::node::Node::List(vec![$($crate::rest::openapi::node::Node::from($item)),*])
    };
}

pub(super) use {list, object};

/// A reference to a schema of the document.
pub fn schema_ref(name: &str) -> Node {
    object! { "$ref" => format!("#/components/schemas/{name}") }
}
