//! What the record keeps of an installation's settings: the members that its connector declares
//! public. The others are kept to the server, from those who read the record as well.

use super::Entry;
use crate::error::Result;
use crate::service::audit::REDACTED;
use crate::service::work::Work;
use entity::connector::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value as Json;
use uuid::Uuid;

/// The settings on one side of an entry.
fn settings(side: &mut Option<Json>) -> Option<&mut serde_json::Map<String, Json>> {
    side.as_mut()?.get_mut("config")?.as_object_mut()
}

/// Leaves members of `config` that are not public out of an entry.
pub(super) fn hide(entry: &mut Entry, public: &Json) {
    let is_public = |name: &str| {
        let list = public.as_array();
        list.is_some_and(|keys| keys.iter().any(|key| key == name))
    };
    for side in [&mut entry.before, &mut entry.after] {
        for (name, value) in settings(side).into_iter().flatten() {
            if !is_public(name) {
                *value = REDACTED.into();
            }
        }
    }
}

/// The same, for an installation of a connector that is still to be asked what is public.
pub(super) async fn mask(work: &Work, entry: &mut Entry, connector: Uuid) -> Result<()> {
    if settings(&mut entry.before).is_none() && settings(&mut entry.after).is_none() {
        return Ok(());
    }
    let public: Option<Json> = Entity::find()
        .select_only()
        .column(Column::PublicConfigKeys)
        .filter(Column::Id.eq(connector))
        .into_tuple()
        .one(work.tx())
        .await?;
    hide(entry, &public.unwrap_or_default());
    Ok(())
}
