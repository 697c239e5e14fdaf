//! Running a [`Query`]: its page, its total, and the pages nested in it, level by level.

use super::compile::Writer;
use super::cursor::{Binding, Sealer};
use super::statement::{Parents, Shape, Statement, lookup_statement};
use super::{Many, Query, Resource, Select, Viewer, Window};
use crate::db::{Db, Row};
use crate::error::{Error, Result};
use futures_util::future::{BoxFuture, FutureExt, try_join, try_join_all};
use std::collections::HashMap;
use std::ops::Range;
use uuid::Uuid;

/// Says that a row has no page: the row that would be its parent does not exist.
const NO_PAGE: u32 = u32::MAX;

/// What a question found.
pub struct Found {
    rows: Vec<Row>,
    shape: Shape,
    /// For each row the number of its page, one list for each nested page of the projection.
    nested: Vec<Nested>,
    first_key: usize,
    slices: Vec<Slice>,
}

/// One page of what was found: there is one for each parent, or one in all.
#[derive(Debug, Clone, Default)]
pub struct Slice {
    rows: Range<usize>,
    /// Whether rows follow in the direction of the page.
    pub more: bool,
    /// All matching rows, if they were counted.
    pub total: Option<u64>,
}

/// The nested pages of one relation in the projection.
pub struct Nested {
    page_of_row: Vec<u32>,
    found: Found,
}

/// One row, seen through the projection.
#[derive(Clone, Copy)]
pub struct View<'a> {
    found: &'a Found,
    shape: &'a Shape,
    /// Nested pages are numbered through the whole projection; this is the first of this part.
    nested: usize,
    row: usize,
}

impl Found {
    /// The page of a parent; without parents the only one is number 0.
    pub fn slice(&self, page: usize) -> Slice {
        self.slices.get(page).cloned().unwrap_or_default()
    }

    /// The rows of a page.
    pub fn views<'a>(
        &'a self,
        slice: &Slice,
    ) -> impl ExactSizeIterator<Item = View<'a>> + Clone + use<'a> {
        let view = |row| View {
            found: self,
            shape: &self.shape,
            nested: 0,
            row,
        };
        slice.rows.clone().map(view)
    }

    /// Values in all rows, nested pages counted: what an answer is written from.
    pub fn values(&self) -> usize {
        let own = self.rows.len() * self.rows.first().map_or(0, Row::columns);
        own + self.nested.iter().map(|n| n.found.values()).sum::<usize>()
    }

    /// All rows, for a lookup: one for each identifier, in the order they were asked for.
    pub fn lookups(&self) -> impl ExactSizeIterator<Item = View<'_>> + Clone {
        (0..self.rows.len()).map(|row| View {
            found: self,
            shape: &self.shape,
            nested: 0,
            row,
        })
    }
}

impl<'a> View<'a> {
    /// The row behind it.
    pub fn row(self) -> Option<&'a Row> {
        self.found.rows.get(self.row)
    }

    /// The column of a field slot.
    pub fn column(self, slot: usize) -> usize {
        self.shape.fields + slot
    }

    /// The related row of a slot, if it exists.
    pub fn one(self, slot: usize) -> Option<View<'a>> {
        let shape = self.shape.one.get(slot)?;
        if self.row()?.is_null(shape.present?) {
            return None;
        }
        let before: usize = self.shape.one.iter().take(slot).map(pages_in).sum();
        let nested = self.nested + self.shape.links.len() + before;
        Some(View {
            shape,
            nested,
            ..self
        })
    }

    /// The nested page of a slot.
    pub fn many(self, slot: usize) -> Option<(&'a Found, Slice)> {
        let nested = self.found.nested.get(self.nested + slot)?;
        let page = *nested.page_of_row.get(self.row)?;
        (page != NO_PAGE).then(|| (&nested.found, nested.found.slice(page as usize)))
    }

    /// The identifiers in a list of linked rows, one more than its limit if there are more.
    pub fn linked(self, slot: usize) -> impl Iterator<Item = Uuid> + use<'a> {
        let text = self
            .row()
            .zip(self.shape.linked.get(slot))
            .and_then(|(row, column)| row.text(*column));
        let ids = text.unwrap_or_default().split(',');
        ids.filter_map(|id| Uuid::parse_str(id).ok())
    }

    /// The identifier in a field slot.
    pub fn id(self, slot: usize) -> Option<Uuid> {
        self.row()?.uuid(self.column(slot))
    }

    /// The text in a field slot.
    pub fn text(self, slot: usize) -> Option<&'a str> {
        self.row()?.text(self.column(slot))
    }

    /// The cursor of the row, if the question asked for keys.
    pub fn cursor(self, sealer: &Sealer, query: &Query, binding: &Binding) -> Option<String> {
        let row = self.row()?;
        let key = |(i, key): (usize, &super::Key)| row.arg(self.found.first_key + i, key.storage());
        let position: Vec<_> = query.order.keys.iter().enumerate().map(key).collect();
        Some(sealer.seal(binding, &position))
    }
}

fn pages_in(shape: &Shape) -> usize {
    shape.links.len() + shape.one.iter().map(pages_in).sum::<usize>()
}

impl Query {
    /// Runs the question for a viewer: one statement for its page, one for its total, one for
    /// each nested page.
    pub async fn run(&self, db: &Db, viewer: &Viewer) -> Result<Found> {
        self.find(db, viewer, None).await
    }

    /// The text of the page's statement, for golden files and explanations.
    pub fn sql(&self, dialect: crate::db::Dialect, viewer: &Viewer) -> String {
        let mut writer = Writer::new(dialect, viewer);
        let window = self.window.clone().unwrap_or_default();
        self.rows_statement(&mut writer, &window, None).sql
    }

    fn find<'a>(
        &'a self,
        db: &'a Db,
        viewer: &'a Viewer,
        parents: Option<Parents<'a>>,
    ) -> BoxFuture<'a, Result<Found>> {
        async move {
            let (mut found, totals) = try_join(
                self.pages(db, viewer, parents),
                self.totals(db, viewer, parents),
            )
            .await?;
            for (slice, total) in found.slices.iter_mut().zip(totals) {
                slice.total = Some(total);
            }
            found.nested = nested(db, viewer, &self.select, &found).await?;
            Ok(found)
        }
        .boxed()
    }

    async fn pages(&self, db: &Db, viewer: &Viewer, parents: Option<Parents<'_>>) -> Result<Found> {
        let pages = parents.map_or(1, |p| p.ids.len());
        let Some(window) = self.window.as_ref() else {
            return Ok(Found::new(
                Vec::new(),
                Shape::default(),
                0,
                vec![Slice::default(); pages],
            ));
        };
        let mut writer = Writer::new(db.dialect(), viewer);
        let Statement {
            sql,
            args,
            shape,
            keys,
        } = self.rows_statement(&mut writer, window, parents);
        let rows = db.rows(sql, args).await?;
        let groups = match parents {
            None => vec![rows],
            Some(_) => group(rows, pages)?,
        };
        let mut all = Vec::with_capacity(groups.iter().map(Vec::len).sum());
        let slices = groups
            .into_iter()
            .map(|rows| cut(rows, window, &mut all))
            .collect();
        Ok(Found::new(all, shape, keys, slices))
    }

    async fn totals(
        &self,
        db: &Db,
        viewer: &Viewer,
        parents: Option<Parents<'_>>,
    ) -> Result<Vec<u64>> {
        if !self.total {
            return Ok(Vec::new());
        }
        let mut writer = Writer::new(db.dialect(), viewer);
        let (sql, args) = self.total_statement(&mut writer, parents);
        let column = usize::from(parents.is_some());
        let count = |row: &Row| {
            row.int(column)
                .and_then(|n| u64::try_from(n).ok())
                .unwrap_or_default()
        };
        let mut rows = db.rows(sql, args).await?;
        if parents.is_some() {
            rows.sort_by_key(|row| row.int(0));
        }
        Ok(rows.iter().map(count).collect())
    }
}

impl Found {
    fn new(rows: Vec<Row>, shape: Shape, first_key: usize, slices: Vec<Slice>) -> Self {
        Found {
            rows,
            shape,
            nested: Vec::new(),
            first_key,
            slices,
        }
    }
}

/// The rows of each parent, in the order they came. The number of the parent is column 0.
fn group(rows: Vec<Row>, pages: usize) -> Result<Vec<Vec<Row>>> {
    let mut groups: Vec<Vec<Row>> = (0..pages).map(|_| Vec::new()).collect();
    for row in rows {
        let number = row.int(0).and_then(|n| usize::try_from(n).ok());
        let group = number.and_then(|n| groups.get_mut(n));
        group
            .ok_or_else(|| Error::internal("a nested row names no parent"))?
            .push(row);
    }
    Ok(groups)
}

/// Takes the page out of one row too many, turns a backward page round, and adds it to `all`.
fn cut(mut rows: Vec<Row>, window: &Window, all: &mut Vec<Row>) -> Slice {
    let more = rows.len() > window.limit as usize;
    rows.truncate(window.limit as usize);
    if window.backward {
        rows.reverse();
    }
    let start = all.len();
    all.extend(rows);
    Slice {
        rows: start..all.len(),
        more,
        total: None,
    }
}

/// Runs the nested pages of a projection, each once for all rows.
async fn nested(db: &Db, viewer: &Viewer, select: &Select, found: &Found) -> Result<Vec<Nested>> {
    let mut wanted = Vec::new();
    collect(select, &found.shape, &mut wanted);
    try_join_all(
        wanted
            .into_iter()
            .map(|(many, link)| one_nested(db, viewer, many, link, found)),
    )
    .await
}

/// Nested pages in the order [`View`] numbers them: a part's own first, then those of its joined
/// rows.
fn collect<'a>(select: &'a Select, shape: &Shape, out: &mut Vec<(&'a Many, usize)>) {
    out.extend(select.many.iter().zip(shape.links.iter().copied()));
    for (one, shape) in select.one.iter().zip(&shape.one) {
        collect(&one.select, shape, out);
    }
}

async fn one_nested(
    db: &Db,
    viewer: &Viewer,
    many: &Many,
    link: usize,
    found: &Found,
) -> Result<Nested> {
    let (mut ids, mut numbers) = (Vec::new(), HashMap::new());
    let mut page_of_row = Vec::with_capacity(found.rows.len());
    for row in &found.rows {
        page_of_row.push(row.uuid(link).map_or(NO_PAGE, |id| {
            *numbers.entry(id).or_insert_with(|| {
                ids.push(id);
                u32::try_from(ids.len() - 1).unwrap_or(NO_PAGE)
            })
        }));
    }
    let pages = if ids.is_empty() {
        Found::new(Vec::new(), Shape::default(), 0, Vec::new())
    } else {
        many.query
            .find(
                db,
                viewer,
                Some(Parents {
                    relation: many.relation,
                    ids: &ids,
                }),
            )
            .await?
    };
    Ok(Nested {
        page_of_row,
        found: pages,
    })
}

/// A search for rows of several resources by their identifiers alone.
pub struct Lookup {
    /// The identifiers, in the order of the answer.
    pub ids: Vec<Uuid>,
    /// The resources, by slot, and what to read of each.
    pub among: Vec<(&'static Resource, Select)>,
}

impl Lookup {
    /// Runs it: one statement whatever the number of resources and identifiers. Each identifier
    /// has one row, in which [`View::one`] of a resource's slot exists if it is that resource's.
    pub async fn run(&self, db: &Db, viewer: &Viewer) -> Result<Found> {
        let mut writer = Writer::new(db.dialect(), viewer);
        let statement = lookup_statement(&mut writer, &self.ids, &self.among);
        let rows = db.rows(statement.sql, statement.args).await?;
        let mut found = Found::new(rows, statement.shape, 0, Vec::new());
        let mut wanted = Vec::new();
        for ((_, select), shape) in self.among.iter().zip(&found.shape.one) {
            collect(select, shape, &mut wanted);
        }
        let pages = wanted
            .into_iter()
            .map(|(many, link)| one_nested(db, viewer, many, link, &found));
        found.nested = try_join_all(pages).await?;
        Ok(found)
    }
}
