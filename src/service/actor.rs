//! Who acts, and what they may do. Every use case names a [`Capability`]; which roles have it is
//! written here and nowhere else.

use crate::error::{Error, Result};
use crate::query::Viewer;
use chrono::{DateTime, Utc};
use entity::membership::Role;
use entity::workspace;
use sea_orm::ActiveEnum;
use uuid::Uuid;

/// What a use case needs its actor to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Change the catalogue: connectors, media, rules that choose what goes out.
    Catalogue,
    /// Change installations and what belongs to them: any of them for those who administer, the
    /// own ones for a member (a use case asks [`Actor::manages`] once it knows whose it is).
    Installations,
    /// Change workspaces, members and tokens.
    Administration,
}

impl Capability {
    /// Every capability, with its meaning.
    pub const ALL: [(Capability, &'static str); 3] = [
        (Capability::Catalogue, "change the catalogue"),
        (Capability::Installations, "change installations"),
        (Capability::Administration, "administer the workspace"),
    ];

    fn what(self) -> &'static str {
        let found = Self::ALL.iter().find(|(c, _)| *c == self);
        found.map_or("", |(_, what)| what)
    }
}

/// Whether a role has a capability: the whole table of permissions.
pub const fn may(role: Role, capability: Capability) -> bool {
    match role {
        Role::Owner | Role::Admin => true,
        Role::Member => matches!(capability, Capability::Installations),
        Role::Viewer => false,
    }
}

/// Who acts: a person by a token in a workspace, from somewhere, in a request.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Whose rows exist.
    pub viewer: Viewer,
    /// What the token may do.
    pub role: Role,
    /// The token; none where the server itself acts.
    pub token_id: Option<Uuid>,
    /// What the token is called.
    pub token_name: String,
    /// When the token stops working.
    pub expires_at: Option<DateTime<Utc>>,
    /// The network address of the client.
    pub address: Option<String>,
    /// The identifier that finds the request in the log.
    pub trace_id: String,
}

impl Actor {
    /// The stored word of the role.
    pub fn role_name(&self) -> String {
        self.role.to_value()
    }

    /// The server itself, acting in a workspace for nobody.
    pub fn server(workspace: &workspace::Model, trace_id: String) -> Actor {
        Actor {
            viewer: Viewer {
                workspace_id: workspace.id,
                organization_id: workspace.organization_id,
                path: workspace.path.clone(),
                leaf: false,
                person_id: Uuid::nil(),
                admin: true,
            },
            role: Role::Owner,
            token_id: None,
            token_name: String::new(),
            expires_at: None,
            address: None,
            trace_id,
        }
    }

    /// The person who acts; none where the server itself does.
    pub fn person(&self) -> Option<Uuid> {
        self.token_id.map(|_| self.viewer.person_id)
    }

    /// Whether the role administers: catalogue, members, everybody's installations.
    pub fn administers(&self) -> bool {
        self.viewer.admin
    }

    /// Refuses an actor without the capability.
    pub fn require(&self, capability: Capability) -> Result<()> {
        if may(self.role, capability) {
            return Ok(());
        }
        let role = self.role_name();
        Err(Error::Forbidden(format!(
            "the role `{role}` may not {}",
            capability.what()
        )))
    }

    /// Refuses a member who would change an installation that somebody else owns.
    pub fn manages(&self, owner: Option<Uuid>) -> Result<()> {
        if self.administers() || owner == Some(self.viewer.person_id) {
            return Ok(());
        }
        Err(Error::Forbidden(
            "members change their own installations only; an admin can change this one".into(),
        ))
    }
}
