//! Refuses requests that change something unless they come from this site's own pages (cross-site request forgery).

use axum::http::{HeaderMap, Method, header};

/// Whether the request must be refused. Browsers state where a request comes from in `Sec-Fetch-Site` (Fetch Metadata),
/// older ones in `Origin`. A client that sends neither is accepted only without cookies, that is, without a login to
/// abuse.
pub fn refuses(method: &Method, headers: &HeaderMap, public_url: &str) -> bool {
    let safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    !safe && !is_same_origin(headers, public_url)
}

fn is_same_origin(headers: &HeaderMap, public_url: &str) -> bool {
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

    fn accepted(pairs: &[(&'static str, &str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect();
        is_same_origin(&headers, "https://conference.example")
    }

    #[test]
    fn a_form_from_this_site_is_accepted() {
        assert!(accepted(&[("sec-fetch-site", "same-origin")]));
        assert!(accepted(&[("origin", "https://conference.example")]));
    }

    #[test]
    fn a_form_from_another_site_is_refused() {
        for site in ["cross-site", "same-site"] {
            assert!(!accepted(&[("sec-fetch-site", site)]));
        }
        for origin in ["https://conference.example.evil.example", "null", "http://conference.example"] {
            assert!(!accepted(&[("origin", origin)]));
        }
    }

    #[test]
    fn a_client_that_sends_neither_header_cannot_use_a_login() {
        assert!(accepted(&[]));
        assert!(!accepted(&[("cookie", "__Host-login=abc")]));
    }
}
