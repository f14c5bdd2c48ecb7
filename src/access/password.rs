//! Checking and hashing passwords: slow on purpose (Argon2id, RFC 9106), so never on a thread that serves pages and
//! never many at once.

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

/// 19 MiB, two passes, one lane: OWASP's first choice for a server that does other things too.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// A hash of the same cost that no password has: what is checked when there is nothing to check against, so that an
/// address without an account takes as long as one with.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// At most so many hash at once, however many processors there are: together they check about 100 passwords a second, and
/// their memory, which is kept, stays under 80 MiB.
const MOST_SLOTS: usize = 4;

/// Half the processors may hash at once; a flood of sign-ins waits here, and the pages stay quick.
static SLOTS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(slots()));

/// The memory of slots that are free. It is kept for the next hash: memory that is given back and asked for again each time
/// is scattered over the allocator's arenas, which keep ever more of it.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// How long somebody waits for a slot before being asked to come back.
const TIME_LIMIT: Duration = Duration::from_secs(8);

/// What is kept of a new password, in PHC string format.
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

/// Whether this is the password that was kept; none kept takes as long and is never right.
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

/// The hash of a password with the algorithm, the cost and the salt of a kept one.
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
    // The work keeps its slot to its end: a visitor who goes away stops waiting for it, not the work.
    let work = move || {
        let _slot = slot;
        let spare = || MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = spare().pop().unwrap_or_default();
        let done = work(&mut memory);
        // Nothing that was made of a password stays.
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
    async fn the_right_password_is_told_from_a_wrong_one() {
        let password = "correct horse battery staple";
        let kept = kept(password).await;
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(is_right(password, Some(kept.clone())).await.expect("checked"));
        assert!(!is_right("correct horse battery stapler", Some(kept)).await.expect("checked"));
    }

    #[tokio::test]
    async fn a_password_that_was_kept_at_another_cost_is_still_checked() {
        let earlier = "$argon2id$v=19$m=8192,t=3,p=1$QW5uYSBzaW5naW5n$CBNgf29DDBR12aFxAkic5fleznvpbw9vl1QUyNn4GP8";
        assert!(is_right("correct horse battery staple", Some(earlier.to_owned())).await.expect("checked"));
        assert!(!is_right("correct horse battery stapler", Some(earlier.to_owned())).await.expect("checked"));
    }

    #[tokio::test]
    async fn nobody_has_a_password_and_it_takes_as_long() {
        assert!(!is_right("", None).await.expect("checked, not failed"));
        assert!(NOBODY.contains(&format!("m={},t={},p={}", COST.0, COST.1, COST.2)));
    }

    #[tokio::test]
    async fn memory_is_used_again_and_holds_nothing_of_a_password() {
        let kept = kept("correct horse battery staple").await;
        for _ in 0..10 {
            assert!(!is_right("some other password", Some(kept.clone())).await.expect("checked"));
        }
        // Every slot is asked for, so that no other test hashes meanwhile.
        let _all = SLOTS.acquire_many(u32::try_from(slots()).expect("a small number")).await.expect("all slots");
        let memory = MEMORY.lock().expect("memory");
        assert!((1..=slots()).contains(&memory.len()), "{} pieces of memory for {} slots", memory.len(), slots());
        let empty = |block: &Block| block.as_ref().iter().all(|word: &u64| *word == 0);
        assert!(memory.iter().flatten().all(empty));
    }
}
