//! The yardstick: a handler for each question that does nothing but that: one hand-written
//! statement, typed rows from the driver, JSON written by serde. No document, no token, no scope.

mod catalogue;
mod create;

use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{EndpointExt, Response, Route, Server, get, handler, web::Data};
use serde::Serialize;
use sqlx::FromRow;
use sqlx::types::chrono::{DateTime, Utc};
use uuid::Uuid;

#[derive(Clone)]
enum Pool {
    Postgres(sqlx::PgPool),
    Sqlite(sqlx::SqlitePool),
}

impl Pool {
    async fn open(url: &str) -> Pool {
        if url.starts_with("sqlite") {
            let cores = std::thread::available_parallelism()
                .map_or(2, |n| n.get() as u32)
                .max(2);
            let options = sqlx::sqlite::SqlitePoolOptions::new()
                .max_connections(cores)
                .test_before_acquire(false);
            Pool::Sqlite(options.connect(url).await.expect("SQLite opens"))
        } else {
            let options = sqlx::postgres::PgPoolOptions::new()
                .max_connections(16)
                .test_before_acquire(false);
            let connect: sqlx::postgres::PgConnectOptions = url.parse().expect("an address");
            Pool::Postgres(
                options
                    .connect_with(connect.options([("jit", "off")]))
                    .await
                    .expect("PostgreSQL answers"),
            )
        }
    }
}

macro_rules! rows {
    ($pool:expr, $postgres:expr, $sqlite:expr) => {
        match $pool {
            Pool::Postgres(pool) => sqlx::query_as($postgres).fetch_all(pool).await,
            Pool::Sqlite(pool) => sqlx::query_as($sqlite).fetch_all(pool).await,
        }
        .expect("the statement runs")
    };
}

#[derive(Serialize)]
struct Answer<T> {
    data: T,
}

fn json(value: &impl Serialize) -> Response {
    Response::builder()
        .content_type("application/json")
        .body(serde_json::to_vec(value).expect("JSON"))
}

fn upper(word: Option<String>) -> Option<String> {
    word.map(|w| w.to_ascii_uppercase())
}

#[derive(FromRow)]
struct PageRow {
    id: Uuid,
    slug: String,
    name: String,
    description: Option<String>,
    direction: String,
    status: String,
    version: Option<String>,
    transport: Option<String>,
    authorization_flow: Option<String>,
    website: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    publisher_id: Option<Uuid>,
    publisher_name: Option<String>,
    logo_id: Option<Uuid>,
    logo_url: Option<String>,
}

#[derive(Serialize)]
struct Named {
    id: Uuid,
    name: Option<String>,
}

#[derive(Serialize)]
struct Logo {
    id: Uuid,
    url: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connector {
    id: Uuid,
    slug: String,
    name: String,
    description: Option<String>,
    direction: String,
    status: String,
    version: Option<String>,
    transport: Option<String>,
    authorization_flow: Option<String>,
    website: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    published_by: Option<Named>,
    logo: Option<Logo>,
}

#[derive(Serialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

const PAGE: &str = "SELECT c.id, c.slug, c.name, c.description, c.direction, c.status, c.version, c.transport, \
    c.authorization_flow, c.website, c.created_at, c.updated_at, w.id AS publisher_id, w.name AS publisher_name, \
    m.id AS logo_id, m.url AS logo_url FROM connectors c LEFT JOIN workspaces w ON w.id = c.published_by_id \
    LEFT JOIN media m ON m.id = c.logo_id WHERE c.deleted_at IS NULL ORDER BY c.name, c.pk LIMIT 50";

#[handler]
async fn page(pool: Data<&Pool>) -> Response {
    let rows: Vec<PageRow> = rows!(*pool, PAGE, PAGE);
    let nodes = rows.into_iter().map(|r| Connector {
        id: r.id,
        slug: r.slug,
        name: r.name,
        description: r.description,
        direction: r.direction.to_ascii_uppercase(),
        status: r.status.to_ascii_uppercase(),
        version: r.version,
        transport: upper(r.transport),
        authorization_flow: upper(r.authorization_flow),
        website: r.website,
        created_at: r.created_at,
        updated_at: r.updated_at,
        published_by: r.publisher_id.map(|id| Named {
            id,
            name: r.publisher_name,
        }),
        logo: r.logo_id.map(|id| Logo {
            id,
            url: r.logo_url,
        }),
    });
    #[derive(Serialize)]
    struct Data {
        connectors: Nodes<Connector>,
    }
    json(&Answer {
        data: Data {
            connectors: Nodes {
                nodes: nodes.collect(),
            },
        },
    })
}

#[derive(FromRow)]
struct NestedRow {
    workspace_id: Uuid,
    workspace_name: String,
    id: Option<Uuid>,
    status: Option<String>,
    connector_id: Option<Uuid>,
    connector_name: Option<String>,
    publisher_id: Option<Uuid>,
    publisher_name: Option<String>,
}

const NESTED_POSTGRES: &str = "SELECT p.id AS workspace_id, p.name AS workspace_name, x.* \
    FROM (SELECT id, name, pk FROM workspaces WHERE deleted_at IS NULL ORDER BY pk LIMIT 20) p \
    LEFT JOIN LATERAL (SELECT wc.id, wc.status, c.id AS connector_id, c.name AS connector_name, w.id AS publisher_id, w.name AS publisher_name \
    FROM workspace_connectors wc JOIN connectors c ON c.id = wc.connector_id LEFT JOIN workspaces w ON w.id = c.published_by_id \
    WHERE wc.workspace_id = p.id AND wc.deleted_at IS NULL ORDER BY wc.pk LIMIT 20) x ON TRUE ORDER BY p.pk";

const NESTED_SQLITE: &str = "SELECT p.id AS workspace_id, p.name AS workspace_name, wc.id, wc.status, c.id AS connector_id, \
    c.name AS connector_name, w.id AS publisher_id, w.name AS publisher_name \
    FROM (SELECT id, name, pk FROM workspaces WHERE deleted_at IS NULL ORDER BY pk LIMIT 20) p \
    LEFT JOIN workspace_connectors wc ON wc.pk IN (SELECT i.pk FROM workspace_connectors i WHERE i.workspace_id = p.id AND i.deleted_at IS NULL ORDER BY i.pk LIMIT 20) \
    LEFT JOIN connectors c ON c.id = wc.connector_id LEFT JOIN workspaces w ON w.id = c.published_by_id ORDER BY p.pk, wc.pk";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Installed {
    id: Uuid,
    name: String,
    published_by: Option<Named>,
}

#[derive(Serialize)]
struct Installation {
    id: Uuid,
    status: Option<String>,
    connector: Option<Installed>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Workspace {
    id: Uuid,
    name: String,
    workspace_connectors: Nodes<Installation>,
}

#[handler]
async fn nested(pool: Data<&Pool>) -> Response {
    let rows: Vec<NestedRow> = rows!(*pool, NESTED_POSTGRES, NESTED_SQLITE);
    let mut workspaces: Vec<Workspace> = Vec::new();
    for row in rows {
        if workspaces.last().is_none_or(|w| w.id != row.workspace_id) {
            let empty = Nodes { nodes: Vec::new() };
            workspaces.push(Workspace {
                id: row.workspace_id,
                name: row.workspace_name,
                workspace_connectors: empty,
            });
        }
        let (Some(id), Some(workspace)) = (row.id, workspaces.last_mut()) else {
            continue;
        };
        let published_by = row.publisher_id.map(|id| Named {
            id,
            name: row.publisher_name,
        });
        let connector = row.connector_id.map(|id| Installed {
            id,
            name: row.connector_name.unwrap_or_default(),
            published_by,
        });
        workspace.workspace_connectors.nodes.push(Installation {
            id,
            status: upper(row.status),
            connector,
        });
    }
    #[derive(Serialize)]
    struct Data {
        workspaces: Nodes<Workspace>,
    }
    json(&Answer {
        data: Data {
            workspaces: Nodes { nodes: workspaces },
        },
    })
}

/// Serves until the process is ended; prints its address.
pub async fn serve(url: &str) {
    let acceptor = TcpListener::bind("127.0.0.1:0")
        .into_acceptor()
        .await
        .expect("a free port");
    println!(
        "GraphQL   {}",
        acceptor.local_addr()[0]
            .to_string()
            .replace("socket://", "http://")
    );
    let pool = Pool::open(url).await;
    let routes = Route::new()
        .at("/page", get(page))
        .at("/nested", get(nested))
        .at("/catalogue", get(catalogue::catalogue))
        .at("/create", poem::post(create::create))
        .data(pool);
    Server::new_with_acceptor(acceptor)
        .run(routes)
        .await
        .expect("the server runs");
}
