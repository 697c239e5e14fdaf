//! Judging single values as clients of the dialect expect it: which values are taken, and the
//! words for those that are not. Those words are those of the library that the dialect was first
//! written with, since clients show and compare them.

use serde_json::{Map, Value as Json, json};
use url::Url;
use uuid::Uuid;

/// What stands for a credential where a request is repeated in an answer.
const HIDDEN: &str = "**********";

/// Members whose values are never repeated.
const CREDENTIALS: [&str; 2] = ["client_secret", "access_token"];

/// Where in a request a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the body.
    Body,
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
}

impl Place {
    const fn word(self) -> &'static str {
        match self {
            Place::Body => "body",
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
        }
    }
}

/// One thing wrong with what was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    kind: &'static str,
    loc: Vec<Json>,
    msg: String,
    input: Json,
    ctx: Option<Json>,
}

impl Finding {
    /// A finding at a member of a place.
    pub fn new(
        kind: &'static str,
        place: Place,
        at: Vec<Json>,
        msg: impl Into<String>,
        input: Json,
    ) -> Finding {
        let loc = std::iter::once(place.word().into()).chain(at).collect();
        Finding {
            kind,
            loc,
            msg: msg.into(),
            input: hidden(input),
            ctx: None,
        }
    }

    /// The same with what belongs to its kind.
    pub fn with(mut self, ctx: Json) -> Finding {
        self.ctx = Some(ctx);
        self
    }

    /// A value of the right type that is refused all the same.
    pub fn value(place: Place, at: Vec<Json>, issue: &str, input: Json) -> Finding {
        let msg = format!("Value error, {issue}");
        Finding::new("value_error", place, at, msg, input).with(json!({ "error": {} }))
    }

    /// A member that must be sent and was not.
    pub fn missing(place: Place, at: Vec<Json>, input: Json) -> Finding {
        Finding::new("missing", place, at, "Field required", input)
    }

    /// Whether the body is no JSON.
    pub fn is_no_json(&self) -> bool {
        self.kind == "json_invalid"
    }

    /// The finding as answers show it.
    pub fn json(&self) -> Json {
        let mut out = Map::new();
        out.insert("type".into(), self.kind.into());
        out.insert("loc".into(), Json::Array(self.loc.clone()));
        out.insert("msg".into(), self.msg.as_str().into());
        out.insert("input".into(), self.input.clone());
        if let Some(ctx) = &self.ctx {
            out.insert("ctx".into(), ctx.clone());
        }
        Json::Object(out)
    }
}

/// What was sent, without its credentials.
fn hidden(mut input: Json) -> Json {
    if let Json::Object(members) = &mut input {
        for name in CREDENTIALS {
            if let Some(value) = members.get_mut(name).filter(|v| !v.is_null()) {
                *value = HIDDEN.into();
            }
        }
    }
    input
}

/// The result of judging a value.
pub type Judged<T> = Result<T, Vec<Finding>>;

/// A value and where it stands.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    /// In which part of the request.
    pub place: Place,
    /// The member.
    pub name: &'a str,
    /// The value.
    pub value: &'a Json,
}

impl Value<'_> {
    fn finding(&self, kind: &'static str, msg: impl Into<String>) -> Finding {
        // An address can hold a password.
        let is_url = self.name.ends_with("url");
        let password = is_url && self.value.as_str().is_some_and(|text| text.contains('@'));
        let input = match password || CREDENTIALS.contains(&self.name) {
            true => HIDDEN.into(),
            false => self.value.clone(),
        };
        Finding::new(kind, self.place, vec![self.name.into()], msg, input)
    }

    fn refuse<T>(&self, kind: &'static str, msg: impl Into<String>) -> Judged<T> {
        Err(vec![self.finding(kind, msg)])
    }

    /// An absolute address, in the one form in which addresses are kept and compared.
    pub fn url(self) -> Judged<Url> {
        let Json::String(text) = self.value else {
            return self.refuse("url_type", "URL input should be a string or URL");
        };
        if text.is_empty() {
            return self.unreadable("input is empty");
        }
        Url::parse(text).or_else(|issue| self.unreadable(&issue.to_string()))
    }

    fn unreadable<T>(self, issue: &str) -> Judged<T> {
        let msg = format!("Input should be a valid URL, {issue}");
        let finding = self.finding("url_parsing", msg);
        Err(vec![finding.with(json!({ "error": issue }))])
    }

    /// An address that is longer than it may be.
    pub fn too_long(self, most: usize) -> Finding {
        let msg = format!("URL should have at most {most} characters");
        let finding = self.finding("url_too_long", msg);
        finding.with(json!({ "max_length": most }))
    }

    /// A text.
    pub fn text(self) -> Judged<String> {
        match self.value {
            Json::String(text) => Ok(text.clone()),
            _ => self.refuse("string_type", "Input should be a valid string"),
        }
    }

    /// True or false, or a word or number that means one of them.
    pub fn boolean(self) -> Judged<bool> {
        let number = match self.value {
            Json::Bool(yes) => return Ok(*yes),
            Json::String(word) => return self.word(word),
            Json::Number(number) => number.as_f64(),
            _ => None,
        };
        match number {
            Some(0.0) => Ok(false),
            Some(1.0) => Ok(true),
            Some(whole) if whole.fract() == 0.0 => self.uninterpretable(),
            _ => self.refuse("bool_type", "Input should be a valid boolean"),
        }
    }

    fn word(self, word: &str) -> Judged<bool> {
        match word.to_ascii_lowercase().as_str() {
            "1" | "on" | "t" | "true" | "y" | "yes" => Ok(true),
            "0" | "off" | "f" | "false" | "n" | "no" => Ok(false),
            _ => self.uninterpretable(),
        }
    }

    fn uninterpretable<T>(self) -> Judged<T> {
        let msg = "Input should be a valid boolean, unable to interpret input";
        self.refuse("bool_parsing", msg)
    }

    /// An identifier.
    pub fn uuid(self) -> Judged<Uuid> {
        let text = self.text()?;
        Uuid::parse_str(&text).map_err(|issue| {
            let issue = issue.to_string();
            let msg = format!("Input should be a valid UUID, {issue}");
            let finding = self.finding("uuid_parsing", msg);
            vec![finding.with(json!({ "error": issue }))]
        })
    }

    /// A whole number between 1 and a bound.
    pub fn count(self, most: u32) -> Judged<u32> {
        let text = self.text()?;
        let digits = text.trim();
        let Ok(number) = digits.parse::<i128>() else {
            let msg = "Input should be a valid integer, unable to parse string as an integer";
            return self.refuse("int_parsing", msg);
        };
        if number < 1 {
            let msg = "Input should be greater than or equal to 1";
            let finding = self.finding("greater_than_equal", msg);
            return Err(vec![finding.with(json!({ "ge": 1 }))]);
        }
        match u32::try_from(number) {
            Ok(number) if number <= most => Ok(number),
            _ => {
                let msg = format!("Input should be less than or equal to {most}");
                let finding = self.finding("less_than_equal", msg);
                Err(vec![finding.with(json!({ "le": most }))])
            }
        }
    }

    /// One of a few words.
    pub fn one_of(self, words: &[&str]) -> Judged<String> {
        let text = self.text()?;
        if words.contains(&text.as_str()) {
            return Ok(text);
        }
        let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
        let expected = match quoted.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => quoted.join(""),
        };
        let finding = self.finding("enum", format!("Input should be {expected}"));
        Err(vec![finding.with(json!({ "expected": expected }))])
    }

    /// A map of texts, within the limits of metadata.
    pub fn metadata(self) -> Judged<Map<String, Json>> {
        let Json::Object(members) = self.value else {
            return self.refuse("dict_type", "Input should be a valid dictionary");
        };
        let wrong = members.iter().filter(|(_, value)| !value.is_string());
        let wrong: Vec<_> = wrong
            .map(|(key, value)| {
                let at = vec![self.name.into(), key.as_str().into()];
                let msg = "Input should be a valid string";
                Finding::new("string_type", self.place, at, msg, value.clone())
            })
            .collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        match beyond(members) {
            None => Ok(members.clone()),
            Some(issue) => {
                let at = vec![self.name.into()];
                let input = self.value.clone();
                Err(vec![Finding::value(self.place, at, issue, input)])
            }
        }
    }
}

/// The limit of metadata that is passed first. The texts say `less than`; the limits are included.
fn beyond(members: &Map<String, Json>) -> Option<&'static str> {
    let longer = |text: &str, most: usize| text.chars().count() > most;
    if members.len() > 16 {
        return Some("Metadata must be less than 16 keys.");
    }
    if members.keys().any(|key| longer(key, 64)) {
        return Some("Metadata keys must be less than 64 characters.");
    }
    let mut values = members.values().filter_map(Json::as_str);
    values
        .any(|value| longer(value, 512))
        .then_some("Metadata values must be less than 512 characters.")
}

/// The identifier of a connector in an address.
pub fn connector_id(text: &str) -> Judged<Uuid> {
    let sent = Json::from(text);
    let value = Value {
        place: Place::Path,
        name: "connector_id",
        value: &sent,
    };
    value.uuid()
}
