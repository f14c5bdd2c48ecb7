//! Which compressed form a browser takes, and the compressing.
//!
//! Public pages and static files are compressed once and kept. Of the answers that are made anew each time, only those
//! marked as [`Compressible`] are compressed. The length of a compressed answer says something about its content: who
//! gets a browser to send words that come back on a page which also holds a secret can work the secret out, byte by byte
//! (the BREACH attack). So no page with a secret may be marked: none that a link's token opens, none of somebody who is
//! signed in.

use std::io::{self, Write};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Method, header},
    response::Response,
};

/// The forms in which bytes are kept ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    Plain,
    /// gzip.
    Gzip,
    /// Brotli, the smallest.
    Brotli,
}

impl Encoding {
    /// The smallest form that the request's `Accept-Encoding` allows.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut best = Self::Plain;
        for value in headers.get_all(header::ACCEPT_ENCODING) {
            for part in value.to_str().unwrap_or_default().split(',') {
                let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
                if refused(weight) {
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

    /// The bytes in this form, at a quality from 0 to 9: the higher, the smaller and the slower.
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
                let quality = quality.into();
                let params = brotli::enc::BrotliEncoderParams { quality, size_hint: plain.len(), ..Default::default() };
                brotli::BrotliCompress(&mut &plain[..], &mut small, &params)?;
                Ok(small)
            }
        }
    }

    /// The word for `Content-Encoding`; the plain form has none.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// Marks an answer, as an extension of it, that may be compressed each time it is made.
#[derive(Clone, Copy, Debug)]
pub struct Compressible;

/// Each time it is made, an answer is compressed at this quality: about a quarter of its size in less than a millisecond.
const EACH_TIME: u8 = 4;

impl Compressible {
    /// The answer in the form that the request allows, if it is marked. The answer to `HEAD` has no content.
    pub async fn compress(encoding: Encoding, method: &Method, response: Response) -> Response {
        let Some(word) = encoding.word().filter(|_| response.extensions().get::<Self>().is_some()) else {
            return response;
        };
        if *method == Method::HEAD {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        // A page is made whole before it is sent, so nothing is waited for here and nothing can fail.
        let plain = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let body = match encoding.encode(&plain, EACH_TIME) {
            Ok(small) => {
                parts.headers.remove(header::CONTENT_LENGTH);
                parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(word));
                Body::from(small)
            }
            Err(_) => Body::from(plain),
        };
        Response::from_parts(parts, body)
    }
}

/// `q=0` in all its spellings means "not this one".
fn refused(weight: &str) -> bool {
    weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q <= 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accept: &'static str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, axum::http::HeaderValue::from_static(accept));
        Encoding::of(&headers)
    }

    #[test]
    fn the_smallest_form_the_browser_takes() {
        assert_eq!(of("gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(of("gzip;q=1.0, br;q=0"), Encoding::Gzip);
        assert_eq!(of("deflate"), Encoding::Plain);
        assert_eq!(Encoding::of(&HeaderMap::new()), Encoding::Plain);
    }
}
