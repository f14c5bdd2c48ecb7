//! Hashes and checks passwords with Argon2id (RFC 9106). It is slow on purpose, so it never runs on a thread that
//! serves pages, and only a few run at once.

use std::{
    sync::{LazyLock, Mutex, PoisonError},
    thread::available_parallelism,
    time::Duration,
};

use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        Error,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::{
    domain::NewPassword,
    web::{AppError, Result},
};

/// 19 MiB, two passes, one lane: OWASP's first choice for a server that also does other work.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// A hash of the same cost that belongs to no password. It is checked where there is no account, so that the response
/// takes as long as for an address with an account.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The largest number of hashes at once, however many processors there are. Together they check about 100 passwords a
/// second and use less than 80 MiB of memory, which is never freed.
const MOST_SLOTS: usize = 4;

/// Half of the processors may hash at once. A flood of sign-ins waits here while pages stay fast.
static SLOTS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(slots()));

/// The memory of free slots, which is used again for the next hash. If it were freed and allocated each time, the
/// allocator's arenas would keep growing.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// How long a request waits for a slot before it is refused.
const TIME_LIMIT: Duration = Duration::from_secs(8);

/// Returns the hash of a new password in the PHC string format.
pub async fn hash(password: NewPassword) -> Result<String> {
    slowly(move |memory| {
        let (memory_cost, passes, lanes) = COST;
        let params = Params::new(memory_cost, passes, lanes, None)?;
        let mut kept = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params)?,
            salt: Some(Salt::generate()),
            hash: None,
        };
        kept.hash = Some(output(memory, password.as_bytes(), &kept)?);
        Ok(kept.to_string())
    })
    .await
}

/// Whether the password matches the stored hash. Without a stored hash, the check takes as long and the answer is
/// always no.
pub async fn is_right(password: &str, kept: Option<String>) -> Result<bool> {
    let password = password.to_owned();
    let known = kept.is_some();
    let kept = kept.unwrap_or_else(|| NOBODY.to_owned());
    let right = slowly(move |memory| {
        let kept = PasswordHash::new(&kept)?;
        // `Output` compares in constant time.
        Ok(kept.hash == Some(output(memory, password.as_bytes(), &kept)?))
    })
    .await?;
    Ok(known && right)
}

/// Hashes a password with the algorithm, cost and salt of a stored hash.
fn output(memory: &mut Vec<Block>, password: &[u8], kept: &PasswordHash) -> Result<Output, Error> {
    let algorithm = Algorithm::try_from(kept.algorithm.as_str())?;
    let version = kept.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let params = Params::try_from(kept)?;
    let salt = kept.salt.as_ref().ok_or(Error::SaltInvalid)?;
    memory.resize(params.block_count(), Block::new());
    let mut out = [0; Output::MAX_LENGTH];
    let out = &mut out[..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    Argon2::new(algorithm, version, params).hash_password_into_with_memory(password, salt, out, memory)?;
    Ok(Output::new(out)?)
}

fn slots() -> usize {
    (available_parallelism().map_or(1, usize::from) / 2).clamp(1, MOST_SLOTS)
}

async fn slowly<T: Send + 'static>(
    work: impl FnOnce(&mut Vec<Block>) -> Result<T, Error> + Send + 'static,
) -> Result<T> {
    let slot = timeout(TIME_LIMIT, SLOTS.acquire()).await;
    let slot = slot.map_err(|_| AppError::TooMany { retry_after: 10 })?.map_err(AppError::internal)?;
    // The slot is held until the work ends, even if the visitor has gone away.
    let work = move || {
        let _slot = slot;
        let spare = || MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = spare().pop().unwrap_or_default();
        let done = work(&mut memory);
        // No data derived from a password stays in memory.
        memory.fill(Block::new());
        spare().push(memory);
        done
    };
    spawn_blocking(work).await.map_err(AppError::internal)?.map_err(AppError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn kept(password: &str) -> String {
        hash(NewPassword::parse(password, &["anna@city.example", "Anna"]).expect("a password")).await.expect("a hash")
    }

    #[tokio::test]
    async fn the_right_password_is_accepted_and_a_wrong_one_is_not() {
        let password = "correct horse battery staple";
        let kept = kept(password).await;
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(is_right(password, Some(kept.clone())).await.expect("checked"));
        assert!(!is_right("correct horse battery stapler", Some(kept)).await.expect("checked"));
    }

    #[tokio::test]
    async fn a_password_hashed_at_another_cost_can_still_be_checked() {
        let earlier = "$argon2id$v=19$m=8192,t=3,p=1$QW5uYSBzaW5naW5n$CBNgf29DDBR12aFxAkic5fleznvpbw9vl1QUyNn4GP8";
        assert!(is_right("correct horse battery staple", Some(earlier.to_owned())).await.expect("checked"));
        assert!(!is_right("correct horse battery stapler", Some(earlier.to_owned())).await.expect("checked"));
    }

    #[tokio::test]
    async fn without_a_stored_hash_no_password_is_right() {
        assert!(!is_right("", None).await.expect("checked, not failed"));
        assert!(NOBODY.contains(&format!("m={},t={},p={}", COST.0, COST.1, COST.2)));
    }

    #[tokio::test]
    async fn memory_is_reused_and_holds_nothing_derived_from_a_password() {
        let kept = kept("correct horse battery staple").await;
        for _ in 0..10 {
            assert!(!is_right("some other password", Some(kept.clone())).await.expect("checked"));
        }
        // Holds every slot, so that no other test hashes at the same time.
        let _all = SLOTS.acquire_many(u32::try_from(slots()).expect("a small number")).await.expect("all slots");
        let memory = MEMORY.lock().expect("memory");
        assert!((1..=slots()).contains(&memory.len()), "{} pieces of memory for {} slots", memory.len(), slots());
        let empty = |block: &Block| block.as_ref().iter().all(|word: &u64| *word == 0);
        assert!(memory.iter().flatten().all(empty));
    }
}
