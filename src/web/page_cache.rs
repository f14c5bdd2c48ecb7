//! Public pages, rendered once per change and kept with their compressed forms.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, OnceLock, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    body::{Body, Bytes},
    extract::MatchedPath,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{AppError, Result, encoding::Encoding};

/// What a kept page is made of.
pub const HTML: &str = "text/html; charset=utf-8";

/// The pages as last rendered, by their path and known filters, each with the publication's number it was rendered
/// under. While the database is away the number stands still, and what is kept is still served.
#[derive(Default)]
pub struct PageCache {
    pub(super) version: AtomicI64,
    pub(super) pages: RwLock<HashMap<String, Arc<KeptPage>>>,
    /// One is held while a page is rendered, so that a hundred visitors after a change cause one rendering and not a
    /// hundred. Pages share them by their keys' hashes.
    rendering: [tokio::sync::Mutex<()>; 16],
}

/// A page's text, and until when it is true.
pub struct Rendered {
    text: String,
    good_until: Option<OffsetDateTime>,
}

/// A page that is kept. It goes along with its answer too, so that the edge can note on it which route it belongs to.
#[derive(Clone)]
pub struct Kept(pub(super) Arc<KeptPage>);

/// One page in all its forms.
pub(super) struct KeptPage {
    pub(super) version: i64,
    /// The pattern of its route, for the log: pages are answered from here without asking the router.
    pub(super) route: OnceLock<MatchedPath>,
    pub(super) good_until: Option<OffsetDateTime>,
    plain: Form,
    gzip: Form,
    brotli: Form,
}

/// One form with everything an answer needs, ready to be handed out.
struct Form {
    bytes: Bytes,
    etag: HeaderValue,
    headers: HeaderMap,
    unchanged: HeaderMap,
}

impl From<String> for Rendered {
    fn from(text: String) -> Self {
        Self { text, good_until: None }
    }
}

impl Rendered {
    /// The same, to be rendered anew from that instant on, if there is one.
    pub fn until(mut self, instant: Option<OffsetDateTime>) -> Self {
        self.good_until = instant;
        self
    }
}

impl PageCache {
    /// From now on, only what is rendered under this number is good.
    pub fn publish(&self, version: i64) {
        self.version.store(version, Ordering::Release);
    }

    pub(super) fn rendering_of(&self, key: &str) -> &tokio::sync::Mutex<()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        &self.rendering[usize::from(hasher.finish().to_le_bytes()[0]) % self.rendering.len()]
    }

    pub(super) fn find(&self, key: &str) -> Option<Arc<KeptPage>> {
        self.pages.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

impl Kept {
    /// The answer to this request.
    pub fn answer(&self, request: &HeaderMap) -> Response {
        self.0.answer(request)
    }

    /// The answer, with the page itself.
    pub(super) fn goes_along(self, request: &HeaderMap) -> Response {
        let mut response = self.0.answer(request);
        response.extensions_mut().insert(self);
        response
    }

    /// Notes the route that the page was asked for by.
    pub fn belongs_to(&self, route: &MatchedPath) {
        // An address has one route: who was first has noted the same.
        let _ = self.0.route.set(route.clone());
    }

    /// The pattern of its route, as far as it is noted yet.
    pub fn route(&self) -> &str {
        self.0.route.get().map_or("kept", MatchedPath::as_str)
    }
}

impl KeptPage {
    pub(super) fn new(
        version: i64,
        content_type: &'static str,
        rendered: Rendered,
        security: &HeaderMap,
    ) -> Result<Self> {
        let Rendered { text, good_until } = rendered;
        let gzip = Encoding::Gzip.encode(text.as_bytes(), 9).map_err(AppError::internal)?;
        let brotli = Encoding::Brotli.encode(text.as_bytes(), 9).map_err(AppError::internal)?;
        let hash = BASE64URL_NOPAD.encode(&Sha256::digest(text.as_bytes())[..12]);
        Ok(Self {
            version,
            route: OnceLock::new(),
            good_until,
            gzip: Form::new(gzip, Encoding::Gzip, &hash, content_type, security)?,
            brotli: Form::new(brotli, Encoding::Brotli, &hash, content_type, security)?,
            plain: Form::new(text.into_bytes(), Encoding::Plain, &hash, content_type, security)?,
        })
    }

    fn answer(&self, request: &HeaderMap) -> Response {
        let form = match Encoding::of(request) {
            Encoding::Brotli => &self.brotli,
            Encoding::Gzip => &self.gzip,
            Encoding::Plain => &self.plain,
        };
        let known = request.get_all(header::IF_NONE_MATCH).iter().any(|tags| form.is(tags));
        let body = if known { Body::empty() } else { Body::from(form.bytes.clone()) };
        let mut response = Response::new(body);
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        *response.headers_mut() = if known { form.unchanged.clone() } else { form.headers.clone() };
        response
    }
}

impl Form {
    fn new(
        bytes: Vec<u8>,
        encoding: Encoding,
        hash: &str,
        content_type: &'static str,
        security: &HeaderMap,
    ) -> Result<Self> {
        let tag = match encoding.word() {
            Some(word) => format!("\"{hash}-{word}\""),
            None => format!("\"{hash}\""),
        };
        let etag = HeaderValue::try_from(tag).map_err(AppError::internal)?;
        // Browsers may keep the page but ask each time whether it is still the one.
        let mut unchanged = security.clone();
        unchanged.insert(header::ETAG, etag.clone());
        unchanged.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        unchanged.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let mut headers = unchanged.clone();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Some(word) = encoding.word() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(word));
        }
        Ok(Self { bytes: bytes.into(), etag, headers, unchanged })
    }

    /// Whether `If-None-Match` names this form. A proxy may have weakened the tag.
    fn is(&self, tags: &HeaderValue) -> bool {
        tags.as_bytes()
            .split(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == self.etag.as_bytes())
    }
}
