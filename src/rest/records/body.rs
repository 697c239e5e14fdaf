//! Bodies of questions: JSON objects whose members are known by name, in either spelling.

use crate::error::Problem;
use crate::rest::{Fault, name};
use serde_json::Value as Json;
use uuid::Uuid;

/// Reads a body as JSON.
pub fn parse(body: &[u8]) -> Result<Json, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::InvalidJson(error.to_string()))
}

/// The members of an object, by their known names; what is wrong is gathered.
pub struct Members<'a> {
    found: Vec<(&'static str, &'a str, &'a Json)>,
    /// What is wrong so far.
    pub problems: Vec<Problem>,
}

impl<'a> Members<'a> {
    /// Reads an object that may have the `known` members; null is as good as absent.
    pub fn read(document: &'a Json, known: &[&'static str]) -> Members<'a> {
        let mut members = Members {
            found: Vec::new(),
            problems: Vec::new(),
        };
        match document {
            Json::Object(object) => object
                .iter()
                .for_each(|(spelled, value)| members.take(known, spelled, value)),
            _ => members.refuse("", "must be an object"),
        }
        members
    }

    fn take(&mut self, known: &[&'static str], spelled: &'a str, value: &'a Json) {
        let snake = name::snake(spelled);
        match known.iter().find(|name| **name == snake) {
            None => {
                let short: String = spelled.chars().take(60).collect();
                let issue = format!("is no member here; there are {}", known.join(", "));
                self.refuse(short, issue);
            }
            Some(name) if self.found.iter().any(|(n, ..)| n == name) => {
                self.refuse(spelled, "is given twice, in two spellings");
            }
            Some(_) if value.is_null() => {}
            Some(name) => self.found.push((name, spelled, value)),
        }
    }

    /// Notes a problem.
    pub fn refuse(&mut self, path: impl Into<String>, issue: impl Into<String>) {
        if self.problems.len() < 100 {
            self.problems.push(Problem::new(path, issue));
        }
    }

    /// A member: as the client spelled its name, and its value.
    pub fn get(&self, name: &str) -> Option<(&'a str, &'a Json)> {
        let found = self.found.iter().find(|(n, ..)| *n == name);
        found.map(|(_, spelled, value)| (*spelled, *value))
    }

    /// A text.
    pub fn text(&mut self, name: &str) -> Option<&'a str> {
        let (spelled, value) = self.get(name)?;
        let text = value.as_str();
        if text.is_none() {
            self.refuse(spelled, "must be a text");
        }
        text
    }

    /// The result, or its problems beside those so far.
    pub fn gather<T>(&mut self, result: Result<T, Vec<Problem>>) -> Option<T> {
        result
            .map_err(|problems| self.problems.extend(problems))
            .ok()
    }

    /// The workspace named in the body or, beside it, in the query.
    pub fn workspace(&mut self, in_query: Option<&str>) -> Option<Uuid> {
        let in_body = self.text("workspace_id");
        let spelled = self.get("workspace_id").map_or("workspaceId", |(s, _)| s);
        if let (Some(a), Some(b)) = (in_body, in_query)
            && !a.eq_ignore_ascii_case(b)
        {
            self.refuse(
                spelled,
                "differs from the one in the address; name one of them",
            );
        }
        let text = in_body.or(in_query)?;
        let id = Uuid::parse_str(text).ok();
        if id.is_none() {
            self.refuse(spelled, "must be the UUID of a workspace");
        }
        id
    }
}
