//! Declaring a resource: one call, one line, for each field and relation. Columns are the entity's,
//! so a name that does not exist does not compile, and whether a row can be without a value is read
//! from the entity and not repeated.

use super::compile::Writer;
use super::{Access, Field, Kind, Relation, Resource, Scope, Source};
use crate::db::Storage;
use sea_orm::{ColumnTrait, ColumnType, EntityTrait, IdenStatic, Iterable};
use std::marker::PhantomData;

/// A resource being declared over the table of `E`: one call, one line, for each field.
pub struct Table<E: EntityTrait> {
    resource: Resource,
    entity: PhantomData<E>,
}

/// The fields every table has.
const COMMON: [(&str, Kind, Access, &str); 6] = [
    (
        "id",
        Kind::Text,
        Access::Shown,
        "Identifier, a UUID, never reused.",
    ),
    (
        "created_at",
        Kind::Date,
        Access::Shown,
        "When the row was made.",
    ),
    (
        "updated_at",
        Kind::Date,
        Access::Shown,
        "When the row last changed.",
    ),
    (
        "deleted_at",
        Kind::Date,
        Access::Shown,
        "When the row was deleted; null while it lives. Lists leave deleted rows out unless their filter names this field.",
    ),
    (
        "revision",
        Kind::Number,
        Access::Plain,
        "Counts the changes of the row, from 1; a change can be refused if it was made against another one.",
    ),
    (
        "pk",
        Kind::Number,
        Access::Asked,
        "Order of creation, a number.",
    ),
];

impl<E: EntityTrait> Table<E> {
    /// A resource with the fields every table has, named by its list, its row and its type.
    pub fn new(
        list: &'static str,
        singular: &'static str,
        type_name: &'static str,
        doc: &'static str,
    ) -> Self {
        let table = E::default().table_name();
        let resource = Resource {
            name: table,
            list,
            singular,
            type_name,
            doc,
            table,
            scope: Scope::Public,
            soft: false,
            fields: Vec::new(),
            relations: Vec::new(),
            keys: &[],
            default_order: &[],
        };
        let mut table = Table {
            resource,
            entity: PhantomData,
        };
        for (name, kind, access, doc) in COMMON {
            if let Some(column) = E::Column::iter().find(|c| c.as_str() == name) {
                table.resource.soft |= name == "deleted_at";
                table = table.field(access, name, column, kind, doc);
            }
        }
        table
    }

    /// Sets which rows exist for a viewer.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.resource.scope = scope;
        self
    }

    /// Sets the fields that identify a row beside `id`.
    pub fn keys(mut self, keys: &'static [&'static str]) -> Self {
        self.resource.keys = keys;
        self
    }

    /// Sets the order of a list that asks for none.
    pub fn default_order(mut self, order: &'static [&'static str]) -> Self {
        self.resource.default_order = order;
        self
    }

    /// A field that is returned, filterable and sortable.
    pub fn shown(
        self,
        name: &'static str,
        column: E::Column,
        kind: Kind,
        doc: &'static str,
    ) -> Self {
        self.field(Access::Shown, name, column, kind, doc)
    }

    /// A field that is returned only.
    pub fn plain(
        self,
        name: &'static str,
        column: E::Column,
        kind: Kind,
        doc: &'static str,
    ) -> Self {
        self.field(Access::Plain, name, column, kind, doc)
    }

    /// A field that is filterable and sortable and never returned.
    pub fn asked(
        self,
        name: &'static str,
        column: E::Column,
        kind: Kind,
        doc: &'static str,
    ) -> Self {
        self.field(Access::Asked, name, column, kind, doc)
    }

    fn field(
        mut self,
        access: Access,
        name: &'static str,
        column: E::Column,
        kind: Kind,
        doc: &'static str,
    ) -> Self {
        let def = column.def();
        self.resource.fields.push(Field {
            name,
            doc,
            kind,
            storage: storage(def.get_column_type()),
            source: Source::Column(column.as_str()),
            nullable: def.is_null(),
            access,
        });
        self
    }

    /// A virtual text, computed in SQL; filterable and sortable and never returned.
    pub fn composite(
        mut self,
        name: &'static str,
        write: fn(&mut Writer<'_>, &str, &mut String),
        doc: &'static str,
    ) -> Self {
        self.resource.fields.push(Field {
            name,
            doc,
            kind: Kind::Text,
            storage: Storage::Text,
            source: Source::Text(write),
            nullable: true,
            access: Access::Asked,
        });
        self
    }

    /// A virtual JSON document, computed in SQL; returned only.
    pub fn json(
        mut self,
        name: &'static str,
        write: fn(&mut Writer<'_>, &str, &mut String),
        doc: &'static str,
    ) -> Self {
        self.resource.fields.push(Field {
            name,
            doc,
            kind: Kind::Json,
            storage: Storage::Json,
            source: Source::Text(write),
            nullable: true,
            access: Access::Plain,
        });
        self
    }

    /// A virtual truth value, computed in SQL; returned only.
    pub fn flag(
        mut self,
        name: &'static str,
        write: fn(&mut Writer<'_>, &str, &mut String),
        doc: &'static str,
    ) -> Self {
        self.resource.fields.push(Field {
            name,
            doc,
            kind: Kind::Boolean,
            storage: Storage::Bool,
            source: Source::Text(write),
            nullable: false,
            access: Access::Plain,
        });
        self
    }

    /// The row that `column` names.
    pub fn one(
        self,
        name: &'static str,
        column: E::Column,
        target: fn() -> &'static Resource,
        doc: &'static str,
    ) -> Self {
        self.relation(false, name, (column.as_str(), "id"), target, doc)
    }

    /// The row that `column` names, also after it was deleted.
    pub fn one_even_deleted(
        self,
        name: &'static str,
        column: E::Column,
        target: fn() -> &'static Resource,
        doc: &'static str,
    ) -> Self {
        let mut table = self.one(name, column, target, doc);
        if let Some(relation) = table.resource.relations.last_mut() {
            relation.even_deleted = true;
        }
        table
    }

    /// The only row whose (unique) `column` names this one.
    pub fn one_back(
        self,
        name: &'static str,
        target: fn() -> &'static Resource,
        column: impl IdenStatic,
        doc: &'static str,
    ) -> Self {
        self.relation(false, name, ("id", column.as_str()), target, doc)
    }

    /// The rows whose `column` names this one.
    pub fn many(
        self,
        name: &'static str,
        target: fn() -> &'static Resource,
        column: impl IdenStatic,
        doc: &'static str,
    ) -> Self {
        self.relation(true, name, ("id", column.as_str()), target, doc)
    }

    fn relation(
        mut self,
        many: bool,
        name: &'static str,
        (from, to): (&'static str, &'static str),
        target: fn() -> &'static Resource,
        doc: &'static str,
    ) -> Self {
        self.resource.relations.push(Relation {
            name,
            doc,
            many,
            from,
            to,
            target,
            even_deleted: false,
        });
        self
    }

    /// The declared resource.
    pub fn build(self) -> Resource {
        self.resource
    }
}

fn storage(column: &ColumnType) -> Storage {
    match column {
        ColumnType::Uuid => Storage::Uuid,
        ColumnType::Integer => Storage::Int,
        ColumnType::BigInteger => Storage::BigInt,
        ColumnType::Boolean => Storage::Bool,
        ColumnType::TimestampWithTimeZone | ColumnType::Timestamp => Storage::Time,
        ColumnType::Json | ColumnType::JsonBinary => Storage::Json,
        _ => Storage::Text,
    }
}
