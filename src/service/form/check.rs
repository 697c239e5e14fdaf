//! Judging what was sent by the lines of a form.

use super::{Attribute, Form, Given, Shape, colour};
use crate::error::{Problem, clip, expected};
use crate::query::{Choice, MAX_LIST, read_moment};
use crate::service::is_slug;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// Most members of an object that is sent; more is a mistake or an attack.
pub const MAX_ATTRIBUTES: usize = 100;

/// Longest address, in characters.
const MAX_URL: usize = 500;

/// Most levels of a JSON value that is stored.
const MAX_LEVELS: usize = 16;

/// Judges `sent` by `form`.
pub(super) fn form(
    form: &Form,
    sent: &Map<String, Json>,
    path: &str,
    files: usize,
) -> Result<Given, Vec<Problem>> {
    let mut given = Given {
        values: Map::new(),
        path: path.to_owned(),
    };
    let mut problems = Vec::new();
    if sent.len() > MAX_ATTRIBUTES {
        let issue = format!("has {} members; the limit is {MAX_ATTRIBUTES}", sent.len());
        return Err(vec![Problem::new(path, issue)]);
    }
    for name in sent.keys() {
        if form.find(name).is_none() {
            let known: Vec<_> = form.attributes.iter().map(|a| a.name).collect();
            let issue = format!("is not known here; known are {}", known.join(", "));
            problems.push(given.problem(&clip(name), issue));
        }
    }
    for attribute in form.attributes {
        match sent.get(attribute.name) {
            None if attribute.required => {
                problems.push(given.problem(attribute.name, "is missing"));
            }
            None => {}
            Some(Json::Null) if attribute.nullable => {
                given.values.insert(attribute.name.to_owned(), Json::Null);
            }
            Some(Json::Null) => problems.push(given.problem(attribute.name, "must not be null")),
            Some(value) => match self::value(attribute, value, &given.at(attribute.name), files) {
                Ok(value) => {
                    given.values.insert(attribute.name.to_owned(), value);
                }
                Err(wrong) => problems.extend(wrong),
            },
        }
    }
    if problems.is_empty() {
        Ok(given)
    } else {
        Err(problems)
    }
}

/// The value as it will be stored.
fn value(
    attribute: &Attribute,
    value: &Json,
    path: &str,
    files: usize,
) -> Result<Json, Vec<Problem>> {
    let one = |issue: String| vec![Problem::new(path, issue)];
    match attribute.shape {
        Shape::Nested(inner) => match value {
            Json::Object(members) => {
                form(inner, members, path, files).map(|g| Json::Object(g.values))
            }
            other => Err(one(expected("an object", other))),
        },
        Shape::Settings(bytes) => {
            object(value, bytes).map_err(one)?;
            let mut problems = Vec::new();
            credentials(value, path, &mut problems);
            if problems.is_empty() {
                Ok(value.clone())
            } else {
                Err(problems)
            }
        }
        Shape::File => file(value, files).map_err(one),
        shape => plain(shape, value).map_err(one),
    }
}

/// A value that is judged by itself.
fn plain(shape: Shape, value: &Json) -> Result<Json, String> {
    match shape {
        Shape::Text(least, most) => text(value, least, most).map(Json::from),
        Shape::Secret(most) => secret(value, most).map(Json::from),
        Shape::Slug => slug(text(value, 0, 500)?).map(Json::from),
        Shape::Url => address(text(value, 0, 5000)?).map(Json::from),
        Shape::Email => mail(text(value, 3, 320)?).map(Json::from),
        Shape::Timezone => timezone(text(value, 1, 64)?).map(Json::from),
        Shape::Word(choice) => word(choice, &text(value, 0, 500)?).map(Json::from),
        Shape::Boolean => match value {
            Json::Bool(yes) => Ok(Json::Bool(*yes)),
            other => Err(expected("true or false", other)),
        },
        Shape::Whole(least, most) => match value.as_i64() {
            Some(number) if (least..=most).contains(&number) => Ok(number.into()),
            Some(number) => Err(format!("must be {least} to {most}, not {number}")),
            None => Err(expected("a whole number", value)),
        },
        Shape::Moment => read_moment(&text(value, 0, 500)?).map(|_| value.clone()),
        Shape::Texts(most, each) => texts(value, most, each),
        Shape::Object(bytes) => object(value, bytes).map(|()| value.clone()),
        Shape::Labels(most, name, each) => labels(value, most, name, each),
        Shape::Colour => colour(text(value, 1, 64)?).map(Json::from),
        Shape::Id => {
            let text = text(value, 0, 500)?;
            let id = Uuid::parse_str(&text)
                .map_err(|_| format!("must be a UUID, not `{}`", clip(&text)))?;
            Ok(id.hyphenated().to_string().into())
        }
        Shape::Key => text(value, 1, 500).map(Json::from),
        // Judged where more is known of them.
        Shape::Nested(_) | Shape::Settings(_) | Shape::File => Ok(value.clone()),
    }
}

/// The number of a file that came with the request; other numbers name none.
fn file(value: &Json, files: usize) -> Result<Json, String> {
    let number = value.as_u64().and_then(|n| usize::try_from(n).ok());
    match number {
        Some(number) if number < files => Ok(number.into()),
        _ => Err("must be a file, sent as a part of a multipart request".into()),
    }
}

fn colour(text: String) -> Result<String, String> {
    if colour::is(&text) {
        return Ok(text);
    }
    Err(format!(
        "must be a colour such as `#5B8DEF` or `teal`, not `{}`",
        clip(&text)
    ))
}

fn text(value: &Json, least: usize, most: usize) -> Result<String, String> {
    let Json::String(text) = value else {
        return Err(expected("a text", value));
    };
    if text.contains('\0') {
        return Err("holds a NUL character".into());
    }
    let length = text.chars().count();
    if length > most {
        return Err(format!("has {length} characters; the limit is {most}"));
    }
    if length < least || (least > 0 && text.trim().is_empty()) {
        return Err(if least <= 1 {
            "must not be empty".into()
        } else {
            format!("has {length} characters; at least {least} are needed")
        });
    }
    Ok(text.clone())
}

/// A text that no message may quote.
fn secret(value: &Json, most: usize) -> Result<String, String> {
    if !value.is_string() {
        return Err("must be a text".into());
    }
    let secret = text(value, 1, most)?;
    match secret.chars().any(char::is_control) {
        true => Err("holds control characters".into()),
        false => Ok(secret),
    }
}

fn slug(text: String) -> Result<String, String> {
    if is_slug(&text) {
        return Ok(text);
    }
    Err(format!(
        "must be lower-case letters, digits, `-` and `_` between them, 1 to 100 characters, not `{}`",
        clip(&text)
    ))
}

fn address(text: String) -> Result<String, String> {
    if text.chars().count() > MAX_URL {
        return Err(format!("is longer than {MAX_URL} characters"));
    }
    let issue = || {
        format!(
            "must be an absolute `https` or `http` address, not `{}`",
            clip(&text)
        )
    };
    let url = url::Url::parse(&text).map_err(|_| issue())?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
        return Err(issue());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password".into());
    }
    Ok(text)
}

fn mail(text: String) -> Result<String, String> {
    let shaped = text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host.contains('.')
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
    });
    if shaped && !text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Ok(text);
    }
    Err(format!(
        "must be a mail address such as ada@example.com, not `{}`",
        clip(&text)
    ))
}

fn timezone(text: String) -> Result<String, String> {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    if text.split('/').all(part) && text.starts_with(|c: char| c.is_ascii_uppercase()) {
        return Ok(text);
    }
    Err(format!(
        "must be an IANA time zone such as Europe/Paris, not `{}`",
        clip(&text)
    ))
}

fn word(choice: &Choice, text: &str) -> Result<String, String> {
    if choice.has(text) {
        return Ok(text.to_owned());
    }
    let known: Vec<_> = choice.values.iter().map(|(word, _)| *word).collect();
    Err(format!(
        "must be one of {}, not `{}`",
        known.join(", "),
        clip(text)
    ))
}

fn texts(value: &Json, most: usize, each: usize) -> Result<Json, String> {
    let Json::Array(list) = value else {
        return Err(expected("a list of texts", value));
    };
    if list.len() > most {
        return Err(format!("has {} items; the limit is {most}", list.len()));
    }
    let mut seen: Vec<Json> = Vec::with_capacity(list.len());
    for (i, item) in list.iter().enumerate() {
        let item = Json::from(text(item, 1, each).map_err(|issue| format!("item {i} {issue}"))?);
        if seen.contains(&item) {
            return Err(format!("item {i} stands twice"));
        }
        seen.push(item);
    }
    Ok(seen.into())
}

fn labels(value: &Json, most: usize, name: usize, each: usize) -> Result<Json, String> {
    let Json::Object(members) = value else {
        return Err(expected("an object of texts", value));
    };
    if members.len() > most {
        return Err(format!(
            "has {} members; the limit is {most}",
            members.len()
        ));
    }
    for (key, item) in members {
        text(&Json::from(key.as_str()), 0, name)
            .map_err(|issue| format!("name `{}` {issue}", clip(key)))?;
        text(item, 0, each).map_err(|issue| format!("member `{}` {issue}", clip(key)))?;
    }
    Ok(value.clone())
}

fn object(value: &Json, bytes: usize) -> Result<(), String> {
    if !value.is_object() {
        return Err(expected("an object", value));
    }
    if levels(value) > MAX_LEVELS {
        return Err(format!("is nested deeper than {MAX_LEVELS} levels"));
    }
    let written = value.to_string();
    if written.len() > bytes {
        return Err(format!(
            "is {} bytes long when written; the limit is {bytes}",
            written.len()
        ));
    }
    if has_nul(value) {
        return Err("holds a NUL character".into());
    }
    Ok(())
}

fn levels(value: &Json) -> usize {
    match value {
        Json::Array(list) => 1 + list.iter().map(levels).max().unwrap_or(0),
        Json::Object(members) => 1 + members.values().map(levels).max().unwrap_or(0),
        _ => 0,
    }
}

fn has_nul(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\0'),
        Json::Array(list) => list.iter().any(has_nul),
        Json::Object(members) => members.iter().any(|(k, v)| k.contains('\0') || has_nul(v)),
        _ => false,
    }
}

/// Notes every member whose name says that it holds a credential.
fn credentials(value: &Json, path: &str, problems: &mut Vec<Problem>) {
    match value {
        Json::Object(members) => {
            for (name, inner) in members {
                let path = format!("{path}.{}", clip(name));
                if credential_like(name) {
                    let issue = "looks like a credential, which must not be stored here; connect the account instead";
                    problems.push(Problem::new(path, issue));
                } else if problems.len() < MAX_LIST {
                    credentials(inner, &path, problems);
                }
            }
        }
        Json::Array(list) => {
            for (i, inner) in list.iter().enumerate() {
                credentials(inner, &format!("{path}.{i}"), problems);
            }
        }
        _ => {}
    }
}

/// Whether a member of that name holds a credential, by the words in it.
pub fn credential_like(name: &str) -> bool {
    const WORDS: [&str; 14] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "accesskey",
        "privatekey",
        "credential",
        "authorization",
        "bearer",
        "clientid",
        "cookie",
        "signingkey",
    ];
    let letters: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    WORDS.iter().any(|word| letters.contains(word)) || letters == "pwd" || letters == "jwt"
}
