//! Who asks, and the condition that keeps everybody else's rows out of the answer. The only place
//! where visibility is written.

use super::compile::Writer;
use super::{Resource, Scope};
use crate::db::Arg;
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
