//! Secrets in links and cookies.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// 256 random bits. The secret is shown once and never stored; the database keeps only its hash.
pub struct Secret([u8; 32]);

/// The SHA-256 hash of a secret. Because a secret is random, no slow hash is needed, and the time that an index lookup
/// takes reveals nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

impl Secret {
    /// Generates a secret with the operating system's random generator.
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// Parses the secret in a link or cookie; `None` if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// Returns the hash that is stored.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0).into())
    }

    /// Encodes the secret for a link or cookie: 43 characters of base64url (RFC 4648), which need no escaping.
    pub fn reveal(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl SecretHash {
    /// Returns the 32 bytes that the database stores.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_parsed_from_its_text_has_the_same_hash() {
        let secret = Secret::random();
        let read = Secret::parse(&secret.reveal()).expect("its own text");
        assert_eq!(read.hash(), secret.hash());
        assert_ne!(Secret::random().hash(), secret.hash());
    }

    #[test]
    fn debug_output_does_not_show_the_secret() {
        let secret = Secret::random();
        assert_eq!(format!("{secret:?}"), "Secret");
    }

    #[test]
    fn malformed_secrets_are_refused() {
        for text in ["", "abc", "../../etc/passwd", &"A".repeat(44), &"é".repeat(20)] {
            assert!(Secret::parse(text).is_none(), "{text}");
        }
    }
}
