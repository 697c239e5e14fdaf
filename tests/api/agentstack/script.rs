//! Requests and answers written down: a list of cases in a file, the same on both databases. What
//! differs from run to run (identifiers, moments, ports) is written as what it is.

use super::{Ask, Got, ask};
use crate::house;
use crate::support::TestApp;
use serde_json::{Map, Value as Json, json};

/// Headers that are part of the contract.
const HEADERS: [&str; 6] = [
    "allow",
    "content-type",
    "etag",
    "idempotency-replayed",
    "location",
    "www-authenticate",
];

/// What was asked and answered so far.
pub struct Script<'a> {
    t: &'a TestApp,
    file: &'static str,
    cases: Vec<Json>,
    /// What stands for texts of this run, in the order they came.
    names: Vec<(String, String)>,
    identifiers: Vec<String>,
}

impl<'a> Script<'a> {
    /// An empty one, kept in a file.
    pub fn new(t: &'a TestApp, file: &'static str) -> Script<'a> {
        let names = vec![(t.url.clone(), "http://server".to_owned())];
        Script {
            t,
            file,
            cases: Vec::new(),
            names,
            identifiers: Vec::new(),
        }
    }

    /// Says what stands for a text of this run.
    pub fn name(&mut self, text: &str, name: &str) {
        self.names.push((text.to_owned(), name.to_owned()));
    }

    /// Asks, and writes it down.
    pub async fn ask(&mut self, case: &str, token: &str, line: &str, body: Option<Json>) -> Got {
        let request = ask(self.t, token, line);
        let request = match &body {
            Some(body) => request.body(body),
            None => request,
        };
        self.send(case, request).await
    }

    /// Sends a request, and writes it down.
    pub async fn send(&mut self, case: &str, request: Ask<'_>) -> Got {
        let line = format!("{} {}", request.method, request.path);
        let sent = request.body.clone();
        let got = request.send().await;
        self.note(case, &line, sent, &got);
        got
    }

    /// Writes an answer down.
    pub fn note(&mut self, case: &str, line: &str, sent: Option<String>, got: &Got) {
        let mut headers = Map::new();
        for name in HEADERS {
            let values = got.headers.get_all(name).iter();
            let values: Vec<_> = values.map(|v| v.to_str().expect("text")).collect();
            if !values.is_empty() {
                headers.insert(name.into(), values.join(" | ").into());
            }
        }
        // Pages are looked at elsewhere.
        let body = match serde_json::from_str(&got.text) {
            Ok(body) => body,
            Err(_) if got.text.is_empty() => Json::Null,
            Err(_) => json!("<a page>"),
        };
        let sent = sent.map(|sent| serde_json::from_str(&sent).unwrap_or(Json::String(sent)));
        let mut case = json!({
            "case": case, "request": line, "sent": sent,
            "status": got.status, "headers": headers, "body": body,
        });
        self.general(&mut case, "");
        self.cases.push(case);
    }

    /// Writes what is of this run as what it is.
    fn general(&mut self, json: &mut Json, key: &str) {
        match json {
            Json::Object(members) => {
                for (key, value) in members {
                    self.general(value, key);
                }
            }
            Json::Array(list) => list.iter_mut().for_each(|item| self.general(item, key)),
            Json::String(text) => *text = self.text(text, key),
            Json::Number(_) if key == "milliseconds" => *json = json!("<milliseconds>"),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, key: &str) -> String {
        if key == "request_id" {
            return "<request>".into();
        }
        if key.ends_with("_at") && chrono::DateTime::parse_from_rfc3339(text).is_ok() {
            return "<moment>".into();
        }
        let mut text = text.to_owned();
        if text.contains("code_challenge=") {
            text = parameters(&text);
        }
        for (from, to) in &self.names {
            text = text.replace(from.as_str(), to);
        }
        self.numbered(text)
    }

    /// Identifiers as numbers, in the order they came.
    fn numbered(&mut self, mut text: String) -> String {
        let mut from = 0;
        while let Some(part) = text.get(from..from + 36) {
            if part.is_ascii()
                && uuid::Uuid::parse_str(part).is_ok()
                && !part.starts_with("00000000-")
            {
                let part = part.to_owned();
                let known = self.identifiers.iter().position(|id| *id == part);
                let number = known.unwrap_or_else(|| {
                    self.identifiers.push(part.clone());
                    self.identifiers.len() - 1
                });
                text = text.replacen(&part, &format!("<id {}>", number + 1), 1);
            }
            from += text
                .get(from..)
                .and_then(|t| t.chars().next())
                .map_or(1, char::len_utf8);
        }
        text
    }

    /// The cases are those of the file; with `UPDATE=1` the file is written.
    pub fn end(self) {
        let path = house::at("tests/api/agentstack/golden").join(format!("{}.json", self.file));
        let made = serde_json::to_string_pretty(&self.cases).expect("JSON") + "\n";
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        if there == made {
            return;
        }
        if house::updating() {
            std::fs::write(&path, made).expect("the file can be written");
            return;
        }
        let kept: Vec<Json> = serde_json::from_str(&there).unwrap_or_default();
        for (kept, made) in kept.iter().zip(&self.cases) {
            assert_eq!(kept, made, "in {}", path.display());
        }
        assert_eq!(kept.len(), self.cases.len(), "cases in {}", path.display());
        panic!("{} is written otherwise: UPDATE=1", path.display());
    }
}

/// An authorization URL with the names of its parameters alone, and the values that are fixed.
fn parameters(url: &str) -> String {
    let mut url = url::Url::parse(url).expect("an address");
    let fixed = [
        "response_type",
        "code_challenge_method",
        "redirect_uri",
        "resource",
        "scope",
    ];
    let pairs: Vec<String> = url
        .query_pairs()
        .map(|(name, value)| match fixed.contains(&name.as_ref()) {
            true => format!("{name}={value}"),
            false => format!("{name}=<…>"),
        })
        .collect();
    url.set_query(None);
    format!("{url}?{}", pairs.join("&"))
}
