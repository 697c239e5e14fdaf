//! File names of strangers: what is kept of them, and how a header says them.

use super::Format;

/// Most bytes of a kept file name: what every usual file system takes.
const MOST: usize = 255;

/// What may be kept of a file name: its last component without control and direction-changing
/// characters, at most 255 bytes, ending as its format does. `None` if nothing is left.
pub fn sanitise(name: &str, format: Format) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_hidden(*c)).collect();
    let kept = kept.trim().trim_start_matches('.').trim_end_matches('.');
    let kept = kept.trim();
    if kept.is_empty() {
        return None;
    }
    let (stem, extension) = match kept.rsplit_once('.') {
        Some((stem, end)) if format.allows_extension(end) && !stem.is_empty() => (stem, end),
        // An end that says something else must not decide how the file is opened once saved.
        _ => (kept, format.extension()),
    };
    let room = MOST - extension.len() - 1;
    Some(format!("{}.{extension}", cut(stem, room)))
}

/// Characters that are not seen or that change how others are seen.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The longest beginning of at most `room` bytes.
fn cut(text: &str, room: usize) -> &str {
    let mut end = text.len().min(room);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].trim_end()
}

/// The value of `Content-Disposition` (RFC 6266) that shows the file and names it when saved:
/// `filename` for old clients in ASCII, `filename*` (RFC 8187) for all others.
pub fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            // A percent sign would be decoded by some, and escapes are read by few.
            '"' | '\\' | '%' => '_',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '_',
        })
        .collect();
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        let kept = byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
        if kept {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("inline; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}
