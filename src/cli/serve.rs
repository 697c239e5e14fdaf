//! `connectory serve`.

use crate::app::{self, App};
use crate::config::Config;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http;
use crate::service::{token, workspace};
use entity::membership::Role;
use std::net::SocketAddr;

/// Prepares the database and serves until stopped.
pub async fn run(config: Config) -> Result<()> {
    let made = prepare(&config).await?;
    let db = app::open_to_serve(&config).await?;
    let (acceptor, address) = http::listen(config.listen)
        .await
        .map_err(|e| Error::invalid("listen", format!("cannot listen on {}: {e}", config.listen)))?;
    let app = App::new(config, db).await?;
    greet(&app.config, address, made.as_deref());
    http::serve(app, acceptor, stopped()).await.map_err(Error::internal)?;
    tracing::info!("stopped");
    Ok(())
}

/// Brings the database up to date, fills an empty one, and makes a first token where there is
/// none. Returns that token.
async fn prepare(config: &Config) -> Result<Option<String>> {
    if !config.migrate {
        return Ok(None);
    }
    let db = app::open(config).await?;
    if config.starter {
        if let Some(connectors) = app::load_starter(&db).await? {
            tracing::info!(connectors, "loaded the starter catalogue");
        }
    }
    let made = if config.bootstrap.unwrap_or(config.is_sqlite()) { bootstrap(&db).await? } else { None };
    db.close().await;
    Ok(made)
}

/// A workspace and a token to begin with, if there is no token yet.
async fn bootstrap(db: &Db) -> Result<Option<String>> {
    if token::any(db).await? {
        return Ok(None);
    }
    let workspace = match workspace::find(db, "development").await {
        Ok(known) => known,
        Err(Error::NotFound { .. }) => {
            workspace::create(db, workspace::New { name: "Development".into(), ..Default::default() }).await?
        }
        Err(error) => return Err(error),
    };
    let new = token::New { workspace: workspace.id, role: Role::Owner, name: "Development".into(), expires_at: None };
    token::create(db, new).await.map(Some)
}

fn greet(config: &Config, address: SocketAddr, token: Option<&str>) {
    println!("GraphQL   http://{address}/graphql");
    if config.graphiql {
        println!("GraphiQL  http://{address}/graphiql");
    }
    if let Some(token) = token {
        println!("Token     {token}");
        println!("          owner of the workspace `development`; shown only now, stored as a hash");
    }
    tracing::info!(%address, "serving");
}

/// Ends when the process is asked to stop.
async fn stopped() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! { () = interrupt => {}, _ = terminate.recv() => {} }
            }
            Err(_) => interrupt.await,
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
    tracing::info!("stopping: running requests may end");
}
