//! What the engine knows of a resource: its fields, its relations, and which rows a viewer may
//! know of. The tables themselves stand in `crate::resource`; this module is their vocabulary.

use super::compile::Writer;
use crate::db::Storage;
use sea_orm::{ColumnTrait, ColumnType, EntityTrait, IdenStatic, Iterable};
use std::marker::PhantomData;

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
                "The text occurs anywhere, whatever the case; `%`, `_` and `\\` are plain characters."
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

/// Where the value of a field comes from.
#[derive(Clone, Copy)]
pub enum Source {
    /// A stored column.
    Column(&'static str),
    /// A virtual text: writes its SQL for the row of the given alias.
    Text(fn(&mut Writer<'_>, &str, &mut String)),
}

/// What clients may do with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Returned, filterable, sortable.
    Shown,
    /// Returned only.
    Plain,
    /// Filterable and sortable, never returned.
    Asked,
}

/// One public fact of a resource.
pub struct Field {
    /// The name, snake case; GraphQL writes it in camel case.
    pub name: &'static str,
    /// What it means, one sentence: it is the API documentation.
    pub doc: &'static str,
    /// Decides the operators.
    pub kind: Kind,
    /// Decides how it is held.
    pub storage: Storage,
    /// Column or expression.
    pub source: Source,
    /// Whether a row can be without it.
    pub nullable: bool,
    /// What clients may do with it.
    pub access: Access,
}

impl Field {
    /// Whether clients see it.
    pub fn shown(&self) -> bool {
        self.access != Access::Asked
    }

    /// Whether clients may filter and sort by it.
    pub fn asked(&self) -> bool {
        self.access != Access::Plain
    }
}

/// A way from one resource to another.
pub struct Relation {
    /// The name, snake case.
    pub name: &'static str,
    /// What the related row or rows are, one sentence.
    pub doc: &'static str,
    /// Whether there can be more than one related row.
    pub many: bool,
    /// The column of this resource.
    pub from: &'static str,
    /// The column of the target; both hold identifiers.
    pub to: &'static str,
    /// The resource it leads to; a function, because resources refer to each other in rings.
    pub target: fn() -> &'static Resource,
    /// Whether a soft-deleted target still answers (an installed connector outlives its listing).
    pub even_deleted: bool,
}

/// Which rows of a resource exist for a viewer. Written as SQL in `scope.rs`, for every hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everyone's: reference data.
    Public,
    /// The row is a workspace: the viewer's own and those below it.
    Workspace,
    /// The row's `workspace_id` is in the viewer's tree.
    Tenant,
    /// As `Tenant`, and rows of no workspace are everyone's.
    TenantOrPublic,
    /// The row's `organization_id` is the viewer's organization, or null: everyone's.
    Catalogue,
    /// A person with a membership in the viewer's tree, and the viewer's own person.
    Person,
    /// The row's `connector_id` names a connector in scope.
    OfConnector,
}

/// A table that clients can read.
pub struct Resource {
    /// Plural, snake case: the root of REST records.
    pub name: &'static str,
    /// Plural, snake case: in camel case the GraphQL connection.
    pub list: &'static str,
    /// Singular, snake case: in camel case the GraphQL lookup.
    pub singular: &'static str,
    /// The GraphQL type.
    pub type_name: &'static str,
    /// What one row is.
    pub doc: &'static str,
    /// The table.
    pub table: &'static str,
    /// Which rows exist for a viewer.
    pub scope: Scope,
    /// Whether rows are soft-deleted, i.e. have `deleted_at`.
    pub soft: bool,
    /// Public fields, in the order of the documentation.
    pub fields: Vec<Field>,
    /// Public relations.
    pub relations: Vec<Relation>,
    /// Names of fields that identify a row beside `id`.
    pub keys: &'static [&'static str],
    /// Order of a list that asks for none: fields, `-` in front for descending.
    pub default_order: &'static [&'static str],
}

impl Resource {
    /// The field of that name.
    pub fn find_field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The relation of that name.
    pub fn find_relation(&self, name: &str) -> Option<&Relation> {
        self.relations.iter().find(|r| r.name == name)
    }
}

/// A resource being declared over the table of `E`: one call, one line, for each field.
pub struct Table<E: EntityTrait> {
    resource: Resource,
    entity: PhantomData<E>,
}

/// The fields every table has.
const COMMON: [(&str, Kind, Access, &str); 5] = [
    ("id", Kind::Text, Access::Shown, "Identifier, a UUID, never reused."),
    ("created_at", Kind::Date, Access::Shown, "When the row was made."),
    ("updated_at", Kind::Date, Access::Shown, "When the row last changed."),
    (
        "deleted_at",
        Kind::Date,
        Access::Shown,
        "When the row was deleted; null while it lives. Lists leave deleted rows out unless their filter names this field.",
    ),
    ("pk", Kind::Number, Access::Asked, "Order of creation, a number."),
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
        let mut table = Table { resource, entity: PhantomData };
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
    pub fn shown(self, name: &'static str, column: E::Column, kind: Kind, doc: &'static str) -> Self {
        self.field(Access::Shown, name, column, kind, doc)
    }

    /// A field that is returned only.
    pub fn plain(self, name: &'static str, column: E::Column, kind: Kind, doc: &'static str) -> Self {
        self.field(Access::Plain, name, column, kind, doc)
    }

    /// A field that is filterable and sortable and never returned.
    pub fn asked(self, name: &'static str, column: E::Column, kind: Kind, doc: &'static str) -> Self {
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

    /// The row that `column` names.
    pub fn one(
        self,
        name: &'static str,
        column: E::Column,
        target: fn() -> &'static Resource,
        doc: &'static str,
    ) -> Self {
        let (from, to) = (column.as_str(), "id");
        self.relation(Relation { name, doc, many: false, from, to, target, even_deleted: false })
    }

    /// The row that `column` names, also after it was deleted.
    pub fn one_even_deleted(
        self,
        name: &'static str,
        column: E::Column,
        target: fn() -> &'static Resource,
        doc: &'static str,
    ) -> Self {
        let (from, to) = (column.as_str(), "id");
        self.relation(Relation { name, doc, many: false, from, to, target, even_deleted: true })
    }

    /// The only row whose (unique) `column` names this one.
    pub fn one_back(
        self,
        name: &'static str,
        target: fn() -> &'static Resource,
        column: impl IdenStatic,
        doc: &'static str,
    ) -> Self {
        let (from, to) = ("id", column.as_str());
        self.relation(Relation { name, doc, many: false, from, to, target, even_deleted: false })
    }

    /// The rows whose `column` names this one.
    pub fn many(
        self,
        name: &'static str,
        target: fn() -> &'static Resource,
        column: impl IdenStatic,
        doc: &'static str,
    ) -> Self {
        let (from, to) = ("id", column.as_str());
        self.relation(Relation { name, doc, many: true, from, to, target, even_deleted: false })
    }

    fn relation(mut self, relation: Relation) -> Self {
        self.resource.relations.push(relation);
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
