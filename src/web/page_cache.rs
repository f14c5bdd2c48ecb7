//! The cache of public pages. A page is rendered and compressed once, and again only when what it shows has changed.

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

/// The content type of pages.
pub const HTML: &str = "text/html; charset=utf-8";

/// The cached pages, by path and filters. Each entry has the publication number under which it was rendered and is
/// fresh as long as that number is the current one. During an outage of the database the number does not change, so
/// cached pages are still served.
#[derive(Default)]
pub struct PageCache {
    pub(super) version: AtomicI64,
    pub(super) pages: RwLock<HashMap<String, Arc<Entry>>>,
    /// Locked while a page is rendered, so that a hundred visitors after a change cause one rendering, not a hundred.
    /// The hash of a page's key chooses its lock.
    rendering: [tokio::sync::Mutex<()>; 16],
}

/// A rendered page, and when it expires.
pub struct Rendered {
    text: String,
    expires_at: Option<OffsetDateTime>,
}

/// A page from the cache. It is also an extension of its own response, so that the edge can store its route.
#[derive(Clone)]
pub struct CachedPage(pub(super) Arc<Entry>);

/// A cached page in every encoding.
pub(super) struct Entry {
    pub(super) version: i64,
    /// The pattern of its route. The log needs it, because cached pages are served without asking the router.
    pub(super) route: OnceLock<MatchedPath>,
    pub(super) expires_at: Option<OffsetDateTime>,
    plain: Variant,
    gzip: Variant,
    brotli: Variant,
}

/// The page in one encoding, with the headers of the response.
struct Variant {
    bytes: Bytes,
    etag: HeaderValue,
    headers: HeaderMap,
    /// The headers of a 304 response.
    not_modified: HeaderMap,
}

impl From<String> for Rendered {
    fn from(text: String) -> Self {
        Self { text, expires_at: None }
    }
}

impl Rendered {
    /// Returns the page.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Sets when the page expires and must be rendered again. `None`: it does not expire.
    pub fn expiring_at(mut self, instant: Option<OffsetDateTime>) -> Self {
        self.expires_at = instant;
        self
    }
}

impl PageCache {
    /// Sets the current publication number. Pages rendered under another number are no longer fresh.
    pub fn publish(&self, version: i64) {
        self.version.store(version, Ordering::Release);
    }

    pub(super) fn rendering_lock(&self, key: &str) -> &tokio::sync::Mutex<()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        &self.rendering[usize::from(hasher.finish().to_le_bytes()[0]) % self.rendering.len()]
    }

    pub(super) fn find(&self, key: &str) -> Option<Arc<Entry>> {
        self.pages.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

impl CachedPage {
    /// Returns the response to this request.
    pub fn answer(&self, request: &HeaderMap) -> Response {
        self.0.answer(request)
    }

    /// Returns the response, with the page itself as an extension.
    pub(super) fn respond(self, request: &HeaderMap) -> Response {
        let mut response = self.0.answer(request);
        response.extensions_mut().insert(self);
        response
    }

    /// Stores the page's route.
    pub fn set_route(&self, route: &MatchedPath) {
        // If another request was first, it has stored the same route: an address has only one.
        let _ = self.0.route.set(route.clone());
    }

    /// Returns the pattern of the page's route, or "kept" until it is stored.
    pub fn route(&self) -> &str {
        self.0.route.get().map_or("kept", MatchedPath::as_str)
    }
}

impl Entry {
    pub(super) fn new(
        version: i64,
        content_type: &'static str,
        rendered: Rendered,
        security: &HeaderMap,
    ) -> Result<Self> {
        let Rendered { text, expires_at } = rendered;
        let gzip = Encoding::Gzip.encode(text.as_bytes(), 9).map_err(AppError::internal)?;
        let brotli = Encoding::Brotli.encode(text.as_bytes(), 9).map_err(AppError::internal)?;
        let hash = BASE64URL_NOPAD.encode(&Sha256::digest(text.as_bytes())[..12]);
        Ok(Self {
            version,
            route: OnceLock::new(),
            expires_at,
            gzip: Variant::new(gzip, Encoding::Gzip, &hash, content_type, security)?,
            brotli: Variant::new(brotli, Encoding::Brotli, &hash, content_type, security)?,
            plain: Variant::new(text.into_bytes(), Encoding::Plain, &hash, content_type, security)?,
        })
    }

    fn answer(&self, request: &HeaderMap) -> Response {
        let variant = match Encoding::of(request) {
            Encoding::Brotli => &self.brotli,
            Encoding::Gzip => &self.gzip,
            Encoding::Plain => &self.plain,
        };
        let is_known = request.get_all(header::IF_NONE_MATCH).iter().any(|tags| variant.matches(tags));
        let body = if is_known { Body::empty() } else { Body::from(variant.bytes.clone()) };
        let mut response = Response::new(body);
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        *response.headers_mut() = if is_known { variant.not_modified.clone() } else { variant.headers.clone() };
        response
    }
}

impl Variant {
    fn new(
        bytes: Vec<u8>,
        encoding: Encoding,
        hash: &str,
        content_type: &'static str,
        security: &HeaderMap,
    ) -> Result<Self> {
        let tag = match encoding.token() {
            Some(token) => format!("\"{hash}-{token}\""),
            None => format!("\"{hash}\""),
        };
        let etag = HeaderValue::try_from(tag).map_err(AppError::internal)?;
        // `no-cache`: browsers may store the page, but ask each time whether it has changed.
        let mut not_modified = security.clone();
        not_modified.insert(header::ETAG, etag.clone());
        not_modified.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        not_modified.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let mut headers = not_modified.clone();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Some(token) = encoding.token() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
        }
        Ok(Self { bytes: bytes.into(), etag, headers, not_modified })
    }

    /// Whether `If-None-Match` contains this variant's tag. A proxy may have made the tag a weak one (`W/`).
    fn matches(&self, tags: &HeaderValue) -> bool {
        tags.as_bytes()
            .split(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == self.etag.as_bytes())
    }
}
