//! Looking for secrets in bytes, in every form in which they are commonly written down.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::BTreeSet;
use std::path::Path;

/// Shorter texts turn up by chance.
const LEAST: usize = 12;

/// Secrets, and what to look for.
#[derive(Default)]
pub struct Secrets {
    /// What it is, and a form of it.
    forms: BTreeSet<(String, Vec<u8>)>,
}

impl Secrets {
    /// Adds one.
    pub fn add(&mut self, what: &str, secret: &str) {
        assert!(
            secret.len() >= LEAST,
            "{what} is too short to be looked for"
        );
        for form in forms(secret) {
            self.forms.insert((what.to_owned(), form));
        }
    }

    /// How many forms are looked for.
    pub fn len(&self) -> usize {
        self.forms.len()
    }

    /// What is found in some bytes.
    pub fn found(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let found = self.forms.iter().filter(|(_, form)| holds(bytes, form));
        let say = |(what, form): &(String, Vec<u8>)| {
            let at = position(bytes, form).unwrap_or_default();
            let around = &bytes[at.saturating_sub(80)..(at + form.len() + 20).min(bytes.len())];
            format!(
                "{place}: {what}, near `{}`",
                String::from_utf8_lossy(around)
            )
        };
        found.map(say).collect()
    }

    /// What is found in all files below a folder.
    pub fn found_below(&self, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                found.extend(self.found_below(&path));
            } else {
                let bytes = std::fs::read(&path).unwrap_or_default();
                found.extend(self.found(&path.display().to_string(), &bytes));
            }
        }
        found
    }
}

/// A secret as it is, in base64 at each of the three places where it can begin, in hexadecimal,
/// and encoded for URLs.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let url: String = url::form_urlencoded::byte_serialize(bytes).collect();
    let mut all = vec![secret.to_owned(), hex.to_uppercase(), hex, url];
    for before in 0..3 {
        let shifted = [&[0; 2][..before.min(2)], bytes].concat();
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = engine.encode(&shifted);
            // Where the neighbours have no part in it.
            let begin = (before * 8).div_ceil(6);
            let end = shifted.len() * 8 / 6;
            all.push(text[begin..end].to_owned());
        }
    }
    all.into_iter().map(String::into_bytes).collect()
}

fn position(bytes: &[u8], form: &[u8]) -> Option<usize> {
    bytes.windows(form.len()).position(|window| window == form)
}

/// As `position`, and fast: most bytes begin nothing.
fn holds(bytes: &[u8], form: &[u8]) -> bool {
    let Some((first, rest)) = form.split_first() else {
        return false;
    };
    let mut left = bytes;
    while let Some(at) = left.iter().position(|b| b == first) {
        left = &left[at + 1..];
        if left.starts_with(rest) {
            return true;
        }
    }
    false
}

#[test]
fn every_form_of_a_secret_is_found_wherever_it_stands() {
    let mut secrets = Secrets::default();
    let secret = "s3cret/of+the=peer";
    secrets.add("it", secret);
    for before in ["", "a", "ab", "abc"] {
        let text = format!("{before}{secret}xyz");
        let hex: String = text.bytes().map(|b| format!("{b:02x}")).collect();
        for found in [
            text.clone(),
            STANDARD_NO_PAD.encode(&text),
            URL_SAFE_NO_PAD.encode(&text),
            hex.to_uppercase(),
            hex,
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        ] {
            assert!(
                !secrets.found("here", found.as_bytes()).is_empty(),
                "{found}"
            );
        }
    }
    assert!(secrets.found("here", b"s3cret/of+the=pee").is_empty());
}
