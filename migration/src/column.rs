//! Columns as a migration names them; what either database makes of them is decided here.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// A column to be created: required, and neither unique nor indexed unless told otherwise.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) sought: bool,
    pub(crate) target: Option<Target>,
    kind: ColumnType,
    words: Option<&'static str>,
    optional: bool,
    unique: bool,
}

/// The table whose `id` a column holds.
pub(crate) struct Target {
    pub(crate) table: &'static str,
    /// Whether that table is created only later.
    pub(crate) later: bool,
}

/// Text of any length.
pub(crate) fn text(name: &'static str) -> Column {
    Column::new(name, ColumnType::Text)
}

/// Text that is one of some words, written `one|another`.
pub(crate) fn choice(name: &'static str, words: &'static str) -> Column {
    Column {
        words: Some(words),
        ..text(name)
    }
}

/// An id that need not exist in any table here.
pub(crate) fn uuid(name: &'static str) -> Column {
    Column::new(name, ColumnType::Uuid)
}

/// The id of a row of a table; always indexed, since both joins and deletions look it up.
pub(crate) fn reference(name: &'static str, table: &'static str) -> Column {
    let target = Some(Target {
        table,
        later: false,
    });
    Column {
        target,
        ..uuid(name)
    }
    .sought()
}

/// The id of a row of a table that a later migration creates. SQLite takes the foreign key now
/// and could not take it later; with PostgreSQL it is the other way round, so there the later
/// migration has to add it.
pub(crate) fn forward_reference(name: &'static str, table: &'static str) -> Column {
    let target = Some(Target { table, later: true });
    Column {
        target,
        ..uuid(name)
    }
    .sought()
}

/// A moment in UTC.
pub(crate) fn time(name: &'static str) -> Column {
    Column::new(name, ColumnType::TimestampWithTimeZone)
}

/// A number of 32 bits.
pub(crate) fn integer(name: &'static str) -> Column {
    Column::new(name, ColumnType::Integer)
}

/// True or false.
pub(crate) fn boolean(name: &'static str) -> Column {
    Column::new(name, ColumnType::Boolean)
}

/// A JSON document.
pub(crate) fn json(name: &'static str) -> Column {
    Column::new(name, ColumnType::JsonBinary)
}

/// Bytes.
pub(crate) fn blob(name: &'static str) -> Column {
    Column::new(name, ColumnType::Blob)
}

impl Column {
    fn new(name: &'static str, kind: ColumnType) -> Self {
        Self {
            name,
            sought: false,
            target: None,
            kind,
            words: None,
            optional: false,
            unique: false,
        }
    }

    /// It may be null.
    pub(crate) fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    /// No two rows share a value. The index behind that serves look-ups, so it needs no other.
    pub(crate) fn unique(self) -> Self {
        Self {
            unique: true,
            sought: false,
            ..self
        }
    }

    /// Clients filter and sort by it, so it is indexed.
    pub(crate) fn sought(self) -> Self {
        Self {
            sought: true,
            ..self
        }
    }

    pub(crate) fn definition(&self, table: &str, backend: DbBackend) -> ColumnDef {
        let mut definition = ColumnDef::new_with_type(self.name, self.kind.clone());
        if self.optional {
            definition.null();
        } else {
            definition.not_null();
        }
        if self.unique {
            definition.unique_key();
        }
        if let Some(words) = self.words {
            let name = Alias::new(format!("chk_{table}_{}", self.name));
            let known = Expr::col(self.name).is_in(words.split('|'));
            definition.check(Check::named(name, known));
        }
        // SQLite compares bytes anyway, and knows no collation of this name.
        if matches!(self.kind, ColumnType::Text) && backend == DbBackend::Postgres {
            definition.extra(r#"COLLATE "C""#);
        }
        definition
    }
}
