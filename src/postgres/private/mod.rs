//! The PostgreSQL server that the program runs itself if `DATABASE_URL` is not set. Its data are under `DATA_DIR`, and
//! only this program can reach it. Several processes share it: the first starts it and the last stops it. A server that
//! a killed process left running is taken over.

mod binaries;
mod cluster;
mod locks;
mod owned;
mod place;
mod process;
mod user;

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::{
    process::Child,
    time::{Instant, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

pub use self::{binaries::Binaries, cluster::SERVING, place::is_under, user::ServerUser};
use self::{place::Place, process::Inside};
use super::Error;

/// How long another process may take to start or stop the server before we give up.
const START_LOCK_TIMEOUT: Duration = Duration::from_mins(1);
/// How long a server may take to recover from a crash before we stop waiting. It goes on recovering.
const RECOVERY_TIMEOUT: Duration = Duration::from_mins(5);
/// How long the processes of a crashed server may take to notice that it is gone, or to obey the signals that end them.
const SURVIVOR_TIMEOUT: Duration = Duration::from_secs(10);
/// When these processes are sent which signal. No data are lost: what was committed is in the write-ahead log, and
/// everything else is undone when the server starts.
const SIGNALS_TO_SURVIVORS: [(Duration, &str); 2] =
    [(Duration::from_secs(3), "TERM"), (Duration::from_secs(6), "KILL")];
/// How long we wait for a server that was asked to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);
/// How long we wait, when we end, for another process that is starting or stopping the server.
const LEAVE_LOCK_TIMEOUT: Duration = Duration::from_millis(700);
/// How long our own monitor may take to finish what it is doing.
const MONITOR_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a server may take to accept or refuse a connection before it counts as not ready.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// The interval between checks while we wait.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// The interval at which the monitor checks that the server runs.
const MONITOR_INTERVAL: Duration = Duration::from_secs(1);
/// How long the monitor waits after a restart that failed.
const RESTART_INTERVAL: Duration = Duration::from_secs(5);

/// A share in the private server. While it exists, no other process stops the server.
#[derive(Debug)]
pub struct PrivateServer {
    shared: Arc<Shared>,
    monitor: AbortOnDropHandle<()>,
    end_of_monitor: CancellationToken,
}

#[derive(Debug)]
struct Shared {
    place: Place,
    postgres_bin: Option<PathBuf>,
    /// Locked by one process while it starts or stops the server.
    starting: File,
    /// Locked by all processes that use the server, as a shared lock.
    using: File,
}

impl PrivateServer {
    /// Starts the server under this `DATA_DIR`, or joins the one that is running. If `end` is cancelled while it starts,
    /// undoes what was begun.
    pub async fn open(data_dir: &Path, postgres_bin: Option<&Path>, end: &CancellationToken) -> Result<Self, Error> {
        if !is_under(data_dir) {
            // Installing PostgreSQL brings the user that root runs it as, so nothing is begun before.
            Binaries::find(postgres_bin, None).await?;
        }
        let place = Place::under(data_dir).await?;
        let shared = Arc::new(Shared {
            postgres_bin: postgres_bin.map(Path::to_owned),
            starting: locks::open(&place, "start.lock")?,
            using: locks::open(&place, "use.lock")?,
            place,
        });
        let busy = || Error::Busy(shared.place.folder.display().to_string());
        let broken = |cause| Error::of_path(&shared.place.folder, &shared.place.user.name, cause);
        let taken = end.run_until_cancelled(locks::take(&shared.starting, START_LOCK_TIMEOUT)).await;
        if !taken.ok_or(Error::Ended)?.map_err(broken)? {
            return Err(busy());
        }
        let running = match shared.using.lock_shared() {
            Ok(()) => shared.run(end).await,
            Err(cause) => Err(broken(cause)),
        };
        if let Err(Error::Ended) = running {
            shared.leave().await.map_err(broken)?;
        }
        shared.starting.unlock().map_err(broken)?;
        running?;
        let end_of_monitor = CancellationToken::new();
        let monitor = AbortOnDropHandle::new(tokio::spawn(monitor(shared.clone(), end_of_monitor.clone())));
        Ok(Self { shared, monitor, end_of_monitor })
    }

    /// Returns the options to connect as the role that owns the database.
    pub fn owner(&self) -> PgConnectOptions {
        self.shared.options(cluster::OWNER)
    }

    /// Returns the options to connect as the role that serves.
    pub fn serving(&self) -> PgConnectOptions {
        self.shared.options(cluster::SERVING)
    }

    /// Returns the user that the server runs as.
    pub fn user(&self) -> &ServerUser {
        &self.shared.place.user
    }

    /// Returns the folder with the server's data, socket and log.
    pub fn folder(&self) -> &Path {
        &self.shared.place.folder
    }

    /// Leaves the server and stops it if no other process uses it; waits until it has stopped.
    pub async fn close(self) -> Result<(), Error> {
        let Self { shared, mut monitor, end_of_monitor } = self;
        // The monitor may be starting a server at this moment. Let it finish instead of aborting it, because otherwise
        // nobody would know of that server.
        end_of_monitor.cancel();
        let _ = timeout(MONITOR_TIMEOUT, &mut monitor).await;
        drop(monitor);
        let broken = |cause| Error::of_path(&shared.place.folder, &shared.place.user.name, cause);
        if !locks::take(&shared.starting, LEAVE_LOCK_TIMEOUT).await.map_err(broken)? {
            // Another process is starting or leaving at this moment. The last one to leave stops the server.
            return Ok(());
        }
        let left = shared.leave().await;
        left.and(shared.starting.unlock()).map_err(broken)
    }
}

/// Restarts the server if it is killed, until `end` is cancelled, so that pages recover by themselves.
async fn monitor(shared: Arc<Shared>, end: CancellationToken) {
    let cluster = shared.place.cluster();
    while end.run_until_cancelled(sleep(MONITOR_INTERVAL)).await.is_some() {
        if matches!(process::inside(&cluster).await, Inside::Server(_)) {
            continue;
        }
        let Some(taken) = end.run_until_cancelled(locks::take(&shared.starting, START_LOCK_TIMEOUT)).await else {
            return;
        };
        match taken {
            Ok(true) => {
                tracing::warn!("the private PostgreSQL has ended unexpectedly; starting it again");
                let started = shared.run(&end).await;
                // We hold the lock, so unlocking it does not fail in a way that could be repaired here.
                let _ = shared.starting.unlock();
                match started {
                    Ok(()) | Err(Error::Ended) => {}
                    Err(error) => {
                        tracing::error!(%error, "the private PostgreSQL could not be started again; trying again shortly");
                        end.run_until_cancelled(sleep(RESTART_INTERVAL)).await;
                    }
                }
            }
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the lock of the private PostgreSQL cannot be taken"),
        }
    }
}

impl Shared {
    fn options(&self, role: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.place.socket_folder)
            .port(5432)
            .username(role)
            .database(cluster::DATABASE)
            .ssl_mode(PgSslMode::Disable)
    }

    /// Makes sure that the server runs and accepts our connections. Returns early when `end` is cancelled; a server
    /// that was started before then can be found and stopped. The caller must hold the start lock.
    async fn run(&self, end: &CancellationToken) -> Result<(), Error> {
        let cluster = self.place.cluster();
        let mut since = Instant::now();
        let mut signals = SIGNALS_TO_SURVIVORS.iter().peekable();
        loop {
            if self.accepts_connections().await? {
                return Ok(());
            }
            let (time_limit, error) = match process::inside(&cluster).await {
                Inside::Nobody => break,
                Inside::Server(_) => (RECOVERY_TIMEOUT, self.place.failure("it runs, but it accepts no connections")),
                Inside::Survivor(pid) => {
                    if let Some((_, signal)) = signals.next_if(|(after, _)| since.elapsed() >= *after) {
                        tracing::warn!(pid, signal, "a process of an earlier PostgreSQL is still running; ending it");
                        // A process that has already ended takes no signal. Any other failure is reported as
                        // `Error::Survivor` in the end.
                        let _ = process::signal_survivors(&cluster, &self.place.user, signal).await;
                    }
                    (SURVIVOR_TIMEOUT, Error::Survivor { pid, folder: cluster.display().to_string() })
                }
            };
            if since.elapsed() > time_limit {
                return Err(error);
            }
            pause(end).await?;
        }
        cluster::clear(&self.place).map_err(|cause| Error::of_path(&cluster, &self.place.user.name, cause))?;
        let written_by = cluster::written_by(&cluster)?;
        let binaries = Binaries::find(self.postgres_bin.as_deref(), written_by.map(|major| (&*cluster, major))).await?;
        if written_by.is_none() {
            cluster::make(&self.place, &binaries, &self.starting).await?;
        }
        // Finding the programs and creating the cluster took a while: check whether the end was requested.
        pause(end).await?;
        self.place.rotate_log();
        let log_start = self.place.log_end();
        let mut server = cluster::start(&self.place, &binaries)?;
        since = Instant::now();
        let waited = self.wait_for(&mut server, since, log_start, end).await;
        if let Err(Error::Ended) = waited {
            self.wait_until_findable(&mut server).await;
        }
        waited
    }

    async fn wait_for(
        &self,
        server: &mut Child,
        since: Instant,
        log_start: u64,
        end: &CancellationToken,
    ) -> Result<(), Error> {
        let mut logged = false;
        loop {
            if self.accepts_connections().await? {
                return Ok(());
            }
            if !matches!(server.try_wait(), Ok(None)) {
                return Err(self.place.failure(&self.place.log_since(log_start)));
            }
            if since.elapsed() > RECOVERY_TIMEOUT {
                return Err(self.place.failure("it takes longer than five minutes; it goes on by itself"));
            }
            if !logged && since.elapsed() > Duration::from_secs(3) {
                logged = true;
                tracing::info!("the private PostgreSQL is recovering from a crash; this can take a moment");
            }
            pause(end).await?;
        }
    }

    /// Waits until a server that was just started has written its process number into its cluster. Before that, a
    /// process that wants to stop the server cannot find it.
    async fn wait_until_findable(&self, server: &mut Child) {
        let cluster = self.place.cluster();
        let since = Instant::now();
        while since.elapsed() < STOP_TIMEOUT
            && matches!(server.try_wait(), Ok(None))
            && !matches!(process::inside(&cluster).await, Inside::Server(_))
        {
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Returns whether the server accepts our connection. Being absent or not ready yet is not an error; a permanent
    /// refusal is.
    async fn accepts_connections(&self) -> Result<bool, Error> {
        // A server process that is suspended accepts the connection but never answers.
        let answer = timeout(CONNECT_TIMEOUT, async {
            let connection = self.options(cluster::OWNER).connect().await?;
            // The server has accepted us, even if closing the connection fails.
            let _ = connection.close().await;
            Ok(())
        });
        match answer.await.unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()))) {
            Ok(()) => Ok(true),
            // 57P03: starting up or shutting down. 53300: too many connections at the moment, so it runs.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("57P03") => Ok(false),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("53300") => Ok(true),
            Err(sqlx::Error::Io(_)) => Ok(false),
            Err(cause) => Err(Error::Refused { place: self.place.folder.display().to_string(), cause }),
        }
    }

    /// Leaves the server and stops it if no other process uses it. The caller must hold the start lock.
    async fn leave(&self) -> io::Result<()> {
        self.using.unlock()?;
        if locks::take(&self.using, Duration::ZERO).await? { self.stop().await } else { Ok(()) }
    }

    /// Stops the server and waits until it has ended. The caller must hold both locks.
    async fn stop(&self) -> io::Result<()> {
        let cluster = self.place.cluster();
        let Inside::Server(pid) = process::inside(&cluster).await else { return Ok(()) };
        process::request_stop(pid).await?;
        let asked = Instant::now();
        while asked.elapsed() < STOP_TIMEOUT {
            if process::inside(&cluster).await == Inside::Nobody {
                return Ok(());
            }
            sleep(POLL_INTERVAL).await;
        }
        tracing::warn!("the private PostgreSQL is still writing its data to disk; it will stop by itself");
        Ok(())
    }
}

/// Waits for one interval, or fails if the end was requested.
async fn pause(end: &CancellationToken) -> Result<(), Error> {
    end.run_until_cancelled(sleep(POLL_INTERVAL)).await.ok_or(Error::Ended)
}
