//! The rows of a database as plain values, and which of them exist for a viewer.

use crate::support::TestApp;
use chrono::{DateTime, Utc};
use connectory::db::{Arg, Row, Storage};
use connectory::query::{Field, Relation, Resource, Scope, Source, Viewer};
use connectory::resource::RESOURCES;
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A value; values of one column compare as the engine promises: texts and identifiers by bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Val {
    Bool(bool),
    Int(i64),
    Text(String),
    Uuid(Uuid),
    Time(DateTime<Utc>),
}

/// A row.
#[derive(Debug)]
pub struct Record {
    /// Its identifier.
    pub id: Uuid,
    cells: HashMap<&'static str, Val>,
    documents: HashMap<&'static str, Json>,
}

impl Record {
    /// The value of a column; `None` is null.
    pub fn get(&self, column: &str) -> Option<&Val> {
        self.cells.get(column)
    }

    /// The document in a column; `None` is null.
    pub fn document(&self, column: &str) -> Option<&Json> {
        self.documents.get(column)
    }

    fn uuid(&self, column: &str) -> Option<Uuid> {
        match self.get(column) {
            Some(Val::Uuid(id)) => Some(*id),
            _ => None,
        }
    }

    fn text(&self, column: &str) -> Option<&str> {
        match self.get(column) {
            Some(Val::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether it was deleted.
    pub fn deleted(&self) -> bool {
        self.get("deleted_at").is_some()
    }
}

/// Every row of every resource.
pub struct Model {
    tables: HashMap<&'static str, Vec<Record>>,
    /// Rows by the value of a column of identifiers.
    index: HashMap<(&'static str, &'static str), HashMap<Uuid, Vec<usize>>>,
}

impl Model {
    /// Reads it, in the order of `pk`.
    pub async fn read(t: &TestApp) -> Model {
        let mut model = Model {
            tables: HashMap::new(),
            index: HashMap::new(),
        };
        for resource in RESOURCES.iter() {
            let columns = columns(resource);
            let spell = |(name, storage): &(&str, Storage)| match storage {
                Storage::Json => format!("CAST({name} AS TEXT)"),
                _ => (*name).to_owned(),
            };
            let names: Vec<_> = columns.iter().map(spell).collect();
            let sql = format!(
                "SELECT {} FROM {} ORDER BY pk",
                names.join(", "),
                resource.table
            );
            let rows = t
                .db()
                .rows(sql, Vec::new())
                .await
                .expect("the rows can be read");
            let records: Vec<_> = rows.iter().map(|row| record(row, &columns)).collect();
            for (column, _) in columns
                .iter()
                .filter(|(_, storage)| *storage == Storage::Uuid)
            {
                let mut by: HashMap<Uuid, Vec<usize>> = HashMap::new();
                for (i, record) in records.iter().enumerate() {
                    if let Some(id) = record.uuid(column) {
                        by.entry(id).or_default().push(i);
                    }
                }
                model.index.insert((resource.table, *column), by);
            }
            model.tables.insert(resource.table, records);
        }
        model
    }

    /// The rows of a resource, whoever may see them.
    pub fn all(&self, resource: &Resource) -> &[Record] {
        &self.tables[resource.table]
    }

    /// The rows of a table whose column holds the identifier.
    fn by(&self, table: &'static str, column: &'static str, id: Option<Uuid>) -> Vec<&Record> {
        let rows = id.and_then(|id| self.index[&(table, column)].get(&id));
        rows.into_iter()
            .flatten()
            .map(|i| &self.tables[table][*i])
            .collect()
    }
}

/// The columns that these tests look at.
fn columns(resource: &'static Resource) -> Vec<(&'static str, Storage)> {
    let mut columns: Vec<(&'static str, Storage)> = Vec::new();
    let mut add = |name, storage| {
        if !columns.iter().any(|(known, _)| *known == name) {
            columns.push((name, storage));
        }
    };
    for field in &resource.fields {
        if let Source::Column(column) = field.source {
            add(column, field.storage);
        }
    }
    resource
        .relations
        .iter()
        .for_each(|r| add(r.from, Storage::Uuid));
    let back = RESOURCES
        .iter()
        .flat_map(|r| &r.relations)
        .filter(|r| (r.target)().table == resource.table);
    back.for_each(|r| add(r.to, Storage::Uuid));
    match resource.scope {
        Scope::Catalogue => add("organization_id", Storage::Uuid),
        Scope::Tenant | Scope::TenantOrPublic | Scope::Administration => {
            add("workspace_id", Storage::Uuid);
        }
        Scope::Workspace | Scope::Person | Scope::OfConnector | Scope::Public => {}
    }
    columns
}

fn record(row: &Row, columns: &[(&'static str, Storage)]) -> Record {
    let (mut cells, mut documents) = (HashMap::new(), HashMap::new());
    for (i, (name, storage)) in columns.iter().enumerate() {
        if *storage == Storage::Json {
            let text = row.text(i);
            documents.extend(text.map(|text| (*name, serde_json::from_str(text).expect("JSON"))));
            continue;
        }
        let value = match row.arg(i, *storage) {
            Some(Arg::Text(v)) => Val::Text(v),
            Some(Arg::Int(v)) => Val::Int(v),
            Some(Arg::Bool(v)) => Val::Bool(v),
            Some(Arg::Uuid(v)) => Val::Uuid(v),
            Some(Arg::Time(v)) => Val::Time(v),
            Some(_) | None => continue,
        };
        cells.insert(*name, value);
    }
    let Some(Val::Uuid(id)) = cells.get("id") else {
        panic!("a row without an identifier")
    };
    Record {
        id: *id,
        cells,
        documents,
    }
}

/// The rows through the eyes of a viewer.
pub struct Sight<'a> {
    /// All rows.
    pub model: &'a Model,
    /// Who looks.
    pub viewer: Viewer,
    /// The viewer's workspace and those below it.
    tree: HashSet<Uuid>,
}

impl<'a> Sight<'a> {
    /// What `viewer` sees.
    pub fn new(model: &'a Model, viewer: Viewer) -> Self {
        let mut tree = HashSet::from([viewer.workspace_id]);
        let mut todo = vec![viewer.workspace_id];
        while let Some(id) = todo.pop() {
            let below = model.by("workspaces", "parent_workspace_id", Some(id));
            todo.extend(
                below
                    .into_iter()
                    .map(|w| w.id)
                    .filter(|id| tree.insert(*id)),
            );
        }
        Sight {
            model,
            viewer,
            tree,
        }
    }

    /// Whether the row exists for the viewer, deleted or not.
    pub fn sees(&self, resource: &Resource, row: &Record) -> bool {
        let owned = |row: &Record| {
            row.uuid("workspace_id")
                .is_some_and(|id| self.tree.contains(&id))
        };
        let listed = |row: &Record| {
            row.uuid("organization_id")
                .is_none_or(|id| id == self.viewer.organization_id)
        };
        match resource.scope {
            Scope::Public => true,
            Scope::Workspace => self.tree.contains(&row.id),
            Scope::Tenant => owned(row),
            Scope::Administration => self.viewer.admin && owned(row),
            Scope::TenantOrPublic => row.uuid("workspace_id").is_none() || owned(row),
            Scope::Catalogue => listed(row),
            Scope::Person => {
                let places = self.model.by("memberships", "person_id", Some(row.id));
                row.id == self.viewer.person_id || places.into_iter().any(owned)
            }
            Scope::OfConnector => {
                let connectors = self.model.by("connectors", "id", row.uuid("connector_id"));
                connectors.into_iter().any(|c| listed(c) && !c.deleted())
            }
        }
    }

    /// The rows that exist for the viewer, deleted ones among them.
    pub fn rows(&self, resource: &Resource) -> impl Iterator<Item = &'a Record> {
        self.model
            .all(resource)
            .iter()
            .filter(|row| self.sees(resource, row))
    }

    /// The rows that a list shows.
    pub fn alive(&self, resource: &Resource) -> impl Iterator<Item = &'a Record> {
        self.rows(resource).filter(|row| !row.deleted())
    }

    /// The related rows that exist for the viewer, deleted ones if `deleted`.
    pub fn related(&self, row: &Record, relation: &Relation, deleted: bool) -> Vec<&'a Record> {
        let target = (relation.target)();
        let mut rows = self
            .model
            .by(target.table, relation.to, row.uuid(relation.from));
        rows.retain(|r| self.sees(target, r) && (deleted || !r.deleted()));
        rows
    }

    /// The value of a field.
    pub fn value(&self, resource: &Resource, row: &Record, field: &Field) -> Option<Val> {
        match field.source {
            Source::Column(column) => row.get(column).cloned(),
            Source::Text(_) => self.composite(resource, row, field.name).map(Val::Text),
        }
    }

    fn composite(&self, resource: &Resource, row: &Record, name: &str) -> Option<String> {
        let status = row.text("status").unwrap_or_default();
        let word = match (resource.name, name) {
            ("connectors", "composite_connector_logo_name") => {
                return row.text("name").map(str::to_owned);
            }
            ("connectors", "composite_connector_action") => match status {
                "active" => "install",
                "coming_soon" | "maintenance" => "wait",
                _ => "none",
            },
            ("workspace_connectors", "composite_connector_action") => match status {
                "to_configure" => "configure",
                "need_reconnect" | "error" => "reconnect",
                "disabled" => "enable",
                "processing" => "wait",
                _ => "none",
            },
            ("media", "composite_media_summary") => {
                let texts = [
                    row.text("label"),
                    row.text("file_name"),
                    row.text("media_type"),
                ];
                return texts.into_iter().flatten().next().map(str::to_owned);
            }
            ("media", "composite_people_list") => {
                return self.labels(resource, row, "people", "full_name", None);
            }
            ("media", "composite_companies_list") => {
                return self.labels(resource, row, "workspaces", "name", None);
            }
            ("workspace_connectors", name) => {
                let kinds = name
                    .strip_prefix("composite_")
                    .and_then(|n| n.strip_suffix("_list"))
                    .expect("a list");
                let kind = match kinds {
                    "journal_entries" => "journal_entry",
                    "payment_means" => "payment_means",
                    kinds => kinds.strip_suffix('s').expect("a plural"),
                };
                return self.labels(resource, row, "provenance_links", "label", Some(kind));
            }
            (resource, name) => panic!("the model does not know `{name}` of {resource}"),
        };
        Some(word.to_owned())
    }

    /// The labels of related rows, joined in the order of `pk`.
    fn labels(
        &self,
        on: &Resource,
        row: &Record,
        relation: &str,
        label: &str,
        kind: Option<&str>,
    ) -> Option<String> {
        let relation = on.find_relation(relation).expect("the relation");
        let rows = self.related(row, relation, false);
        let rows = rows
            .into_iter()
            .filter(|r| kind.is_none() || r.text("kind") == kind);
        let labels: Vec<_> = rows.filter_map(|r| r.text(label)).collect();
        (!labels.is_empty()).then(|| labels.join(", "))
    }
}
