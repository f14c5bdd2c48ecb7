//! Tracks how far a request has come. The log needs its route even if its handler hangs, and the error page needs the
//! form that it carried, to give the form back to its sender.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{MatchedPath, Request},
};
use hyper::body::{Frame, Incoming, SizeHint};

/// The progress of one request, shared by the edge, the router and the request's body.
#[derive(Clone, Default)]
pub struct Progress(Arc<State>);

#[derive(Default)]
struct State {
    route: OnceLock<MatchedPath>,
    waits_for_body: AtomicBool,
    body: Mutex<Option<RecordedBody>>,
}

/// The request's body, with a copy of the bytes that have been read from it.
struct RecordedBody {
    body: Incoming,
    read: Vec<u8>,
    /// How many more bytes may be copied. `None` if the body is not to be copied, or was larger than allowed.
    remaining: Option<usize>,
    /// Whether the beginning of a larger body is worth keeping.
    keeps_start: bool,
}

/// How much of a body is to be copied.
#[derive(Clone, Copy, Debug)]
pub struct Copied {
    /// The largest number of bytes.
    pub most: usize,
    /// Whether the beginning of a larger body is worth keeping. Otherwise nothing of it is.
    pub keeps_start: bool,
}

impl Progress {
    /// Returns the pattern of the route, if the router has found one.
    pub fn route(&self) -> Option<&MatchedPath> {
        self.0.route.get()
    }

    /// Whether the handler is waiting for more of the request's body. Then the sender is slow, not the server.
    pub fn waits_for_body(&self) -> bool {
        self.0.waits_for_body.load(Ordering::Relaxed)
    }

    /// Wraps the body so that its progress can be followed, and copies so much of it for [`Progress::whole_body`]. Nearly all
    /// requests have an empty body, which needs no wrapper.
    pub fn watch(&self, body: Incoming, copied: Option<Copied>) -> Body {
        let empty = body.is_end_stream();
        if !empty || copied.is_some() {
            let keeps_start = copied.is_some_and(|copied| copied.keeps_start);
            let remaining = copied.map(|copied| copied.most);
            *self.body() = Some(RecordedBody { body, read: Vec::new(), remaining, keeps_start });
        }
        if empty { Body::empty() } else { Body::new(WatchedBody(self.clone())) }
    }

    /// Reads the rest of the body and returns all of it, or its beginning if that was asked for. Returns `None` if the body is
    /// not to be copied, is too large or breaks off. Call it only after the handler has ended.
    pub async fn whole_body(&self) -> Option<Vec<u8>> {
        let mut rest = WatchedBody(self.clone());
        while let Some(frame) = poll_fn(|context| Pin::new(&mut rest).poll_frame(context)).await {
            frame.ok()?;
            self.body().as_ref()?.remaining?;
        }
        let body = self.body().take()?;
        body.remaining.map(|_| body.read)
    }

    fn body(&self) -> MutexGuard<'_, Option<RecordedBody>> {
        self.0.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records the route that the router has found, before its handler runs.
pub async fn record_route(request: Request) -> Request {
    let extensions = request.extensions();
    if let (Some(progress), Some(route)) = (extensions.get::<Progress>(), extensions.get::<MatchedPath>()) {
        // It cannot be set already: the router finds a route once for each request.
        let _ = progress.0.route.set(route.clone());
    }
    request
}

struct WatchedBody(Progress);

impl RecordedBody {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let (Poll::Ready(Some(Ok(frame))), Some(remaining)) = (&polled, self.remaining) {
            let data = frame.data_ref().map_or(&[][..], |data| data);
            self.remaining = remaining.checked_sub(data.len());
            match self.remaining {
                Some(_) => self.read.extend_from_slice(data),
                None if self.keeps_start => {
                    self.read.extend_from_slice(&data[..remaining]);
                    self.remaining = Some(0);
                }
                None => self.read = Vec::new(),
            }
        }
        polled
    }
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = self.0.body().as_mut().map_or(Poll::Ready(None), |body| body.poll_frame(context));
        self.0.0.waits_for_body.store(polled.is_pending(), Ordering::Relaxed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.0.body().as_ref().is_none_or(|body| body.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.0.body().as_ref().map_or_else(SizeHint::default, |body| body.body.size_hint())
    }
}
