//! Limits the number of open connections. When the limit is reached and a visitor connects, the network with the most
//! connections loses one: the one that has been idle longest or, if none is idle, the one with the slowest request. So
//! nobody can lock others out by holding connections open. A hall full of phones behind one address is not harmed,
//! because a browser simply reopens an idle connection that was closed.

use std::{
    collections::{BinaryHeap, HashMap},
    fs,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use ipnet::IpNet;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::web::Visitor;

/// How many files the process needs besides its visitors' connections: for the database, the log and so on.
const OTHER_FILES: usize = 128;
/// The limit on open files for which the start asks. It is enough for every visitor whom one process can serve.
const WANTED_FILES: u64 = 65_536;
/// A connection counts as idle after this time. Before, a request may be on its way.
const IDLE_AFTER: Duration = Duration::from_secs(1);
/// A request counts as slow after this time.
const SLOW_AFTER: Duration = Duration::from_secs(5);
/// The time between two attempts to free a connection.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);
/// A response of at most this many bytes fits into the system's send buffer, so the connection counts as idle once
/// it is written.
const SHORT_RESPONSE: u64 = 64 * 1024;

/// Limits the connections of one process.
pub struct ConnectionLimiter {
    free: Arc<Semaphore>,
    /// The trusted proxies. Their connections carry many visitors' requests and are never closed to make room.
    trusted: Vec<IpNet>,
    started: Instant,
    open: Mutex<OpenConnections>,
}

#[derive(Default)]
struct OpenConnections {
    /// The connections of each network, by their numbers.
    networks: HashMap<String, HashMap<u64, Arc<Activity>>>,
    last_number: u64,
}

/// Permission to hold one connection open. Dropping it frees the place for another connection.
pub struct ConnectionPermit {
    limiter: Arc<ConnectionLimiter>,
    network: String,
    number: u64,
    activity: Arc<Activity>,
    _free: OwnedSemaphorePermit,
}

/// Whether a connection is idle or busy, and since when.
#[derive(Default)]
pub struct Activity {
    /// When the limiter was created. `None` for a connection without a permit, whose activity is not tracked.
    started: Option<Instant>,
    /// When the current state began, in milliseconds after `started`.
    since: AtomicU64,
    is_busy: AtomicBool,
    evicted: CancellationToken,
}

impl ConnectionLimiter {
    /// Creates a limiter for at most `limit` connections. Those of trusted proxies are never closed to make room.
    pub fn new(limit: usize, trusted: Vec<IpNet>) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(limit));
        Arc::new(Self { free, trusted, started: Instant::now(), open: Mutex::default() })
    }

    /// Waits until another connection may be open, and returns the permit for this peer's.
    pub async fn acquire(self: &Arc<Self>, peer: SocketAddr) -> ConnectionPermit {
        let free = match self.free.clone().try_acquire_owned() {
            Ok(free) => free,
            Err(_) => self.evict_until_free().await,
        };
        let activity = Arc::new(Activity { started: Some(self.started), ..Activity::default() });
        activity.set_busy(false);
        let peer = peer.ip().to_canonical();
        let network = Visitor(peer).network();
        let mut open = self.open();
        open.last_number += 1;
        let number = open.last_number;
        if !self.trusted.iter().any(|trusted| trusted.contains(&peer)) {
            open.networks.entry(network.clone()).or_default().insert(number, activity.clone());
        }
        drop(open);
        ConnectionPermit { limiter: self.clone(), network, number, activity, _free: free }
    }

    async fn evict_until_free(&self) -> OwnedSemaphorePermit {
        loop {
            if let Some(evicted) = self.open().evict_one(self.started) {
                tracing::debug!("a connection is closed to make room");
                evicted.evicted.cancel();
            }
            if let Ok(Ok(free)) = timeout(RETRY_INTERVAL, self.free.clone().acquire_owned()).await {
                return free;
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, OpenConnections> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenConnections {
    /// Removes and returns the connection to close, if there is one that may be closed.
    fn evict_one(&mut self, started: Instant) -> Option<Arc<Activity>> {
        let now = milliseconds(started.elapsed());
        let mut largest: BinaryHeap<_> =
            self.networks.iter().map(|(network, connections)| (connections.len(), network)).collect();
        let (network, number) = std::iter::from_fn(|| largest.pop())
            .find_map(|(_, network)| Some((network.clone(), eviction_candidate(&self.networks[network], now)?)))?;
        self.remove(&network, number)
    }

    fn remove(&mut self, network: &str, number: u64) -> Option<Arc<Activity>> {
        let connections = self.networks.get_mut(network)?;
        let removed = connections.remove(&number);
        if connections.is_empty() {
            self.networks.remove(network);
        }
        removed
    }
}

/// Chooses the connection of one network that may be closed: the one idle longest, otherwise the one with the slowest
/// request.
fn eviction_candidate(connections: &HashMap<u64, Arc<Activity>>, now: u64) -> Option<u64> {
    let longest = |is_busy: bool, at_least: Duration| {
        let since = |activity: &Activity| activity.since.load(Ordering::Relaxed);
        let matching = connections.iter().filter(|(_, activity)| activity.is_busy.load(Ordering::Relaxed) == is_busy);
        let old = matching.filter(|(_, activity)| since(activity) + milliseconds(at_least) <= now);
        old.min_by_key(|(_, activity)| since(activity)).map(|(number, _)| *number)
    };
    longest(false, IDLE_AFTER).or_else(|| longest(true, SLOW_AFTER))
}

impl ConnectionPermit {
    /// Returns the connection's activity, which the connection reports and the limiter reads.
    pub fn activity(&self) -> Arc<Activity> {
        self.activity.clone()
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.limiter.open().remove(&self.network, self.number);
    }
}

impl Activity {
    /// Records that a request has begun.
    pub fn request_started(&self) {
        self.set_busy(true);
    }

    /// Records that the response is being written. `length` is its size in bytes, if known.
    pub fn response_started(&self, length: Option<u64>) {
        self.set_busy(length.is_none_or(|length| length > SHORT_RESPONSE));
    }

    /// Waits until the limiter asks for the connection to be closed.
    pub async fn evicted(&self) {
        self.evicted.cancelled().await;
    }

    fn set_busy(&self, is_busy: bool) {
        let Some(started) = self.started else { return };
        self.since.store(milliseconds(started.elapsed()), Ordering::Relaxed);
        self.is_busy.store(is_busy, Ordering::Relaxed);
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Raises the limit on open files as far as the system allows this user. [`most_files`] returns the new limit.
pub fn raise_most_files() {
    // If this fails and the limit is too low, the start says so.
    let _ = rlimit::increase_nofile_limit(WANTED_FILES);
}

/// Returns how many files this process may open, or `None` on systems other than Linux, where finding out needs another
/// program.
pub fn most_files() -> Option<usize> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let limit = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next())?;
    if limit == "unlimited" { Some(usize::MAX) } else { limit.parse().ok() }
}

/// Returns how many visitors' connections may be open: the limit on open files less `OTHER_FILES`, between 64 and
/// 20,000.
pub fn most_connections() -> usize {
    most_files().unwrap_or(1024).saturating_sub(OTHER_FILES).clamp(64, 20_000)
}
