//! What can be followed: one line each.

use crate::query::Resource;
use crate::resource::{connector, sync_log, workspace_connector};

/// Something to follow.
pub struct Topic {
    /// The name, snake case; GraphQL writes it in camel case.
    pub name: &'static str,
    /// When it tells something, one sentence: it is the API documentation.
    pub doc: &'static str,
    /// Rows of what.
    pub resource: fn() -> &'static Resource,
}

/// Everything that can be followed, in the order of the documentation.
pub static TOPICS: [Topic; 3] = [
    Topic {
        name: "connector_changed",
        doc: "Tells of each change of a connector of the catalogue.",
        resource: connector::resource,
    },
    Topic {
        name: "workspace_connector_changed",
        doc: "Tells of each change of an installation.",
        resource: workspace_connector::resource,
    },
    Topic {
        name: "sync_log_appended",
        doc: "Tells of each sync of an installation: that it began, how it goes on, and how it ended.",
        resource: sync_log::resource,
    },
];

/// The topic of that name.
pub fn topic(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|t| t.name == name)
}
