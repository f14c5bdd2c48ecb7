//! Taking connections and serving them, until told to stop.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    body::HttpBody,
    http::{HeaderValue, header},
};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    edge::Edge,
    room::{Place, Room},
    write_timeout::WriteTimeout,
};

/// How long a connection may rest between requests, or take to send a request's headers.
const HEADERS_TIME: Duration = Duration::from_secs(20);
/// How long a visitor may take nothing of an answer that waits for them.
const READING_TIME: Duration = Duration::from_secs(30);
/// Connections waiting to be taken.
const BACKLOG: u32 = 1024;
/// After a stop was asked for, idle connections are answered for this much longer, with word that the answer is the last on
/// its connection. A proxy may be sending a request at this very moment, and one that meets a closed connection is lost.
const LINGER: Duration = Duration::from_secs(1);
/// After a stop was asked for, requests in hand get this long.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// An address that is ours, but does not take connections yet.
#[derive(Debug)]
pub struct Reserved(TcpSocket);

impl Reserved {
    /// Takes the address, or says why not: before anything else is started.
    pub fn address(address: SocketAddr) -> io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(Self(socket))
    }

    /// The address with its real port.
    pub fn local(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// From now on, connections wait to be taken.
    pub fn listen(self) -> io::Result<TcpListener> {
        self.0.listen(BACKLOG)
    }
}

/// Serves all listeners until `stop`; then takes the connections that wait in the backlog, finishes the requests in hand and
/// returns.
pub async fn serve(listeners: Vec<TcpListener>, edge: Arc<Edge>, room: Arc<Room>, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let loops = listeners.into_iter().map(|listener| {
        let (edge, connections, room, stop) = (edge.clone(), connections.clone(), room.clone(), stop.clone());
        tokio::spawn(async move {
            accept(&listener, &edge, &connections, &room, &stop).await;
            // Whoever is in the backlog has connected already, and would be cut off with the listener.
            for (stream, peer) in backlog(listener) {
                connections.spawn(connection(stream, peer, edge.clone(), stop.clone(), None));
            }
        })
    });
    for accepting in loops.collect::<Vec<_>>() {
        // A loop that panicked has nothing left to finish.
        let _ = accepting.await;
    }
    connections.close();
    if timeout(TIME_LIMIT, connections.wait()).await.is_err() {
        tracing::warn!("{} connections were not finished in time and are cut off", connections.len());
    }
}

/// Takes connections until `stop`. One that was taken is served, also where it waits for its place then.
async fn accept(
    listener: &TcpListener,
    edge: &Arc<Edge>,
    connections: &TaskTracker,
    room: &Arc<Room>,
    stop: &CancellationToken,
) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                let place = stop.run_until_cancelled(room.place(peer)).await;
                connections.spawn(connection(stream, peer, edge.clone(), stop.clone(), place));
            }
            Err(error) => {
                // Out of files, or the visitor was gone before we came: both pass.
                tracing::debug!(%error, "a connection could not be taken");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// The connections that wait to be taken, until there are none; then the listener is closed.
fn backlog(listener: TcpListener) -> impl Iterator<Item = (TcpStream, SocketAddr)> {
    let listener = listener.into_std().ok();
    std::iter::from_fn(move || {
        let (stream, peer) = listener.as_ref()?.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, peer))
    })
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    edge: Arc<Edge>,
    stop: CancellationToken,
    place: Option<Place>,
) {
    // Answers are written whole; waiting for more to send would only delay them. It fails on a connection that is gone.
    let _ = stream.set_nodelay(true);
    let activity = &*place.as_ref().map(Place::activity).unwrap_or_default();
    let (edge, begun, stop) = (&*edge, &AtomicBool::new(false), &stop);
    let service = service_fn(move |request| async move {
        begun.store(true, Ordering::Relaxed);
        activity.begins();
        let mut response = edge.answer(peer, request).await;
        activity.answers(response.body().size_hint().exact());
        if stop.is_cancelled() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok::<_, Infallible>(response)
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_TIME)
            .max_buf_size(64 * 1024)
            .serve_connection(WriteTimeout::new(TokioIo::new(stream), READING_TIME), service)
    );
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = activity.lost() => return,
        () = stop.cancelled() => match timeout(LINGER, connection.as_mut()).await {
            Ok(ended) => ended,
            // Browsers open connections in advance.
            Err(_) if !begun.load(Ordering::Relaxed) => return,
            Err(_) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
