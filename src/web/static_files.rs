//! Serves style sheets, fonts, pictures and scripts. The build (`build.rs`) compresses them and embeds them in the
//! program. Each name contains a hash of the content, so a browser may cache a file for ever and fetches it once.
//! Templates refer to them by the constants here: `{{ crate::web::static_files::SITE_CSS }}`.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::extract::OriginalUri;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::encoding::Encoding;

/// A file with its content in each encoding.
struct StaticFile {
    path: &'static str,
    content_type: &'static str,
    /// Whether the encodings differ. Pictures and fonts have their own compression, so they are served as they are.
    compressed: bool,
    plain: &'static [u8],
    brotli: &'static [u8],
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/static_files.rs"));

static BY_PATH: LazyLock<HashMap<&'static str, &'static StaticFile>> =
    LazyLock::new(|| FILES.iter().map(|file| (file.path, file)).collect());

/// `GET /static/{*path}`: the file with this name and hash. The hash of an older release is not found.
pub async fn get(OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    match BY_PATH.get(uri.path()) {
        Some(file) => file.response(&headers, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /favicon.ico`: the icon, for browsers that ask for it without reading the page.
pub async fn favicon(headers: HeaderMap) -> Response {
    icon(IMAGES_FAVICON_ICO, &headers)
}

/// `GET /apple-touch-icon.png`: the home-screen icon, for devices that ask for it without reading the page.
pub async fn apple_touch_icon(headers: HeaderMap) -> Response {
    icon(IMAGES_APPLE_TOUCH_ICON_PNG, &headers)
}

fn icon(path: &str, headers: &HeaderMap) -> Response {
    BY_PATH
        .get(path)
        .map_or_else(|| StatusCode::NOT_FOUND.into_response(), |file| file.response(headers, "public, max-age=86400"))
}

impl StaticFile {
    fn response(&self, headers: &HeaderMap, cache_control: &'static str) -> Response {
        let encoding = if self.compressed { Encoding::of(headers) } else { Encoding::Plain };
        let content = match encoding {
            Encoding::Plain => self.plain,
            Encoding::Gzip => self.gzip,
            Encoding::Brotli => self.brotli,
        };
        let mut response = Response::new(Body::from(Bytes::from_static(content)));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
        if self.compressed {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if let Some(token) = encoding.token() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
        }
        response
    }
}
