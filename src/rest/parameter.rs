//! Query parameters: what each operation declares, and reading a query against it. A parameter
//! that is not declared is refused, because a misspelt filter that is ignored returns everything.

mod known;

pub use known::*;

use super::{Fault, Route, name};
use crate::error::Problem;
use crate::query::{Choice, Resource};
use std::borrow::Cow;

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum In {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
}

/// What a parameter's value looks like.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Any text.
    Text,
    /// A UUID.
    Uuid,
    /// A UUID, or one of the resource's other names, such as a slug.
    Key(fn() -> &'static Resource),
    /// An RFC 3339 moment, or a date.
    Moment,
    /// A whole number between two bounds, and what it is if it is not sent.
    Integer {
        /// Least.
        least: u64,
        /// Greatest.
        most: u64,
        /// If not sent.
        default: Option<u64>,
    },
    /// One of the words of an enumeration.
    Word(&'static Choice),
    /// Names of the resource's relations, separated by commas, nested by dots.
    Include(fn() -> &'static Resource),
    /// Sortable fields of the resource, separated by commas, `-` in front for descending.
    Sort(fn() -> &'static Resource),
    /// `fields[type]`: names of members, separated by commas.
    Fields,
    /// `filter[field]` and `filter[field][operator]` on the resource.
    Filter(fn() -> &'static Resource),
    /// A JSON document.
    Json,
}

/// A parameter of an operation.
#[derive(Clone, Copy)]
pub struct Parameter {
    /// The name, snake case; camel case is accepted as well.
    pub name: &'static str,
    /// Where it stands.
    pub place: In,
    /// What its value looks like.
    pub shape: Shape,
    /// Whether it must be sent.
    pub required: bool,
    /// What it does, a sentence or two.
    pub doc: &'static str,
    /// An example of a value; empty for none.
    pub example: &'static str,
}

/// A value that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The name as the client spelled it.
    pub spelled: String,
    /// The value, decoded.
    pub value: String,
}

/// The query of a request, read.
#[derive(Debug, Default)]
pub struct Parameters {
    named: Vec<(&'static str, Sent)>,
    /// `fields[type]`, by the type as it was spelled.
    pub fields: Vec<(String, Sent)>,
    /// `filter[field]` or `filter[field][operator]`, by the words in brackets.
    pub filters: Vec<(Vec<String>, Sent)>,
}

/// Flat names of parameters that JSON:API writes in brackets.
const BRACKETS: &[(&str, &str)] = &[
    ("page[limit]", "limit"),
    ("page[size]", "limit"),
    ("page[number]", "page"),
    ("page[cursor]", "cursor"),
    ("page[after]", "cursor"),
    ("page[before]", "before"),
];

impl Parameters {
    /// Reads a query against what `route` declares; everything wrong is reported at once.
    pub fn read(route: &Route, query: &str) -> Result<Parameters, Fault> {
        let (mut read, mut problems) = (Parameters::default(), Vec::new());
        for (spelled, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let sent = Sent {
                spelled: spelled.into_owned(),
                value: value.into_owned(),
            };
            if let Err(issue) = read.take(route, &sent) {
                let path: String = sent.spelled.chars().take(80).collect();
                problems.push(Problem::new(path, issue));
            }
        }
        let missing = |p: &&Parameter| {
            p.place == In::Query && p.required && !read.named.iter().any(|(n, _)| *n == p.name)
        };
        for parameter in route.parameters().filter(missing) {
            problems.push(Problem::new(parameter.name, "is missing"));
        }
        if problems.is_empty() {
            Ok(read)
        } else {
            Err(Fault::query(problems))
        }
    }

    fn take(&mut self, route: &Route, sent: &Sent) -> Result<(), String> {
        let name = name::snake(&sent.spelled);
        let flat = BRACKETS.iter().find(|(bracketed, _)| *bracketed == name);
        let name = flat.map_or(name, |(_, flat)| Cow::Borrowed(*flat));
        if let Some(words) = brackets(&name, "fields")
            && let [word] = words.as_slice()
            && route.declares(|shape| matches!(shape, Shape::Fields))
        {
            return once(&mut self.fields, word.clone(), sent);
        }
        let words = brackets(&name, "filter");
        // `filter[status]` is the parameter `status` where there is one.
        let flat = match words.as_deref() {
            Some([one]) => one.as_str(),
            _ => &*name,
        };
        let declared = route
            .parameters()
            .find(|p| p.place == In::Query && p.name == flat && !p.bracketed());
        if let Some(parameter) = declared {
            return once(&mut self.named, parameter.name, sent);
        }
        match words {
            Some(words) if route.declares(|shape| matches!(shape, Shape::Filter(_))) => {
                once(&mut self.filters, words, sent)
            }
            _ => Err(format!(
                "is no parameter of this address; it takes {}",
                known(route)
            )),
        }
    }

    /// What was sent for a parameter.
    pub fn sent(&self, name: &str) -> Option<&Sent> {
        let found = self.named.iter().find(|(n, _)| *n == name);
        found.map(|(_, sent)| sent)
    }

    /// The value of a parameter, if it was sent and is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.sent(name)
            .map(|sent| sent.value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A whole number within the bounds that the route declares for it.
    pub fn integer(&self, route: &Route, name: &str) -> Result<Option<u64>, Problem> {
        let shape = route.parameters().find(|p| p.name == name).map(|p| p.shape);
        let Some(Shape::Integer {
            least,
            most,
            default,
        }) = shape
        else {
            return Ok(None);
        };
        let Some(sent) = self.sent(name) else {
            return Ok(default);
        };
        let digits = !sent.value.is_empty() && sent.value.bytes().all(|b| b.is_ascii_digit());
        let number = sent
            .value
            .parse()
            .ok()
            .filter(|n| (least..=most).contains(n));
        match number.filter(|_| digits) {
            Some(number) => Ok(Some(number)),
            None => {
                let value: String = sent.value.chars().take(40).collect();
                let issue = format!("must be a whole number from {least} to {most}, not `{value}`");
                Err(Problem::new(&*sent.spelled, issue))
            }
        }
    }
}

fn once<K: PartialEq>(list: &mut Vec<(K, Sent)>, key: K, sent: &Sent) -> Result<(), String> {
    if let Some((_, before)) = list.iter().find(|(k, _)| *k == key) {
        return Err(if before.spelled == sent.spelled {
            "is given twice".to_owned()
        } else {
            format!("is given twice, also as `{}`", before.spelled)
        });
    }
    list.push((key, sent.clone()));
    Ok(())
}

/// `["a", "b"]` out of `filter[a][b]`.
fn brackets(name: &str, of: &str) -> Option<Vec<String>> {
    let inner = name
        .strip_prefix(of)?
        .strip_prefix('[')?
        .strip_suffix(']')?;
    let words: Vec<String> = inner.split("][").map(str::to_owned).collect();
    let plain = |w: &String| !w.is_empty() && !w.contains(['[', ']']);
    words.iter().all(plain).then_some(words)
}

fn known(route: &Route) -> String {
    let names: Vec<Cow<'_, str>> = route
        .parameters()
        .filter(|p| p.place == In::Query)
        .map(|p| match p.shape {
            Shape::Fields => "fields[type]".into(),
            Shape::Filter(_) => "filter[field]".into(),
            _ => p.name.into(),
        })
        .collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

impl Parameter {
    /// Whether it is a family whose members are written in brackets.
    pub const fn bracketed(&self) -> bool {
        matches!(self.shape, Shape::Fields | Shape::Filter(_))
    }
}
