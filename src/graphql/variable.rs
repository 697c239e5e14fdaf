//! Variables, coerced before anything runs (GraphQL specification, Coercing Variable Values):
//! what is missing, null or of another type is a request error that names the variable.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{BaseType, OperationDefinition, Type};
use async_graphql::registry::{MetaInputValue, MetaType, Registry};
use async_graphql::{Name, Value, Variables};
use serde_json::{Map, Value as Json};

/// Most values in the variables of one request, those in lists and objects counted.
const MAX_VALUES: usize = 5_000;

/// Says if the variables hold more values than the limit; their nesting is the JSON reader's limit.
pub fn check(sent: &Map<String, Json>) -> Result<(), String> {
    fn count(value: &Json, left: &mut usize) {
        *left = left.saturating_sub(1);
        match value {
            Json::Array(items) => items.iter().for_each(|v| count(v, left)),
            Json::Object(members) => members.values().for_each(|v| count(v, left)),
            _ => {}
        }
    }
    let mut left = MAX_VALUES + 1;
    sent.values().for_each(|v| count(v, &mut left));
    if left > 0 {
        Ok(())
    } else {
        Err(format!(
            "the variables hold more than {MAX_VALUES} values, which is the limit"
        ))
    }
}

/// Coerces the variables an operation defines; others that were sent are ignored.
pub fn coerce(
    registry: &Registry,
    operation: &OperationDefinition,
    sent: &Map<String, Json>,
) -> Result<Variables, Vec<String>> {
    let (mut variables, mut wrong) = (Variables::default(), Vec::new());
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let name = definition.name.node.as_str();
        let ty = &definition.var_type.node;
        match (sent.get(name), &definition.default_value) {
            (None, Some(default)) => {
                variables.insert(Name::new(name), default.node.clone());
            }
            (None, None) if ty.nullable => {}
            (None, None) => {
                wrong.push(format!(
                    "variable `${name}` of required type `{ty}` was not provided"
                ));
            }
            (Some(Json::Null), _) if !ty.nullable => {
                wrong.push(format!(
                    "variable `${name}` of non-null type `{ty}` must not be null"
                ));
            }
            (Some(value), _) => match value_of(registry, ty, value, &format!("${name}")) {
                Ok(value) => {
                    variables.insert(Name::new(name), value);
                }
                Err(issue) => wrong.push(issue),
            },
        }
    }
    if wrong.is_empty() {
        Ok(variables)
    } else {
        Err(wrong)
    }
}

fn value_of(registry: &Registry, ty: &Type, value: &Json, path: &str) -> Result<Value, String> {
    if value.is_null() {
        return if ty.nullable {
            Ok(Value::Null)
        } else {
            Err(format!("`{path}` must not be null; it is `{ty}`"))
        };
    }
    match (&ty.base, value) {
        (BaseType::List(inner), Json::Array(items)) => {
            let item = |(i, v)| value_of(registry, inner, v, &format!("{path}[{i}]"));
            Ok(Value::List(
                items
                    .iter()
                    .enumerate()
                    .map(item)
                    .collect::<Result<_, _>>()?,
            ))
        }
        (BaseType::List(inner), one) => {
            Ok(Value::List(vec![value_of(registry, inner, one, path)?]))
        }
        (BaseType::Named(name), value) => match registry.types.get(name.as_str()) {
            Some(MetaType::Enum { enum_values, .. }) => match value.as_str() {
                Some(word) if enum_values.contains_key(word) => Ok(Value::Enum(Name::new(word))),
                _ => {
                    let known: Vec<_> = enum_values.keys().map(String::as_str).collect();
                    Err(format!(
                        "`{path}` must be one of {} ({name})",
                        known.join(", ")
                    ))
                }
            },
            Some(MetaType::InputObject {
                input_fields,
                oneof,
                ..
            }) => object(registry, name, input_fields, *oneof, value, path),
            Some(MetaType::Scalar { .. }) => scalar(name, value, path),
            // The validator says that the type is unknown or no input.
            _ => Ok(Value::Null),
        },
    }
}

fn object(
    registry: &Registry,
    name: &str,
    fields: &IndexMap<String, MetaInputValue>,
    oneof: bool,
    value: &Json,
    path: &str,
) -> Result<Value, String> {
    let Json::Object(object) = value else {
        return Err(format!("`{path}` must be an object ({name})"));
    };
    if let Some(unknown) = object.keys().find(|k| !fields.contains_key(*k)) {
        return Err(format!(
            "`{path}.{}` is not a member of `{name}`",
            unknown.chars().take(60).collect::<String>()
        ));
    }
    if oneof && (object.len() != 1 || object.values().any(Json::is_null)) {
        return Err(format!(
            "`{path}` must have exactly one member, not null ({name})"
        ));
    }
    let mut out = IndexMap::new();
    for (key, field) in fields {
        let path = format!("{path}.{key}");
        let Some(ty) = Type::new(&field.ty) else {
            continue;
        };
        match object.get(key) {
            Some(value) => {
                out.insert(Name::new(key), value_of(registry, &ty, value, &path)?);
            }
            None if ty.nullable || field.default_value.is_some() => {}
            None => return Err(format!("`{path}` is required; it is `{ty}`")),
        }
    }
    Ok(Value::Object(out))
}

fn scalar(name: &str, value: &Json, path: &str) -> Result<Value, String> {
    let whole = |value: &Json| match value {
        // JSON does not tell 1 from 1.0.
        Json::Number(n) if n.is_f64() => n
            .as_f64()
            .filter(|f| f.fract() == 0.0 && f.abs() < 9e15)
            .map(|f| {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "checked: whole and below 2^53"
                )]
                let whole = f as i64;
                whole
            }),
        other => other.as_i64(),
    };
    let coerced = match (name, value) {
        ("Int", value) => whole(value)
            .filter(|n| i32::try_from(*n).is_ok())
            .map(Value::from),
        ("BigInt", value) => whole(value).map(Value::from),
        ("Float", Json::Number(n)) => Some(Value::Number(n.clone())),
        ("Boolean", Json::Bool(yes)) => Some(Value::Boolean(*yes)),
        ("ID", Json::Number(n)) if !n.is_f64() => Some(Value::String(n.to_string())),
        ("String" | "ID" | "DateTime", Json::String(text)) => Some(Value::String(text.clone())),
        ("String" | "ID" | "DateTime" | "Float" | "Boolean", _) => None,
        (_, value) => Value::from_json(value.clone()).ok(),
    };
    coerced.ok_or_else(|| {
        let shown: String = value.to_string().chars().take(60).collect();
        format!("`{path}` must be of type `{name}`, not {shown}")
    })
}
