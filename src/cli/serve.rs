//! `connectory serve`.

use crate::app::{self, App};
use crate::config::Config;
use crate::connect::vault::Vault;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http;
use crate::service::{token, workspace};
use crate::store::Store;
use entity::membership::Role;
use std::net::SocketAddr;

/// Prepares the database and serves until stopped.
pub async fn run(config: Config) -> Result<()> {
    // A place for files or a key that cannot be used is said before anything is made.
    Store::open(&config.media()?)?;
    Vault::from_config(&config)?;
    prepare(&config).await?;
    let db = app::open_to_serve(&config).await?;
    let (acceptor, address) = http::listen(config.listen).await.map_err(|e| {
        Error::invalid("listen", format!("cannot listen on {}: {e}", config.listen))
    })?;
    let stopped = stopped()?;
    let app = App::new(config, db, address).await?;
    let config = &app.config;
    // Only now, because a token that is made and not shown is lost.
    let made = if config.migrate && config.bootstrap.unwrap_or(config.is_sqlite()) {
        bootstrap(&app.db).await?
    } else {
        None
    };
    greet(&app.config, address, made.as_deref());
    http::serve(app, acceptor, stopped)
        .await
        .map_err(Error::internal)?;
    tracing::info!("stopped");
    Ok(())
}

/// Brings the database up to date and fills an empty one.
async fn prepare(config: &Config) -> Result<()> {
    if !config.migrate {
        return Ok(());
    }
    let db = app::open(config).await?;
    if config.starter
        && let Some(connectors) = app::load_starter(&db).await?
    {
        tracing::info!(connectors, "loaded the starter catalogue");
    }
    db.close().await;
    Ok(())
}

/// A workspace and a token to begin with, if there is no token yet.
async fn bootstrap(db: &Db) -> Result<Option<String>> {
    if token::any(db).await? {
        return Ok(None);
    }
    let workspace = match workspace::find(db, "development").await {
        Ok(known) => known,
        Err(Error::NotFound { .. }) => {
            workspace::create(
                db,
                workspace::New {
                    name: "Development".into(),
                    ..Default::default()
                },
            )
            .await?
        }
        Err(error) => return Err(error),
    };
    let new = token::New {
        workspace: workspace.id,
        role: Role::Owner,
        name: "Development".into(),
        expires_at: None,
    };
    token::create(db, new).await.map(Some)
}

fn greet(config: &Config, address: SocketAddr, token: Option<&str>) {
    println!("GraphQL   http://{address}/graphql");
    if config.graphiql {
        println!("GraphiQL  http://{address}/graphiql");
    }
    if config.docs {
        println!("REST      http://{address}/docs");
    }
    if let Some(token) = token {
        println!("Token     {token}");
        println!(
            "          owner of the workspace `development`; shown only now, stored as a hash"
        );
    }
    tracing::info!(%address, "serving");
}

/// Ends when the process is asked to stop. From the call on, not only once it is waited for, a
/// signal no longer ends the process by itself.
#[cfg(unix)]
fn stopped() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::internal)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::internal)?;
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        tracing::info!("stopping: running requests may end");
    })
}

/// Ends when the process is asked to stop.
#[cfg(not(unix))]
fn stopped() -> Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        tracing::info!("stopping: running requests may end");
    })
}
