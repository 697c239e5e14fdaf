//! Content negotiation: which rendering the client takes, and whether its body can be read. The
//! rules for media-type parameters are JSON:API 1.1's: `profile` may be anything, `ext` must be
//! supported (none is), any other parameter refuses.

use super::Fault;
use crate::error::Problem;

/// The dialect's own media type.
pub const JSON: &str = "application/json";

/// The media type of JSON:API.
pub const JSON_API: &str = "application/vnd.api+json";

/// The media type of requests in parts, with a file.
pub const PARTS: &str = "multipart/form-data";

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendering {
    /// The dialect's own documents, `application/json`.
    Well,
    /// JSON:API 1.1, `application/vnd.api+json`.
    Strict,
}

impl Rendering {
    /// The value of `Content-Type`. JSON:API forbids a charset.
    pub const fn content_type(self) -> &'static str {
        match self {
            Rendering::Well => "application/json; charset=utf-8",
            Rendering::Strict => JSON_API,
        }
    }
}

/// One media range of `Accept`.
struct Range<'a> {
    name: String,
    quality: f32,
    parameters: Vec<(String, &'a str)>,
}

/// Splits at a separator that does not stand in quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => {
                parts.push(&text[start..i]);
                start = i + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn range(text: &str) -> Option<Range<'_>> {
    let mut parts = split(text, ';').into_iter().map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let (mut quality, mut parameters) = (1.0, Vec::new());
    for part in parts.filter(|p| !p.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let key = key.trim().to_ascii_lowercase();
        match key.as_str() {
            "q" => quality = value.trim().parse().unwrap_or(0.0),
            _ => parameters.push((key, value.trim())),
        }
    }
    (!name.is_empty()).then_some(Range {
        name,
        quality,
        parameters,
    })
}

/// Why the parameters of a JSON:API media type refuse it, if they do.
fn refusal(parameters: &[(String, &str)]) -> Option<String> {
    parameters
        .iter()
        .find_map(|(key, value)| match key.as_str() {
            "profile" => None,
            "ext" if value.trim_matches('"').trim().is_empty() => None,
            "ext" => Some(format!(
                "no extension of JSON:API is supported, also not {value}"
            )),
            _ => Some(format!(
                "`{JSON_API}` takes no parameter but `ext` and `profile`, also not `{key}`"
            )),
        })
}

/// The rendering that the client likes best; the dialect's own where it has no wish.
pub fn negotiate(accept: Option<&str>) -> Result<Rendering, Fault> {
    let Some(accept) = accept.filter(|a| !a.trim().is_empty()) else {
        return Ok(Rendering::Well);
    };
    let (mut best, mut refused): (Option<(Rendering, f32, u8)>, _) = (None, None);
    for range in split(accept, ',').into_iter().filter_map(range) {
        let (rendering, precision) = match range.name.as_str() {
            JSON_API => match refusal(&range.parameters) {
                None => (Rendering::Strict, 2),
                Some(why) => {
                    refused = Some(why);
                    continue;
                }
            },
            JSON => (Rendering::Well, 2),
            "application/*" => (Rendering::Well, 1),
            // A browser that opens an address says what it likes best first; pages are not ours.
            "*/*" | "text/html" => (Rendering::Well, 0),
            _ => continue,
        };
        let better = best.is_none_or(|(_, q, p)| (range.quality, precision) > (q, p));
        if range.quality > 0.0 && better {
            best = Some((rendering, range.quality, precision));
        }
    }
    best.map(|(rendering, ..)| rendering).ok_or_else(|| {
        let known = format!("this address answers as `{JSON}` or `{JSON_API}`");
        Fault::NotAcceptable(refused.map_or(known.clone(), |why| format!("{why}; {known}")))
    })
}

/// Refuses a body of a media type that is not read here.
pub fn content(content_type: Option<&str>) -> Result<(), Fault> {
    let refuse = |issue: String| {
        Err(Fault::UnsupportedMediaType(Problem::new(
            "Content-Type",
            issue,
        )))
    };
    let known = format!("must be `{JSON}` or `{JSON_API}`");
    let Some(sent) = content_type.and_then(range) else {
        return refuse(known);
    };
    match sent.name.as_str() {
        JSON_API => match refusal(&sent.parameters) {
            Some(why) => refuse(why),
            None => Ok(()),
        },
        JSON => {
            let charset = sent.parameters.iter().find(|(key, _)| key == "charset");
            match charset {
                Some((_, value)) if !value.trim_matches('"').eq_ignore_ascii_case("utf-8") => {
                    refuse("must be UTF-8".into())
                }
                _ => Ok(()),
            }
        }
        other => refuse(format!(
            "{known}, not `{}`",
            other.chars().take(60).collect::<String>()
        )),
    }
}

/// Refuses a body that does not come in parts.
pub fn parts(content_type: Option<&str>) -> Result<(), Fault> {
    let parts = content_type
        .and_then(range)
        .is_some_and(|r| r.name == PARTS);
    if parts {
        return Ok(());
    }
    let issue = format!("must be `{PARTS}` with a part `file`");
    Err(Fault::UnsupportedMediaType(Problem::new(
        "Content-Type",
        issue,
    )))
}
