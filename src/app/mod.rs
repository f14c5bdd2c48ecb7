//! Assembling the program: the settings, the database, the routes and the jobs become one running server, and end well.

mod accept;
mod edge;
mod json_lines;
pub mod logging;
mod progress;
mod room;
mod write_timeout;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::room::{most_connections, most_files, raise_most_files};
pub use crate::postgres::IfAbsent;

use self::{accept::Reserved, edge::Edge, room::Room};
use crate::{
    clock::Clock,
    config::Settings,
    jobs::{self, Workshop},
    postgres::{self, Database},
    store::{Store, seed},
    web::App,
};

/// The database of these settings, brought up to date; an empty one gets the first conference. At `end`, it is closed
/// again.
pub async fn database(
    settings: &Settings,
    if_absent: IfAbsent,
    end: &CancellationToken,
) -> Result<Database, postgres::Error> {
    let database = Database::open(settings, if_absent, end).await?;
    match end.run_until_cancelled(database.prepare(seed::leipzig_2018)).await {
        Some(Ok(_)) => Ok(database),
        unprepared => {
            database.close().await?;
            Err(unprepared.and_then(Result::err).unwrap_or(postgres::Error::Ended))
        }
    }
}

/// The addresses of `LISTEN`, taken before anything else is started.
#[derive(Debug)]
pub struct Doors {
    reserved: Vec<Reserved>,
    addresses: Vec<SocketAddr>,
}

/// An address that cannot be ours.
#[derive(Debug, thiserror::Error)]
#[error("LISTEN is wrong: {address} cannot be used ({cause}). For example: LISTEN=127.0.0.1:8081")]
pub struct DoorShut {
    address: SocketAddr,
    cause: io::Error,
}

impl DoorShut {
    /// Whether another process listens there.
    pub fn is_taken(&self) -> bool {
        self.cause.kind() == io::ErrorKind::AddrInUse
    }
}

impl Doors {
    /// Takes the addresses; connections are not accepted yet.
    pub fn take(wanted: &[SocketAddr]) -> Result<Self, DoorShut> {
        let mut doors = Self { reserved: Vec::new(), addresses: Vec::new() };
        for &address in wanted {
            let shut = |cause| DoorShut { address, cause };
            let reserved = Reserved::address(address).map_err(shut)?;
            doors.addresses.push(reserved.local().map_err(shut)?);
            doors.reserved.push(reserved);
        }
        Ok(doors)
    }

    /// The addresses with their real ports.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

/// Jobs hear of the end when requests do, and get this long to finish what is in hand: a mail that the server is just
/// taking would otherwise go twice.
const JOBS_PATIENCE: Duration = Duration::from_secs(6);

/// How long a start waits for the pages that are rendered before the first visitor comes.
const AHEAD: Duration = Duration::from_secs(1);

/// The running server.
pub struct Server {
    /// What its handlers hold.
    pub app: App,
    edge: Arc<Edge>,
    addresses: Vec<SocketAddr>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    jobs: TaskTracker,
}

impl Server {
    /// Opens the doors and starts the jobs, on a database that is migrated.
    pub async fn start(settings: Settings, clock: Clock, pool: PgPool, doors: Doors) -> Result<Self, DoorShut> {
        let port = doors.addresses.first().map_or(0, SocketAddr::port);
        let public_url = settings.public_url(port);
        let app = App::new(Store::new(pool), clock, Arc::new(settings), public_url.as_str());
        app.published().await;
        let mut listeners = Vec::new();
        for (reserved, &address) in doors.reserved.into_iter().zip(&doors.addresses) {
            listeners.push(reserved.listen().map_err(|cause| DoorShut { address, cause })?);
        }
        let stop = CancellationToken::new();
        let jobs = TaskTracker::new();
        jobs.spawn(jobs::run(workshop(&app), stop.clone()));
        let edge = Arc::new(Edge::new(app.clone()));
        let room = Room::new(most_connections(), app.settings.trusted_proxies.clone());
        let serving = tokio::spawn(accept::serve(listeners, edge.clone(), room, stop.clone()));
        Ok(Self { app, edge, addresses: doors.addresses, stop, serving, jobs })
    }

    /// Renders the most visited pages, unless the database takes too long over them. Visitors are served meanwhile.
    pub async fn render_ahead(&self) {
        // Whatever is not rendered by then is rendered for whoever asks for it first.
        let _ = timeout(AHEAD, self.edge.render_ahead()).await;
    }

    /// The addresses it listens on.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Takes no more connections, finishes what is in hand, and ends the jobs.
    pub async fn stop(self) {
        self.stop.cancel();
        let end = Instant::now() + JOBS_PATIENCE;
        if self.serving.await.is_err() {
            tracing::error!("the accepting loop panicked");
        }
        self.jobs.close();
        if timeout_at(end, self.jobs.wait()).await.is_err() {
            tracing::warn!("a job was not finished in time; another instance takes it over when its lease is over");
        }
    }
}

/// What the jobs need of the application.
fn workshop(app: &App) -> Workshop {
    let pages = app.clone();
    Workshop {
        store: app.store.clone(),
        clock: app.clock.clone(),
        settings: Arc::clone(&app.settings),
        public_url: Arc::clone(&app.public_url),
        outbox: Arc::clone(&app.outbox),
        look_for_publication: Arc::new(move || {
            let pages = pages.clone();
            Box::pin(async move { pages.look_for_publication().await })
        }),
    }
}
