//! Long files that are on their way to people who are signed in.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::domain::AccountId;

/// The last download that each person began at this instance. One that is over stays noted, so there are as many as
/// accounts that ever began one.
#[derive(Debug, Default)]
pub struct Downloads(Mutex<HashMap<AccountId, CancellationToken>>);

impl Downloads {
    /// Begins a download of this person, and ends the one before it. The token is cancelled when the next one begins.
    pub fn begin(&self, account: AccountId) -> CancellationToken {
        let token = CancellationToken::new();
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(account, token.clone());
        if let Some(before) = before {
            before.cancel();
        }
        token
    }
}
