//! Checking and hashing passwords: slow on purpose (Argon2id, RFC 9106), so never on a thread that serves pages and
//! never many at once.

use std::{sync::LazyLock, thread::available_parallelism, time::Duration};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::Error};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::{
    domain::NewPassword,
    web::{AppError, Result},
};

/// 19 MiB, two passes, one lane: OWASP's first choice for a server that does other things too.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// A hash of the same cost that no password has: what is checked when there is nothing to check against, so that an
/// address without an account takes as long as one with.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Half the processors may hash at once; a flood of sign-ins waits here, and the pages stay quick.
static SLOTS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new((available_parallelism().map_or(1, usize::from) / 2).max(1)));

/// How long somebody waits for a slot before being asked to come back.
const PATIENCE: Duration = Duration::from_secs(8);

/// What is kept of a new password.
pub async fn hash(password: NewPassword) -> Result<String> {
    slowly(move || argon2().hash_password(password.as_bytes()).map(|hash| hash.to_string())).await
}

/// Whether this is the password that was kept; none kept takes as long and is never right.
pub async fn is_right(password: &str, kept: Option<String>) -> Result<bool> {
    let password = password.to_owned();
    let known = kept.is_some();
    let kept = kept.unwrap_or_else(|| NOBODY.to_owned());
    let right = slowly(move || match argon2().verify_password(password.as_bytes(), kept.as_str()) {
        Ok(()) => Ok(true),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error),
    })
    .await?;
    Ok(known && right)
}

fn argon2() -> Argon2<'static> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).expect("this cost is within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

async fn slowly<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T> {
    let slot = timeout(PATIENCE, SLOTS.acquire()).await;
    let slot = slot.map_err(|_| AppError::TooMany { retry_after: 10 })?.map_err(AppError::internal)?;
    // The work keeps its slot to its end: a visitor who goes away stops waiting for it, not the work.
    let work = move || {
        let _slot = slot;
        work()
    };
    spawn_blocking(work).await.map_err(AppError::internal)?.map_err(AppError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_is_told_from_a_wrong_one() {
        let password = "correct horse battery staple";
        let new = NewPassword::parse(password, "anna@city.example", "Anna").expect("a password");
        let kept = hash(new).await.expect("a hash");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(is_right(password, Some(kept.clone())).await.expect("checked"));
        assert!(!is_right("correct horse battery stapler", Some(kept)).await.expect("checked"));
    }

    #[tokio::test]
    async fn nobody_has_a_password_and_it_takes_as_long() {
        assert!(!is_right("", None).await.expect("checked, not failed"));
        assert!(NOBODY.contains(&format!("m={},t={},p={}", COST.0, COST.1, COST.2)));
    }
}
