//! How far a request has come: what its line in the log needs to know even if its handler never comes back.

use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
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

    /// The body, watched. An empty one needs no box around it, and nearly all requests have one.
    pub fn watch(&self, body: Incoming) -> Body {
        if body.is_end_stream() { Body::empty() } else { Body::new(Watched { body, progress: self.clone() }) }
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

struct Watched {
    body: Incoming,
    progress: Progress,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.progress.0.waits_for_body.store(polled.is_pending(), Ordering::Relaxed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
