//! Changing a workspace.

use super::{ROOT, fill, taken, to_change};
use crate::error::{Error, Result};
use crate::service::form::{Given, Sent};
use crate::service::work::{Work, outcome};
use crate::service::write::put;
use crate::service::{Entry, Outcome, media};
use crate::touch;
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel;
use uuid::Uuid;

/// Changes a workspace.
pub(super) async fn run(work: &mut Work, given: Given) -> Result<Outcome> {
    let before = to_change(work, &given).await?;
    let mut active = before.clone().into_active_model();
    fill(&mut active, &given);
    put(&mut active.slug, given.text("slug"));
    match given.id("media_id") {
        Sent::Absent => {}
        Sent::Null => active.media_id = Set(None),
        Sent::Value(id) => active.media_id = Set(Some(picture(work, &given, id).await?)),
    }
    touch!(active, before);
    let after = active
        .update(work.tx())
        .await
        .map_err(|e| taken(e, &given))?;
    let entry = Entry {
        revision: Some(after.revision),
        ..Entry::of(ROOT, after.id)
            .in_workspace(after.id)
            .changed(&before, &after)
    };
    work.record(entry);
    Ok(outcome(ROOT, after.id))
}

/// The picture that the input names, if the actor sees it.
async fn picture(work: &Work, given: &Given, id: Uuid) -> Result<Uuid> {
    if media::is_visible(work.tx(), &work.actor.viewer, id).await? {
        return Ok(id);
    }
    let issue = "names no media of this organization or the shared catalogue";
    Err(Error::Invalid(vec![given.problem("media_id", issue)]))
}
