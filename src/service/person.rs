//! People, as other use cases name them. People belong to nobody: an actor reaches those who are
//! members somewhere in the own tree, and whoever else is named is somebody new.

use super::form::{Attribute as A, Form, Given, Shape as S};
use super::work::Work;
use super::{audit, new_id, now};
use crate::db::Arg;
use crate::error::{Error, Problem, Result};
use entity::person::ActiveModel;
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A person, named or described.
pub(super) static NAMED: Form = Form {
    name: "PersonNamed",
    doc: "Somebody who is there, by identifier or mail address, or somebody new. A mail address that is known in the token's tree names who has it; the other members then change nothing.",
    attributes: &[
        A::new(
            "id",
            S::Id,
            "The identifier of somebody who is a member in the token's tree.",
        ),
        A::new(
            "full_name",
            S::Text(1, 200),
            "The whole name; made from the others if left out.",
        ),
        A::new("first_name", S::Text(1, 100), "First name."),
        A::new("last_name", S::Text(1, 100), "Last name."),
        A::new("email", S::Email, "Mail address."),
        A::new("job_title", S::Text(1, 200), "What they do."),
    ],
};

/// A person that the input names.
pub(super) struct Named {
    /// Who.
    pub id: Uuid,
    /// The row for the record, if it is new.
    pub made: Option<Json>,
}

/// Who the actor reaches by identifier or mail address; the one who was there first.
const FIND: &str = "\
SELECT p.id FROM people p WHERE p.deleted_at IS NULL AND (p.id = $1 OR lower(p.email) = $2) \
AND (p.id = $3 OR EXISTS (SELECT 1 FROM memberships m JOIN workspaces w ON w.id = m.workspace_id \
WHERE m.person_id = p.id AND w.path >= $4 AND w.path < $5)) ORDER BY p.pk LIMIT 1";

/// The person that the input names, found or made; the acting one if it names none.
pub(super) async fn named(work: &Work, given: Option<Given>) -> Result<Named> {
    let Some(given) = given else {
        return Ok(there(work.actor.viewer.person_id));
    };
    let (id, email) = (given.id("id").value(), given.text("email").value());
    let problems = contradictions(&given);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if let Some(id) = id {
        return by_id(work, id, given.at("id")).await;
    }
    if let Some(email) = &email {
        // Two requests at once must not make two people with one address.
        work.lock_number(number(work, email)).await?;
        if let Some(found) = reach(work, None, Some(email)).await? {
            return Ok(there(found));
        }
    }
    let made = row(&given).insert(work.tx()).await?;
    Ok(Named {
        id: made.id,
        made: Some(audit::snapshot(&made)),
    })
}

/// The person of an identifier that was written at `path`, if the actor reaches them.
pub(super) async fn by_id(work: &Work, id: Uuid, path: String) -> Result<Named> {
    let found = reach(work, Some(id), None).await?;
    let unknown = || Error::invalid(path, "names nobody who is a member in this token's tree");
    found.map(there).ok_or_else(unknown)
}

/// Somebody who is there.
fn there(id: Uuid) -> Named {
    Named { id, made: None }
}

fn contradictions(given: &Given) -> Vec<Problem> {
    let named = given.id("id").is_sent();
    if named && !given.is_empty_beside(&["id"]) {
        let issue = "names somebody who is there; leave the other members out";
        return vec![given.problem("id", issue)];
    }
    let told = ["full_name", "first_name", "email"];
    if !named && !told.iter().any(|name| given.text(name).is_sent()) {
        let issue = "is needed, or `id`, `first_name` or `email`: somebody must be named";
        return vec![given.problem("full_name", issue)];
    }
    Vec::new()
}

async fn reach(work: &Work, id: Option<Uuid>, email: Option<&str>) -> Result<Option<Uuid>> {
    let viewer = &work.actor.viewer;
    let args = vec![
        Arg::Uuid(id.unwrap_or_default()),
        // Nobody has an empty address.
        Arg::Text(email.map(str::to_ascii_lowercase).unwrap_or_default()),
        Arg::Uuid(viewer.person_id),
        Arg::Text(viewer.path.clone()),
        Arg::Text(format!("{}~", viewer.path)),
    ];
    let rows = work.db.rows(FIND.to_owned(), args).await?;
    Ok(rows.first().and_then(|row| row.uuid(0)))
}

/// A number that stands for a mail address in an organization.
fn number(work: &Work, email: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(work.actor.viewer.organization_id.as_bytes());
    hash.update(email.to_ascii_lowercase());
    let bytes = hash.finalize();
    bytes
        .iter()
        .take(8)
        .fold(0, |n, b| (n << 8) | u64::from(*b))
}

/// Somebody new, with the names that were told and those that follow from them.
fn row(given: &Given) -> ActiveModel {
    let told = |name| given.text(name).value();
    let email = told("email");
    let (first, last) = (told("first_name"), told("last_name"));
    let full = told("full_name").unwrap_or_else(|| {
        let parts = [first.as_deref(), last.as_deref()];
        let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        match (first.is_some(), &email) {
            (false, Some(email)) if joined.is_empty() => email.clone(),
            _ => joined,
        }
    });
    let (before, behind) = match full.trim().split_once(char::is_whitespace) {
        Some((before, behind)) => (before.to_owned(), Some(behind.trim().to_owned())),
        None => (full.trim().to_owned(), None),
    };
    let last = if first.is_some() {
        last
    } else {
        last.or(behind)
    };
    ActiveModel {
        id: Set(new_id()),
        full_name: Set(full),
        first_name: Set(first.unwrap_or(before)),
        last_name: Set(last),
        email: Set(email),
        job_title: Set(told("job_title")),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    }
}
