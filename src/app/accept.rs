//! Accepts connections and serves them until the server stops.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
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
    io::AsyncWrite,
    net::{TcpListener, TcpSocket, TcpStream},
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutWriter;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    connections::{ConnectionLimiter, ConnectionPermit},
    edge::Edge,
};

/// The longest time between two requests on a connection, and for sending one request's headers.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(20);
/// A connection is closed when the visitor reads nothing of a pending response for this long.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How many connections the system queues until they are accepted.
const BACKLOG: u32 = 1024;
/// How long idle connections stay open after the stop signal. A proxy may have a request on its way, and that request
/// would be lost on a closed connection. Responses sent in this time carry `Connection: close`.
const LINGER: Duration = Duration::from_secs(1);
/// How long requests in progress may take after the stop signal.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// A socket that is bound to its address but does not accept connections yet.
#[derive(Debug)]
pub struct BoundSocket(TcpSocket);

impl BoundSocket {
    /// Binds the address. The server does this first, so that an address in use stops the start before anything else
    /// runs.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(Self(socket))
    }

    /// Returns the bound address, with the port that the system chose if port 0 was asked for.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Starts to queue connections.
    pub fn listen(self) -> io::Result<TcpListener> {
        self.0.listen(BACKLOG)
    }
}

/// Serves all listeners until `stop`. Then accepts the connections that are still queued, finishes the requests in
/// progress and returns.
pub async fn serve(
    listeners: Vec<TcpListener>,
    edge: Arc<Edge>,
    limiter: Arc<ConnectionLimiter>,
    stop: CancellationToken,
) {
    let connections = TaskTracker::new();
    let loops = listeners.into_iter().map(|listener| {
        let (edge, connections, limiter, stop) = (edge.clone(), connections.clone(), limiter.clone(), stop.clone());
        tokio::spawn(async move {
            accept(&listener, &edge, &connections, &limiter, &stop).await;
            // These visitors are connected already; closing the listener would cut them off.
            for (stream, peer) in queued_connections(listener) {
                connections.spawn(connection(stream, peer, edge.clone(), stop.clone(), None));
            }
        })
    });
    for accepting in loops.collect::<Vec<_>>() {
        // An error means that the loop panicked; there is nothing left to wait for.
        let _ = accepting.await;
    }
    connections.close();
    if timeout(SHUTDOWN_TIMEOUT, connections.wait()).await.is_err() {
        tracing::warn!("{} connections did not finish in time and were closed", connections.len());
    }
}

/// Accepts connections until `stop`. A connection that still waits for its permit at that moment is served without one.
async fn accept(
    listener: &TcpListener,
    edge: &Arc<Edge>,
    connections: &TaskTracker,
    limiter: &Arc<ConnectionLimiter>,
    stop: &CancellationToken,
) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                let permit = stop.run_until_cancelled(limiter.acquire(peer)).await;
                connections.spawn(connection(stream, peer, edge.clone(), stop.clone(), permit));
            }
            Err(error) => {
                // The process has no file left, or the visitor has closed the connection. Both pass.
                tracing::debug!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// Returns the connections that are still queued, then closes the listener.
fn queued_connections(listener: TcpListener) -> impl Iterator<Item = (TcpStream, SocketAddr)> {
    let listener = listener.into_std().ok();
    std::iter::from_fn(move || {
        let (stream, peer) = listener.as_ref()?.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, peer))
    })
}

/// Returns a stream on which writing fails once the visitor has read nothing for this long. So nobody can use up the
/// server's memory and connections by never reading.
fn with_write_timeout<S: AsyncWrite>(stream: S, time_limit: Duration) -> Pin<Box<TimeoutWriter<S>>> {
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(time_limit));
    Box::pin(stream)
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    edge: Arc<Edge>,
    stop: CancellationToken,
    permit: Option<ConnectionPermit>,
) {
    // Responses are written in one piece, so Nagle's algorithm would only delay them. The call fails if the connection
    // is already closed, which the next read reports.
    let _ = stream.set_nodelay(true);
    let activity = &*permit.as_ref().map(ConnectionPermit::activity).unwrap_or_default();
    let (edge, has_request, stop) = (&*edge, &AtomicBool::new(false), &stop);
    let service = service_fn(move |request| async move {
        has_request.store(true, Ordering::Relaxed);
        activity.request_started();
        let mut response = edge.answer(peer, request).await;
        activity.response_started(response.body().size_hint().exact());
        if stop.is_cancelled() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok::<_, Infallible>(response)
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_READ_TIMEOUT)
            .max_buf_size(64 * 1024)
            .serve_connection(TokioIo::new(with_write_timeout(stream, WRITE_TIMEOUT)), service)
    );
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = activity.evicted() => return,
        () = stop.cancelled() => match timeout(LINGER, connection.as_mut()).await {
            Ok(ended) => ended,
            // The connection never carried a request: browsers open some in advance.
            Err(_) if !has_request.load(Ordering::Relaxed) => return,
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn a_visitor_who_stops_reading_is_cut_off_and_a_slow_one_is_not() {
        let (time_limit, (ours, mut theirs)) = (Duration::from_millis(400), duplex(8));
        let mut stream = with_write_timeout(ours, time_limit);
        stream.write_all(b"12345678").await.expect("room");
        let reads_late = tokio::spawn(async move {
            sleep(time_limit / 4).await;
            theirs.read_exact(&mut [0; 8]).await.expect("eight bytes");
            theirs
        });
        stream.write_all(b"12345678").await.expect("room after a while");
        let _theirs = reads_late.await.expect("it reads");
        assert_eq!(stream.write_all(b"1").await.expect_err("nobody reads").kind(), io::ErrorKind::TimedOut);
    }
}
