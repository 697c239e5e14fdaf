//! What a server says with a 401: the header `WWW-Authenticate` (RFC 9110, 11.6.1) with the
//! parameters of bearer tokens (RFC 6750) and protected resources (RFC 9728).

use super::document::{address, is_scope};
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use serde::{Deserialize, Serialize};
use url::Url;

/// What a server asks for. Each part is absent where the server does not say it, or not in the
/// form of its specification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Where its protected resource metadata lies.
    pub resource_metadata: Option<Url>,
    /// The scope that the request needs.
    pub scope: Option<String>,
    /// What is wrong with the token that was sent, such as `invalid_token`.
    pub error: Option<String>,
}

impl Challenge {
    /// Reads the challenge for bearer tokens from all such headers of an answer: the first that
    /// names its metadata, else the first.
    pub fn read(headers: &HeaderMap) -> Challenge {
        let values = headers.get_all(WWW_AUTHENTICATE).iter();
        let schemes = values.flat_map(|value| schemes(value.as_bytes()));
        let bearer = schemes.filter(|scheme| scheme.name.eq_ignore_ascii_case("bearer"));
        let found: Vec<Challenge> = bearer.map(|scheme| scheme.challenge()).collect();
        let telling = found
            .iter()
            .find(|challenge| challenge.resource_metadata.is_some());
        telling.or(found.first()).cloned().unwrap_or_default()
    }
}

/// One challenge of a header.
#[derive(Default)]
struct Scheme {
    name: String,
    parameters: Vec<(String, String)>,
}

impl Scheme {
    /// The value of a parameter. One that is there twice says nothing: readers would differ.
    fn parameter(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        let mut values = self.parameters.iter().filter(named);
        let first = values.next();
        first
            .filter(|_| values.next().is_none())
            .map(|(_, value)| value.as_str())
    }

    fn challenge(&self) -> Challenge {
        let scope = |name| self.parameter(name).filter(|text| is_scope(text));
        Challenge {
            resource_metadata: self.parameter("resource_metadata").and_then(address),
            scope: scope("scope").map(str::to_owned),
            error: scope("error").filter(|e| e.len() <= 100).map(str::to_owned),
        }
    }
}

/// The challenges of one header. What follows a mistake is not read: nobody can say whose
/// parameters it holds, and the challenge that it breaks is dropped too.
fn schemes(header: &[u8]) -> Vec<Scheme> {
    let mut reader = Reader { rest: header };
    let mut schemes = Vec::new();
    loop {
        reader.skip(b", \t");
        let Some(name) = reader.token() else {
            return schemes;
        };
        let Some(parameters) = reader.parameters() else {
            return schemes;
        };
        schemes.push(Scheme { name, parameters });
    }
}

/// What is left of a header.
#[derive(Clone, Copy)]
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// Leaves out leading bytes of a kind.
    fn skip(&mut self, kind: &[u8]) {
        while let [first, rest @ ..] = self.rest
            && kind.contains(first)
        {
            self.rest = rest;
        }
    }

    /// Takes one byte if it is the next.
    fn take(&mut self, byte: u8) -> bool {
        let rest = self.rest.strip_prefix(&[byte]);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes as many bytes of a kind as there are, if any.
    fn run(&mut self, kind: fn(u8) -> bool) -> Option<String> {
        let end = self.rest.iter().position(|byte| !kind(*byte));
        let (run, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        (!run.is_empty()).then(|| String::from_utf8_lossy(run).into_owned())
    }

    fn token(&mut self) -> Option<String> {
        self.run(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
    }

    /// Whether a challenge or the header ends here.
    fn at_end(mut self) -> bool {
        self.skip(b" \t");
        matches!(self.rest.first(), None | Some(b','))
    }

    /// What follows the name of a scheme; `None` for a mistake.
    fn parameters(&mut self) -> Option<Vec<(String, String)>> {
        let mut found = Vec::new();
        if self.at_end() {
            self.skip(b" \t");
            return Some(found);
        }
        self.take(b' ').then_some(())?;
        self.skip(b" \t");
        if self.token68() {
            return Some(found);
        }
        found.push(self.parameter()?);
        loop {
            if !self.at_end() {
                return None;
            }
            let mut ahead = *self;
            ahead.skip(b", \t");
            match ahead.parameter() {
                Some(parameter) => found.push(parameter),
                // The name of the next scheme, the end, or a mistake that the caller meets.
                None => return self.ends_here().then_some(found),
            }
            *self = ahead;
        }
    }

    /// Whether what follows the comma is no broken parameter of this challenge.
    fn ends_here(mut self) -> bool {
        self.skip(b", \t");
        let name = self.token();
        self.skip(b" \t");
        name.is_none() && self.rest.is_empty() || name.is_some() && !self.rest.starts_with(b"=")
    }

    /// Takes the other form of what follows a scheme: one run of characters, as `Basic` has it.
    fn token68(&mut self) -> bool {
        let mut ahead = *self;
        let run = ahead.run(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b));
        ahead.skip(b"=");
        let whole = run.is_some() && ahead.at_end();
        if whole {
            *self = ahead;
        }
        whole
    }

    fn parameter(&mut self) -> Option<(String, String)> {
        let name = self.token()?;
        self.skip(b" \t");
        self.take(b'=').then_some(())?;
        self.skip(b" \t");
        let value = if self.take(b'"') {
            self.quoted()
        } else {
            self.token()
        };
        Some((name, value?))
    }

    /// The rest of a quoted string.
    fn quoted(&mut self) -> Option<String> {
        let mut text = Vec::new();
        loop {
            let (first, rest) = self.rest.split_first()?;
            self.rest = rest;
            match first {
                b'"' => return Some(String::from_utf8_lossy(&text).into_owned()),
                b'\\' => {
                    let (escaped, rest) = self.rest.split_first()?;
                    self.rest = rest;
                    text.push(*escaped);
                }
                byte => text.push(*byte),
            }
        }
    }
}
