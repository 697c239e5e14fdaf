//! From a selection set to a plan: the engine's question, and how its rows become the answer.
//!
//! A root field and everything below it is one plan: related rows are joined, nested pages are
//! nested questions, and the answer is written from the rows without resolving field by field.
//! Arguments of nested fields are judged here; one that is wrong fails that field alone.

use super::name::{Member, member};
use crate::db::Storage;
use crate::error::{Error, Result};
use crate::query::cursor::{Binding, Sealer};
use crate::query::{Kind, Query, Relation, Resource, Select};
use async_graphql::parser::types::{Field, FragmentDefinition, Selection, SelectionSet};
use async_graphql::{Name, Pos, Positioned, Variables};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Rows of a page that asks for no number.
pub const DEFAULT_PAGE: u32 = 25;
/// Most rows of one page.
pub const MAX_PAGE: u32 = 100;
/// Most rows one operation may ask for, nested pages multiplied out.
pub const MAX_ROWS: u64 = 20_000;

/// How an object is written: response key, as JSON with its colon, and what follows.
pub struct Object {
    pub entries: Vec<(String, Out)>,
}

/// How the value of a field is written.
pub enum Out {
    /// `__typename`.
    TypeName(&'static str),
    /// A column as it is.
    Column(usize, Storage),
    /// A stored word in upper case.
    Word(usize),
    /// A joined row.
    One(usize, Object),
    /// A nested page.
    Many(usize, Box<Connection>),
    /// The arguments were wrong.
    Failed(Box<Failure>),
}

/// A field whose arguments were wrong.
pub struct Failure {
    pub error: Error,
    pub pos: Pos,
}

/// How a connection is written.
pub struct Connection {
    pub entries: Vec<(String, ConnectionOut)>,
    /// The question, for cursors and page information.
    pub query: Query,
    pub binding: Binding,
}

/// A member of a connection.
pub enum ConnectionOut {
    TypeName(&'static str),
    Total,
    Nodes(Object),
    Edges(Vec<(String, EdgeOut)>),
    PageInfo(Vec<(String, PageOut)>),
}

/// A member of an edge.
pub enum EdgeOut {
    TypeName(&'static str),
    Cursor,
    Node(Object),
}

/// A member of `PageInfo`.
#[derive(Clone, Copy)]
pub enum PageOut {
    TypeName,
    HasNext,
    HasPrevious,
    Start,
    End,
}

/// Reads the selections of one operation.
pub struct Planner<'a> {
    pub fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    pub variables: &'a Variables,
    pub sealer: &'a Sealer,
    /// Rows the operation has asked for so far.
    pub rows: &'a AtomicU64,
}

/// Fields of one response key, to be merged.
struct Group<'a> {
    key: &'a str,
    fields: Vec<&'a Field>,
}

impl<'a> Group<'a> {
    fn name(&self) -> &'a str {
        self.fields.first().map_or("", |f| f.name.node.as_str())
    }

    fn selections(&self) -> Vec<&'a SelectionSet> {
        self.fields.iter().map(|f| &f.selection_set.node).collect()
    }
}

/// The response key as JSON; a GraphQL name needs no escape.
pub fn json_key(key: &str) -> String {
    format!("\"{key}\":")
}

impl<'a> Planner<'a> {
    /// Fields by response key, fragments that apply to `type_name` opened, in document order.
    fn groups(&self, type_name: &str, sets: &[&'a SelectionSet]) -> Vec<Group<'a>> {
        let mut groups = Vec::new();
        for set in sets {
            self.collect(type_name, set, &mut groups);
        }
        groups
    }

    /// The fields asked of an object of `type_name`, with their merged selections.
    pub fn fields(
        &self,
        type_name: &str,
        sets: &[&'a SelectionSet],
    ) -> Vec<(&'a Field, Vec<&'a SelectionSet>)> {
        let groups = self.groups(type_name, sets);
        groups
            .into_iter()
            .filter_map(|g| Some((*g.fields.first()?, g.selections())))
            .collect()
    }

    /// The selections of every field of that response key in `set`, to be merged.
    pub fn selections(
        &self,
        type_name: &str,
        set: &'a SelectionSet,
        key: &str,
    ) -> Vec<&'a SelectionSet> {
        let groups = self.groups(type_name, &[set]);
        groups
            .iter()
            .find(|g| g.key == key)
            .map(Group::selections)
            .unwrap_or_default()
    }

    fn collect(&self, type_name: &str, set: &'a SelectionSet, groups: &mut Vec<Group<'a>>) {
        for item in &set.items {
            let applies = |on: &Name| on.as_str() == type_name || on.as_str() == "Node";
            match &item.node {
                Selection::Field(field) => {
                    let (field, key) = (&field.node, field.node.response_key().node.as_str());
                    match groups.iter_mut().find(|g| g.key == key) {
                        Some(group) => group.fields.push(field),
                        None => groups.push(Group {
                            key,
                            fields: vec![field],
                        }),
                    }
                }
                Selection::InlineFragment(inline) => {
                    if inline
                        .node
                        .type_condition
                        .as_ref()
                        .is_none_or(|c| applies(&c.node.on.node))
                    {
                        self.collect(type_name, &inline.node.selection_set.node, groups);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.fragments.get(&spread.node.fragment_name.node);
                    if let Some(fragment) = fragment.map(|f| &f.node)
                        && applies(&fragment.type_condition.node.on.node)
                    {
                        self.collect(type_name, &fragment.selection_set.node, groups);
                    }
                }
            }
        }
    }

    /// Plans an object of `resource`: adds what it needs to `select`. `parents` is how many rows
    /// of it there can be.
    pub fn object(
        &mut self,
        resource: &'static Resource,
        sets: &[&'a SelectionSet],
        select: &mut Select,
        parents: u64,
    ) -> Result<Object> {
        let mut entries = Vec::new();
        for group in self.groups(resource.type_name, sets) {
            let out = match member(resource, group.name()) {
                None => Out::TypeName(resource.type_name),
                Some(Member::Field(field)) => {
                    let slot = select.field(field);
                    match field.kind {
                        Kind::Enum(_) => Out::Word(slot),
                        _ => Out::Column(slot, field.storage),
                    }
                }
                Some(Member::Relation(relation)) if relation.many => {
                    self.many(relation, &group, select, parents)?
                }
                Some(Member::Relation(relation)) => {
                    let slot = select.one(relation);
                    let mut inner = std::mem::take(&mut select.one[slot].select);
                    let target = (relation.target)();
                    let object = self.object(target, &group.selections(), &mut inner, parents);
                    select.one[slot].select = inner;
                    Out::One(slot, object?)
                }
            };
            entries.push((json_key(group.key), out));
        }
        Ok(Object { entries })
    }

    fn many(
        &mut self,
        relation: &'static Relation,
        group: &Group<'a>,
        select: &mut Select,
        parents: u64,
    ) -> Result<Out> {
        let Some(field) = group.fields.first() else {
            return Ok(Out::TypeName(""));
        };
        match self.connection((relation.target)(), field, &group.selections(), parents) {
            Ok(connection) => {
                let slot = select.many(relation, connection.query.clone());
                Ok(Out::Many(slot, Box::new(connection)))
            }
            Err(error @ Error::Invalid(_)) => Ok(Out::Failed(Box::new(Failure {
                error,
                pos: field.name.pos,
            }))),
            Err(error) => Err(error),
        }
    }

    /// Plans a connection over `resource` with the arguments of `field`.
    pub fn connection(
        &mut self,
        resource: &'static Resource,
        field: &Field,
        sets: &[&'a SelectionSet],
        parents: u64,
    ) -> Result<Connection> {
        let mut query = self.question(resource, field)?;
        let window = query.window.take().unwrap_or_default();
        let rows = parents.saturating_mul(u64::from(window.limit));
        let binding = Binding::new(resource, &query.order);
        let mut wants = Wants::default();
        let type_name = super::types::connection_name(resource);
        let mut entries = Vec::new();
        for group in self.groups(type_name, sets) {
            let out = match group.name() {
                "totalCount" => {
                    query.total = true;
                    ConnectionOut::Total
                }
                "nodes" => {
                    wants.rows = true;
                    let select = &mut query.select;
                    ConnectionOut::Nodes(self.object(
                        resource,
                        &group.selections(),
                        select,
                        rows,
                    )?)
                }
                "edges" => {
                    wants.rows = true;
                    let select = &mut query.select;
                    ConnectionOut::Edges(self.edges(resource, &group, select, rows, &mut wants)?)
                }
                "pageInfo" => {
                    wants.rows = true;
                    ConnectionOut::PageInfo(self.page_info(&group, &mut wants))
                }
                _ => ConnectionOut::TypeName(type_name),
            };
            entries.push((json_key(group.key), out));
        }
        query.keys = wants.keys;
        if wants.rows {
            // Sums stop at the limit and one: a sum of all arguments could come round.
            let asked = self.rows.load(Ordering::Relaxed).saturating_add(rows);
            self.rows.store(asked.min(MAX_ROWS + 1), Ordering::Relaxed);
            if asked > MAX_ROWS {
                let issue =
                    format!("the operation asks for up to {asked} rows; the limit is {MAX_ROWS}");
                return Err(Error::TooComplex(issue));
            }
            query.window = Some(window);
        }
        Ok(Connection {
            entries,
            query,
            binding,
        })
    }

    fn edges(
        &mut self,
        resource: &'static Resource,
        group: &Group<'a>,
        select: &mut Select,
        rows: u64,
        wants: &mut Wants,
    ) -> Result<Vec<(String, EdgeOut)>> {
        let type_name = super::types::edge_name(resource);
        let mut entries = Vec::new();
        for group in self.groups(type_name, &group.selections()) {
            let out = match group.name() {
                "cursor" => {
                    wants.keys = true;
                    EdgeOut::Cursor
                }
                "node" => {
                    EdgeOut::Node(self.object(resource, &group.selections(), select, rows)?)
                }
                _ => EdgeOut::TypeName(type_name),
            };
            entries.push((json_key(group.key), out));
        }
        Ok(entries)
    }

    fn page_info(&self, group: &Group<'a>, wants: &mut Wants) -> Vec<(String, PageOut)> {
        let mut entries = Vec::new();
        for group in self.groups("PageInfo", &group.selections()) {
            let out = match group.name() {
                "hasNextPage" => PageOut::HasNext,
                "hasPreviousPage" => PageOut::HasPrevious,
                "startCursor" => PageOut::Start,
                "endCursor" => PageOut::End,
                _ => PageOut::TypeName,
            };
            wants.keys |= matches!(out, PageOut::Start | PageOut::End);
            entries.push((json_key(group.key), out));
        }
        entries
    }
}

/// What the members of a connection need beside the projection.
#[derive(Default)]
struct Wants {
    rows: bool,
    keys: bool,
}
