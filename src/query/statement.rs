//! From a [`Query`] to the text of its statements.

use super::compile::Writer;
use super::keyset::{beyond, order_by};
use super::{
    Field, Filter, Function, Key, Linked, Query, Relation, Resource, Scope, Select, Window,
};
use crate::db::{Arg, Dialect, Storage};
use std::fmt::Write;
use uuid::Uuid;

/// Where the columns of a projection stand in a row.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// A column that is null when the joined row does not exist; `None` for the row itself.
    pub present: Option<usize>,
    /// The column of field slot 0; the others follow.
    pub fields: usize,
    /// Joined rows by slot.
    pub one: Vec<Shape>,
    /// For each nested page the column that holds the parent's key.
    pub links: Vec<usize>,
    /// For each list of identifiers its column.
    pub linked: Vec<usize>,
}

/// A statement and how to read its rows.
pub(super) struct Statement {
    pub sql: String,
    pub args: Vec<Arg>,
    pub shape: Shape,
    /// The column of the first key, if keys were asked for.
    pub keys: usize,
}

/// The parents of a nested page.
#[derive(Clone, Copy)]
pub(super) struct Parents<'a> {
    pub relation: &'static Relation,
    pub ids: &'a [Uuid],
}

/// To-one joins of one SELECT; a way walked twice is joined once.
pub(super) struct Joins {
    made: Vec<(String, &'static Relation, String)>,
    pub sql: String,
}

impl Joins {
    pub fn new() -> Self {
        Joins {
            made: Vec::new(),
            sql: String::new(),
        }
    }

    fn to(&mut self, writer: &mut Writer<'_>, from: &str, relation: &'static Relation) -> String {
        let made = self
            .made
            .iter()
            .find(|(f, r, _)| f == from && std::ptr::eq(*r, relation));
        if let Some((_, _, alias)) = made {
            return alias.clone();
        }
        let (alias, target) = (writer.alias(), (relation.target)());
        let _ = write!(
            self.sql,
            " LEFT JOIN {} {alias} ON {alias}.{} = {from}.{} AND ",
            target.table, relation.to, relation.from
        );
        if writer.dialect == Dialect::Sqlite {
            // As one opaque test: from separate ones SQLite would build a filter over the whole
            // target on every run.
            self.sql.push('(');
            writer.exists(target, &alias, relation.even_deleted, &mut self.sql);
            self.sql.push_str(") IS TRUE");
        } else {
            writer.exists(target, &alias, relation.even_deleted, &mut self.sql);
        }
        self.made.push((from.to_owned(), relation, alias.clone()));
        alias
    }
}

/// The columns of a SELECT.
#[derive(Default)]
struct Columns {
    sql: String,
    count: usize,
}

impl Columns {
    /// Adds what `write` writes, named by its position, and returns the position.
    fn add(&mut self, write: impl FnOnce(&mut String)) -> usize {
        if self.count > 0 {
            self.sql.push_str(", ");
        }
        write(&mut self.sql);
        // Named, because a subselect must not have two columns of one name.
        let _ = write!(self.sql, " AS c{}", self.count);
        self.count += 1;
        self.count - 1
    }
}

fn project(
    writer: &mut Writer<'_>,
    select: &Select,
    alias: &str,
    columns: &mut Columns,
    joins: &mut Joins,
) -> Shape {
    let mut shape = Shape {
        fields: columns.count,
        ..Shape::default()
    };
    for field in &select.fields {
        columns.add(|out| {
            writer.value(field, alias, out);
            if field.storage == Storage::Json && writer.dialect == Dialect::Postgres {
                out.push_str("::text");
            }
        });
    }
    for many in &select.many {
        shape.links.push(columns.add(|out| {
            let _ = write!(out, "{alias}.{}", many.relation.from);
        }));
    }
    for list in &select.linked {
        shape
            .linked
            .push(columns.add(|out| linked(writer, list, alias, out)));
    }
    for one in &select.one {
        let joined = joins.to(writer, alias, one.relation);
        let present = columns.add(|out| {
            let _ = write!(out, "{joined}.pk");
        });
        let mut inner = project(writer, &one.select, &joined, columns, joins);
        inner.present = Some(present);
        shape.one.push(inner);
    }
    shape
}

/// A figure over the rows of a relation that exist for the viewer.
fn figure(
    writer: &mut Writer<'_>,
    relation: &'static Relation,
    function: Function,
    field: &Field,
    alias: &str,
    out: &mut String,
) {
    let (target, row) = ((relation.target)(), writer.alias());
    let mut value = String::new();
    match function {
        Function::Count => value.push('*'),
        _ => writer.value(field, &row, &mut value),
    }
    let _ = write!(
        out,
        "(SELECT {}({value}) FROM {} {row} WHERE {row}.{} = {alias}.{} AND ",
        function.name(),
        target.table,
        relation.to,
        relation.from
    );
    writer.exists(target, &row, relation.even_deleted, out);
    out.push(')');
}

/// The identifiers of related rows as one text, the last ones made first. A statement of its own
/// for each list would cost more than all of them cost here.
fn linked(writer: &mut Writer<'_>, list: &Linked, alias: &str, out: &mut String) {
    let (row, target) = (writer.alias(), (list.relation.target)());
    let text = match writer.dialect {
        Dialect::Postgres => "string_agg(x.id::text, ',' ORDER BY x.pk DESC)",
        Dialect::Sqlite => "group_concat(hex(x.id), ',' ORDER BY x.pk DESC)",
    };
    let _ = write!(
        out,
        "(SELECT {text} FROM (SELECT {row}.id, {row}.pk FROM {} {row} WHERE {row}.{} = {alias}.{} AND ",
        target.table, list.relation.to, list.relation.from
    );
    writer.exists(target, &row, list.filter.names_deleted(), out);
    out.push_str(" AND (");
    writer.condition(&list.filter, &row, out);
    let most = u64::from(list.limit) + 1;
    let _ = write!(out, ") ORDER BY {row}.pk DESC LIMIT {most}) AS x)");
}

/// The SQL of each key on the row of `alias`.
pub(super) fn keys(
    writer: &mut Writer<'_>,
    keys: &[Key],
    alias: &str,
    joins: &mut Joins,
) -> Vec<String> {
    let mut list = Vec::with_capacity(keys.len());
    for key in keys {
        let mut row = alias.to_owned();
        for relation in &key.through {
            row = joins.to(writer, &row, relation);
        }
        let mut value = String::new();
        match key.aggregate {
            Some((relation, function)) => {
                figure(writer, relation, function, key.field, &row, &mut value);
            }
            None => writer.value(key.field, &row, &mut value),
        }
        list.push(value);
    }
    list
}

/// WHERE, ORDER BY and LIMIT of a page on the row of `alias`. `more` rows beside the page tell
/// whether another page follows.
fn page(
    writer: &mut Writer<'_>,
    query: &Query,
    window: &Window,
    alias: &str,
    values: &[String],
    parent: Option<&str>,
    out: &mut String,
) {
    rows_where(writer, query.resource, &query.filter, alias, parent, out);
    let keys = &query.order.keys;
    if let Some(after) = &window.after {
        beyond(writer, keys, values, after, false, out);
    }
    if let Some(before) = &window.before {
        beyond(writer, keys, values, before, true, out);
    }
    order_by(writer.dialect, keys, values, window.backward, out);
    let _ = write!(out, " LIMIT {}", u64::from(window.limit) + 1);
    if window.offset > 0 {
        let _ = write!(out, " OFFSET {}", window.offset);
    }
}

/// WHERE: the parent's rows, in scope, alive, passing the filter.
pub(super) fn rows_where(
    writer: &mut Writer<'_>,
    resource: &Resource,
    filter: &Filter,
    alias: &str,
    parent: Option<&str>,
    out: &mut String,
) {
    out.push_str(" WHERE ");
    if let Some(parent) = parent {
        let _ = write!(out, "{parent} AND ");
    }
    writer.exists(resource, alias, filter.names_deleted(), out);
    out.push_str(" AND (");
    writer.condition(filter, alias, out);
    out.push(')');
}

/// The identifiers of parents as a table `p` with columns `n` (from 0) and `id`.
fn parent_table(writer: &mut Writer<'_>, ids: &[Uuid]) -> (String, &'static str, &'static str) {
    let list = writer.bind(Arg::Uuids(ids.to_vec()));
    match writer.dialect {
        Dialect::Postgres => (
            format!("unnest({list}::uuid[]) WITH ORDINALITY AS p(id, n)"),
            "p.n - 1",
            "p.id",
        ),
        Dialect::Sqlite => (format!("json_each({list}) AS p"), "p.key", "unhex(p.value)"),
    }
}

impl Query {
    /// The statement of a page, of all parents at once if there are some.
    pub(super) fn rows_statement(
        &self,
        writer: &mut Writer<'_>,
        window: &Window,
        parents: Option<Parents<'_>>,
    ) -> Statement {
        match (parents, writer.dialect) {
            (None, _) => self.plain(writer, window, None),
            (Some(p), Dialect::Postgres) => self.lateral(writer, window, p),
            (Some(p), Dialect::Sqlite) => self.correlated(writer, window, p),
        }
    }

    fn plain(
        &self,
        writer: &mut Writer<'_>,
        window: &Window,
        parent: Option<(&str, &str)>,
    ) -> Statement {
        let (alias, mut columns, mut joins) = (writer.alias(), Columns::default(), Joins::new());
        // The first column of a nested page is the number of its parent.
        columns.count = usize::from(parent.is_some());
        let shape = project(writer, &self.select, &alias, &mut columns, &mut joins);
        let values = keys(writer, &self.order.keys, &alias, &mut joins);
        let first_key = columns.count;
        if self.keys {
            for value in &values {
                columns.add(|out| out.push_str(value));
            }
        }
        let list = if columns.sql.is_empty() {
            "1 AS c0".to_owned()
        } else {
            columns.sql
        };
        let list = list.trim_start_matches(", ");
        let parent = parent.map(|(column, id)| format!("{alias}.{column} = {id}"));
        let mut tail = String::new();
        page(
            writer,
            self,
            window,
            &alias,
            &values,
            parent.as_deref(),
            &mut tail,
        );
        let sql = format!(
            "SELECT {list} FROM {} {alias}{}{tail}",
            self.resource.table, joins.sql
        );
        Statement {
            sql,
            args: std::mem::take(&mut writer.args),
            shape,
            keys: first_key,
        }
    }

    /// PostgreSQL: a page for each parent by LATERAL, which reads no row beside the pages.
    fn lateral(&self, writer: &mut Writer<'_>, window: &Window, parents: Parents<'_>) -> Statement {
        let (table, number, id) = parent_table(writer, parents.ids);
        let mut statement = self.plain(writer, window, Some((parents.relation.to, id)));
        statement.sql = format!(
            "SELECT {number}, x.* FROM {table} CROSS JOIN LATERAL ({}) AS x",
            statement.sql
        );
        statement
    }

    /// SQLite has no LATERAL: the rows of a page are found by a correlated list of their keys,
    /// which reads no row beside the pages either; CROSS JOIN keeps the parents outermost.
    fn correlated(
        &self,
        writer: &mut Writer<'_>,
        window: &Window,
        parents: Parents<'_>,
    ) -> Statement {
        let (table, number, id) = parent_table(writer, parents.ids);
        let inner = writer.alias();
        let mut inner_joins = Joins::new();
        let inner_values = keys(writer, &self.order.keys, &inner, &mut inner_joins);
        let parent = format!("{inner}.{} = {id}", parents.relation.to);
        let mut tail = String::new();
        page(
            writer,
            self,
            window,
            &inner,
            &inner_values,
            Some(&parent),
            &mut tail,
        );

        let (alias, mut columns, mut joins) = (writer.alias(), Columns::default(), Joins::new());
        columns.add(|out| out.push_str(number));
        let shape = project(writer, &self.select, &alias, &mut columns, &mut joins);
        let values = keys(writer, &self.order.keys, &alias, &mut joins);
        let first_key = columns.count;
        if self.keys {
            for value in &values {
                columns.add(|out| out.push_str(value));
            }
        }
        let mut order = String::new();
        order_by(
            writer.dialect,
            &self.order.keys,
            &values,
            window.backward,
            &mut order,
        );
        let order = order.replacen(" ORDER BY ", &format!(" ORDER BY {number}, "), 1);
        let from = self.resource.table;
        let sql = format!(
            "SELECT {} FROM {table} CROSS JOIN {from} {alias}{} WHERE {alias}.pk IN (SELECT {inner}.pk FROM {from} {inner}{}{tail}){order}",
            columns.sql, joins.sql, inner_joins.sql
        );
        Statement {
            sql,
            args: std::mem::take(&mut writer.args),
            shape,
            keys: first_key,
        }
    }

    /// Counts the shared rows and the organization's own apart: each is one range of an index, which
    /// their union by OR is not.
    fn catalogue_total(&self, writer: &mut Writer<'_>) -> String {
        let own = writer.bind(Arg::Uuid(writer.viewer.organization_id));
        let parts = ["IS NULL".to_owned(), format!("= {own}")].map(|part| {
            let (alias, mut tail) = (writer.alias(), String::new());
            let part = format!("{alias}.organization_id {part}");
            let (resource, filter) = (self.resource, &self.filter);
            rows_where(writer, resource, filter, &alias, Some(&part), &mut tail);
            format!("(SELECT count(*) FROM {} {alias}{tail})", resource.table)
        });
        format!("SELECT {}", parts.join(" + "))
    }

    /// The statement that counts; with parents one row for each, number and count.
    pub(super) fn total_statement(
        &self,
        writer: &mut Writer<'_>,
        parents: Option<Parents<'_>>,
    ) -> (String, Vec<Arg>) {
        let alias = writer.alias();
        let mut tail = String::new();
        let table = self.resource.table;
        let sql = match parents {
            None if self.resource.scope == Scope::Catalogue && self.filter.is_everything() => {
                self.catalogue_total(writer)
            }
            None => {
                rows_where(writer, self.resource, &self.filter, &alias, None, &mut tail);
                format!("SELECT count(*) FROM {table} {alias}{tail}")
            }
            Some(parents) => {
                let (list, number, id) = parent_table(writer, parents.ids);
                let parent = format!("{alias}.{} = {id}", parents.relation.to);
                rows_where(
                    writer,
                    self.resource,
                    &self.filter,
                    &alias,
                    Some(&parent),
                    &mut tail,
                );
                format!("SELECT {number}, (SELECT count(*) FROM {table} {alias}{tail}) FROM {list}")
            }
        };
        (sql, std::mem::take(&mut writer.args))
    }
}

/// The statement that finds rows of several resources by their identifiers: each identifier is a
/// row, each resource a joined row of the shape, present where the identifier is its.
pub(super) fn lookup_statement(
    writer: &mut Writer<'_>,
    ids: &[Uuid],
    among: &[(&'static Resource, Select)],
) -> Statement {
    let (table, number, id) = parent_table(writer, ids);
    let (mut columns, mut joins, mut shape) = (Columns::default(), Joins::new(), Shape::default());
    columns.add(|out| out.push_str(number));
    for (resource, select) in among {
        let alias = writer.alias();
        if select.is_bare() {
            // A join for each resource would take longer to plan than to run.
            let present = columns.add(|out| {
                let _ = write!(
                    out,
                    "(SELECT {alias}.pk FROM {} {alias} WHERE {alias}.id = {id} AND ",
                    resource.table
                );
                writer.exists(resource, &alias, false, out);
                out.push(')');
            });
            shape.one.push(Shape {
                present: Some(present),
                fields: columns.count,
                ..Shape::default()
            });
            for _ in &select.fields {
                columns.add(|out| out.push_str(id));
            }
            continue;
        }
        let _ = write!(
            joins.sql,
            " LEFT JOIN {} {alias} ON {alias}.id = {id} AND ",
            resource.table
        );
        writer.exists(resource, &alias, false, &mut joins.sql);
        let present = columns.add(|out| {
            let _ = write!(out, "{alias}.pk");
        });
        let mut inner = project(writer, select, &alias, &mut columns, &mut joins);
        inner.present = Some(present);
        shape.one.push(inner);
    }
    let sql = format!(
        "SELECT {} FROM {table}{} ORDER BY {number}",
        columns.sql, joins.sql
    );
    Statement {
        sql,
        args: std::mem::take(&mut writer.args),
        shape,
        keys: 0,
    }
}
