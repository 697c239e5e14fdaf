//! SQL text and its parameters, in two dialects. Statements are assembled from pieces: each piece
//! is written into a string, parameters are numbered as they are bound, so pieces can be put
//! together in any order.

use super::filter::Compare;
use super::pattern::Pattern;
use super::text::{like_pattern, regex_pattern};
use super::{Field, Filter, Quantifier, Relation, Source, Test, Viewer};
use crate::db::{Arg, Dialect, Storage};
use std::fmt::Write;

/// Small letters with a capital that they share with another small letter, and that letter: `lower`
/// leaves them as they are, and makes the first of a sigma at the end of a word.
const VARIANTS: (&str, &str) = ("ςſµϐϑϕϖϰϱϵẛ", "σsμβθφπκρεṡ");

/// Most conditions that stand in one row.
const CHAIN: usize = 32;

/// Writes conditions for one viewer and collects their parameters.
pub struct Writer<'a> {
    /// Whose rows.
    pub viewer: &'a Viewer,
    /// For which database.
    pub dialect: Dialect,
    /// The parameters, `$1` first.
    pub args: Vec<Arg>,
    aliases: usize,
}

impl<'a> Writer<'a> {
    /// A writer without parameters.
    pub fn new(dialect: Dialect, viewer: &'a Viewer) -> Self {
        Writer {
            viewer,
            dialect,
            args: Vec::with_capacity(8),
            aliases: 0,
        }
    }

    /// Binds a parameter and returns its placeholder. Both databases read `$n`.
    pub fn bind(&mut self, arg: Arg) -> String {
        self.args.push(arg);
        format!("${}", self.args.len())
    }

    /// A fresh alias.
    pub fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }

    /// Writes the value of a field of the row of `alias`.
    pub(super) fn value(&mut self, field: &Field, alias: &str, out: &mut String) {
        match field.source {
            Source::Column(column) => {
                let _ = write!(out, "{alias}.{column}");
            }
            Source::Text(write) => {
                out.push('(');
                write(self, alias, out);
                out.push(')');
                if self.dialect == Dialect::Postgres && field.storage == Storage::Text {
                    out.push_str(" COLLATE \"C\"");
                }
            }
        }
    }

    /// Writes a checked filter on the row of `alias` as one complete condition.
    pub(super) fn condition(&mut self, filter: &Filter, alias: &str, out: &mut String) {
        match filter {
            Filter::All(list) => self.joined(list, " AND ", "TRUE", alias, out),
            Filter::Any(list) => self.joined(list, " OR ", "FALSE", alias, out),
            Filter::Not(inner) => {
                out.push_str("NOT ");
                self.bracketed(inner, alias, out);
            }
            Filter::Test(field, test) => self.test(field, test, alias, out),
            Filter::Related(relation, quantifier, inner, sees_deleted) => {
                self.related(relation, *quantifier, inner, *sees_deleted, alias, out);
            }
        }
    }

    fn bracketed(&mut self, filter: &Filter, alias: &str, out: &mut String) {
        out.push('(');
        self.condition(filter, alias, out);
        out.push(')');
    }

    fn joined(&mut self, list: &[Filter], word: &str, empty: &str, alias: &str, out: &mut String) {
        match list {
            [] => out.push_str(empty),
            [one] => self.condition(one, alias, out),
            // In halves: SQLite takes a chain of conditions as a tree as deep as the chain is long,
            // and no tree deeper than a thousand.
            long if long.len() > CHAIN => {
                let (front, back) = long.split_at(long.len() / 2);
                out.push('(');
                self.joined(front, word, empty, alias, out);
                out.push(')');
                out.push_str(word);
                out.push('(');
                self.joined(back, word, empty, alias, out);
                out.push(')');
            }
            _ => {
                for (i, filter) in list.iter().enumerate() {
                    if i > 0 {
                        out.push_str(word);
                    }
                    self.bracketed(filter, alias, out);
                }
            }
        }
    }

    /// The related rows of `alias`, in scope, that `filter` holds for (or does not, for `every`).
    fn related(
        &mut self,
        relation: &'static Relation,
        quantifier: Option<Quantifier>,
        filter: &Filter,
        sees_deleted: bool,
        alias: &str,
        out: &mut String,
    ) {
        let target = (relation.target)();
        let row = self.alias();
        if matches!(quantifier, Some(Quantifier::Every | Quantifier::None)) {
            out.push_str("NOT ");
        }
        let (table, from, to) = (target.table, relation.from, relation.to);
        let _ = match (self.dialect, quantifier) {
            // SQLite runs EXISTS once for each row; a list of the (few) targets it makes once. The
            // test for null keeps the condition from being unknown.
            (Dialect::Sqlite, None) => write!(
                out,
                "({alias}.{from} IS NOT NULL AND {alias}.{from} IN (SELECT {row}.{to} FROM {table} {row} WHERE "
            ),
            _ => write!(
                out,
                "EXISTS (SELECT 1 FROM {table} {row} WHERE {row}.{to} = {alias}.{from} AND "
            ),
        };
        self.exists(target, &row, sees_deleted, out);
        out.push_str(" AND ");
        self.bracketed(filter, &row, out);
        if quantifier == Some(Quantifier::Every) {
            out.push_str(" IS NOT TRUE");
        }
        out.push(')');
        if self.dialect == Dialect::Sqlite && quantifier.is_none() {
            out.push(')');
        }
    }

    fn test(&mut self, field: &Field, test: &Test, alias: &str, out: &mut String) {
        match test {
            Test::Null => {
                self.value(field, alias, out);
                out.push_str(" IS NULL");
            }
            Test::NotNull => {
                self.value(field, alias, out);
                out.push_str(" IS NOT NULL");
            }
            Test::Compare(compare, arg) => {
                // An identifier beside what is none compares as text.
                match arg {
                    Arg::Text(_) => self.text_value(field, alias, out),
                    _ => self.value(field, alias, out),
                }
                let placeholder = self.bind(arg.clone());
                let _ = write!(out, " {} {placeholder}", compare.sql());
            }
            Test::Between(from, until) => {
                let (from, until) = (self.bind(from.clone()), self.bind(until.clone()));
                let mut value = String::new();
                self.value(field, alias, &mut value);
                let _ = write!(out, "{value} >= {from} AND {value} < {until}");
            }
            Test::In(values) => {
                self.value(field, alias, out);
                let list = self.bind(values.clone());
                let _ = match (self.dialect, values) {
                    (Dialect::Postgres, _) => write!(out, " = ANY({list})"),
                    (Dialect::Sqlite, Arg::Uuids(_)) => {
                        write!(out, " IN (SELECT unhex(value) FROM json_each({list}))")
                    }
                    (Dialect::Sqlite, _) => {
                        write!(out, " IN (SELECT value FROM json_each({list}))")
                    }
                };
            }
            Test::Match(place, needle) => {
                let pattern = like_pattern(*place, needle);
                let folding = || regex_pattern(*place, needle);
                self.folded_like(field, &pattern, folding, alias, out);
            }
            Test::Like(pattern, true) => {
                self.folded_like(field, pattern.like(), || pattern.folding(), alias, out);
            }
            Test::Like(pattern, false) => self.like(field, pattern, alias, out),
            Test::Regex(regex) => {
                self.text_value(field, alias, out);
                let (word, expression) = match self.dialect {
                    Dialect::Postgres => ("~", regex.postgres()),
                    Dialect::Sqlite => ("REGEXP", regex.sqlite()),
                };
                let expression = self.bind(Arg::Text(expression.to_owned()));
                let _ = write!(out, " {word} {expression}");
            }
            Test::Document(document) => {
                let mut stored = String::new();
                self.value(field, alias, &mut stored);
                self.document(document, &stored, out);
            }
            Test::Never => {
                // Null stays unknown, as it would for any other comparison.
                self.value(field, alias, out);
                out.push_str(" <> ");
                self.value(field, alias, out);
            }
            Test::Always => {
                self.value(field, alias, out);
                out.push_str(" = ");
                self.value(field, alias, out);
            }
        }
    }

    /// A pattern that respects case.
    fn like(&mut self, field: &Field, pattern: &Pattern, alias: &str, out: &mut String) {
        self.text_value(field, alias, out);
        let _ = match self.dialect {
            Dialect::Postgres => {
                let pattern = self.bind(Arg::Text(pattern.like().to_owned()));
                write!(out, " LIKE {pattern} ESCAPE '\\'")
            }
            Dialect::Sqlite => {
                let pattern = self.bind(Arg::Text(pattern.glob()));
                write!(out, " GLOB {pattern}")
            }
        };
    }

    /// A case-folding pattern. Both databases fold ASCII alone by themselves, which is fast and
    /// enough for an ASCII pattern; for any other PostgreSQL lowers with ICU and SQLite uses the
    /// regular expressions the connection registers, for which `folding` writes the pattern anew.
    fn folded_like(
        &mut self,
        field: &Field,
        pattern: &str,
        folding: impl FnOnce() -> String,
        alias: &str,
        out: &mut String,
    ) {
        let mut value = String::new();
        self.text_value(field, alias, &mut value);
        let unicode = !pattern.is_ascii();
        let pattern = match (unicode, self.dialect) {
            (true, Dialect::Sqlite) => folding(),
            _ => pattern.to_owned(),
        };
        let pattern = self.bind(Arg::Text(pattern));
        let _ = match (unicode, self.dialect) {
            (false, Dialect::Postgres) => write!(out, "{value} ILIKE {pattern} ESCAPE '\\'"),
            (false, Dialect::Sqlite) => write!(out, "{value} LIKE {pattern} ESCAPE '\\'"),
            (true, Dialect::Sqlite) => write!(out, "{value} REGEXP {pattern}"),
            (true, Dialect::Postgres) => {
                let folded = |text: &str| {
                    format!(
                        "translate(lower({text} COLLATE \"und-x-icu\"), '{}', '{}')",
                        VARIANTS.0, VARIANTS.1
                    )
                };
                write!(
                    out,
                    "{} LIKE {} ESCAPE '\\'",
                    folded(&value),
                    folded(&pattern)
                )
            }
        };
    }

    /// The value as text: an identifier in its hyphenated lower-case form.
    fn text_value(&mut self, field: &Field, alias: &str, out: &mut String) {
        if field.storage != Storage::Uuid {
            self.value(field, alias, out);
            return;
        }
        let mut value = String::new();
        self.value(field, alias, &mut value);
        let _ = match self.dialect {
            Dialect::Postgres => write!(out, "({value}::text COLLATE \"C\")"),
            Dialect::Sqlite => write!(
                out,
                "(lower(substr(hex({value}),1,8)||'-'||substr(hex({value}),9,4)||'-'||substr(hex({value}),13,4)\
                 ||'-'||substr(hex({value}),17,4)||'-'||substr(hex({value}),21)))"
            ),
        };
    }
}

impl Compare {
    const fn sql(self) -> &'static str {
        match self {
            Compare::Eq => "=",
            Compare::Neq => "<>",
            Compare::Gt => ">",
            Compare::Gte => ">=",
            Compare::Lt => "<",
            Compare::Lte => "<=",
        }
    }
}
