//! The HTTP face: routes, credentials, limits, GraphiQL, health. It knows statuses and headers
//! and no rule of the domain.

mod agentstack;
mod authorize;
mod client;
mod condition;
pub mod connect_page;
mod docs;
mod error;
mod event_stream;
mod graphiql;
mod graphql;
mod health;
mod media;
mod metrics;
mod multipart;
mod packed;
mod proxy;
mod rest;
mod session;
mod socket;
mod trace;
mod upload;

use crate::app::App;
use crate::connect::keeper::Keeper;
use crate::service::housekeeping;
use poem::listener::{Acceptor, Listener, TcpAcceptor, TcpListener};
use poem::middleware::SetHeader;
use poem::{Endpoint, EndpointExt, IntoResponse, Response, Route, Server, get, handler, put};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long a client with many answers may take to accept one.
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// How long a stopping server waits for sockets to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Every route, with what stands in front of all of them.
pub fn routes(app: &Arc<App>) -> impl Endpoint<Output = Response> + use<> {
    let mut route = Route::new()
        .at("/graphql", poem::endpoint::make(graphql::endpoint))
        .at("/graphql/ws", poem::endpoint::make(graphql::endpoint))
        .at("/schema.graphql", get(schema))
        .at("/openapi.json", get(docs::document))
        .at("/v1/*rest", poem::endpoint::make(rest::endpoint))
        .at(
            "/api/v1/connectors/:id/mcp",
            poem::endpoint::make(proxy::endpoint),
        )
        .at("/media/uploads/:id", put(media::receive))
        .at("/media/:id", get(media::show).head(media::show))
        .at(
            "/connect/:id",
            get(connect_page::show).post(connect_page::begin),
        )
        .at("/healthz", get(health::alive))
        .at("/readyz", get(health::ready));
    if app.config.tells_metrics() {
        route = route.at("/metrics", get(metrics::show));
    }
    route = agentstack::add(route);
    if app.config.graphiql {
        route = route
            .at("/", get(home))
            .at("/graphiql", get(graphiql::page))
            .at("/graphiql/assets/:name", get(graphiql::asset));
    }
    if app.config.docs {
        route = route
            .at("/docs", get(docs::page))
            .at("/docs/licences.txt", get(docs::licences))
            .at("/docs/assets/:name", get(docs::asset));
    }
    docs::prepare();
    let limit = Duration::from_secs(app.config.request_timeout);
    let figures = app.metrics.clone();
    route
        .data(app.clone())
        .with(SetHeader::new().overriding("x-content-type-options", "nosniff"))
        .around(move |endpoint, request| {
            let own_limits = proxy::is_at(request.uri().path());
            let limit = if own_limits { Duration::MAX } else { limit };
            trace::traced(endpoint, request, (limit, figures.clone()))
        })
}

#[handler]
fn schema() -> impl IntoResponse {
    crate::graphql::sdl().with_content_type("text/plain; charset=utf-8")
}

#[handler]
fn home() -> impl IntoResponse {
    poem::web::Redirect::see_other("/graphiql")
}

/// Listens on an address.
pub async fn listen(address: SocketAddr) -> std::io::Result<(TcpAcceptor, SocketAddr)> {
    let acceptor = TcpListener::bind(address).into_acceptor().await?;
    let bound = acceptor
        .local_addr()
        .into_iter()
        .find_map(|a| a.as_socket_addr().copied());
    Ok((acceptor, bound.unwrap_or(address)))
}

/// Serves until `stop` ends; then no new request is taken and running ones may end.
pub async fn serve(
    app: Arc<App>,
    acceptor: TcpAcceptor,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let grace = Duration::from_secs(app.config.shutdown_timeout);
    let clients = client::Clients::default();
    let server = Server::new_with_acceptor(clients.watch(acceptor)).name("connectory");
    // A connection that says nothing for a minute is closed.
    let server = server.idle_timeout(Duration::from_secs(60));
    let housekeeping = tokio::spawn(housekeeping::run(app.db.clone()));
    let keeper = Keeper::start(&app.connect, app.config.keeper_parallelism);
    let (live, stopper) = (app.live.clone(), keeper.stopper());
    let stop = async move {
        stop.await;
        live.stop();
        stopper.stop();
    };
    let routes = routes(&app).data(clients);
    let served = server.run_with_graceful_shutdown(routes, stop, Some(grace));
    let served = served.await;
    // Sockets are no connections of the server any more once they were taken over.
    let _ = tokio::time::timeout(grace.max(GOODBYE), app.live.empty()).await;
    keeper.ended(grace.max(GOODBYE)).await;
    housekeeping.abort();
    served?;
    app.db.close().await;
    Ok(())
}
