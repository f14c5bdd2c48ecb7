//! Limits how many large forms are in memory at once. A page that shows a form again contains it several times over,
//! and stays in memory until the visitor has read it. People who are signed in have a limit of their own, so they never
//! wait for anonymous visitors. Anonymous visitors are divided into groups by network, so one network cannot block the
//! others.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::Body,
    http::{HeaderMap, header},
    response::Response,
};
use http_body_util::BodyExt;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{AppError, Result, Visitor, multipart::is_multipart};

/// A form larger than this many bytes needs a permit.
const LARGE: usize = 32 * 1024;
/// The number of permits for people who are signed in. Honest use comes nowhere near it.
const SIGNED_IN_PERMITS: usize = 64;
/// The number of permits for people who are signed in and send a file, which is much larger than any text.
const UPLOAD_PERMITS: usize = 8;
/// The number of groups into which anonymous visitors' networks are divided.
const GROUPS: usize = 16;
/// The number of permits for each group.
const GROUP_PERMITS: usize = 4;
/// How long a form waits for a permit before it is refused.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(5);

/// The permits of one process.
#[derive(Clone, Debug)]
pub struct LargeFormLimiter {
    signed_in: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    /// One semaphore for each group of networks.
    anonymous: Arc<[Arc<Semaphore>]>,
}

/// The permit that a request with a large form needs. It is acquired before the form is read, which is after the
/// route's guard, and held until the visitor has read the response.
#[derive(Clone, Debug)]
pub struct LargeFormPermit {
    signed_in: Arc<Semaphore>,
    anonymous: Arc<Semaphore>,
    acquired: Arc<OnceLock<OwnedSemaphorePermit>>,
}

impl Default for LargeFormLimiter {
    fn default() -> Self {
        let permits = |count| Arc::new(Semaphore::new(count));
        Self {
            signed_in: permits(SIGNED_IN_PERMITS),
            uploads: permits(UPLOAD_PERMITS),
            anonymous: (0..GROUPS).map(|_| permits(GROUP_PERMITS)).collect(),
        }
    }
}

impl LargeFormLimiter {
    /// Returns the permit to acquire for a request of this visitor with these headers, if its form may be large.
    pub fn permit_for(&self, visitor: Visitor, headers: &HeaderMap) -> Option<LargeFormPermit> {
        let is_large = announced_length(headers) > LARGE || headers.contains_key(header::TRANSFER_ENCODING);
        is_large.then(|| {
            let mut hasher = DefaultHasher::new();
            visitor.network().hash(&mut hasher);
            let group = usize::from(hasher.finish().to_le_bytes()[0]) % GROUPS;
            let signed_in = if is_multipart(headers) { &self.uploads } else { &self.signed_in };
            let (signed_in, anonymous) = (signed_in.clone(), self.anonymous[group].clone());
            LargeFormPermit { signed_in, anonymous, acquired: Arc::default() }
        })
    }
}

impl LargeFormPermit {
    /// Waits for the permit, unless this request holds it already.
    pub async fn acquire(&self, is_signed_in: bool) -> Result<()> {
        if self.acquired.get().is_some() {
            return Ok(());
        }
        let semaphore = if is_signed_in { &self.signed_in } else { &self.anonymous };
        let permit = timeout(PERMIT_TIMEOUT, semaphore.clone().acquire_owned()).await;
        let permit = permit.ok().and_then(Result::ok).ok_or(AppError::TooMany { retry_after: 5 })?;
        // It cannot be set already: a request acquires its permit in one place at a time.
        let _ = self.acquired.set(permit);
        Ok(())
    }

    /// Attaches the permit to the response, so that it is released when the response has been sent.
    pub fn hold_until_sent(self, answer: Response) -> Response {
        if self.acquired.get().is_none() {
            return answer;
        }
        answer.map(|body| {
            Body::new(body.map_frame(move |frame| {
                let _held_by_the_body = &self;
                frame
            }))
        })
    }
}

/// Returns the length of the body in bytes as announced in `Content-Length`, or 0 without that header.
pub fn announced_length(headers: &HeaderMap) -> usize {
    let text = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}
