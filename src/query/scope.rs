//! Who asks, and the condition that keeps everybody else's rows out of the answer. The only place
//! where visibility is written.

use super::compile::Writer;
use super::{Resource, Scope};
use crate::db::{Arg, Db, Row};
use crate::error::Result;
use std::fmt::Write;
use uuid::Uuid;

/// Who asks: a workspace, and a person who acts in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The workspace the credential belongs to.
    pub workspace_id: Uuid,
    /// The root of that workspace's tree.
    pub organization_id: Uuid,
    /// The workspace's materialised path: the path of everything below begins with it.
    pub path: String,
    /// Whether no workspace lies below; then one comparison scopes a row.
    pub leaf: bool,
    /// The person who acts.
    pub person_id: Uuid,
    /// Whether the role administers the workspace, and so sees its records and tokens.
    pub admin: bool,
}

impl Viewer {
    fn is_root(&self) -> bool {
        self.workspace_id == self.organization_id
    }

    /// The same person in another workspace of the tree: one statement, unless it is the own one.
    /// `None` if there is no such workspace in the viewer's tree.
    pub async fn narrowed(&self, db: &Db, workspace_id: Uuid) -> Result<Option<Viewer>> {
        if workspace_id == self.workspace_id {
            return Ok(Some(self.clone()));
        }
        let mut writer = Writer::new(db.dialect(), self);
        let id = writer.bind(Arg::Uuid(workspace_id));
        let mut sql = format!(
            "SELECT w.path, EXISTS (SELECT 1 FROM workspaces c WHERE c.parent_workspace_id = w.id) \
             FROM workspaces w WHERE w.id = {id} AND w.deleted_at IS NULL AND "
        );
        writer.workspace_row("w", &mut sql);
        let rows = db.rows(sql, std::mem::take(&mut writer.args)).await?;
        let narrowed = |row: &Row| {
            Some(Viewer {
                workspace_id,
                path: row.text(0)?.to_owned(),
                leaf: !row.bool(1)?,
                ..self.clone()
            })
        };
        Ok(rows.first().and_then(narrowed))
    }
}

impl Writer<'_> {
    /// Writes the condition under which the row of `alias` exists: in scope, and not deleted
    /// unless `deleted` rows take part.
    pub fn exists(&mut self, resource: &Resource, alias: &str, deleted: bool, out: &mut String) {
        self.scope(resource, alias, out);
        if resource.soft && !deleted {
            let _ = write!(out, " AND {alias}.deleted_at IS NULL");
        }
    }

    /// Writes the condition under which the row of `alias` exists for the viewer; a text that is
    /// always a complete condition (`TRUE` where everyone may see every row).
    fn scope(&mut self, resource: &Resource, alias: &str, out: &mut String) {
        match resource.scope {
            Scope::Public => out.push_str("TRUE"),
            Scope::Workspace => self.workspace_row(alias, out),
            Scope::Tenant => self.tenant(alias, "workspace_id", out),
            Scope::TenantOrPublic => {
                let _ = write!(out, "({alias}.workspace_id IS NULL OR ");
                self.tenant(alias, "workspace_id", out);
                out.push(')');
            }
            Scope::Administration if self.viewer.admin => self.tenant(alias, "workspace_id", out),
            Scope::Administration => out.push_str("FALSE"),
            Scope::Catalogue => self.catalogue(alias, out),
            Scope::Person => self.person(alias, out),
            Scope::OfConnector => {
                let connector = self.alias();
                let _ = write!(
                    out,
                    "EXISTS (SELECT 1 FROM connectors {connector} WHERE {connector}.id = {alias}.connector_id \
                     AND {connector}.deleted_at IS NULL AND "
                );
                self.catalogue(&connector, out);
                out.push(')');
            }
        }
    }

    fn catalogue(&mut self, alias: &str, out: &mut String) {
        let organization = self.bind(Arg::Uuid(self.viewer.organization_id));
        let _ = write!(
            out,
            "({alias}.organization_id IS NULL OR {alias}.organization_id = {organization})"
        );
    }

    /// The row itself is a workspace.
    fn workspace_row(&mut self, alias: &str, out: &mut String) {
        if self.viewer.is_root() {
            let organization = self.bind(Arg::Uuid(self.viewer.organization_id));
            let _ = write!(out, "{alias}.organization_id = {organization}");
        } else if self.viewer.leaf {
            let own = self.bind(Arg::Uuid(self.viewer.workspace_id));
            let _ = write!(out, "{alias}.id = {own}");
        } else {
            // A range and not LIKE: ids hold no character above `~`, and an index serves it.
            let from = self.bind(Arg::Text(self.viewer.path.clone()));
            let to = self.bind(Arg::Text(format!("{}~", self.viewer.path)));
            let _ = write!(out, "({alias}.path >= {from} AND {alias}.path < {to})");
        }
    }

    /// The row belongs to a workspace of the viewer's tree.
    fn tenant(&mut self, alias: &str, column: &str, out: &mut String) {
        if self.viewer.leaf {
            let own = self.bind(Arg::Uuid(self.viewer.workspace_id));
            let _ = write!(out, "{alias}.{column} = {own}");
            return;
        }
        let workspace = self.alias();
        let _ = write!(
            out,
            "EXISTS (SELECT 1 FROM workspaces {workspace} WHERE {workspace}.id = {alias}.{column} AND "
        );
        self.workspace_row(&workspace, out);
        out.push(')');
    }

    fn person(&mut self, alias: &str, out: &mut String) {
        let own = self.bind(Arg::Uuid(self.viewer.person_id));
        let member = self.alias();
        let _ = write!(
            out,
            "({alias}.id = {own} OR EXISTS (SELECT 1 FROM memberships {member} WHERE {member}.person_id = {alias}.id AND "
        );
        self.tenant(&member, "workspace_id", out);
        out.push_str("))");
    }
}
