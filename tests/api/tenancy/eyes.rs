//! What each token may know of, computed from the tables without the engine.

use crate::support::{TestApp, World};
use connectory::db::Arg;
use connectory::query::{Resource, Scope};
use connectory::resource::RESOURCES;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// A row: its identifier, the identifiers it holds, and whether it was deleted.
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) holds: HashMap<&'static str, Uuid>,
    pub(super) deleted: bool,
}

pub(super) type Tables = HashMap<&'static str, Vec<Row>>;

/// The columns of a table that hold identifiers: of relations, and of scope.
pub(super) fn columns(resource: &Resource) -> Vec<&'static str> {
    let own = resource.relations.iter().map(|r| r.from);
    let of_others = RESOURCES.iter().flat_map(|r| &r.relations);
    let named = of_others
        .filter(|r| (r.target)().table == resource.table)
        .map(|r| r.to);
    let scope: &[&str] = match resource.scope {
        Scope::Public | Scope::Person => &[],
        Scope::Workspace => &["organization_id", "parent_workspace_id"],
        Scope::Tenant | Scope::TenantOrPublic | Scope::Administration => &["workspace_id"],
        Scope::Catalogue => &["organization_id"],
        Scope::OfConnector => &["connector_id"],
    };
    let all: BTreeSet<_> = own
        .chain(named)
        .chain(scope.iter().copied())
        .filter(|c| *c != "id")
        .collect();
    all.into_iter().collect()
}

pub(super) async fn read(t: &TestApp) -> Tables {
    let mut tables = Tables::new();
    for resource in RESOURCES.iter() {
        let columns = columns(resource);
        let deleted = if resource.soft {
            "deleted_at IS NOT NULL"
        } else {
            "FALSE"
        };
        let list: String = columns.iter().map(|c| format!(", {c}")).collect();
        let sql = format!(
            "SELECT id, {deleted}{list} FROM {} ORDER BY pk",
            resource.table
        );
        let rows = t
            .db()
            .rows(sql, Vec::<Arg>::new())
            .await
            .expect("the statement runs");
        let row = |row: &connectory::db::Row| Row {
            id: row.uuid(0).expect("an identifier"),
            deleted: row.bool(1).unwrap_or_default(),
            holds: columns
                .iter()
                .enumerate()
                .filter_map(|(i, c)| Some((*c, row.uuid(i + 2)?)))
                .collect(),
        };
        tables.insert(resource.table, rows.iter().map(row).collect());
    }
    tables
}

/// What one token may know: the identifiers of each table, deleted rows among them.
pub(super) struct Eyes {
    pub(super) token: String,
    pub(super) name: &'static str,
    pub(super) allowed: HashMap<&'static str, BTreeSet<Uuid>>,
}

/// A workspace and all below it, found by walking from parent to child.
pub(super) fn tree(tables: &Tables, root: Uuid) -> BTreeSet<Uuid> {
    let mut known = BTreeSet::from([root]);
    loop {
        let below = |r: &&Row| {
            r.holds
                .get("parent_workspace_id")
                .is_some_and(|p| known.contains(p))
                && !known.contains(&r.id)
        };
        let found: Vec<_> = tables["workspaces"]
            .iter()
            .filter(below)
            .map(|r| r.id)
            .collect();
        if found.is_empty() {
            return known;
        }
        known.extend(found);
    }
}

pub(super) async fn eyes(t: &TestApp, tables: &Tables, name: &'static str, token: &str) -> Eyes {
    let viewer = t
        .data(token, "{ viewer { role workspace { id } person { id } } }")
        .await["viewer"]
        .clone();
    let id = |of: &str| {
        viewer[of]["id"]
            .as_str()
            .and_then(|id| Uuid::parse_str(id).ok())
            .expect("an identifier")
    };
    let (workspace, person) = (id("workspace"), id("person"));
    let administers = viewer["role"] == "OWNER" || viewer["role"] == "ADMIN";
    let own = tables["workspaces"]
        .iter()
        .find(|r| r.id == workspace)
        .expect("the viewer's workspace");
    let (organization, tree) = (own.holds["organization_id"], tree(tables, workspace));
    let in_tree = |row: &Row| {
        row.holds
            .get("workspace_id")
            .is_some_and(|w| tree.contains(w))
    };
    let in_catalogue = |row: &Row| {
        row.holds
            .get("organization_id")
            .is_none_or(|o| *o == organization)
    };
    let connectors: BTreeSet<_> = tables["connectors"]
        .iter()
        .filter(|r| in_catalogue(r) && !r.deleted)
        .map(|r| r.id)
        .collect();
    let people: BTreeSet<_> = tables["memberships"]
        .iter()
        .filter(|r| in_tree(r))
        .map(|r| r.holds["person_id"])
        .collect();
    let mut allowed = HashMap::new();
    for resource in RESOURCES.iter() {
        let may = |row: &Row| match resource.scope {
            Scope::Public => true,
            Scope::Workspace => tree.contains(&row.id),
            Scope::Tenant => in_tree(row),
            Scope::Administration => administers && in_tree(row),
            Scope::TenantOrPublic => in_tree(row) || !row.holds.contains_key("workspace_id"),
            Scope::Catalogue => in_catalogue(row),
            Scope::Person => row.id == person || people.contains(&row.id),
            Scope::OfConnector => connectors.contains(&row.holds["connector_id"]),
        };
        let rows = tables[resource.table].iter().filter(|r| may(r));
        allowed.insert(resource.table, rows.map(|r| r.id).collect());
    }
    Eyes {
        token: token.to_owned(),
        name,
        allowed,
    }
}

impl Eyes {
    pub(super) fn may(&self, resource: &Resource, id: Uuid) -> bool {
        self.allowed[resource.table].contains(&id)
    }

    /// Whether lists show a row of that identifier: the world gives some to rows of two tables.
    pub(super) fn knows(&self, tables: &Tables, id: Uuid) -> bool {
        RESOURCES
            .iter()
            .any(|resource| self.seen(tables, resource).any(|row| row.id == id))
    }

    /// The rows that lists show.
    pub(super) fn seen<'a>(
        &'a self,
        tables: &'a Tables,
        resource: &Resource,
    ) -> impl Iterator<Item = &'a Row> + use<'a> {
        let allowed = &self.allowed[resource.table];
        tables[resource.table]
            .iter()
            .filter(|r| allowed.contains(&r.id) && !r.deleted)
    }
}

pub(super) async fn everyone(t: &TestApp) -> (Tables, Vec<Eyes>) {
    let world = World::make(t).await;
    let tables = read(t).await;
    let mut all = Vec::new();
    for (name, token) in [
        ("root", &world.root),
        ("group", &world.group),
        ("leaf", &world.leaf),
        ("other", &world.other),
    ] {
        all.push(eyes(t, &tables, name, token).await);
    }
    (tables, all)
}
