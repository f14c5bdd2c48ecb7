//! The PostgreSQL that the program runs by itself where no `DATABASE_URL` is given: a server under `DATA_DIR` that only
//! this program can reach. Several processes share it; the first starts it, the last one out stops it, and one that
//! was left behind by a killed process is taken over.

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
const PATIENCE_WITH_OTHERS: Duration = Duration::from_mins(1);
/// How long a server may recover from a crash before we give up waiting (it goes on by itself).
const PATIENCE_WITH_RECOVERY: Duration = Duration::from_mins(5);
/// How long processes of a crashed server may take to notice that it is gone, or to follow the signals that end them.
const PATIENCE_WITH_SURVIVORS: Duration = Duration::from_secs(10);
/// After so long, they are sent these signals. Nothing is lost: what was committed is in the log, and what was not is undone
/// when a server starts.
const SIGNALS_TO_SURVIVORS: [(Duration, &str); 2] =
    [(Duration::from_secs(3), "TERM"), (Duration::from_secs(6), "KILL")];
/// How long a server that was asked to end may take while we watch.
const PATIENCE_WITH_END: Duration = Duration::from_secs(2);
/// How long somebody else may come or go while we go.
const PATIENCE_AT_THE_DOOR: Duration = Duration::from_millis(700);
/// How long our own watch may take to finish what it is doing.
const PATIENCE_WITH_WATCH: Duration = Duration::from_secs(3);
/// How long a server may take to let us in or to refuse before we count it as not ready yet.
const PATIENCE_WITH_ANSWER: Duration = Duration::from_secs(2);
/// How often we look while waiting.
const STEP: Duration = Duration::from_millis(10);
/// How often we look after a server that should be running.
const WATCH: Duration = Duration::from_secs(1);
/// How long we wait after it could not be started.
const WATCH_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Our hold on the private server. While it lives, nobody stops the server.
#[derive(Debug)]
pub struct PrivateServer {
    shared: Arc<Shared>,
    watch: AbortOnDropHandle<()>,
    end_of_watch: CancellationToken,
}

#[derive(Debug)]
struct Shared {
    place: Place,
    postgres_bin: Option<PathBuf>,
    /// Held by one process while it starts or stops the server.
    starting: File,
    /// Shared by all processes that use the server.
    using: File,
}

impl PrivateServer {
    /// Starts the server under this `DATA_DIR`, or joins the one that runs there; until `end`, when what was begun is
    /// undone.
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
        let taken = end.run_until_cancelled(locks::take(&shared.starting, PATIENCE_WITH_OTHERS)).await;
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
        let end_of_watch = CancellationToken::new();
        let watch = AbortOnDropHandle::new(tokio::spawn(watch(shared.clone(), end_of_watch.clone())));
        Ok(Self { shared, watch, end_of_watch })
    }

    /// How to connect as the role that owns the database.
    pub fn owner(&self) -> PgConnectOptions {
        self.shared.options(cluster::OWNER)
    }

    /// How to connect as the role that serves.
    pub fn serving(&self) -> PgConnectOptions {
        self.shared.options(cluster::SERVING)
    }

    /// The user that the server lets in.
    pub fn user(&self) -> &ServerUser {
        &self.shared.place.user
    }

    /// Where everything lies.
    pub fn folder(&self) -> &Path {
        &self.shared.place.folder
    }

    /// Lets go of the server, and stops it if nobody else uses it. The last one to leave waits for its end.
    pub async fn close(self) -> Result<(), Error> {
        let Self { shared, mut watch, end_of_watch } = self;
        // The watch may be starting a server just now. It is not cut off but told to finish, or nobody would know of
        // that server.
        end_of_watch.cancel();
        let _ = timeout(PATIENCE_WITH_WATCH, &mut watch).await;
        drop(watch);
        let broken = |cause| Error::of_path(&shared.place.folder, &shared.place.user.name, cause);
        if !locks::take(&shared.starting, PATIENCE_AT_THE_DOOR).await.map_err(broken)? {
            // Somebody is coming or going at this moment; whoever leaves last stops the server.
            return Ok(());
        }
        let left = shared.leave().await;
        left.and(shared.starting.unlock()).map_err(broken)
    }
}

/// Looks after the server until `end`: one that was killed is started again, so that pages recover by themselves.
async fn watch(shared: Arc<Shared>, end: CancellationToken) {
    let cluster = shared.place.cluster();
    while end.run_until_cancelled(sleep(WATCH)).await.is_some() {
        if matches!(process::inside(&cluster).await, Inside::Server(_)) {
            continue;
        }
        let Some(taken) = end.run_until_cancelled(locks::take(&shared.starting, PATIENCE_WITH_OTHERS)).await else {
            return;
        };
        match taken {
            Ok(true) => {
                tracing::warn!("the private PostgreSQL is gone; it is started again");
                let started = shared.run(&end).await;
                // The lock is ours, so giving it back cannot fail in a way that we could mend.
                let _ = shared.starting.unlock();
                match started {
                    Ok(()) | Err(Error::Ended) => {}
                    Err(error) => {
                        tracing::error!(%error, "the private PostgreSQL could not be started again; trying again shortly");
                        end.run_until_cancelled(sleep(WATCH_AFTER_FAILURE)).await;
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

    /// Makes sure that the server runs and lets us in, or returns at `end`; a server that was started by then can be
    /// found and stopped. The start's lock must be held.
    async fn run(&self, end: &CancellationToken) -> Result<(), Error> {
        let cluster = self.place.cluster();
        let mut since = Instant::now();
        let mut signals = SIGNALS_TO_SURVIVORS.iter().peekable();
        loop {
            if self.lets_us_in().await? {
                return Ok(());
            }
            let (time_limit, error) = match process::inside(&cluster).await {
                Inside::Nobody => break,
                Inside::Server(_) => (PATIENCE_WITH_RECOVERY, self.place.failure("it runs, but it lets nobody in")),
                Inside::Survivor(pid) => {
                    if let Some((_, signal)) = signals.next_if(|(after, _)| since.elapsed() >= *after) {
                        tracing::warn!(pid, signal, "a process of an earlier PostgreSQL still works; it is ended");
                        // One that has gone meanwhile takes no signal; any other is named in the end.
                        let _ = process::signal_survivors(&cluster, &self.place.user, signal).await;
                    }
                    (PATIENCE_WITH_SURVIVORS, Error::Survivor { pid, folder: cluster.display().to_string() })
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
        // Looking for programs and making a cluster took a while.
        pause(end).await?;
        self.place.turn_log();
        let log_start = self.place.log_end();
        let mut server = cluster::start(&self.place, &binaries)?;
        since = Instant::now();
        let waited = self.wait_for(&mut server, since, log_start, end).await;
        if let Err(Error::Ended) = waited {
            self.let_it_be_found(&mut server).await;
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
        let mut said = false;
        loop {
            if self.lets_us_in().await? {
                return Ok(());
            }
            if !matches!(server.try_wait(), Ok(None)) {
                return Err(self.place.failure(&self.place.log_since(log_start)));
            }
            if since.elapsed() > PATIENCE_WITH_RECOVERY {
                return Err(self.place.failure("it takes longer than five minutes; it goes on by itself"));
            }
            if !said && since.elapsed() > Duration::from_secs(3) {
                said = true;
                tracing::info!("the private PostgreSQL recovers from a crash; this can take a moment");
            }
            pause(end).await?;
        }
    }

    /// Waits until a server that was just started has gone into its cluster and noted its number there: before, nobody
    /// would find it who wants to stop it.
    async fn let_it_be_found(&self, server: &mut Child) {
        let cluster = self.place.cluster();
        let since = Instant::now();
        while since.elapsed() < PATIENCE_WITH_END
            && matches!(server.try_wait(), Ok(None))
            && !matches!(process::inside(&cluster).await, Inside::Server(_))
        {
            sleep(STEP).await;
        }
    }

    /// Whether the server answers. What it refuses for good is an error; not being there, or not yet, is none.
    async fn lets_us_in(&self) -> Result<bool, Error> {
        // One that is stopped takes the connection and says nothing.
        let answer = timeout(PATIENCE_WITH_ANSWER, async {
            let connection = self.options(cluster::OWNER).connect().await?;
            // It has let us in, however it sees us off.
            let _ = connection.close().await;
            Ok(())
        });
        match answer.await.unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()))) {
            Ok(()) => Ok(true),
            // 57P03: starting up or shutting down. 53300: full at the moment, so it runs.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("57P03") => Ok(false),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("53300") => Ok(true),
            Err(sqlx::Error::Io(_)) => Ok(false),
            Err(cause) => Err(Error::Refused { place: self.place.folder.display().to_string(), cause }),
        }
    }

    /// Lets go of the server, and stops it if nobody else uses it. The start's lock must be held.
    async fn leave(&self) -> io::Result<()> {
        self.using.unlock()?;
        if locks::take(&self.using, Duration::ZERO).await? { self.stop().await } else { Ok(()) }
    }

    /// Stops the server and waits for its end. Both locks must be held.
    async fn stop(&self) -> io::Result<()> {
        let cluster = self.place.cluster();
        let Inside::Server(pid) = process::inside(&cluster).await else { return Ok(()) };
        process::ask_to_end(pid).await?;
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE_WITH_END {
            if process::inside(&cluster).await == Inside::Nobody {
                return Ok(());
            }
            sleep(STEP).await;
        }
        tracing::warn!("the private PostgreSQL takes long to write everything down; it ends by itself");
        Ok(())
    }
}

/// A moment, unless the end was asked for.
async fn pause(end: &CancellationToken) -> Result<(), Error> {
    end.run_until_cancelled(sleep(STEP)).await.ok_or(Error::Ended)
}
