//! Which headers pass, in either direction: those of these lists and no others.
//!
//! # Why
//!
//! On the way out a list of what passes is the only one that keeps a caller's credentials, cookies
//! and addresses in, whatever they are called. On the way back it is the same: the answer appears
//! to come from this server, so a stranger must not set cookies, open it to other origins, weaken
//! its security headers, or speak to the proxies before it (`x-accel-redirect`); and there are more
//! such headers than anybody can list.

use reqwest::header::{HeaderMap, HeaderName};

/// What describes a request and its body. The body passes as it is, so its encoding does too.
const ONWARD: &[&str] = &[
    "accept",
    "accept-encoding",
    "content-encoding",
    "content-type",
    "last-event-id",
];

/// What describes an answer and its body, or tells a caller when to come back.
const BACK: &[&str] = &[
    "allow",
    "content-encoding",
    "content-language",
    "content-type",
    "ratelimit",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

/// The headers of the protocol: its version, the session, and in its newest revision the method, the
/// name and the parameters of a call.
const PROTOCOL: &str = "mcp-";

/// The headers of a caller that a server gets.
pub fn onward(sent: &HeaderMap) -> HeaderMap {
    picked(sent, ONWARD)
}

/// The headers of a server that a caller gets.
pub fn back(answered: &HeaderMap) -> HeaderMap {
    picked(answered, BACK)
}

fn picked(from: &HeaderMap, list: &[&str]) -> HeaderMap {
    let passes = |name: &HeaderName| {
        let name = name.as_str();
        list.contains(&name) || name.starts_with(PROTOCOL)
    };
    let picked = from.iter().filter(|(name, _)| passes(name));
    let mut headers = HeaderMap::new();
    for (name, value) in picked {
        headers.append(name.clone(), value.clone());
    }
    headers
}
