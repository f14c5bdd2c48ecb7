//! The administration: accounts with their roles, and the settings of the conferences.

pub mod account;
pub mod accounts;
pub mod audit;
pub mod audit_file;
pub mod category;
pub mod code;
mod code_fields;
pub mod codes;
pub mod deactivate;
pub mod end_code;
pub mod home;
pub mod invite;
mod left_behind;
pub mod link;
pub mod mails;
pub mod payments;
pub mod question;
mod question_words;
pub mod questions;
mod remaining;
pub mod remove_category;
pub mod remove_question;
mod roles;
pub mod settings;
pub mod state;

use crate::{
    domain::AccountId,
    store::people::memberships::{self, Account},
    web::{App, AppError, Result},
};

/// Returns the account in an address, or the error for a page that does not exist.
async fn account_of(app: &App, id: AccountId) -> Result<Account> {
    memberships::find(&mut *app.store.read().await?, id).await?.ok_or(AppError::NotFound)
}
