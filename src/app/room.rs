//! Room for visitors' connections. When it is used up and somebody comes, the address that holds most connections loses one:
//! the one that has been idle for longest, else the one whose request takes longest. So nobody can keep others out by holding
//! connections, while a hall full of phones behind one address goes on: a browser opens a lost idle connection again.

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

/// Files and database connections that the process needs beside its visitors' connections.
const OTHER_FILES: usize = 128;
/// As many files suffice for as many visitors as we ever serve at once.
const MANY_FILES: u64 = 65_536;
/// A connection that is idle for less may have a request on its way.
const IDLE: Duration = Duration::from_secs(1);
/// A request that takes longer is a slow one.
const SLOW: Duration = Duration::from_secs(5);
/// How often it is tried again to make room.
const STEP: Duration = Duration::from_millis(100);
/// An answer of at most this length is the system's to deliver as soon as it is written.
const SHORT: u64 = 64 * 1024;

/// The room of one process.
pub struct Room {
    free: Arc<Semaphore>,
    /// Proxies, which bring connections of many visitors.
    trusted: Vec<IpNet>,
    started: Instant,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    /// The connections of each network, by numbers of their own.
    networks: HashMap<String, HashMap<u64, Arc<Activity>>>,
    last: u64,
}

/// The place of one connection, given back when it is dropped.
pub struct Place {
    room: Arc<Room>,
    network: String,
    number: u64,
    activity: Arc<Activity>,
    _free: OwnedSemaphorePermit,
}

/// What a connection is doing.
#[derive(Default)]
pub struct Activity {
    /// The room's start.
    started: Option<Instant>,
    /// Since when, in milliseconds from then.
    since: AtomicU64,
    is_busy: AtomicBool,
    lost: CancellationToken,
}

impl Room {
    /// Room for so many connections. Trusted proxies lose none.
    pub fn new(most: usize, trusted: Vec<IpNet>) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(most));
        Arc::new(Self { free, trusted, started: Instant::now(), open: Mutex::default() })
    }

    /// A place for a connection from this peer, as soon as there is one.
    pub async fn place(self: &Arc<Self>, peer: SocketAddr) -> Place {
        let free = match self.free.clone().try_acquire_owned() {
            Ok(free) => free,
            Err(_) => self.make_room().await,
        };
        let activity = Arc::new(Activity { started: Some(self.started), ..Activity::default() });
        activity.note(false);
        let peer = peer.ip().to_canonical();
        let network = Visitor(peer).network();
        let mut open = self.open();
        open.last += 1;
        let number = open.last;
        if !self.trusted.iter().any(|trusted| trusted.contains(&peer)) {
            open.networks.entry(network.clone()).or_default().insert(number, activity.clone());
        }
        drop(open);
        Place { room: self.clone(), network, number, activity, _free: free }
    }

    async fn make_room(&self) -> OwnedSemaphorePermit {
        loop {
            if let Some(lost) = self.open().take_one(self.started) {
                tracing::debug!("a connection is closed to make room");
                lost.lost.cancel();
            }
            if let Ok(Ok(free)) = timeout(STEP, self.free.clone().acquire_owned()).await {
                return free;
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Takes out the connection that has to go, if any may.
    fn take_one(&mut self, started: Instant) -> Option<Arc<Activity>> {
        let now = milliseconds(started.elapsed());
        let mut largest: BinaryHeap<_> =
            self.networks.iter().map(|(network, connections)| (connections.len(), network)).collect();
        let (network, number) = std::iter::from_fn(|| largest.pop())
            .find_map(|(_, network)| Some((network.clone(), dispensable(&self.networks[network], now)?)))?;
        self.take(&network, number)
    }

    fn take(&mut self, network: &str, number: u64) -> Option<Arc<Activity>> {
        let connections = self.networks.get_mut(network)?;
        let taken = connections.remove(&number);
        if connections.is_empty() {
            self.networks.remove(network);
        }
        taken
    }
}

/// The connection that one network can best do without: idle for longest, else busy with one request for longest.
fn dispensable(connections: &HashMap<u64, Arc<Activity>>, now: u64) -> Option<u64> {
    let longest = |is_busy: bool, at_least: Duration| {
        let since = |activity: &Activity| activity.since.load(Ordering::Relaxed);
        let fitting = connections.iter().filter(|(_, activity)| activity.is_busy.load(Ordering::Relaxed) == is_busy);
        let old = fitting.filter(|(_, activity)| since(activity) + milliseconds(at_least) <= now);
        old.min_by_key(|(_, activity)| since(activity)).map(|(number, _)| *number)
    };
    longest(false, IDLE).or_else(|| longest(true, SLOW))
}

impl Place {
    /// What the connection is doing.
    pub fn activity(&self) -> Arc<Activity> {
        self.activity.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.open().take(&self.network, self.number);
    }
}

impl Activity {
    /// A request has begun.
    pub fn begins(&self) {
        self.note(true);
    }

    /// The answer is being written; it has this length, if that is known.
    pub fn answers(&self, length: Option<u64>) {
        self.note(length.is_none_or(|length| length > SHORT));
    }

    /// Waits until the connection has to go.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    fn note(&self, is_busy: bool) {
        let Some(started) = self.started else { return };
        self.since.store(milliseconds(started.elapsed()), Ordering::Relaxed);
        self.is_busy.store(is_busy, Ordering::Relaxed);
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Lets this process open many files, as far as the system lets its user. How many it became, [`most_files`] says.
pub fn raise_most_files() {
    // What cannot be raised is said by the start where it is too little.
    let _ = rlimit::increase_nofile_limit(MANY_FILES);
}

/// How many files the system lets this process open. This can only be told on Linux without running another program.
pub fn most_files() -> Option<usize> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let limit = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next())?;
    if limit == "unlimited" { Some(usize::MAX) } else { limit.parse().ok() }
}

/// As many visitors' connections as the system lets us have files, less those we need ourselves.
pub fn most_connections() -> usize {
    most_files().unwrap_or(1024).saturating_sub(OTHER_FILES).clamp(64, 20_000)
}
