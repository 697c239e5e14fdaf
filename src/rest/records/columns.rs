//! Columns of records: from paths to a projection, and from rows to members of flat objects.

use super::ask::MAX_RELATED;
use crate::db::{Storage, write_text};
use crate::error::clip;
use crate::query::{
    Field, Filter, Kind, MAX_HOPS, Many, Order, Query, Resource, Select, View, Window,
};
use crate::rest::name;
use std::collections::BTreeSet;

/// Most paths of one question.
pub const MAX_COLUMNS: usize = 100;
/// Most relations that the paths of one question walk, each counted once.
pub const MAX_JOINS: usize = 20;

/// The columns of an answer.
#[derive(Default)]
pub struct Columns {
    list: Vec<Column>,
    /// The relations walked so far.
    walked: BTreeSet<String>,
}

struct Column {
    /// The path as the client wrote it, as JSON.
    key: Vec<u8>,
    display: &'static str,
    cell: Cell,
}

/// Where a value stands in what was found.
enum Cell {
    Field(usize, Storage),
    One(usize, Box<Cell>),
    Many(usize, Box<Cell>),
}

/// A value that was found by walking a path.
struct Walked {
    cell: Cell,
    display: &'static str,
}

impl Columns {
    /// Adds the column of a path, without its root, to the projection `select`.
    pub fn add(
        &mut self,
        resource: &'static Resource,
        root: &str,
        path: &[&str],
        select: &mut Select,
    ) -> Result<(), String> {
        if self.list.len() == MAX_COLUMNS {
            return Err(format!("is one too many; the limit is {MAX_COLUMNS} paths"));
        }
        let mut key = Vec::new();
        write_text(&format!("{root}.{}", path.join(".")), &mut key);
        if self.list.iter().any(|column| column.key == key) {
            return Err("stands here twice".into());
        }
        if path.len() > MAX_HOPS + 1 {
            return Err(format!(
                "walks more than {MAX_HOPS} relations, which is the limit"
            ));
        }
        let Walked { cell, display } = self.walk(resource, path, String::new(), false, select)?;
        self.list.push(Column { key, display, cell });
        Ok(())
    }

    /// Adds every column of the resource that is returned.
    pub fn add_all(
        &mut self,
        resource: &'static Resource,
        root: &str,
        select: &mut Select,
    ) -> Result<(), String> {
        let own_id = name::of(resource).and_then(|name| name.id.first()).copied();
        resource
            .fields
            .iter()
            .filter(|f| f.shown() && f.raw())
            .try_for_each(|field| {
                let name = match (field.name, own_id) {
                    ("id", Some(id)) => id,
                    (name, _) => name,
                };
                self.add(resource, root, &[name], select)
            })
    }

    fn walk(
        &mut self,
        on: &'static Resource,
        path: &[&str],
        so_far: String,
        inside_many: bool,
        select: &mut Select,
    ) -> Result<Walked, String> {
        let [part, rest @ ..] = path else {
            return Err("must name a field".into());
        };
        if rest.is_empty() {
            let field = field(on, part)?;
            let cell = Cell::Field(select.field(field), field.storage);
            return Ok(Walked {
                cell,
                display: display(field),
            });
        }
        let name = name::snake(part);
        let Some(relation) = on.find_relation(&name) else {
            return Err(format!("`{}` has no relation `{}`", on.name, clip(part)));
        };
        let so_far = format!("{so_far}.{name}");
        self.walked.insert(so_far.clone());
        if self.walked.len() > MAX_JOINS {
            return Err(format!(
                "goes on to more relations than one question may walk; the limit is {MAX_JOINS}"
            ));
        }
        let target = (relation.target)();
        if relation.many && inside_many {
            return Err(format!(
                "`{}` has many rows behind another relation that has; a path may have one such",
                clip(part)
            ));
        }
        if !relation.many {
            let slot = select.one(relation);
            let inner = self.walk(
                target,
                rest,
                so_far,
                inside_many,
                &mut select.one[slot].select,
            )?;
            let cell = Cell::One(slot, Box::new(inner.cell));
            return Ok(Walked { cell, ..inner });
        }
        let known = |many: &Many| std::ptr::eq(many.relation, relation);
        let slot = match select.many.iter().position(known) {
            Some(slot) => slot,
            None => select.many(relation, related(target)?),
        };
        let inner = self.walk(
            target,
            rest,
            so_far,
            true,
            &mut select.many[slot].query.select,
        )?;
        let cell = Cell::Many(slot, Box::new(inner.cell));
        Ok(Walked {
            cell,
            display: "list",
        })
    }

    /// Writes the members of a row.
    pub fn write_row(&self, view: View<'_>, out: &mut Vec<u8>) {
        for (i, column) in self.list.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            out.extend_from_slice(&column.key);
            out.push(b':');
            column.cell.write(view, out);
        }
    }

    /// Writes what the columns are.
    pub fn write_meta(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (i, column) in self.list.iter().enumerate() {
            out.extend_from_slice(if i > 0 { b",{\"key\":" } else { b"{\"key\":" });
            out.extend_from_slice(&column.key);
            let meta = format!(
                ",\"meta\":{{\"displayType\":\"{}\",\"isEditable\":false}}}}",
                column.display
            );
            out.extend_from_slice(meta.as_bytes());
        }
        out.push(b']');
    }
}

impl Cell {
    fn write(&self, view: View<'_>, out: &mut Vec<u8>) {
        match self {
            Cell::Field(slot, storage) => match view.row() {
                Some(row) => row.write_json(view.column(*slot), *storage, out),
                None => out.extend_from_slice(b"null"),
            },
            Cell::One(slot, inner) => match view.one(*slot) {
                Some(view) => inner.write(view, out),
                None => out.extend_from_slice(b"null"),
            },
            Cell::Many(slot, inner) => {
                out.push(b'[');
                if let Some((found, slice)) = view.many(*slot) {
                    for (i, view) in found.views(&slice).enumerate() {
                        if i > 0 {
                            out.push(b',');
                        }
                        inner.write(view, out);
                    }
                }
                out.push(b']');
            }
        }
    }
}

/// The field that a path ends in. What is never returned stays so, but for the virtual cells, which
/// are there for records.
fn field(on: &'static Resource, spelled: &str) -> Result<&'static Field, String> {
    let name = name::member(on, spelled);
    let found = on
        .find_field(&name)
        .filter(|field| field.raw() && field.name != "pk");
    found.ok_or_else(|| match on.find_relation(&name) {
        Some(relation) => {
            let example = name::of((relation.target)()).map_or("id", |name| name.id[0]);
            format!(
                "`{}` is a relation of `{}`: name a field of it, e.g. `{name}.{example}`",
                clip(spelled),
                on.name
            )
        }
        None => format!("`{}` has no field `{}` to return", on.name, clip(spelled)),
    })
}

/// The first rows of a to-many relation, in their own order.
fn related(target: &'static Resource) -> Result<Query, String> {
    let order = Order::check(target, &[], "").map_err(|_| "cannot be ordered".to_owned())?;
    Ok(Query {
        resource: target,
        filter: Filter::everything(),
        order,
        window: Some(Window {
            limit: MAX_RELATED,
            ..Window::default()
        }),
        select: Select::default(),
        keys: false,
        total: false,
    })
}

/// The word for how a value is shown.
fn display(field: &Field) -> &'static str {
    match field.kind {
        _ if field.storage == Storage::Uuid => "uuid",
        Kind::Text | Kind::Workspace => "string",
        Kind::Number => "number",
        Kind::Date => "datetime",
        Kind::Boolean => "boolean",
        Kind::Enum(_) => "enum",
        Kind::Texts => "list",
        Kind::Json => "json",
    }
}
