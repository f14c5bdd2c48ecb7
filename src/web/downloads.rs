//! Keeps track of long downloads by people who are signed in, so that each person has at most one at a time.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::domain::AccountId;

/// The latest download of each account on this instance. Finished downloads stay in the map, so it grows to at most the
/// number of accounts.
#[derive(Debug, Default)]
pub struct Downloads(Mutex<HashMap<AccountId, CancellationToken>>);

impl Downloads {
    /// Starts a download for this account and cancels its previous one. The returned token is cancelled when the
    /// account starts the next download.
    pub fn begin(&self, account: AccountId) -> CancellationToken {
        let token = CancellationToken::new();
        let previous = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(account, token.clone());
        if let Some(previous) = previous {
            previous.cancel();
        }
        token
    }
}
