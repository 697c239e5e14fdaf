//! JSON as documents are read: a member is given once, and nothing nests deeper than a document
//! can. What is no JSON at all is one fault; what is given twice is a problem with its path.

use crate::error::{Problem, clip};
use crate::rest::Fault;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};
use std::cell::{Cell, RefCell};
use std::fmt;

/// Most levels of a document; attributes that are objects have a lower limit of their own.
pub const MAX_LEVELS: usize = 32;

/// Most problems that are listed.
const MAX_PROBLEMS: usize = 100;

/// Reads a body.
pub fn parse(body: &[u8]) -> Result<Json, Fault> {
    let state = State::default();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = Seed(&state)
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    let problems = state.problems.into_inner();
    match read {
        Err(_) if state.too_deep.get() => Err(Fault::body(problems)),
        Err(error) => Err(Fault::InvalidJson(error.to_string())),
        Ok(_) if !problems.is_empty() => Err(Fault::body(problems)),
        Ok(value) => Ok(value),
    }
}

#[derive(Default)]
struct State {
    path: RefCell<Vec<String>>,
    problems: RefCell<Vec<Problem>>,
    too_deep: Cell<bool>,
}

impl State {
    fn refuse(&self, issue: String) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MAX_PROBLEMS {
            problems.push(Problem::new(self.path.borrow().join("."), issue));
        }
    }

    /// Reads what stands one level deeper, under a name.
    fn below<T, E: serde::de::Error>(
        &self,
        name: String,
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.path.borrow_mut().push(name);
        if self.path.borrow().len() > MAX_LEVELS {
            self.too_deep.set(true);
            self.path.borrow_mut().truncate(3);
            self.refuse(format!("is nested deeper than {MAX_LEVELS} levels"));
            return Err(E::custom("too deep"));
        }
        let value = read();
        self.path.borrow_mut().pop();
        value
    }
}

struct Seed<'a>(&'a State);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        let next = |list: &Vec<Json>, items: &mut A| {
            let name = list.len().to_string();
            self.0.below(name, || items.next_element_seed(Seed(self.0)))
        };
        while let Some(item) = next(&list, &mut items)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = self.0.below(clip(&name), || {
                if object.contains_key(&name) {
                    self.0.refuse("is given twice".to_owned());
                }
                members.next_value_seed(Seed(self.0))
            })?;
            object.insert(name, value);
        }
        Ok(Json::Object(object))
    }
}
