//! Whether a text can be a JSONata expression, by shape only: brackets are closed in the order they
//! were opened, and texts, names in backticks, comments and patterns come to an end. It is no
//! parser; what passes here may still be refused when it is evaluated.

/// Most brackets inside each other.
const MAX_LEVELS: usize = 100;

/// Judges an expression, or says what is wrong and where.
pub(super) fn judge(text: &str) -> Result<(), String> {
    let mut reader = Reader {
        rest: text
            .chars()
            .collect::<Vec<_>>()
            .into_iter()
            .enumerate()
            .peekable(),
        open: Vec::new(),
        operand: false,
    };
    while let Some((at, c)) = reader.rest.next() {
        reader.character(at, c)?;
    }
    match reader.open.last() {
        Some((at, c)) => Err(format!("opens `{c}` at character {at} and never closes it")),
        None => Ok(()),
    }
}

struct Reader {
    rest: std::iter::Peekable<std::iter::Enumerate<std::vec::IntoIter<char>>>,
    /// Brackets that wait for their partners, with their places.
    open: Vec<(usize, char)>,
    /// Whether a value came last: then `/` divides, and elsewhere it begins a pattern.
    operand: bool,
}

impl Reader {
    fn character(&mut self, at: usize, c: char) -> Result<(), String> {
        match c {
            '(' | '[' | '{' => {
                self.open.push((at, c));
                self.operand = false;
                if self.open.len() > MAX_LEVELS {
                    return Err(format!(
                        "has more than {MAX_LEVELS} brackets inside each other"
                    ));
                }
            }
            ')' | ']' | '}' => self.close(at, c)?,
            '"' | '\'' => self.until(at, c, "text")?,
            '`' => self.name(at)?,
            '/' if self.next_is('*') => self.comment(at)?,
            '/' if !self.operand => self.until(at, '/', "pattern")?,
            c if c.is_whitespace() => {}
            c => self.operand = c.is_alphanumeric() || matches!(c, '_' | '$'),
        }
        Ok(())
    }

    fn next_is(&mut self, c: char) -> bool {
        self.rest.peek().is_some_and(|(_, next)| *next == c)
    }

    fn close(&mut self, at: usize, c: char) -> Result<(), String> {
        let partner = match c {
            ')' => '(',
            ']' => '[',
            _ => '{',
        };
        self.operand = true;
        match self.open.pop() {
            Some((_, open)) if open == partner => Ok(()),
            Some((from, open)) => Err(format!(
                "closes `{c}` at character {at} where `{open}` of character {from} is open"
            )),
            None => Err(format!(
                "closes `{c}` at character {at}, which nothing opened"
            )),
        }
    }

    /// Reads to the end of what a character encloses; a backslash takes the next one along. Inside
    /// a class of a pattern, `[…]`, its delimiter is an ordinary character.
    fn until(&mut self, from: usize, end: char, what: &str) -> Result<(), String> {
        let mut class = false;
        while let Some((_, c)) = self.rest.next() {
            match c {
                '\\' => {
                    self.rest.next();
                }
                '[' if end == '/' => class = true,
                ']' => class = false,
                c if c == end && !class => {
                    self.operand = true;
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(format!(
            "begins a {what} at character {from} and never ends it"
        ))
    }

    /// A name in backticks, in which a backslash is an ordinary character.
    fn name(&mut self, from: usize) -> Result<(), String> {
        self.operand = true;
        match self.rest.any(|(_, c)| c == '`') {
            true => Ok(()),
            false => Err(format!(
                "begins a name at character {from} and never ends it"
            )),
        }
    }

    fn comment(&mut self, from: usize) -> Result<(), String> {
        self.rest.next();
        while let Some((_, c)) = self.rest.next() {
            if c == '*' && self.next_is('/') {
                self.rest.next();
                return Ok(());
            }
        }
        Err(format!(
            "begins a comment at character {from} and never ends it"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn expressions_pass() {
        for text in [
            "$",
            "Account.Order[0].Product{`Product Name`: $sum(Price * Quantity)}",
            "$map(items, function($v, $i) { {\"id\": $v.id, \"n\": $i} })",
            "'it\\'s (not) a bracket'",
            "a / b / (c)",
            "$match(name, /[/)]+\\/x/i)",
            "items[name ~> /^(a/]",
            "/* ) */ total",
            "`a\\`",
        ] {
            assert_eq!(judge(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_an_expression_is_refused_with_its_place() {
        for (text, issue) in [
            ("$sum(a", "opens `(` at character 4 and never closes it"),
            ("a)", "closes `)` at character 1, which nothing opened"),
            (
                "(a]",
                "closes `]` at character 2 where `(` of character 0 is open",
            ),
            ("{\"a: 1}", "begins a text at character 1 and never ends it"),
            (
                "a & 'b\\'",
                "begins a text at character 4 and never ends it",
            ),
            ("`a", "begins a name at character 0 and never ends it"),
            (
                "a /* b",
                "begins a comment at character 2 and never ends it",
            ),
            (
                "$match(a, /b)",
                "begins a pattern at character 10 and never ends it",
            ),
        ] {
            assert_eq!(judge(text), Err(issue.to_owned()), "{text}");
        }
        assert!(judge(&"(".repeat(101)).is_err_and(|issue| issue.contains("inside each other")));
        assert_eq!(
            judge(&format!("{}{}", "(".repeat(100), ")".repeat(100))),
            Ok(())
        );
    }
}
