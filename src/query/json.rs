//! Tests on the inside of documents: containment and keys, as PostgreSQL's `jsonb` has them.
//!
//! SQLite has no containment, so it is written out along the given document: one look into the
//! stored one for each of its values. What is contained in what is PostgreSQL's to say: members and
//! elements at the same depth, the order and number of elements aside, and on the outermost level
//! alone a list may stand for its only element.

use super::compile::Writer;
use super::{MAX_TESTS, Op, value};
use crate::db::{Arg, Dialect};
use serde_json::Value as Json;
use std::fmt::Write;

/// Levels of a given document.
const MAX_LEVELS: usize = 10;

/// A test on the inside of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// Contains this.
    Superset(Json),
    /// Is contained in this.
    Subset(Json),
    /// Has a member or an element of this name.
    Key(String),
    /// Has at least one of these.
    AnyKey(Vec<String>),
    /// Has all of these.
    AllKeys(Vec<String>),
}

impl Document {
    /// Reads the value of an operator, and says how many tests it costs.
    pub(super) fn parse(op: Op, value: &Json) -> Result<(Document, usize), String> {
        let texts = || -> Result<Vec<String>, String> {
            value::list(value)?.iter().map(value::text).collect()
        };
        match op {
            Op::HasKey => Ok((Document::Key(value::text(value)?), 1)),
            Op::HasKeysAny => Ok((Document::AnyKey(texts()?), 1)),
            Op::HasKeysAll => Ok((Document::AllKeys(texts()?), 1)),
            _ => {
                let mut count = 0;
                judge(value, 1, &mut count)?;
                let document = match op {
                    Op::Subset => Document::Subset(value.clone()),
                    _ => Document::Superset(value.clone()),
                };
                Ok((document, count))
            }
        }
    }
}

/// Bounds a document and refuses what no stored one can hold.
fn judge(document: &Json, level: usize, count: &mut usize) -> Result<(), String> {
    *count += 1;
    if *count > MAX_TESTS {
        return Err(format!(
            "has more than {MAX_TESTS} values, which is the limit"
        ));
    }
    if level > MAX_LEVELS {
        return Err(format!(
            "is nested deeper than the limit of {MAX_LEVELS} levels"
        ));
    }
    match document {
        Json::String(_) => value::text(document).map(|_| ()),
        Json::Array(list) => list.iter().try_for_each(|v| judge(v, level + 1, count)),
        Json::Object(members) => members.iter().try_for_each(|(key, v)| {
            value::text(&Json::String(key.clone()))?;
            judge(v, level + 1, count)
        }),
        _ => Ok(()),
    }
}

impl Writer<'_> {
    /// Writes a test on the document that `stored` is.
    pub(super) fn document(&mut self, test: &Document, stored: &str, out: &mut String) {
        match self.dialect {
            Dialect::Postgres => self.document_postgres(test, stored, out),
            Dialect::Sqlite => {
                // Null stays unknown, where EXISTS would make it false.
                let _ = write!(out, "CASE WHEN {stored} IS NOT NULL THEN (");
                self.document_sqlite(test, stored, out);
                out.push_str(") END");
            }
        }
    }

    fn document_postgres(&mut self, test: &Document, stored: &str, out: &mut String) {
        let (operator, arg, cast) = match test {
            Document::Superset(given) => ("@>", Arg::Text(given.to_string()), "::jsonb"),
            Document::Subset(given) => ("<@", Arg::Text(given.to_string()), "::jsonb"),
            Document::Key(key) => ("?", Arg::Text(key.clone()), ""),
            Document::AnyKey(keys) => ("?|", Arg::Texts(keys.clone()), ""),
            Document::AllKeys(keys) => ("?&", Arg::Texts(keys.clone()), ""),
        };
        let given = self.bind(arg);
        let _ = write!(out, "{stored} {operator} {given}{cast}");
    }

    fn document_sqlite(&mut self, test: &Document, stored: &str, out: &mut String) {
        let keys = match test {
            Document::Superset(given) | Document::Subset(given) => {
                // The document as the only element of a list, so that it is a row like its insides.
                let row = self.alias();
                let _ = write!(
                    out,
                    "EXISTS (SELECT 1 FROM json_each(json_array(json({stored}))) {row} WHERE "
                );
                if matches!(test, Document::Superset(_)) {
                    self.superset(&row, given, true, out);
                } else {
                    self.subset(&row, given, true, out);
                }
                out.push(')');
                return;
            }
            Document::Key(key) => std::slice::from_ref(key),
            Document::AnyKey(keys) | Document::AllKeys(keys) => keys,
        };
        let (list, row) = (self.bind(Arg::Texts(keys.to_vec())), self.alias());
        let has = format!(
            "SELECT CASE json_type({stored}) WHEN 'object' THEN {row}.key ELSE {row}.value END \
             FROM json_each({stored}) {row} WHERE json_type({stored}) = 'object' OR {row}.type = 'text'"
        );
        let (not, inverse) = if matches!(test, Document::AllKeys(_)) {
            ("NOT ", "NOT ")
        } else {
            ("", "")
        };
        let _ = write!(
            out,
            "{not}EXISTS (SELECT 1 FROM json_each({list}) k WHERE k.value {inverse}IN ({has}))"
        );
    }

    /// The value of the row contains `given`.
    fn superset(&mut self, row: &str, given: &Json, outermost: bool, out: &mut String) {
        // CASE, because a value that is no list or object must not be opened.
        match given {
            Json::Object(members) => {
                let _ = write!(out, "CASE WHEN {row}.type = 'object' THEN TRUE");
                for (key, inner) in members {
                    let (member, key) = (self.alias(), self.bind(Arg::Text(key.clone())));
                    let _ = write!(
                        out,
                        " AND EXISTS (SELECT 1 FROM json_each({row}.value) {member} WHERE {member}.key = {key} AND "
                    );
                    self.superset(&member, inner, false, out);
                    out.push(')');
                }
                out.push_str(" ELSE FALSE END");
            }
            Json::Array(list) => {
                let _ = write!(out, "CASE WHEN {row}.type = 'array' THEN TRUE");
                for inner in list {
                    out.push_str(" AND ");
                    self.some_element(row, inner, out);
                }
                out.push_str(" ELSE FALSE END");
            }
            plain if outermost => {
                let _ = write!(out, "CASE WHEN {row}.type = 'array' THEN ");
                self.some_element(row, plain, out);
                out.push_str(" ELSE ");
                self.same(row, plain, out);
                out.push_str(" END");
            }
            plain => self.same(row, plain, out),
        }
    }

    /// Some element of the list that the row is contains `given`.
    fn some_element(&mut self, row: &str, given: &Json, out: &mut String) {
        let element = self.alias();
        let _ = write!(
            out,
            "EXISTS (SELECT 1 FROM json_each({row}.value) {element} WHERE "
        );
        self.superset(&element, given, false, out);
        out.push(')');
    }

    /// The value of the row is contained in `given`.
    fn subset(&mut self, row: &str, given: &Json, outermost: bool, out: &mut String) {
        let inside = self.alias();
        let every =
            format!("NOT EXISTS (SELECT 1 FROM json_each({row}.value) {inside} WHERE NOT (");
        match given {
            Json::Object(members) => {
                let _ = write!(out, "CASE WHEN {row}.type = 'object' THEN {every}FALSE");
                for (key, inner) in members {
                    let key = self.bind(Arg::Text(key.clone()));
                    let _ = write!(out, " OR {inside}.key = {key} AND ");
                    self.subset(&inside, inner, false, out);
                }
                out.push_str(")) ELSE FALSE END");
            }
            Json::Array(list) => {
                let _ = write!(out, "CASE WHEN {row}.type = 'array' THEN {every}FALSE");
                for inner in list {
                    out.push_str(" OR ");
                    self.subset(&inside, inner, false, out);
                }
                out.push_str(")) ELSE FALSE");
                let plain = list.iter().filter(|v| !v.is_array() && !v.is_object());
                for inner in plain.filter(|_| outermost) {
                    out.push_str(" OR ");
                    self.same(row, inner, out);
                }
                out.push_str(" END");
            }
            plain => self.same(row, plain, out),
        }
    }

    /// The value of the row is this text, number, boolean or null.
    fn same(&mut self, row: &str, plain: &Json, out: &mut String) {
        let _ = match plain {
            Json::String(text) => {
                let text = self.bind(Arg::Text(text.clone()));
                write!(out, "({row}.type = 'text' AND {row}.value = {text})")
            }
            Json::Number(number) => {
                let number = self.bind(Arg::Text(number.to_string()));
                write!(
                    out,
                    "({row}.type IN ('integer', 'real') AND {row}.value = json_extract({number}, '$'))"
                )
            }
            Json::Bool(yes) => write!(out, "({row}.type = '{yes}')"),
            _ => write!(out, "({row}.type = 'null')"),
        };
    }
}
