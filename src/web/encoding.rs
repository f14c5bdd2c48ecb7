//! Chooses a content encoding that the browser accepts, and compresses responses.
//!
//! Public pages and static files are compressed once and cached. Of all other responses, only those marked
//! [`Compressible`] are compressed, because the length of a compressed response reveals something about its content. If
//! a page contains both a secret and text that an attacker can make the browser send, the attacker can work out the
//! secret byte by byte (the BREACH attack). Never mark a page that contains a secret: no page that is opened by a
//! secret link, and no page for people who are signed in.

use std::io::{self, Write};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Method, header},
    response::Response,
};

/// A content encoding of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not compressed.
    Plain,
    /// gzip.
    Gzip,
    /// Brotli, which gives the smallest result.
    Brotli,
}

impl Encoding {
    /// Returns the encoding with the smallest result that the request's `Accept-Encoding` allows.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut best = Self::Plain;
        for value in headers.get_all(header::ACCEPT_ENCODING) {
            for part in value.to_str().unwrap_or_default().split(',') {
                let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
                if is_refused(weight) {
                    continue;
                }
                match coding.trim() {
                    "br" => return Self::Brotli,
                    "gzip" | "x-gzip" => best = Self::Gzip,
                    _ => {}
                }
            }
        }
        best
    }

    /// Encodes the bytes. `quality` is from 0 to 9; a higher one is slower and gives a smaller result.
    pub fn encode(self, plain: &[u8], quality: u8) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain => Ok(plain.to_vec()),
            Self::Gzip => {
                let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(quality.into()));
                gzip.write_all(plain)?;
                gzip.finish()
            }
            Self::Brotli => {
                let mut small = Vec::new();
                let params = brotli::enc::BrotliEncoderParams {
                    quality: quality.into(),
                    size_hint: plain.len(),
                    lgwin: window_bits(plain.len()),
                    ..Default::default()
                };
                brotli::BrotliCompress(&mut &plain[..], &mut small, &params)?;
                Ok(small)
            }
        }
    }

    /// Returns the value of `Content-Encoding`, or `None` if the content is not compressed.
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// Returns the size, as a power of two, of the smallest window of Brotli (RFC 7932, section 9.1) that holds all of the
/// content. A larger one compresses no better, and its buffers take megabytes that stay with the process.
fn window_bits(content: usize) -> i32 {
    let bits = usize::BITS - content.leading_zeros();
    i32::try_from(bits).unwrap_or(22).clamp(10, 22)
}

/// Marks a response as safe to compress. Set it as an extension of the response.
#[derive(Clone, Copy, Debug)]
pub struct Compressible;

/// The quality for responses that are not cached. It shrinks a page to about a quarter of its size in less than a
/// millisecond.
const QUALITY: u8 = 4;

impl Compressible {
    /// Compresses the response if it is marked and the request allows it. A response to `HEAD` has no content to
    /// compress.
    pub async fn compress(encoding: Encoding, method: &Method, response: Response) -> Response {
        let Some(token) = encoding.token().filter(|_| response.extensions().get::<Self>().is_some()) else {
            return response;
        };
        if *method == Method::HEAD {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        // Reading the body neither waits nor fails, because pages are rendered completely before they are sent.
        let plain = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let body = match encoding.encode(&plain, QUALITY) {
            Ok(small) => {
                parts.headers.remove(header::CONTENT_LENGTH);
                parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
                Body::from(small)
            }
            Err(_) => Body::from(plain),
        };
        Response::from_parts(parts, body)
    }
}

/// Whether a weight refuses its encoding: `q=0` in any spelling.
fn is_refused(weight: &str) -> bool {
    weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q <= 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_content_and_no_more() {
        let windows = [0, 1_000, 12_780, 1 << 22, usize::MAX].map(window_bits);
        assert_eq!(windows, [10, 10, 14, 22, 22]);
    }

    fn of(accept: &'static str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, axum::http::HeaderValue::from_static(accept));
        Encoding::of(&headers)
    }

    #[test]
    fn the_smallest_encoding_that_the_browser_accepts_is_chosen() {
        assert_eq!(of("gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(of("gzip;q=1.0, br;q=0"), Encoding::Gzip);
        assert_eq!(of("deflate"), Encoding::Plain);
        assert_eq!(Encoding::of(&HeaderMap::new()), Encoding::Plain);
    }
}
