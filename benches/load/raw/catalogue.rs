//! The REST list of connectors, by hand: a statement for the page, one for the total, serde.

use super::{Pool, json};
use chrono::{DateTime, SecondsFormat, Utc};
use poem::{Response, handler, web::Data};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use sqlx::FromRow;
use std::collections::HashSet;
use uuid::Uuid;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    slug: String,
    name: String,
    description: Option<String>,
    category: Option<String>,
    direction: String,
    tags: String,
    status: String,
    version: Option<String>,
    data_quality: Option<String>,
    redirect_url: Option<String>,
    state: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    publisher_id: Option<Uuid>,
    publisher_kind: Option<String>,
    publisher_name: Option<String>,
    publisher_description: Option<String>,
    publisher_website: Option<String>,
    publisher_external: Option<String>,
    logo_id: Option<Uuid>,
    file_name: Option<String>,
    content_type: Option<String>,
    file_size: Option<i32>,
    media_type: Option<String>,
    upload_url: Option<String>,
}

#[derive(Serialize)]
struct Document {
    data: Vec<Resource<Connector>>,
    included: Vec<Included>,
    meta: Meta,
}

#[derive(Serialize)]
struct Meta {
    page: i64,
    limit: i64,
    total: i64,
    total_pages: i64,
}

#[derive(Serialize)]
struct Resource<T> {
    r#type: &'static str,
    id: Uuid,
    attributes: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    relationships: Option<Relationships>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Included {
    Publisher(Resource<Publisher>),
    Logo(Resource<Logo>),
}

#[derive(Serialize)]
struct Relationships {
    published_by: Relationship,
    logo: Relationship,
}

#[derive(Serialize)]
struct Relationship {
    data: Option<Identifier>,
}

#[derive(Serialize)]
struct Identifier {
    r#type: &'static str,
    id: Uuid,
}

#[derive(Serialize)]
struct Connector {
    slug: String,
    name: String,
    description: Option<String>,
    category: Option<String>,
    direction: String,
    tags: Option<Box<RawValue>>,
    status: String,
    version: Option<String>,
    data_quality: Option<Box<RawValue>>,
    redirect_url: Option<String>,
    state: Option<String>,
    #[serde(serialize_with = "moment")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "moment")]
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Publisher {
    name: Option<String>,
    description: Option<String>,
    website: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_workspace_id: Option<Option<String>>,
}

#[derive(Serialize)]
struct Logo {
    file_name: Option<String>,
    content_type: Option<String>,
    file_size: Option<i32>,
    media_type: Option<String>,
    upload_url: Option<String>,
}

fn moment<S: Serializer>(moment: &DateTime<Utc>, out: S) -> Result<S::Ok, S::Error> {
    let whole = moment.timestamp_subsec_micros().is_multiple_of(1000);
    let format = if whole {
        SecondsFormat::Millis
    } else {
        SecondsFormat::Micros
    };
    out.serialize_str(&moment.to_rfc3339_opts(format, true))
}

const PAGE: &str = "SELECT c.id, c.slug, c.name, c.description, k.slug AS category, c.direction, CAST(c.tags AS text) AS tags, c.status, c.version, \
    CAST(c.data_quality AS text) AS data_quality, c.redirect_url, c.state, c.created_at, c.updated_at, \
    w.id AS publisher_id, w.kind AS publisher_kind, w.name AS publisher_name, w.description AS publisher_description, \
    w.website AS publisher_website, w.external_workspace_id AS publisher_external, \
    m.id AS logo_id, m.file_name, m.content_type, m.file_size, m.media_type, m.upload_url \
    FROM connectors c LEFT JOIN categories k ON k.id = c.category_id LEFT JOIN workspaces w ON w.id = c.published_by_id \
    LEFT JOIN media m ON m.id = c.logo_id WHERE c.deleted_at IS NULL ORDER BY c.pk LIMIT 50";

const TOTAL: &str = "SELECT count(*) FROM connectors c WHERE c.deleted_at IS NULL";

fn raw(text: Option<String>) -> Option<Box<RawValue>> {
    text.and_then(|t| RawValue::from_string(t).ok())
}

#[handler]
pub async fn catalogue(pool: Data<&Pool>) -> Response {
    let (rows, total): (Vec<Row>, i64) = match *pool {
        Pool::Postgres(pool) => (
            sqlx::query_as(PAGE).fetch_all(pool).await.expect("rows"),
            sqlx::query_scalar(TOTAL)
                .fetch_one(pool)
                .await
                .expect("a total"),
        ),
        Pool::Sqlite(pool) => (
            sqlx::query_as(PAGE).fetch_all(pool).await.expect("rows"),
            sqlx::query_scalar(TOTAL)
                .fetch_one(pool)
                .await
                .expect("a total"),
        ),
    };
    let (mut included, mut seen) = (Vec::new(), HashSet::new());
    let data = rows
        .into_iter()
        .map(|row| resource(row, &mut included, &mut seen))
        .collect();
    let meta = Meta {
        page: 1,
        limit: 50,
        total,
        total_pages: total.div_euclid(50) + i64::from(total % 50 > 0),
    };
    json(&Document {
        data,
        included,
        meta,
    })
}

fn resource(
    row: Row,
    included: &mut Vec<Included>,
    seen: &mut HashSet<Uuid>,
) -> Resource<Connector> {
    let kind = match row.publisher_kind.as_deref() {
        Some("organization") => "organization",
        _ => "workspace",
    };
    let identifier = |r#type, id: Option<Uuid>| Relationship {
        data: id.map(|id| Identifier { r#type, id }),
    };
    let relationships = Relationships {
        published_by: identifier(kind, row.publisher_id),
        logo: identifier("media", row.logo_id),
    };
    if let Some(id) = row.publisher_id.filter(|id| seen.insert(*id)) {
        let organization = kind == "organization";
        included.push(Included::Publisher(Resource {
            r#type: kind,
            id,
            attributes: Publisher {
                name: row.publisher_name,
                description: row.publisher_description,
                website: row.publisher_website,
                external_id: organization.then(|| row.publisher_external.clone()),
                external_workspace_id: (!organization).then_some(row.publisher_external),
            },
            relationships: None,
        }));
    }
    if let Some(id) = row.logo_id.filter(|id| seen.insert(*id)) {
        included.push(Included::Logo(Resource {
            r#type: "media",
            id,
            attributes: Logo {
                file_name: row.file_name,
                content_type: row.content_type,
                file_size: row.file_size,
                media_type: row.media_type,
                upload_url: row.upload_url,
            },
            relationships: None,
        }));
    }
    Resource {
        r#type: "connector",
        id: row.id,
        attributes: Connector {
            slug: row.slug,
            name: row.name,
            description: row.description,
            category: row.category,
            direction: row.direction,
            tags: raw(Some(row.tags)),
            status: row.status,
            version: row.version,
            data_quality: raw(row.data_quality),
            redirect_url: row.redirect_url,
            state: row.state,
            created_at: row.created_at,
            updated_at: row.updated_at,
        },
        relationships: Some(relationships),
    }
}
