//! What is checked before a file is kept. All problems at once, each with the path of the member
//! that a client sent: `file`, `content_type`, `file_name`.

use super::format::essence;
use super::{Format, Key, Stored, container, name, raster, svg};
use crate::error::{Error, Problem, Result};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

/// Longest file name that is looked at.
const LONGEST_NAME: usize = 4096;
/// Content types that say nothing, as senders that know no better declare.
const SILENT: [&str; 2] = ["application/octet-stream", "binary/octet-stream"];
/// Most pixels of a side: what browsers still decode.
const MOST_SIDE: u32 = 16_384;
/// Most pixels in all. A small file can claim a picture that fills the memory of its reader.
const MOST_PIXELS: u64 = 100_000_000;

/// A file that was checked. There is no other way to make one, so nothing unchecked is stored.
#[derive(Debug, Clone)]
pub struct Upload {
    bytes: Bytes,
    key: Key,
    file_name: Option<String>,
}

impl Upload {
    /// Judges bytes and what was said about them; `limit` is the most bytes of a file.
    ///
    /// It reads all bytes, which takes milliseconds: [`super::Store::receive`] does it where that
    /// blocks nobody.
    pub fn check(
        bytes: Bytes,
        content_type: Option<&str>,
        file_name: Option<&str>,
        limit: usize,
    ) -> Result<Upload> {
        let mut problems = Vec::new();
        let format = judge(&bytes, limit)
            .map_err(|problem| problems.push(problem))
            .ok();
        // What only begins like XML may be anything.
        let sniffed = format.or_else(|| Format::sniff(&bytes).filter(|f| *f != Format::Svg));
        problems.extend(content_type.and_then(|c| contradiction(c, sniffed)));
        let kept = file_name.and_then(|name| {
            // Without a format the file is refused and its name only judged.
            keep(name, sniffed.unwrap_or(Format::Png))
                .map_err(|problem| problems.push(problem))
                .ok()
        });
        match format {
            Some(format) if problems.is_empty() => Ok(Upload {
                key: Key::of(&bytes, format),
                bytes,
                file_name: kept,
            }),
            _ => Err(Error::Invalid(problems)),
        }
    }

    /// The bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Where the file will lie.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Its format.
    pub fn format(&self) -> Format {
        self.key.format()
    }

    /// The file name as it may be kept; `None` if none was sent.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// What the row says about it.
    pub fn stored(&self) -> Stored {
        Stored {
            path: self.key.to_string(),
            sha256: self.key.sha256().to_owned(),
            size: self.bytes.len() as u64,
            content_type: self.format().content_type(),
        }
    }
}

/// Reads a body into memory, no further than the limit.
pub async fn collect<S>(stream: S, limit: usize) -> Result<Bytes>
where
    S: Stream<Item = std::io::Result<Bytes>>,
{
    let mut stream = std::pin::pin!(stream);
    let mut all = BytesMut::new();
    while let Some(part) = stream.next().await {
        let part = part.map_err(|e| {
            Error::invalid("file", format!("broke off ({e}); send it again, whole"))
        })?;
        if part.len() > limit - all.len() {
            return Err(Error::Invalid(vec![too_large(limit)]));
        }
        all.extend_from_slice(&part);
    }
    Ok(all.freeze())
}

fn too_large(limit: usize) -> Problem {
    Problem::new("file", format!("is larger than {limit} bytes, the most"))
}

/// The format of bytes that are a whole, harmless picture.
fn judge(bytes: &[u8], limit: usize) -> std::result::Result<Format, Problem> {
    if bytes.is_empty() {
        return Err(Problem::new("file", "is empty; send a picture"));
    }
    if bytes.len() > limit {
        return Err(too_large(limit));
    }
    let accepted = Format::accepted();
    let Some(format) = Format::sniff(bytes) else {
        let issue = format!("is no picture of an accepted type; send {accepted}");
        return Err(Problem::new("file", issue));
    };
    let judged = match format {
        Format::Png => raster::png(bytes).and_then(sane),
        Format::Jpeg => raster::jpeg(bytes).and_then(sane),
        Format::Gif => raster::gif(bytes).and_then(sane),
        Format::Webp => container::webp(bytes).and_then(sane),
        Format::Avif => container::avif(bytes).and_then(sane),
        Format::Ico => container::ico(bytes).and_then(sane),
        Format::Svg => svg::check(bytes),
    };
    match judged {
        Ok(()) => Ok(format),
        Err(issue) => Err(Problem::new("file", issue)),
    }
}

/// Whether a picture has a size that its readers can bear.
fn sane((width, height): (u32, u32)) -> std::result::Result<(), String> {
    let pixels = u64::from(width) * u64::from(height);
    if width == 0 || height == 0 {
        return Err(format!(
            "says it measures {width} by {height} pixels; a side must be at least 1"
        ));
    }
    if width > MOST_SIDE || height > MOST_SIDE || pixels > MOST_PIXELS {
        return Err(format!(
            "measures {width} by {height} pixels; a side may have {MOST_SIDE} and the whole {MOST_PIXELS}"
        ));
    }
    Ok(())
}

/// What is wrong with a declared content type.
fn contradiction(declared: &str, found: Option<Format>) -> Option<Problem> {
    let shown: String = essence(declared).chars().take(100).collect();
    let said = Format::of_content_type(declared);
    let silent = shown.is_empty() || SILENT.iter().any(|s| shown.eq_ignore_ascii_case(s));
    let issue = match (said, found) {
        (None, _) if silent => return None,
        (None, _) => format!(
            "is `{shown}`, which is not accepted; send {}",
            Format::accepted()
        ),
        (Some(said), Some(found)) if said != found => format!(
            "says `{shown}`, but the file is `{}`; declare that or nothing",
            found.content_type()
        ),
        // A file that is no picture at all was refused as such.
        (Some(_), _) => return None,
    };
    Some(Problem::new("content_type", issue))
}

fn keep(file_name: &str, format: Format) -> std::result::Result<String, Problem> {
    let issue = if file_name.len() > LONGEST_NAME {
        format!("is longer than {LONGEST_NAME} bytes; shorten it")
    } else if let Some(kept) = name::sanitise(file_name, format) {
        return Ok(kept);
    } else {
        "holds nothing that can name a file; send a name such as `logo.png`, or none".to_owned()
    };
    Err(Problem::new("file_name", issue))
}
