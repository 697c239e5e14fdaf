//! Figures over rows: counts, sums, means, least and greatest values, by groups. One statement.

use super::compile::Writer;
use super::statement::{Joins, keys, rows_where};
use super::{Field, Filter, Key, Kind, Resource, Viewer};
use crate::db::{Arg, Db, Row, Storage};
use crate::error::{Error, Result};
use std::fmt::Write;
use std::io::Write as _;

/// Most groups of one question.
pub const MAX_GROUPS: usize = 1_000;

/// What is made of many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// How many there are.
    Count,
    /// Their sum.
    Sum,
    /// Their mean.
    Avg,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

impl Function {
    /// All of them.
    pub const ALL: [Function; 5] = [
        Function::Count,
        Function::Sum,
        Function::Avg,
        Function::Min,
        Function::Max,
    ];

    /// The word, in requests and in SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Function::Count => "count",
            Function::Sum => "sum",
            Function::Avg => "avg",
            Function::Min => "min",
            Function::Max => "max",
        }
    }

    /// Whether it can be made of values of the field.
    pub fn takes(self, field: &Field) -> bool {
        let ordered = match field.kind {
            Kind::Text => field.storage != Storage::Uuid,
            Kind::Number | Kind::Date | Kind::Enum(_) => true,
            Kind::Boolean | Kind::Workspace | Kind::Texts | Kind::Json => false,
        };
        match self {
            Function::Count => true,
            Function::Sum | Function::Avg => matches!(field.kind, Kind::Number),
            Function::Min | Function::Max => ordered,
        }
    }
}

/// A figure: the function, and what it is made of; a count without a key counts rows.
#[derive(Clone)]
pub struct Measure {
    /// What is made.
    pub function: Function,
    /// Of which values; rows that lack one are left out.
    pub of: Option<Key>,
}

/// A question for figures, checked and complete.
#[derive(Clone)]
pub struct Statistics {
    /// Over rows of what.
    pub resource: &'static Resource,
    /// Over which rows.
    pub filter: Filter,
    /// One group for each combination of these values; without one a single group of all rows.
    pub groups: Vec<Key>,
    /// The figures of each group.
    pub measures: Vec<Measure>,
}

/// The figures found: groups in the order of their values, null last.
pub struct Figures<'a> {
    asked: &'a Statistics,
    rows: Vec<Row>,
}

impl Statistics {
    /// Runs the question for a viewer.
    pub async fn run(&self, db: &Db, viewer: &Viewer) -> Result<Figures<'_>> {
        let mut writer = Writer::new(db.dialect(), viewer);
        let (sql, args) = self.statement(&mut writer);
        let rows = db.rows(sql, args).await?;
        if rows.len() > MAX_GROUPS {
            return Err(Error::TooComplex(format!(
                "the question makes more than {MAX_GROUPS} groups, which is the limit; group by fewer paths or narrow the filter"
            )));
        }
        Ok(Figures { asked: self, rows })
    }

    fn statement(&self, writer: &mut Writer<'_>) -> (String, Vec<Arg>) {
        let (alias, mut joins) = (writer.alias(), Joins::new());
        let mut columns = keys(writer, &self.groups, &alias, &mut joins);
        for measure in &self.measures {
            let of = measure.of.as_slice();
            let value = keys(writer, of, &alias, &mut joins).pop();
            let value = value.unwrap_or_else(|| "*".to_owned());
            match measure.function {
                // As text: the databases disagree about the type of a sum.
                Function::Sum => columns.push(format!("CAST(sum({value}) AS TEXT)")),
                Function::Avg => {
                    columns.push(format!("CAST(sum({value}) AS TEXT)"));
                    columns.push(format!("count({value})"));
                }
                other => columns.push(format!("{}({value})", other.name())),
            }
        }
        let mut sql = format!(
            "SELECT {} FROM {} {alias}{}",
            columns.join(", "),
            self.resource.table,
            joins.sql
        );
        rows_where(writer, self.resource, &self.filter, &alias, None, &mut sql);
        let numbers: Vec<_> = (1..=self.groups.len()).map(|n| n.to_string()).collect();
        if !numbers.is_empty() {
            let order: Vec<_> = numbers.iter().map(|n| format!("{n} NULLS LAST")).collect();
            let (group, order) = (numbers.join(", "), order.join(", "));
            let _ = write!(sql, " GROUP BY {group} ORDER BY {order}");
        }
        let _ = write!(sql, " LIMIT {}", MAX_GROUPS + 1);
        (sql, std::mem::take(&mut writer.args))
    }
}

impl Figures<'_> {
    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.rows.len()
    }

    /// Writes the value that group `row` has of the grouping path `group`, as JSON.
    pub fn write_group(&self, row: usize, group: usize, out: &mut Vec<u8>) {
        match (self.rows.get(row), self.asked.groups.get(group)) {
            (Some(row), Some(key)) => row.write_json(group, key.storage(), out),
            _ => out.extend_from_slice(b"null"),
        }
    }

    /// Writes the figure `measure` of group `row`, as JSON.
    pub fn write_measure(&self, row: usize, measure: usize, out: &mut Vec<u8>) {
        let before = self.asked.measures.iter().take(measure);
        // A mean has two columns: the sum and the number.
        let columns = before.map(|m| 1 + usize::from(m.function == Function::Avg));
        let column = self.asked.groups.len() + columns.sum::<usize>();
        let (Some(row), Some(measure)) = (self.rows.get(row), self.asked.measures.get(measure))
        else {
            return out.extend_from_slice(b"null");
        };
        let sum = || row.text(column).and_then(|sum| sum.parse::<i128>().ok());
        let _ = match (measure.function, &measure.of) {
            (Function::Count, _) => {
                row.write_json(column, Storage::BigInt, out);
                Ok(())
            }
            (Function::Sum, _) => match sum() {
                Some(sum) => write!(out, "{sum}"),
                None => out.write_all(b"null"),
            },
            (Function::Avg, _) => match sum().zip(row.int(column + 1).filter(|n| *n > 0)) {
                Some((sum, number)) => {
                    let mean = mean(sum, number);
                    out.write_all(serde_json::Value::from(mean).to_string().as_bytes())
                }
                None => out.write_all(b"null"),
            },
            (_, of) => {
                let storage = of.as_ref().map_or(Storage::Text, Key::storage);
                row.write_json(column, storage, out);
                Ok(())
            }
        };
    }
}

/// The mean, the same from both databases because it is made here.
#[expect(clippy::cast_precision_loss, reason = "a mean is a fraction")]
fn mean(sum: i128, number: i64) -> f64 {
    sum as f64 / number as f64
}
