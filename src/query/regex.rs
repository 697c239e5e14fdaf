//! Regular expressions that both databases read alike and match in linear time.
//!
//! # Why
//!
//! SQLite matches with the `regex` crate, PostgreSQL with its own engine, and the two differ in
//! classes, anchors, case and newlines. So the expression is parsed here, once, into a form in which
//! every class is a list of characters and case is already folded, and that form is written again in
//! the few constructs that mean the same in PostgreSQL. What has no such form is refused: what looks
//! around or back is not linear.
//!
//! `.` matches every character, `^` and `$` the ends of the text unless `(?m)` asks for lines;
//! classes are Unicode's.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition};
use std::fmt::Write;

/// What one expression counts for among the tests of a filter: reading it costs more than a value.
pub(super) const COST: usize = 5;
/// Bytes of an expression.
const MAX_BYTES: usize = 1_000;
/// Characters and classes of an expression, repetitions written out.
const MAX_SIZE: u64 = 1_000;
/// The same, of parts that may be left out alone: PostgreSQL takes quadratic time to read them.
const MAX_OPTIONAL: u64 = 250;
/// Repetitions of one part; PostgreSQL counts no further.
const MAX_REPEAT: u32 = 255;
/// Ranges of all classes of an expression; `\w` has about 770.
const MAX_RANGES: usize = 20_000;
/// Bytes of the compiled expression.
const MAX_COMPILED: usize = 5 * 1024 * 1024;

/// An expression in the spelling of either database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regex {
    sqlite: String,
    postgres: String,
}

impl Regex {
    /// Reads it; `fold` says that case does not count.
    pub(super) fn parse(text: &str, fold: bool) -> Result<Regex, String> {
        if text.len() > MAX_BYTES {
            return Err(format!(
                "is {} bytes long; the limit for a regular expression is {MAX_BYTES}",
                text.len()
            ));
        }
        let mut parser = ParserBuilder::new()
            .case_insensitive(fold)
            .dot_matches_new_line(true)
            .nest_limit(50)
            .build();
        let hir = parser.parse(text).map_err(|error| refusal(&error))?;
        if size(&hir) > MAX_SIZE {
            return Err(format!(
                "is too large: with its repetitions written out it has more than {MAX_SIZE} characters; repeat less"
            ));
        }
        if optional(&hir) > MAX_OPTIONAL {
            return Err(format!(
                "is too large: more than {MAX_OPTIONAL} characters may be left out, repetitions written out; repeat less"
            ));
        }
        let mut writer = Writer {
            out: String::from("***:"),
            ranges: 0,
        };
        writer.write(&hir)?;
        let sqlite = format!("{}{text}", if fold { "(?is)" } else { "(?s)" });
        regex::RegexBuilder::new(&sqlite)
            .size_limit(MAX_COMPILED)
            .build()
            .map_err(|_| {
                "is too large for a regular expression; use fewer classes, or repeat them less"
                    .to_owned()
            })?;
        Ok(Regex {
            sqlite,
            postgres: writer.out,
        })
    }

    /// For the function that SQLite's connections register.
    pub(super) fn sqlite(&self) -> &str {
        &self.sqlite
    }

    /// For PostgreSQL's `~`.
    pub(super) fn postgres(&self) -> &str {
        &self.postgres
    }
}

fn refusal(error: &regex_syntax::Error) -> String {
    let what = match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "it cannot be read".to_owned(),
    };
    format!("is not a regular expression that is taken here: {what}")
}

/// Characters and classes with repetitions written out.
fn size(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(_) => 1,
        HirKind::Look(_) => 2,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1));
            size(&repetition.sub).saturating_mul(u64::from(times.max(1)))
        }
        HirKind::Capture(capture) => size(&capture.sub),
        HirKind::Concat(list) | HirKind::Alternation(list) => {
            list.iter().map(size).fold(0, u64::saturating_add)
        }
    }
}

/// How many of them a match may leave out.
fn optional(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let nullable = repetition.sub.properties().minimum_len() == Some(0);
            if nullable || repetition.max != Some(repetition.min) {
                return size(hir);
            }
            optional(&repetition.sub).saturating_mul(u64::from(repetition.min))
        }
        HirKind::Capture(capture) => optional(&capture.sub),
        HirKind::Concat(list) | HirKind::Alternation(list) => {
            list.iter().map(optional).fold(0, u64::saturating_add)
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => 0,
    }
}

struct Writer {
    out: String,
    ranges: usize,
}

impl Writer {
    fn write(&mut self, hir: &Hir) -> Result<(), String> {
        match hir.kind() {
            HirKind::Empty => self.out.push_str("(?:)"),
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) => text.chars().for_each(|c| self.literal(c)),
                Err(_) => return Err("must match characters, not bytes".into()),
            },
            HirKind::Class(class) => return self.class(class),
            HirKind::Look(look) => return self.look(*look),
            HirKind::Repetition(repetition) => return self.repetition(repetition),
            HirKind::Capture(capture) => {
                return self.group(std::slice::from_ref(&*capture.sub), "");
            }
            HirKind::Concat(list) => return self.group(list, ""),
            HirKind::Alternation(list) => return self.group(list, "|"),
        }
        Ok(())
    }

    fn group(&mut self, list: &[Hir], between: &str) -> Result<(), String> {
        self.out.push_str("(?:");
        for (i, hir) in list.iter().enumerate() {
            if i > 0 {
                self.out.push_str(between);
            }
            self.write(hir)?;
        }
        self.out.push(')');
        Ok(())
    }

    fn repetition(&mut self, repetition: &Repetition) -> Result<(), String> {
        let (min, max) = (repetition.min, repetition.max);
        if min.max(max.unwrap_or(0)) > MAX_REPEAT {
            return Err(format!(
                "repeats a part more than {MAX_REPEAT} times, which is the limit"
            ));
        }
        self.group(std::slice::from_ref(&*repetition.sub), "")?;
        let _ = match max {
            Some(max) => write!(self.out, "{{{min},{max}}}"),
            None => write!(self.out, "{{{min},}}"),
        };
        Ok(())
    }

    fn literal(&mut self, c: char) {
        match c {
            // No text holds it, so nothing matches.
            '\0' => self.out.push_str(NOTHING),
            c if c.is_ascii_alphanumeric() => self.out.push(c),
            c => code(c, &mut self.out),
        }
    }

    fn class(&mut self, class: &Class) -> Result<(), String> {
        let class = match class {
            Class::Unicode(class) => class.clone(),
            Class::Bytes(bytes) => ClassUnicode::new(bytes.iter().map(|range| {
                ClassUnicodeRange::new(char::from(range.start()), char::from(range.end()))
            })),
        };
        let mut others = class.clone();
        others.negate();
        if others.ranges().is_empty() {
            self.out.push('.');
            return Ok(());
        }
        let (mark, class) = if others.ranges().len() < class.ranges().len() {
            ("[^", others)
        } else {
            ("[", class)
        };
        self.ranges += class.ranges().len();
        if self.ranges > MAX_RANGES {
            return Err("has too many large classes such as `\\w`; use fewer".into());
        }
        let start = self.out.len();
        self.out.push_str(mark);
        let empty = self.out.len();
        for range in class.ranges().iter().filter(|range| range.end() > '\0') {
            code(range.start().max('\u{1}'), &mut self.out);
            if range.end() > range.start() {
                self.out.push('-');
                code(range.end(), &mut self.out);
            }
        }
        if self.out.len() == empty {
            self.out.truncate(start);
            self.out.push_str(if mark == "[" { NOTHING } else { "." });
        } else {
            self.out.push(']');
        }
        Ok(())
    }

    fn look(&mut self, look: Look) -> Result<(), String> {
        match look {
            Look::Start => self.out.push_str(r"\A"),
            Look::End => self.out.push_str(r"\Z"),
            Look::StartLF => self.out.push_str(r"(?:\A|(?<=\n))"),
            Look::EndLF => self.out.push_str(r"(?:\Z|(?=\n))"),
            Look::StartCRLF | Look::EndCRLF => {
                return Err("asks for lines that end in CR LF by `(?R)`; leave it out".into());
            }
            look => return self.word_edge(look),
        }
        Ok(())
    }

    /// Word boundaries, said by what stands before and behind.
    fn word_edge(&mut self, look: Look) -> Result<(), String> {
        let class = if matches!(
            look,
            Look::WordAscii
                | Look::WordAsciiNegate
                | Look::WordStartAscii
                | Look::WordEndAscii
                | Look::WordStartHalfAscii
                | Look::WordEndHalfAscii
        ) {
            r"(?-u:\w)"
        } else {
            r"\w"
        };
        let word = regex_syntax::parse(class).map_err(|error| refusal(&error))?;
        let edges: &[&str] = match look {
            Look::WordAscii | Look::WordUnicode => &["(?<=", "(?!", "|", "(?<!", "(?="],
            Look::WordAsciiNegate | Look::WordUnicodeNegate => &["(?<=", "(?=", "|", "(?<!", "(?!"],
            Look::WordStartAscii | Look::WordStartUnicode => &["(?<!", "(?="],
            Look::WordEndAscii | Look::WordEndUnicode => &["(?<=", "(?!"],
            Look::WordStartHalfAscii | Look::WordStartHalfUnicode => &["(?<!"],
            _ => &["(?!"],
        };
        self.out.push_str("(?:");
        for edge in edges {
            self.out.push_str(edge);
            if *edge != "|" {
                self.write(&word)?;
                self.out.push(')');
            }
        }
        self.out.push(')');
        Ok(())
    }
}

/// An expression that no text matches: a character before the beginning.
const NOTHING: &str = r"(?:.\A)";

/// A character by its number.
fn code(c: char, out: &mut String) {
    let number = u32::from(c);
    let _ = if number > 0xffff {
        write!(out, r"\U{number:08x}")
    } else {
        write!(out, r"\u{number:04x}")
    };
}
