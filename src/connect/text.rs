//! What other servers said, made fit to be shown: short, on one line, and without what was
//! confided to them. Knows nothing of who said it.

/// Most characters of what a server said that are shown.
const MOST: usize = 500;

/// A server's words as a person may read them; `None` if nothing is left. Each of `hidden` is
/// taken out, since a server may repeat the credential that it was sent.
pub(crate) fn clean(said: &str, hidden: &[&str]) -> Option<String> {
    let mut said = said.to_owned();
    for secret in hidden.iter().filter(|secret| !secret.is_empty()) {
        said = said.replace(secret, "(hidden)");
    }
    let line = said
        .split(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match line.char_indices().nth(MOST - 1) {
        // The mark of the cut is one of the characters.
        Some((end, last)) if end + last.len_utf8() < line.len() => {
            Some(line[..end].to_owned() + "…")
        }
        _ => (!line.is_empty()).then_some(line),
    }
}

/// Marks that change how the rest of a line reads without being seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
