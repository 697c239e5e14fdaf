//! Kinds of fields and the operators each takes: the operator table.

/// The kind of a field: it decides which operators a client may use (see [`Kind::ops`]).
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text, and identifiers: they are compared by their written form.
    Text,
    /// A whole number.
    Number,
    /// A moment, UTC.
    Date,
    /// True or false.
    Boolean,
    /// One of a few words.
    Enum(&'static Choice),
    /// The identifier of a workspace; only equality is meaningful.
    Workspace,
    /// A list of texts; returned, never sorted, filtered by raw operators alone.
    Texts,
    /// A JSON object; returned, never sorted, filtered by raw operators alone.
    Json,
}

/// The words of an enumeration.
#[derive(Debug)]
pub struct Choice {
    /// The GraphQL name, e.g. `ConnectorStatus`.
    pub name: &'static str,
    /// One sentence about the enumeration.
    pub doc: &'static str,
    /// Stored word and its meaning, in the order of the documentation.
    pub values: &'static [(&'static str, &'static str)],
    /// Other words that clients may send, and the stored word each stands for.
    pub aliases: &'static [(&'static str, &'static str)],
}

impl Choice {
    /// Whether `word` is one of the stored words.
    pub fn has(&self, word: &str) -> bool {
        self.values.iter().any(|(stored, _)| *stored == word)
    }

    /// The stored word that `word` is or stands for.
    pub fn stored(&self, word: &str) -> Option<&'static str> {
        let own = self.values.iter().map(|(stored, _)| (*stored, *stored));
        own.chain(self.aliases.iter().copied())
            .find(|(spelled, _)| *spelled == word)
            .map(|(_, stored)| stored)
    }
}

/// A test a client can put on a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// The text occurs anywhere, whatever the case.
    Contains,
    /// Equal.
    Eq,
    /// Not equal; null does not match.
    Neq,
    /// The text stands at the beginning, whatever the case.
    StartsWith,
    /// The text stands at the end, whatever the case.
    EndsWith,
    /// Greater, later.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less, earlier.
    Lt,
    /// Less or equal.
    Lte,
    /// Equal to one of a list.
    In,
    /// Has no value (`false` turns it round).
    IsNull,
    /// Has a value (`false` turns it round).
    IsNotNull,
    /// Raw: equal to none of a list; null does not match.
    Nin,
    /// Raw: a pattern with `%` and `_`, case respected.
    Like,
    /// Raw: not the pattern.
    Nlike,
    /// Raw: a pattern with `%` and `_`, whatever the case.
    Ilike,
    /// Raw: not the pattern, whatever the case.
    Nilike,
    /// Raw: a regular expression matches somewhere.
    Regex,
    /// Raw: a regular expression matches nowhere.
    Nregex,
    /// Raw: a regular expression matches somewhere, whatever the case.
    Iregex,
    /// Raw: a regular expression matches nowhere, whatever the case.
    Niregex,
    /// Raw: the document contains the given one.
    Superset,
    /// Raw: the document is contained in the given one.
    Subset,
    /// Raw: the document has a member, or the list an element, of that name.
    HasKey,
    /// Raw: it has at least one of them.
    HasKeysAny,
    /// Raw: it has all of them.
    HasKeysAll,
}

impl Op {
    /// The operator in snake case, as REST spells it; the raw grammar puts `_` in front.
    pub const fn name(self) -> &'static str {
        match self {
            Op::Contains => "contains",
            Op::Eq => "eq",
            Op::Neq => "neq",
            Op::StartsWith => "starts_with",
            Op::EndsWith => "ends_with",
            Op::Gt => "gt",
            Op::Gte => "gte",
            Op::Lt => "lt",
            Op::Lte => "lte",
            Op::In => "in",
            Op::IsNull => "is_null",
            Op::IsNotNull => "is_not_null",
            Op::Nin => "nin",
            Op::Like => "like",
            Op::Nlike => "nlike",
            Op::Ilike => "ilike",
            Op::Nilike => "nilike",
            Op::Regex => "regex",
            Op::Nregex => "nregex",
            Op::Iregex => "iregex",
            Op::Niregex => "niregex",
            Op::Superset => "contains",
            Op::Subset => "contained_in",
            Op::HasKey => "has_key",
            Op::HasKeysAny => "has_keys_any",
            Op::HasKeysAll => "has_keys_all",
        }
    }

    /// One sentence for the documentation.
    pub const fn doc(self) -> &'static str {
        match self {
            Op::Contains => {
                "The text occurs anywhere, whatever the case; `%`, `_` and the backslash are plain characters."
            }
            Op::Eq => "Equal.",
            Op::Neq => "Not equal; a row without a value does not match.",
            Op::StartsWith => "The text stands at the beginning, whatever the case.",
            Op::EndsWith => "The text stands at the end, whatever the case.",
            Op::Gt => "Greater, or later.",
            Op::Gte => "Greater or equal.",
            Op::Lt => "Less, or earlier.",
            Op::Lte => "Less or equal.",
            Op::In => "Equal to one of these.",
            Op::IsNull => "Has no value; `false` asks for the opposite.",
            Op::IsNotNull => "Has a value; `false` asks for the opposite.",
            Op::Nin => "Equal to none of these; a row without a value does not match.",
            Op::Like => {
                "The whole text has this form: `%` is any text, `_` any character, the backslash takes the next one literally; case counts."
            }
            Op::Nlike => "The text does not have this form.",
            Op::Ilike => "The whole text has this form, whatever the case.",
            Op::Nilike => "The text does not have this form, whatever the case.",
            Op::Regex => "The regular expression matches somewhere in the text.",
            Op::Nregex => "The regular expression matches nowhere in the text.",
            Op::Iregex => {
                "The regular expression matches somewhere in the text, whatever the case."
            }
            Op::Niregex => "The regular expression matches nowhere in the text, whatever the case.",
            Op::Superset => {
                "The document contains this one: each member, each element, at the same depth."
            }
            Op::Subset => "The document is contained in this one.",
            Op::HasKey => "The object has this member, or the list this text.",
            Op::HasKeysAny => "It has at least one of these.",
            Op::HasKeysAll => "It has all of these.",
        }
    }
}

impl Kind {
    /// The operator table: which tests each kind takes, in the order of the documentation.
    pub const fn ops(self) -> &'static [Op] {
        use Op::{
            Contains, EndsWith, Eq, Gt, Gte, In, IsNotNull, IsNull, Lt, Lte, Neq, StartsWith,
        };
        match self {
            Kind::Text => &[Contains, Eq, Neq, StartsWith, EndsWith, IsNull, IsNotNull],
            Kind::Number => &[Eq, Neq, Gt, Gte, Lt, Lte, IsNull, IsNotNull],
            Kind::Date => &[Eq, Lt, Gt, IsNull, IsNotNull],
            Kind::Boolean | Kind::Workspace => &[Eq],
            Kind::Enum(_) => &[Eq, Neq, In, IsNull, IsNotNull],
            Kind::Texts | Kind::Json => &[],
        }
    }

    /// The operators of the raw grammar, which reach further than the table and whose names have
    /// `_` in front. They are for any field that is returned or asked.
    pub const fn raw_ops(self) -> &'static [Op] {
        use Op::{
            Eq, Gt, Gte, HasKey, HasKeysAll, HasKeysAny, Ilike, In, Iregex, IsNull, Like, Lt, Lte,
            Neq, Nilike, Nin, Niregex, Nlike, Nregex, Regex, Subset, Superset,
        };
        match self {
            Kind::Text => &[
                Eq, Neq, Gt, Gte, Lt, Lte, In, Nin, IsNull, Like, Nlike, Ilike, Nilike, Regex,
                Nregex, Iregex, Niregex,
            ],
            Kind::Number | Kind::Date => &[Eq, Neq, Gt, Gte, Lt, Lte, In, Nin, IsNull],
            Kind::Boolean | Kind::Workspace => &[Eq, Neq, In, Nin, IsNull],
            Kind::Enum(_) => &[
                Eq, Neq, In, Nin, IsNull, Like, Nlike, Ilike, Nilike, Regex, Nregex, Iregex,
                Niregex,
            ],
            Kind::Texts | Kind::Json => &[Superset, Subset, HasKey, HasKeysAny, HasKeysAll, IsNull],
        }
    }

    /// The word of the operator table.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Date => "date",
            Kind::Boolean => "boolean",
            Kind::Enum(_) => "enum",
            Kind::Workspace => "workspace",
            Kind::Texts => "texts",
            Kind::Json => "json",
        }
    }
}
