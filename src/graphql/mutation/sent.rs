//! From an input value to the attributes of a form. The validator has checked names and types; the
//! form judges the values.

use crate::graphql::name::camel;
use crate::service::form::{Form, Shape};
use async_graphql::Value;
use serde_json::{Map, Value as Json};

/// The attributes that an input object holds; what is absent stays absent and null stays null.
pub(super) fn attributes(form: &Form, input: Value) -> Map<String, Json> {
    let Value::Object(members) = input else {
        return Map::new();
    };
    let mut sent = Map::new();
    for (name, value) in members {
        let found = form
            .attributes
            .iter()
            .find(|a| camel(a.name) == name.as_str());
        if let Some(attribute) = found {
            sent.insert(attribute.name.to_owned(), json(attribute.shape, value));
        }
    }
    sent
}

fn json(shape: Shape, value: Value) -> Json {
    match (shape, value) {
        (Shape::Nested(form), value @ Value::Object(_)) => Json::Object(attributes(form, value)),
        // The words of an enumeration are in capitals here.
        (Shape::Word(_), Value::Enum(word)) => word.as_str().to_ascii_lowercase().into(),
        (Shape::Word(_), Value::String(word)) => word.to_ascii_lowercase().into(),
        // An identifier may be written as a number.
        (Shape::Id | Shape::Key, Value::Number(number)) => number.to_string().into(),
        // A list of one may be written as the one.
        (Shape::Texts(..), Value::String(text)) => vec![text].into(),
        (_, value) => value.into_json().unwrap_or_default(),
    }
}
