//! Writing the catalogue out, one resource a line, as [`super::import`] reads it.

use crate::db::Db;
use crate::error::{Error, Result};
use entity::{category, connector, media, provider, provider_connector, workspace};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use std::io::Write;
use uuid::Uuid;

/// Connectors read at a time.
const BATCH: u64 = 1000;

/// Writes every live row of the catalogue: categories, providers, publishing workspaces, logos
/// that are not generated, connectors. Returns the number of connectors.
pub async fn export(db: &Db, out: &mut (dyn Write + Send)) -> Result<u64> {
    let orm = db.orm();
    let categories = category::Entity::find()
        .order_by_asc(category::Column::Pk)
        .all(orm)
        .await?;
    for row in &categories {
        line(
            out,
            "category",
            row.id,
            json!({"slug": row.slug, "name": row.name, "description": row.description}),
            json!({}),
        )?;
    }
    let live = provider::Entity::find().filter(provider::Column::DeletedAt.is_null());
    for row in live.order_by_asc(provider::Column::Pk).all(orm).await? {
        let attributes = json!({
            "slug": row.slug, "name": row.name, "description": row.description, "url": row.url,
            "category": row.category, "countries": row.countries, "searchable_terms": row.searchable_terms,
        });
        line(out, "provider", row.id, attributes, json!({}))?;
    }
    publishers(db, out).await?;
    let slugs = categories.into_iter().map(|c| (c.id, c.slug)).collect();
    connectors(db, out, &slugs).await
}

async fn publishers(db: &Db, out: &mut (dyn Write + Send)) -> Result<()> {
    let publishing = connector::Entity::find()
        .select_only()
        .column(connector::Column::PublishedById)
        .filter(connector::Column::PublishedById.is_not_null())
        .filter(connector::Column::DeletedAt.is_null());
    let publishing = sea_orm::QueryTrait::into_query(publishing);
    let rows = workspace::Entity::find().filter(workspace::Column::Id.in_subquery(publishing));
    for row in rows
        .order_by_asc(workspace::Column::Pk)
        .all(db.orm())
        .await?
    {
        let attributes = json!({
            "slug": row.slug, "name": row.name, "description": row.description, "website": row.website,
            "external_workspace_id": row.external_workspace_id,
        });
        line(out, "workspace", row.id, attributes, json!({}))?;
    }
    Ok(())
}

async fn connectors(
    db: &Db,
    out: &mut (dyn Write + Send),
    categories: &HashMap<Uuid, String>,
) -> Result<u64> {
    let (mut after, mut count) = (0, 0);
    loop {
        let batch = connector::Entity::find()
            .filter(connector::Column::DeletedAt.is_null())
            .filter(connector::Column::Pk.gt(after))
            .order_by_asc(connector::Column::Pk)
            .limit(BATCH)
            .all(db.orm())
            .await?;
        let Some(last) = batch.last() else {
            return Ok(count);
        };
        after = last.pk;
        count += batch.len() as u64;
        let ids: Vec<Uuid> = batch.iter().map(|c| c.id).collect();
        let ties = provider_connector::Entity::find()
            .filter(provider_connector::Column::ConnectorId.is_in(ids))
            .filter(provider_connector::Column::DeletedAt.is_null());
        let makers: HashMap<Uuid, Uuid> = ties
            .all(db.orm())
            .await?
            .into_iter()
            .map(|t| (t.connector_id, t.provider_id))
            .collect();
        let logos = batch.iter().filter_map(|c| c.logo_id);
        let logos = media::Entity::find()
            .filter(media::Column::Id.is_in(logos))
            .all(db.orm())
            .await?;
        let logos: HashMap<Uuid, media::Model> = logos.into_iter().map(|m| (m.id, m)).collect();
        for row in &batch {
            let logo = row
                .logo_id
                .and_then(|id| logos.get(&id))
                .filter(|m| !is_generated(m));
            if let Some(logo) = logo {
                picture(out, logo)?;
            }
            one(out, row, categories, makers.get(&row.id), logo)?;
        }
    }
}

fn is_generated(media: &media::Model) -> bool {
    media
        .path
        .as_deref()
        .is_some_and(|path| path.starts_with(super::MONOGRAMS))
}

fn picture(out: &mut (dyn Write + Send), row: &media::Model) -> Result<()> {
    let attributes = json!({
        "media_type": row.media_type.to_value(), "label": row.label, "file_name": row.file_name,
        "content_type": row.content_type, "file_size": row.file_size, "url": row.url,
        "upload_url": row.upload_url, "path": row.path,
    });
    line(out, "media", row.id, attributes, json!({}))
}

fn one(
    out: &mut (dyn Write + Send),
    row: &connector::Model,
    categories: &HashMap<Uuid, String>,
    maker: Option<&Uuid>,
    logo: Option<&media::Model>,
) -> Result<()> {
    let attributes = json!({
        "slug": row.slug, "name": row.name, "description": row.description,
        "category": categories.get(&row.category_id), "direction": row.direction.to_value(),
        "tags": row.tags, "status": row.status.to_value(), "state": row.state, "version": row.version,
        "data_quality": row.data_quality, "redirect_url": row.redirect_url, "website": row.website,
        "endpoint_url": row.endpoint_url, "provider": row.provider.as_ref().map(ActiveEnum::to_value),
        "authorization_flow": row.authorization_flow.as_ref().map(ActiveEnum::to_value),
        "transport": row.transport.as_ref().map(ActiveEnum::to_value),
        "external_connector_id": row.external_connector_id, "service_id": row.service_id,
        "created_at": row.created_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
    });
    let named = |kind: &str, id: Uuid| json!({"data": {"type": kind, "id": id}});
    let mut relationships = Map::new();
    relationships.extend(
        row.published_by_id
            .map(|id| ("published_by".to_owned(), named("workspace", id))),
    );
    relationships.extend(logo.map(|m| ("logo".to_owned(), named("media", m.id))));
    relationships.extend(maker.map(|id| ("provider".to_owned(), named("provider", *id))));
    line(
        out,
        "connector",
        row.id,
        attributes,
        Json::Object(relationships),
    )
}

/// One resource; null attributes are left out.
fn line(
    out: &mut (dyn Write + Send),
    kind: &str,
    id: Uuid,
    mut attributes: Json,
    relationships: Json,
) -> Result<()> {
    if let Some(object) = attributes.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    let mut resource = json!({"type": kind, "id": id, "attributes": attributes});
    if let (Some(object), false) = (
        resource.as_object_mut(),
        relationships.as_object().is_none_or(Map::is_empty),
    ) {
        object.insert("relationships".into(), relationships);
    }
    writeln!(out, "{resource}").map_err(Error::internal)
}
