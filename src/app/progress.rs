//! How far a request has come: what its line in the log needs to know even if its handler never comes back, and the form
//! that it brought, for the page that gives it back.

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

/// Shared by the edge, the router and the request's body.
#[derive(Clone, Default)]
pub struct Progress(Arc<Reached>);

#[derive(Default)]
struct Reached {
    route: OnceLock<MatchedPath>,
    waits_for_body: AtomicBool,
    body: Mutex<Option<ReadBody>>,
}

/// The request's body, and what was read of it.
struct ReadBody {
    body: Incoming,
    read: Vec<u8>,
    /// So much may still be read and kept; `None` where nothing is kept, or there was more.
    room: Option<usize>,
}

impl Progress {
    /// The pattern of the route that the router found, if it found one.
    pub fn route(&self) -> Option<&MatchedPath> {
        self.0.route.get()
    }

    /// Whether the handler waits for more of the request's body: then it is the sender who is slow, and not we.
    pub fn waits_for_body(&self) -> bool {
        self.0.waits_for_body.load(Ordering::Relaxed)
    }

    /// The body, watched. An empty one needs no box around it, and nearly all requests have one. What is read of a body is
    /// kept as well, up to `keep` bytes, for [`Progress::whole_body`].
    pub fn watch(&self, body: Incoming, keep: Option<usize>) -> Body {
        let empty = body.is_end_stream();
        if !empty || keep.is_some() {
            *self.body() = Some(ReadBody { body, read: Vec::new(), room: keep });
        }
        if empty { Body::empty() } else { Body::new(Watched(self.clone())) }
    }

    /// The whole body, whatever part of it was read before; none if it was not to be kept, was too large, or breaks off.
    /// For after the handler.
    pub async fn whole_body(&self) -> Option<Vec<u8>> {
        let mut rest = Watched(self.clone());
        while let Some(frame) = poll_fn(|context| Pin::new(&mut rest).poll_frame(context)).await {
            frame.ok()?;
            self.body().as_ref()?.room?;
        }
        let body = self.body().take()?;
        body.room.map(|_| body.read)
    }

    fn body(&self) -> MutexGuard<'_, Option<ReadBody>> {
        self.0.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes the route that the router has found, before its handler runs.
pub async fn note_route(request: Request) -> Request {
    let extensions = request.extensions();
    if let (Some(progress), Some(route)) = (extensions.get::<Progress>(), extensions.get::<MatchedPath>()) {
        // A route is found once.
        let _ = progress.0.route.set(route.clone());
    }
    request
}

struct Watched(Progress);

impl ReadBody {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let (Poll::Ready(Some(Ok(frame))), Some(room)) = (&polled, self.room) {
            let data = frame.data_ref().map_or(&[][..], |data| data);
            self.room = room.checked_sub(data.len());
            match self.room {
                Some(_) => self.read.extend_from_slice(data),
                None => self.read = Vec::new(),
            }
        }
        polled
    }
}

impl HttpBody for Watched {
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
