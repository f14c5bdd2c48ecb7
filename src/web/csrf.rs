//! Requests that change something must come from this site's own pages.

use axum::http::{HeaderMap, Method, header};

/// Whether a request is to be refused. Browsers say where it comes from in `Sec-Fetch-Site` (Fetch Metadata), older ones
/// in `Origin`; a client that says neither is let through only when it carries no login that could be abused.
pub fn refuses(method: &Method, headers: &HeaderMap, public_url: &str) -> bool {
    let safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    !safe && !is_ours(headers, public_url)
}

fn is_ours(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name| headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin == public_url,
        (None, None) => !headers.contains_key(header::COOKIE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(pairs: &[(&'static str, &str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect();
        is_ours(&headers, "https://conference.example")
    }

    #[test]
    fn a_form_of_this_site_is_taken() {
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("origin", "https://conference.example")]));
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        for site in ["cross-site", "same-site"] {
            assert!(!ours(&[("sec-fetch-site", site)]));
        }
        for origin in ["https://conference.example.evil.example", "null", "http://conference.example"] {
            assert!(!ours(&[("origin", origin)]));
        }
    }

    #[test]
    fn a_client_that_says_nothing_may_not_use_a_login() {
        assert!(ours(&[]));
        assert!(!ours(&[("cookie", "__Host-login=abc")]));
    }
}
