//! Assembles the settings, the database, the routes and the jobs into one running server, and stops it in good order.

mod accept;
mod connections;
mod edge;
mod json_lines;
pub mod logging;
mod progress;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::connections::{most_connections, most_files, raise_most_files};
pub use crate::postgres::IfAbsent;

use self::{accept::BoundSocket, connections::ConnectionLimiter, edge::Edge};
use crate::{
    clock::Clock,
    config::Settings,
    jobs::{self, JobContext},
    mail,
    postgres::{self, Database},
    staff,
    store::{Store, seed},
    web::App,
};

/// Opens the database of these settings, migrates it and, if it is empty, adds the first conference. If `end` comes
/// first, closes the database again.
pub async fn database(
    settings: &Settings,
    if_absent: IfAbsent,
    end: &CancellationToken,
) -> Result<Database, postgres::Error> {
    let database = Database::open(settings, if_absent, end).await?;
    match end.run_until_cancelled(database.prepare(seed::leipzig_2018)).await {
        Some(Ok(_)) => Ok(database),
        not_prepared => {
            database.close().await?;
            Err(not_prepared.and_then(Result::err).unwrap_or(postgres::Error::Ended))
        }
    }
}

/// The sockets for the addresses in `LISTEN`. They are bound before anything else is started.
#[derive(Debug)]
pub struct Doors {
    sockets: Vec<BoundSocket>,
    addresses: Vec<SocketAddr>,
}

/// An address in `LISTEN` could not be used.
#[derive(Debug, thiserror::Error)]
#[error("LISTEN is wrong: {address} cannot be used ({cause}). For example: LISTEN=127.0.0.1:8081")]
pub struct DoorShut {
    address: SocketAddr,
    cause: io::Error,
}

impl DoorShut {
    /// Whether another process already uses the address.
    pub fn is_taken(&self) -> bool {
        self.cause.kind() == io::ErrorKind::AddrInUse
    }
}

impl Doors {
    /// Binds the addresses. Connections are not accepted yet.
    pub fn take(wanted: &[SocketAddr]) -> Result<Self, DoorShut> {
        let mut bound = Self { sockets: Vec::new(), addresses: Vec::new() };
        for &address in wanted {
            let error = |cause| DoorShut { address, cause };
            let socket = BoundSocket::bind(address).map_err(error)?;
            bound.addresses.push(socket.local_addr().map_err(error)?);
            bound.sockets.push(socket);
        }
        Ok(bound)
    }

    /// Returns the bound addresses, with the ports that the system chose for port 0.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

/// How long jobs may take to finish after the stop signal. A mail whose delivery is cut off may be sent twice.
const JOBS_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(6);

/// How long the start waits until the most visited pages are in the cache.
const RENDER_AHEAD_TIMEOUT: Duration = Duration::from_secs(1);

/// The running server.
pub struct Server {
    /// The state that handlers share.
    pub app: App,
    edge: Arc<Edge>,
    addresses: Vec<SocketAddr>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    jobs: TaskTracker,
}

impl Server {
    /// Starts to accept connections and starts the jobs. The database must be migrated.
    pub async fn start(settings: Settings, clock: Clock, pool: PgPool, doors: Doors) -> Result<Self, DoorShut> {
        let port = doors.addresses.first().map_or(0, SocketAddr::port);
        let public_url = settings.public_url(port);
        let app = App::new(Store::new(pool), clock, Arc::new(settings), public_url.as_str());
        app.published().await;
        let mut listeners = Vec::new();
        for (socket, &address) in doors.sockets.into_iter().zip(&doors.addresses) {
            listeners.push(socket.listen().map_err(|cause| DoorShut { address, cause })?);
        }
        let stop = CancellationToken::new();
        let jobs = TaskTracker::new();
        jobs.spawn(jobs::run(job_context(&app), stop.clone()));
        let edge = Arc::new(Edge::new(app.clone()));
        let limiter = ConnectionLimiter::new(most_connections(), app.settings.trusted_proxies.clone());
        let serving = tokio::spawn(accept::serve(listeners, edge.clone(), limiter, stop.clone()));
        Ok(Self { app, edge, addresses: doors.addresses, stop, serving, jobs })
    }

    /// Renders the most visited pages into the cache for at most `RENDER_AHEAD_TIMEOUT`. Visitors are already served
    /// in the meantime.
    pub async fn render_ahead(&self) {
        // A page that is not ready by then is rendered for its first visitor.
        let _ = timeout(RENDER_AHEAD_TIMEOUT, self.edge.render_ahead()).await;
    }

    /// Returns the addresses on which the server listens.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Stops accepting connections, finishes the requests in progress and ends the jobs.
    pub async fn stop(self) {
        self.stop.cancel();
        let end = Instant::now() + JOBS_SHUTDOWN_TIMEOUT;
        if self.serving.await.is_err() {
            tracing::error!("the accepting loop panicked");
        }
        self.jobs.close();
        if timeout_at(end, self.jobs.wait()).await.is_err() {
            tracing::warn!("a job did not finish in time; another instance takes it over when its lease ends");
        }
    }
}

/// Returns the parts of the application that jobs use.
fn job_context(app: &App) -> JobContext {
    let pages = app.clone();
    JobContext {
        mail: mail::Context {
            store: app.store.clone(),
            clock: app.clock.clone(),
            settings: Arc::clone(&app.settings),
            public_url: Arc::clone(&app.public_url),
        },
        outbox: Arc::clone(&app.outbox),
        look_for_publication: Arc::new(move || {
            let pages = pages.clone();
            Box::pin(async move { pages.look_for_publication().await })
        }),
        read_view: staff::view::read,
    }
}
