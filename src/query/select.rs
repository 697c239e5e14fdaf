//! What to read: a page of a resource, its projection, and pages nested in it.

use super::cursor::Position;
use super::{Field, Filter, Order, Relation, Resource};

/// A question, checked and complete.
#[derive(Clone)]
pub struct Query {
    /// Rows of what.
    pub resource: &'static Resource,
    /// Which rows.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// Which page; `None` reads no rows, for a question about the total alone.
    pub window: Option<Window>,
    /// What of each row.
    pub select: Select,
    /// Whether the keys of each row are wanted, for its cursor.
    pub keys: bool,
    /// Whether all matching rows are counted.
    pub total: bool,
}

/// A page.
#[derive(Clone, Default)]
pub struct Window {
    /// Most rows.
    pub limit: u32,
    /// Take the last rows instead of the first.
    pub backward: bool,
    /// Only rows after this position.
    pub after: Option<Position>,
    /// Only rows before this position.
    pub before: Option<Position>,
    /// Rows to leave out, for numbered pages.
    pub offset: u64,
}

/// A projection: fields by slot, related rows by slot.
#[derive(Clone, Default)]
pub struct Select {
    /// The fields.
    pub fields: Vec<&'static Field>,
    /// To-one relations, joined into the same statement.
    pub one: Vec<One>,
    /// Pages of related rows, one statement each for all parents.
    pub many: Vec<Many>,
}

/// A joined row.
#[derive(Clone)]
pub struct One {
    /// The way.
    pub relation: &'static Relation,
    /// What of it.
    pub select: Select,
}

/// A nested page.
#[derive(Clone)]
pub struct Many {
    /// The way.
    pub relation: &'static Relation,
    /// The page; its filter is applied per parent.
    pub query: Query,
}

impl Select {
    /// The slot of a field, added if it is new.
    pub fn field(&mut self, field: &'static Field) -> usize {
        if let Some(slot) = self.fields.iter().position(|f| std::ptr::eq(*f, field)) {
            return slot;
        }
        self.fields.push(field);
        self.fields.len() - 1
    }

    /// The slot of a to-one relation, added if it is new.
    pub fn one(&mut self, relation: &'static Relation) -> usize {
        if let Some(slot) = self
            .one
            .iter()
            .position(|o| std::ptr::eq(o.relation, relation))
        {
            return slot;
        }
        self.one.push(One {
            relation,
            select: Select::default(),
        });
        self.one.len() - 1
    }

    /// Whether it asks for nothing but the identifier.
    pub fn is_bare(&self) -> bool {
        self.one.is_empty() && self.many.is_empty() && self.fields.iter().all(|f| f.name == "id")
    }

    /// Adds a nested page and returns its slot.
    pub fn many(&mut self, relation: &'static Relation, query: Query) -> usize {
        self.many.push(Many { relation, query });
        self.many.len() - 1
    }
}
