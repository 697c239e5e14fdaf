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
    /// A list of texts; returned, never filtered or sorted.
    Texts,
    /// A JSON object; returned, never filtered or sorted.
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
}

impl Choice {
    /// Whether `word` is one of the stored words.
    pub fn has(&self, word: &str) -> bool {
        self.values.iter().any(|(stored, _)| *stored == word)
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
}

impl Op {
    /// The operator in snake case, as REST spells it.
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
