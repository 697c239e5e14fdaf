//! Needles of text tests, quoted for the databases.

use super::filter::Match;

/// A LIKE pattern in which the needle stands literally, to be used with `ESCAPE '\'`.
pub(super) fn like_pattern(place: Match, needle: &str) -> String {
    let mut pattern = String::with_capacity(needle.len() + 2);
    if place != Match::Start {
        pattern.push('%');
    }
    for c in needle.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    if place != Match::End {
        pattern.push('%');
    }
    pattern
}

/// A regular expression in which the needle stands literally; `(?i)` folds Unicode letters.
pub(super) fn regex_pattern(place: Match, needle: &str) -> String {
    let mut pattern = String::from("(?i)");
    if place == Match::Start {
        pattern.push_str(r"\A");
    }
    for c in needle.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() {
            pattern.push_str(&format!(r"\x{{{:x}}}", u32::from(c)));
        } else {
            pattern.push(c);
        }
    }
    if place == Match::End {
        pattern.push_str(r"\z");
    }
    pattern
}
