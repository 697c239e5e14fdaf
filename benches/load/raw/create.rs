//! A connector with its publisher and logo made by hand: the same rows as the mutation makes, in one
//! transaction, and the new row read back. PostgreSQL alone.

use super::{Pool, json};
use poem::{Response, handler, web::Data, web::Json};
use serde::{Deserialize, Serialize};
use sqlx::types::chrono::Utc;
use uuid::Uuid;

#[derive(Deserialize)]
pub(super) struct New {
    slug: String,
}

#[derive(Serialize)]
struct Made {
    id: Uuid,
    slug: String,
    publisher: String,
}

#[handler]
pub(super) async fn create(Data(pool): Data<&Pool>, Json(new): Json<New>) -> Response {
    let Pool::Postgres(pool) = pool else {
        panic!("this handler is for PostgreSQL")
    };
    json(&made(pool, new.slug).await.expect("the rows are made"))
}

async fn made(pool: &sqlx::PgPool, slug: String) -> Result<Made, sqlx::Error> {
    let (workspace, media, connector, event) = (
        Uuid::now_v7(),
        Uuid::now_v7(),
        Uuid::now_v7(),
        Uuid::now_v7(),
    );
    let now = Utc::now();
    let mut tx = pool.begin().await?;
    let root: (Uuid, String) =
        sqlx::query_as("SELECT id, path FROM workspaces WHERE slug = 'generated-1'")
            .fetch_one(&mut *tx)
            .await?;
    let path = format!("{}{workspace}/", root.1);
    sqlx::query("INSERT INTO workspaces (id, slug, name, kind, organization_id, parent_workspace_id, path, external_workspace_id, trusted, auto_extract_enabled, stage, created_at, updated_at) VALUES ($1, $2, 'Raw', 'workspace', $3, $3, $4, $2, FALSE, TRUE, 'active', $5, $5)")
        .bind(workspace).bind(format!("w-{slug}")).bind(root.0).bind(path).bind(now)
        .execute(&mut *tx).await?;
    sqlx::query("INSERT INTO media (id, workspace_id, organization_id, media_type, file_name, upload_url, is_primary, created_at, updated_at) VALUES ($1, $2, $3, 'logo', 'a.png', 'https://example.com/a.png', TRUE, $4, $4)")
        .bind(media).bind(workspace).bind(root.0).bind(now)
        .execute(&mut *tx).await?;
    sqlx::query("INSERT INTO connectors (id, slug, name, category_id, direction, tags, status, published_by_id, organization_id, logo_id, created_at, updated_at) SELECT $1, $2, 'Raw', id, 'import', '[]', 'active', $3, $4, $5, $6, $6 FROM categories ORDER BY pk LIMIT 1")
        .bind(connector).bind(&slug).bind(workspace).bind(root.0).bind(media).bind(now)
        .execute(&mut *tx).await?;
    sqlx::query("INSERT INTO audit_events (id, workspace_id, action, outcome, resource, record_id, revision, after, created_at, updated_at) VALUES ($1, $2, 'connector.create', 'done', 'connectors', $3, 1, '{}', $4, $4)")
        .bind(event).bind(workspace).bind(connector).bind(now)
        .execute(&mut *tx).await?;
    let row: (Uuid, String, String) = sqlx::query_as("SELECT c.id, c.slug, w.name FROM connectors c JOIN workspaces w ON w.id = c.published_by_id WHERE c.id = $1")
        .bind(connector)
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(Made {
        id: row.0,
        slug: row.1,
        publisher: row.2,
    })
}
