//! What to read: a page of a resource, its projection, and pages nested in it.

use super::cursor::Position;
use super::{Field, Filter, Node, Op, Order, Relation, Resource, Sort};
use crate::error::{Error, Result};
use uuid::Uuid;

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
    /// Identifiers of related rows, in the statement of the page itself.
    pub linked: Vec<Linked>,
}

/// The identifiers of related rows, the last ones made first.
#[derive(Clone)]
pub struct Linked {
    /// The way, to-many.
    pub relation: &'static Relation,
    /// Which of the related rows.
    pub filter: Filter,
    /// Most identifiers; one more is read, to tell whether there are more.
    pub limit: u32,
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
        let alone = self.one.is_empty() && self.many.is_empty() && self.linked.is_empty();
        alone && self.fields.iter().all(|f| f.name == "id")
    }

    /// Adds a list of identifiers and returns its slot.
    pub fn linked(&mut self, linked: Linked) -> usize {
        self.linked.push(linked);
        self.linked.len() - 1
    }

    /// Adds a nested page and returns its slot.
    pub fn many(&mut self, relation: &'static Relation, query: Query) -> usize {
        self.many.push(Many { relation, query });
        self.many.len() - 1
    }
}

impl Query {
    /// The question for one row that `node` names. Of several the newest is it: an organization's
    /// own rows came after the shared ones of the same name.
    pub fn first(resource: &'static Resource, node: &Node, select: Select) -> Result<Query> {
        let filter = Filter::check(resource, node, "by").map_err(Error::Invalid)?;
        let order = Order::check(resource, &[Sort::parse("-pk")], "").map_err(Error::Invalid)?;
        let window = Some(Window {
            limit: 1,
            ..Window::default()
        });
        Ok(Query {
            resource,
            filter,
            order,
            window,
            select,
            keys: false,
            total: false,
        })
    }

    /// The question for the row of an identifier, also after it was deleted.
    pub fn by_id(resource: &'static Resource, id: Uuid, select: Select) -> Result<Query> {
        let named = Node::Field("id".into(), Op::Eq, id.to_string().into());
        if !resource.soft {
            return Query::first(resource, &named, select);
        }
        // A test that names `deleted_at` lets deleted rows take part.
        let deleted = |op| Node::Field("deleted_at".into(), op, true.into());
        let either = Node::Or(vec![deleted(Op::IsNull), deleted(Op::IsNotNull)]);
        Query::first(resource, &Node::And(vec![named, either]), select)
    }
}
