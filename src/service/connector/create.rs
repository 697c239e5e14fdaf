//! Making a connector, with its publisher and logo where they are new: one statement finds what is
//! there, then one for each row that is not.

use super::form::{PICTURE, PUBLISHER};
use super::{KIND, ROOT, fill, slug_taken};
use crate::db::Arg;
use crate::error::{Error, Problem, Result};
use crate::service::form::{Given, Sent};
use crate::service::work::{Work, outcome, taken};
use crate::service::{Entry, Outcome, audit, media, new_id, now, slugify, workspace};
use entity::connector::{ActiveModel, Direction, Entity, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde_json::json;
use uuid::Uuid;

/// What the input names that is there already.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// The category.
    pub category: Option<Uuid>,
    /// The publishing workspace, if the actor reaches it.
    publisher: Option<Uuid>,
    /// The media row, if the actor sees it.
    logo: Option<Uuid>,
    /// Whether another workspace has the slug that a new publisher would get.
    slug_is_taken: bool,
}

/// Finds what the input names, in one statement.
const RESOLVE: &str = "\
SELECT 'category' AS kind, c.id FROM categories c WHERE c.slug = $1 OR c.id = $2 \
UNION ALL SELECT 'publisher', w.id FROM workspaces w WHERE w.deleted_at IS NULL AND w.path >= $3 AND w.path < $4 \
AND (w.id = $5 OR w.external_workspace_id = $6 OR w.slug = $7) \
UNION ALL SELECT 'logo', m.id FROM media m WHERE m.id = $8 AND m.deleted_at IS NULL \
AND (m.organization_id IS NULL OR m.organization_id = $9) \
UNION ALL SELECT 'slug', w.id FROM workspaces w WHERE w.slug = $7";

/// The text a name is bound as when it was not sent: no row has an empty one.
fn or_none(sent: Sent<String>) -> String {
    sent.value().unwrap_or_default()
}

/// The slug that a new publisher would have.
fn publisher_slug(given: &Given) -> String {
    let named = given.text("slug").value();
    let other = given
        .text("external_workspace_id")
        .value()
        .or(given.text("name").value());
    named.unwrap_or_else(|| slugify(&other.unwrap_or_default()))
}

/// Finds category, publisher and logo; problems with all of them at once.
pub(super) async fn resolve(work: &Work, given: &Given) -> Result<Resolved> {
    let (category, by, logo) = (
        given.text("category"),
        given.nested("published_by"),
        given.nested("logo"),
    );
    let mut resolved = Resolved::default();
    if !category.is_sent() && !by.is_sent() && !matches!(logo, Sent::Value(_)) {
        return Ok(resolved);
    }
    let (by, logo) = (
        by.value().unwrap_or_default(),
        logo.value().unwrap_or_default(),
    );
    let viewer = &work.actor.viewer;
    let category = or_none(category);
    let args = vec![
        Arg::Text(category.clone()),
        Arg::Uuid(Uuid::parse_str(&category).unwrap_or_default()),
        Arg::Text(viewer.path.clone()),
        Arg::Text(format!("{}~", viewer.path)),
        Arg::Uuid(by.id("id").value().unwrap_or_default()),
        Arg::Text(or_none(by.text("external_workspace_id"))),
        Arg::Text(publisher_slug(&by)),
        Arg::Uuid(logo.id("id").value().unwrap_or_default()),
        Arg::Uuid(viewer.organization_id),
    ];
    for row in work.db.rows(RESOLVE.to_owned(), args).await? {
        match row.text(0) {
            Some("category") => resolved.category = row.uuid(1),
            Some("publisher") => resolved.publisher = row.uuid(1),
            Some("logo") => resolved.logo = row.uuid(1),
            _ => resolved.slug_is_taken = true,
        }
    }
    let problems = unresolved(given, &category, &by, &logo, &resolved);
    if problems.is_empty() {
        Ok(resolved)
    } else {
        Err(Error::Invalid(problems))
    }
}

fn unresolved(
    given: &Given,
    category: &str,
    by: &Given,
    logo: &Given,
    found: &Resolved,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !category.is_empty() && found.category.is_none() {
        problems.push(given.problem(
            "category",
            "names no category; the list `categories` has them all",
        ));
    }
    if by.id("id").is_sent() && found.publisher.is_none() {
        problems.push(by.problem("id", "names no workspace that this token reaches"));
    }
    let finds_or_makes = given.nested("published_by").is_sent()
        && found.publisher.is_none()
        && !by.id("id").is_sent();
    if finds_or_makes && !by.text("name").is_sent() {
        let issue = format!(
            "is needed, because no workspace is found by the other members of {}",
            PUBLISHER.name
        );
        problems.push(by.problem("name", issue));
    }
    if logo.id("id").is_sent() && found.logo.is_none() {
        problems.push(logo.problem(
            "id",
            "names no media of this organization or the shared catalogue",
        ));
    }
    if logo.id("id").is_sent() && !logo.is_empty_beside(&["id"]) {
        problems.push(logo.problem(
            "id",
            format!(
                "names media that is there; leave out the other members of {}",
                PICTURE.name
            ),
        ));
    }
    problems
}

/// The publisher that the input names: found, or made below the actor's workspace, and then what is
/// kept of it for the record. `None` if the input names none.
pub(super) async fn publisher(
    work: &mut Work,
    given: &Given,
    resolved: &Resolved,
) -> Result<Option<(Uuid, Option<serde_json::Value>)>> {
    let Sent::Value(by) = given.nested("published_by") else {
        return Ok(None);
    };
    if let Some(found) = resolved.publisher {
        return Ok(Some((found, None)));
    }
    let mut slug = publisher_slug(&by);
    if resolved.slug_is_taken || slug.is_empty() {
        // Another tenant's slug is nobody's business here, so a new one is found for it.
        let id = new_id().simple().to_string();
        slug = format!("{slug}-{}", &id[id.len() - 8..])
            .trim_start_matches('-')
            .to_owned();
    }
    let made = workspace::add_below(work, &by, slug).await?;
    Ok(Some((made.id, Some(audit::snapshot(&made)))))
}

/// The logo that the input names: found or made for `owner`. The outer `None` says that the input
/// does not speak of it, the inner one that it is taken away.
pub(super) async fn logo(
    work: &Work,
    given: &Given,
    resolved: &Resolved,
    owner: Option<Uuid>,
) -> Result<Option<Option<Uuid>>> {
    let logo = match given.nested("logo") {
        Sent::Absent => return Ok(None),
        Sent::Null => return Ok(Some(None)),
        Sent::Value(logo) => logo,
    };
    match resolved.logo {
        Some(found) => Ok(Some(Some(found))),
        None => media::add(work, &logo, owner)
            .await
            .map(|made| Some(Some(made))),
    }
}

/// Makes a connector.
pub(super) async fn run(work: &mut Work, given: Given) -> Result<Outcome> {
    let resolved = resolve(work, &given).await?;
    let publisher = publisher(work, &given, &resolved).await?;
    let by = publisher
        .as_ref()
        .map_or(work.actor.viewer.workspace_id, |(id, _)| *id);
    let logo = logo(work, &given, &resolved, Some(by)).await?.flatten();
    let at = now();
    let mut active = ActiveModel {
        id: Set(new_id()),
        category_id: Set(resolved.category.unwrap_or_default()),
        direction: Set(Direction::Both),
        tags: Set(json!([])),
        status: Set(Status::Active),
        published_by_id: Set(Some(by)),
        organization_id: Set(Some(work.actor.viewer.organization_id)),
        logo_id: Set(logo),
        public_config_keys: Set(json!([])),
        revision: Set(1),
        created_at: Set(at),
        updated_at: Set(at),
        ..Default::default()
    };
    fill(&mut active, &given);
    let id = active.id.clone().unwrap();
    let mut after = audit::snapshot_of(&active);
    if let (Some(members), Some((_, Some(made)))) = (after.as_object_mut(), &publisher) {
        members.insert("published_by".into(), made.clone());
    }
    let inserted = Entity::insert(active)
        .exec_without_returning(work.tx())
        .await;
    inserted.map_err(|e| taken(e, KIND, || slug_taken(&given)))?;
    let entry = Entry {
        revision: Some(1),
        after: Some(after),
        ..Entry::of(ROOT, id).in_workspace(by)
    };
    work.record(entry);
    Ok(outcome(ROOT, id))
}
