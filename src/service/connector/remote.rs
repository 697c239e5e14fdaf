//! Connectors for remote servers: the catalogue's entry for an address, and the one entry for all
//! servers that the catalogue does not know.

use super::{Column, Entity, Model};
use crate::error::{Error, Result};
use crate::service::work::Work;
use crate::service::{new_id, now};
use entity::category;
use entity::connector::{ActiveModel, AuthorizationFlow, Direction, Status, Transport};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use url::Url;
use uuid::Uuid;

/// The slug of the connector for servers that the catalogue does not know.
const SLUG: &str = "mcp-server";

/// The slug of its category.
const CATEGORY: &str = "api";

/// The connector of the catalogue that has its server at an address and can be installed.
pub(in crate::service) async fn at(work: &Work, url: &Url) -> Result<Option<Model>> {
    // The catalogue keeps addresses as they were written; only a slash at the end is optional.
    let written = [url.as_str(), url.as_str().trim_end_matches('/')];
    let organization = work.actor.viewer.organization_id;
    let seen = Condition::any()
        .add(Column::OrganizationId.is_null())
        .add(Column::OrganizationId.eq(organization));
    let found = Entity::find()
        .filter(Column::EndpointUrl.is_in(written))
        .filter(Column::Transport.eq(Transport::Mcp))
        .filter(Column::Status.eq(Status::Active))
        .filter(Column::DeletedAt.is_null())
        .filter(seen)
        .order_by_asc(Column::Pk)
        .all(work.tx())
        .await?;
    let same = |row: &Model| {
        let own = row
            .endpoint_url
            .as_deref()
            .and_then(|text| Url::parse(text).ok());
        own.as_ref() == Some(url)
    };
    Ok(found.into_iter().find(same))
}

/// The connector for all other servers, made when it is first needed.
pub(in crate::service) async fn generic(work: &Work) -> Result<Model> {
    if let Some(found) = find(work).await? {
        return Ok(found);
    }
    let category = category(work).await?;
    let row = ActiveModel {
        id: Set(new_id()),
        slug: Set(SLUG.to_owned()),
        name: Set("MCP server".to_owned()),
        description: Set(Some(
            "Any remote server that speaks the Model Context Protocol.".into(),
        )),
        category_id: Set(category),
        direction: Set(Direction::Both),
        tags: Set(json!(["mcp"])),
        status: Set(Status::Active),
        authorization_flow: Set(Some(AuthorizationFlow::Oauth2Dcr)),
        transport: Set(Some(Transport::Mcp)),
        public_config_keys: Set(json!([])),
        revision: Set(1),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(work.tx())
        .await?;
    find(work).await?.ok_or_else(|| {
        Error::internal("the connector for remote servers vanished while it was made")
    })
}

/// Whether a connector stands for the servers that the catalogue does not know.
pub(crate) fn is_generic(row: &Model) -> bool {
    row.slug == SLUG && row.organization_id.is_none()
}

async fn find(work: &Work) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Slug.eq(SLUG))
        .filter(Column::OrganizationId.is_null())
        .filter(Column::DeletedAt.is_null())
        .one(work.tx())
        .await?)
}

async fn category(work: &Work) -> Result<Uuid> {
    use category::{ActiveModel, Column, Entity};
    let find = || {
        Entity::find()
            .filter(Column::Slug.eq(CATEGORY))
            .one(work.tx())
    };
    if let Some(found) = find().await? {
        return Ok(found.id);
    }
    let row = ActiveModel {
        id: Set(new_id()),
        slug: Set(CATEGORY.to_owned()),
        name: Set("Generic API".to_owned()),
        description: Set(None),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(work.tx())
        .await?;
    let found = find().await?;
    found
        .map(|row| row.id)
        .ok_or_else(|| Error::internal("a category vanished while it was made"))
}
