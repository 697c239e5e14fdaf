//! Patterns of the raw grammar: `%` is any text, `_` any character, the backslash takes the next
//! character literally.

use std::fmt::Write;

/// A pattern that both databases read alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

/// A part of a pattern.
enum Part {
    /// `%`
    Text,
    /// `_`
    One,
    /// A character that stands for itself.
    Literal(char),
}

impl Pattern {
    /// Reads it; a backslash at its end takes nothing literally and is refused.
    pub(super) fn parse(text: &str) -> Result<Pattern, String> {
        let slashes = text.chars().rev().take_while(|c| *c == '\\').count();
        if slashes % 2 == 1 {
            return Err(
                "ends in a backslash that takes nothing literally; write `\\\\` for a backslash"
                    .into(),
            );
        }
        Ok(Pattern(text.to_owned()))
    }

    /// As it was typed, for LIKE with `ESCAPE '\'`.
    pub(super) fn like(&self) -> &str {
        &self.0
    }

    fn parts(&self) -> impl Iterator<Item = Part> {
        let mut chars = self.0.chars();
        std::iter::from_fn(move || {
            Some(match chars.next()? {
                '%' => Part::Text,
                '_' => Part::One,
                '\\' => Part::Literal(chars.next()?),
                c => Part::Literal(c),
            })
        })
    }

    /// For GLOB, which respects case where SQLite's LIKE does not.
    pub(super) fn glob(&self) -> String {
        let mut glob = String::with_capacity(self.0.len());
        for part in self.parts() {
            match part {
                Part::Text => glob.push('*'),
                Part::One => glob.push('?'),
                Part::Literal(c @ ('*' | '?' | '[')) => {
                    let _ = write!(glob, "[{c}]");
                }
                Part::Literal(c) => glob.push(c),
            }
        }
        glob
    }

    /// A regular expression that folds Unicode letters, for which SQLite's LIKE is too simple.
    pub(super) fn folding(&self) -> String {
        let mut regex = String::from(r"(?is)\A");
        for part in self.parts() {
            match part {
                Part::Text => regex.push_str(".*"),
                Part::One => regex.push('.'),
                Part::Literal(c) if c.is_alphanumeric() => regex.push(c),
                Part::Literal(c) => {
                    let _ = write!(regex, r"\x{{{:x}}}", u32::from(c));
                }
            }
        }
        regex.push_str(r"\z");
        regex
    }
}
