//! Large forms take turns. In the page that shows a form again it stands several times over, for as long as its sender
//! takes to read it: so only so many are in memory at once. Whoever is signed in takes turns with others who are, and never
//! waits for strangers, however many and however slow. One network's strangers share a few places, and leave the others'
//! alone.

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

use super::{AppError, Result, Visitor};

/// A form that is larger than this takes a turn.
const LARGE: usize = 32 * 1024;
/// So many forms of people who are signed in at once; no honest crowd comes near it.
const AT_ONCE: usize = 64;
/// So many groups of networks, and so many forms of strangers at once in each.
const GROUPS: usize = 16;
const AT_ONCE_IN_GROUP: usize = 4;
/// One more waits this long for its turn.
const WAITS: Duration = Duration::from_secs(5);

/// The turns of one process.
#[derive(Clone, Debug)]
pub struct LargeForms {
    signed_in: Arc<Semaphore>,
    /// For each group of networks.
    strangers: Arc<[Arc<Semaphore>]>,
}

/// The turn of one request. It is taken before the form is read, which is after the route's guard, and lasts until its
/// answer is read.
#[derive(Clone, Debug)]
pub struct Turn {
    signed_in: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    taken: Arc<OnceLock<OwnedSemaphorePermit>>,
}

impl Default for LargeForms {
    fn default() -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self { signed_in: places(AT_ONCE), strangers: (0..GROUPS).map(|_| places(AT_ONCE_IN_GROUP)).collect() }
    }
}

impl LargeForms {
    /// The turn that this visitor's request with these headers has to take, if it may bring a large form.
    pub fn turn(&self, visitor: Visitor, headers: &HeaderMap) -> Option<Turn> {
        let is_large = announced_length(headers) > LARGE || headers.contains_key(header::TRANSFER_ENCODING);
        is_large.then(|| {
            let mut hasher = DefaultHasher::new();
            visitor.network().hash(&mut hasher);
            let group = usize::from(hasher.finish().to_le_bytes()[0]) % GROUPS;
            Turn { signed_in: self.signed_in.clone(), strangers: self.strangers[group].clone(), taken: Arc::default() }
        })
    }
}

impl Turn {
    /// Waits for the turn, unless this request has taken it already.
    pub async fn take(&self, is_signed_in: bool) -> Result<()> {
        if self.taken.get().is_some() {
            return Ok(());
        }
        let turns = if is_signed_in { &self.signed_in } else { &self.strangers };
        let turn = timeout(WAITS, turns.clone().acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(AppError::TooMany { retry_after: 5 })?;
        // Nobody else takes the turn of the same request meanwhile.
        let _ = self.taken.set(turn);
        Ok(())
    }

    /// The answer, which keeps the turn for as long as it is read.
    pub fn lasts_with(self, answer: Response) -> Response {
        if self.taken.get().is_none() {
            return answer;
        }
        answer.map(|body| {
            Body::new(body.map_frame(move |frame| {
                let _until_then = &self;
                frame
            }))
        })
    }
}

/// How long the request's body is, as its sender says.
pub fn announced_length(headers: &HeaderMap) -> usize {
    let text = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}
