//! What handlers ask of a request.

use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};

use super::App;

/// The address from which a connection came; the accepting loop puts it on each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Where a visitor comes from: the peer, or what a trusted proxy says of it (`X-Forwarded-For`, or RFC 7239
/// `Forwarded`), the last address that no trusted proxy gave. A proxy writes one of the two and may pass the other on as
/// the visitor sent it; where they say different things, one is a lie, and the visitor counts as the proxy itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visitor(pub IpAddr);

impl Visitor {
    /// Who comes over a connection from this peer with these headers.
    pub fn of(app: &App, peer: SocketAddr, headers: &HeaderMap) -> Self {
        let trusted = |address: IpAddr| app.settings.trusted_proxies.iter().any(|net| net.contains(&address));
        Self(visitor(peer.ip().to_canonical(), headers, trusted))
    }

    /// The network that limits count by: the address itself for IPv4, its /48 for IPv6, where one house has as many
    /// addresses as it likes.
    pub fn network(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                // What one house gets (RFC 6177): whoever has it has all the networks in it.
                let [a, b, c, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            }
        }
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().map_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)), |peer| peer.0);
        Ok(Self::of(app, peer, &parts.headers))
    }
}

fn visitor(peer: IpAddr, headers: &HeaderMap, trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    if !trusted(peer) {
        return peer;
    }
    let said = [x_forwarded_for(headers), forwarded(headers)];
    let mut said = said.iter().filter(|hops| !hops.is_empty()).map(|hops| last_untrusted(peer, hops, &trusted));
    match (said.next(), said.next()) {
        (Some(one), None) => one,
        (Some(one), Some(other)) if one == other => one,
        _ => peer,
    }
}

/// The last address that no trusted proxy gave; `None` is one that is no address, and nothing before it is believed.
fn last_untrusted(peer: IpAddr, hops: &[Option<IpAddr>], trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut address = peer;
    for hop in hops.iter().rev() {
        let Some(hop) = hop else { return address };
        address = hop.to_canonical();
        if !trusted(address) {
            return address;
        }
    }
    address
}

/// The addresses that proxies wrote, the nearest last; `None` for one that is no address.
fn x_forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    hops(headers, "x-forwarded-for", address)
}

/// The same from the other header.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    hops(headers, "forwarded", |element| {
        element.split(';').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            key.trim().eq_ignore_ascii_case("for").then(|| address(value)).flatten()
        })
    })
}

/// Every element of a header, in whatever bytes: a visitor writes the first ones, a proxy the last, and nothing that a
/// visitor writes may hide what the proxy wrote behind it.
fn hops(headers: &HeaderMap, name: &str, read: impl Fn(&str) -> Option<IpAddr>) -> Vec<Option<IpAddr>> {
    let elements = headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let said = elements.filter(|element| !element.trim_ascii().is_empty());
    said.map(|element| std::str::from_utf8(element).ok().and_then(&read)).collect()
}

fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    text.parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .or_else(|| text.strip_prefix('[')?.split_once(']')?.0.parse().ok())
}

/// The reference of one request: it stands in its log line and on an error page.
#[derive(Clone, Copy, Debug)]
pub struct RequestId(pub u64);

impl RequestId {
    /// A new one: from chance once, then mixed from a count (`SplitMix64`), so that no request asks the system for chance.
    pub fn random() -> Self {
        static COUNT: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(getrandom::u64().unwrap_or_default()));
        let mut mixed = COUNT.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(mixed ^ (mixed >> 31))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(0)))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn seen(headers: &[(&'static str, &str)]) -> IpAddr {
        seen_bytes(&headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect::<Vec<_>>())
    }

    fn seen_bytes(headers: &[(&'static str, &[u8])]) -> IpAddr {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value).expect("a header"));
        }
        visitor(IpAddr::from([127, 0, 0, 1]), &map, |address| address.is_loopback())
    }

    #[test]
    fn a_trusted_proxy_says_who_comes_and_a_visitor_cannot_lie_past_it() {
        assert_eq!(seen(&[("x-forwarded-for", "6.6.6.6, 203.0.113.9")]), IpAddr::from([203, 0, 113, 9]));
        assert_eq!(
            seen(&[("forwarded", "for=6.6.6.6, for=\"203.0.113.9:4711\";proto=https")]),
            IpAddr::from([203, 0, 113, 9])
        );
        assert_eq!(
            seen(&[("forwarded", "for=\"[2001:db8::7]\"")]),
            "2001:db8::7".parse::<IpAddr>().expect("an address")
        );
        assert_eq!(seen(&[]), IpAddr::from([127, 0, 0, 1]));
    }

    #[test]
    fn a_header_that_the_proxy_does_not_write_is_no_way_to_lie() {
        let both = |forwarded| seen(&[("x-forwarded-for", "203.0.113.9"), ("forwarded", forwarded)]);
        assert_eq!(both("for=6.6.6.6"), IpAddr::from([127, 0, 0, 1]));
        assert_eq!(both("for=203.0.113.9"), IpAddr::from([203, 0, 113, 9]));
    }

    #[test]
    fn no_byte_and_no_empty_element_hides_what_the_proxy_wrote() {
        let visitor = IpAddr::from([203, 0, 113, 9]);
        let forwarded = ("forwarded", &b"for=6.6.6.6"[..]);
        assert_eq!(seen_bytes(&[("x-forwarded-for", b"\xff, 203.0.113.9")]), visitor);
        assert_eq!(
            seen_bytes(&[("x-forwarded-for", b"\xff, 203.0.113.9"), forwarded]),
            IpAddr::from([127, 0, 0, 1]),
            "two that do not agree"
        );
        assert_eq!(seen_bytes(&[("x-forwarded-for", b" , 203.0.113.9, ")]), visitor);
        assert_eq!(seen(&[("forwarded", "for=6.6.6.6, proto=https")]), IpAddr::from([127, 0, 0, 1]));
    }

    #[test]
    fn nobody_else_is_believed() {
        let mut map = HeaderMap::new();
        map.append("x-forwarded-for", "6.6.6.6".parse().expect("a header"));
        assert_eq!(visitor(IpAddr::from([203, 0, 113, 9]), &map, |_| false), IpAddr::from([203, 0, 113, 9]));
    }

    #[test]
    fn one_house_with_ipv6_is_one_network() {
        let network = |text: &str| Visitor(text.parse().expect("an address")).network();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:3::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:2:2::1"));
    }
}
