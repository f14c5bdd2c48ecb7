//! Accounts, conferences and settings.

use crate::domain::{AccountId, CategoryId};

links! {
    /// The conferences and the accounts.
    pub fn home() => "/administration";
    /// All accounts.
    pub fn accounts() => "/administration/accounts";
    /// Inviting somebody.
    pub fn invite() => "/administration/accounts/new";
    /// One account.
    pub fn account(account: AccountId) => "/administration/accounts/{account}";
    /// Sends somebody a new link to set a password.
    pub fn link(account: AccountId) => "/administration/accounts/{account}/link";
    /// Ending an account.
    pub fn deactivate(account: AccountId) => "/administration/accounts/{account}/deactivate";
    /// Lets an account begin again.
    pub fn reactivate(account: AccountId) => "/administration/accounts/{account}/reactivate";
    /// A conference's settings.
    pub fn settings(c: &str) => "/administration/{c}";
    /// A new category.
    pub fn new_category(c: &str) => "/administration/{c}/categories/new";
    /// One category's settings.
    pub fn category(c: &str, category: CategoryId) => "/administration/{c}/categories/{category}";
}

/// One account, saying that it was saved.
pub fn account_saved(id: AccountId) -> String {
    format!("{}?done=saved", account(id))
}

/// A conference's settings, saying that they were saved.
pub fn settings_saved(c: &str) -> String {
    format!("{}?done=saved", settings(c))
}
