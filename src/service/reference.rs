//! Rows that an input names: found by their unique names in one statement, where the actor reaches
//! them. What is not found is a problem with the attribute, and not a missing record.

use super::form::Given;
use super::work::Work;
use super::workspace;
use crate::db::Arg;
use crate::error::{Error, Problem, Result};
use uuid::Uuid;

/// What a name turned out to be: a row, or a problem with the attribute that holds it.
pub(super) type Named<T> = std::result::Result<T, Problem>;

/// What names a person: identifier or mail address, where the actor reaches a workspace of theirs.
const PERSON: &str = "\
SELECT p.id FROM people p WHERE p.deleted_at IS NULL AND (p.id = $1 OR p.email = $2) AND (p.id = $3 OR EXISTS \
(SELECT 1 FROM memberships m JOIN workspaces w ON w.id = m.workspace_id WHERE m.person_id = p.id \
AND w.deleted_at IS NULL AND w.path >= $4 AND w.path < $5)) ORDER BY p.pk LIMIT 2";

/// What names a rule: its identifier, where it is for the connector and the workspace.
const RULE: &str = "\
SELECT f.id FROM connector_filters f WHERE f.id = $1 AND f.deleted_at IS NULL AND f.connector_id = $2 \
AND (f.workspace_id IS NULL OR f.workspace_id = $3)";

/// The one row that a statement finds.
async fn one(
    work: &Work,
    sql: &str,
    args: Vec<Arg>,
) -> Result<std::result::Result<Uuid, &'static str>> {
    let rows = work.db.rows(sql.to_owned(), args).await?;
    Ok(match rows.as_slice() {
        [row] => row.uuid(0).ok_or("names nothing"),
        [] => Err("names nothing"),
        _ => Err("names more than one; give the identifier"),
    })
}

/// The bounds between which the paths of the actor's tree lie.
fn tree(work: &Work) -> (Arg, Arg) {
    let path = &work.actor.viewer.path;
    (Arg::Text(path.clone()), Arg::Text(format!("{path}~")))
}

/// The workspace that the attribute `workspace` names, the actor's own if it was left out; locked.
pub(super) async fn workspace(work: &Work, given: &Given) -> Result<Named<Uuid>> {
    found(
        workspace::place(work, given, "workspace")
            .await
            .map(|w| w.id),
    )
}

/// A problem with one attribute is told beside those with others; other failures end the work.
pub(super) fn found<T>(result: Result<T>) -> Result<Named<T>> {
    match result {
        Ok(row) => Ok(Ok(row)),
        Err(Error::Invalid(problems)) => match problems.into_iter().next() {
            Some(problem) => Ok(Err(problem)),
            None => Err(Error::internal("a refusal without a problem")),
        },
        Err(error) => Err(error),
    }
}

/// The person that the attribute `person` names.
pub(super) async fn person(work: &Work, given: &Given, key: String) -> Result<Named<Uuid>> {
    let id = Arg::Uuid(Uuid::parse_str(&key).unwrap_or_default());
    let own = Arg::Uuid(work.actor.viewer.person_id);
    let (from, to) = tree(work);
    let found = one(work, PERSON, vec![id, Arg::Text(key), own, from, to]).await?;
    Ok(found.map_err(|issue| {
        given.problem(
            "person",
            format!("{issue} among the members of the token's workspaces"),
        )
    }))
}

/// The rule that the attribute `connector_filter` names, once nobody else can take it away.
pub(super) async fn rule(
    work: &Work,
    given: &Given,
    id: Uuid,
    connector: Uuid,
    workspace: Uuid,
) -> Result<Named<Uuid>> {
    work.lock(id).await?;
    let args = vec![Arg::Uuid(id), Arg::Uuid(connector), Arg::Uuid(workspace)];
    let found = one(work, RULE, args).await?;
    Ok(found.map_err(|_| {
        given.problem(
            "connector_filter",
            "names no rule for the connector, neither a template nor one of the workspace's own",
        )
    }))
}
