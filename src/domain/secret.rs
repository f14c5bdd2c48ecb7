//! Secrets that stand in links and cookies.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// 256 random bits, shown once and never kept: the database has their hash.
pub struct Secret([u8; 32]);

/// SHA-256 of a secret. The secret has full entropy, so no slow hash is needed, and looking the hash up by an index
/// tells nothing about the secret in the time it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

impl Secret {
    /// A new secret from the operating system.
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// The secret of a link or cookie; `None` when it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0).into())
    }

    /// The text for a link or cookie: 43 characters that need no escaping.
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
    /// The 32 bytes that the database keeps.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_read_back_has_the_same_hash() {
        let secret = Secret::random();
        let read = Secret::parse(&secret.reveal()).expect("its own text");
        assert_eq!(read.hash(), secret.hash());
        assert_ne!(Secret::random().hash(), secret.hash());
    }

    #[test]
    fn a_secret_never_stands_in_a_log() {
        let secret = Secret::random();
        assert_eq!(format!("{secret:?}"), "Secret");
    }

    #[test]
    fn anything_else_is_no_secret() {
        for text in ["", "abc", "../../etc/passwd", &"A".repeat(44), &"é".repeat(20)] {
            assert!(Secret::parse(text).is_none(), "{text}");
        }
    }
}
