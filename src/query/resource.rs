//! What the engine knows of a resource: its fields, its relations, and which rows a viewer may
//! know of. The resources themselves stand in `crate::resource`; this is their vocabulary.

use super::Kind;
use super::compile::Writer;
use crate::db::Storage;

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

    /// Whether raw conditions, records and figures may name it: all but documents of which a part
    /// alone is shown, whose other part must not be found out by asking.
    pub fn raw(&self) -> bool {
        self.asked() || matches!(self.source, Source::Column(_))
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
    /// As `Tenant`, for owners and admins alone.
    Administration,
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
