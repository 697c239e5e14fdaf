//! One event: which row was changed, how, and whose it may be.

use super::Position;
use crate::db::Row;
use crate::query::{Resource, Scope, Viewer};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was made.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted.
    Deleted,
    /// It was brought back.
    Restored,
}

impl Change {
    /// Every change, with its word and its meaning.
    pub const ALL: [(Change, &'static str, &'static str); 4] = [
        (Change::Created, "CREATED", "The row was made."),
        (Change::Updated, "UPDATED", "The row was changed."),
        (
            Change::Deleted,
            "DELETED",
            "The row was deleted; it is shown as it was left.",
        ),
        (
            Change::Restored,
            "RESTORED",
            "The row was deleted and brought back.",
        ),
    ];

    /// The change that an action such as `connector.update` makes.
    fn of(action: &str) -> Change {
        match action.rsplit('.').next().unwrap_or_default() {
            "create" | "install" | "start" => Change::Created,
            "delete" | "uninstall" => Change::Deleted,
            "restore" => Change::Restored,
            _ => Change::Updated,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(change, ..)| *change == self);
        found.map_or("", |(_, word, _)| word)
    }
}

/// A committed change of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Where it stands among all events.
    pub position: Position,
    /// What happened.
    pub change: Change,
    /// The kind of row, as [`Resource::name`] has it.
    pub resource: Box<str>,
    /// The row.
    pub id: Uuid,
    /// The revision it got.
    pub revision: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
    /// The organization of the workspace it belongs to.
    organization_id: Option<Uuid>,
    /// The path of that workspace.
    path: Option<Box<str>>,
}

/// The columns that an event is read from, of a row `e` and its workspace `w`.
pub(super) const COLUMNS: &str = "e.transaction_id, e.pk, e.action, e.resource, e.record_id, \
     CAST(e.revision AS BIGINT), e.created_at, w.organization_id, w.path, e.outcome";

/// The place that a row of [`COLUMNS`] stands at.
pub(super) fn position(row: &Row) -> Position {
    Position {
        transaction: row.int(0).unwrap_or_default(),
        pk: row.int(1).unwrap_or_default(),
    }
}

impl Event {
    /// The event in a row of [`COLUMNS`]; `None` if nothing was changed.
    pub(super) fn read(row: &Row) -> Option<Event> {
        if row.text(9)? != "done" {
            return None;
        }
        Some(Event {
            position: position(row),
            change: Change::of(row.text(2)?),
            resource: row.text(3)?.into(),
            id: row.uuid(4)?,
            revision: row.int(5),
            at: row.time(6)?,
            organization_id: row.uuid(7),
            path: row.text(8).map(Into::into),
        })
    }

    /// Whether the row can be one of the viewer's, as far as its workspace tells. The engine has
    /// the last word; this saves asking it about rows of others.
    pub fn may_concern(&self, resource: &Resource, viewer: &Viewer) -> bool {
        match resource.scope {
            Scope::Tenant | Scope::Administration => {
                let path = self.path.as_deref();
                path.is_none_or(|path| path.starts_with(&viewer.path))
            }
            Scope::Catalogue => {
                let organization = self.organization_id;
                organization.is_none_or(|id| id == viewer.organization_id)
            }
            _ => true,
        }
    }
}
