//! Which compressed form a browser takes.

use axum::http::{HeaderMap, header};

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

    /// The word for `Content-Encoding`; the plain form has none.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
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
