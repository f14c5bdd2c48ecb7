//! Accounts, conferences and settings.

use super::query::with_query;
use crate::domain::{AccountId, CategoryId, CodeId, QuestionId};

links! {
    /// The administration's home page.
    pub fn home() => "/administration";
    /// The audit log.
    pub fn audit() => "/administration/audit";
    /// The audit log as CSV.
    pub fn audit_csv() => "/administration/audit.csv";
    /// The audit log as an Excel workbook.
    pub fn audit_xlsx() => "/administration/audit.xlsx";
    /// All accounts.
    pub fn accounts() => "/administration/accounts";
    /// The invitation form.
    pub fn invite() => "/administration/accounts/new";
    /// One account.
    pub fn account(account: AccountId) => "/administration/accounts/{account}";
    /// Sends somebody a new link to set a password.
    pub fn link(account: AccountId) => "/administration/accounts/{account}/link";
    /// The page that deactivates an account.
    pub fn deactivate(account: AccountId) => "/administration/accounts/{account}/deactivate";
    /// Reactivates an account.
    pub fn reactivate(account: AccountId) => "/administration/accounts/{account}/reactivate";
    /// Opens another conference.
    pub fn new_conference() => "/administration/conferences/new";
    /// A conference's settings.
    pub fn settings(c: &str) => "/administration/{c}";
    /// Who sees a conference.
    pub fn state(c: &str) => "/administration/{c}/state";
    /// What is set for fees and payments.
    pub fn payments(c: &str) => "/administration/{c}/payments";
    /// A new category.
    pub fn new_category(c: &str) => "/administration/{c}/categories/new";
    /// One category's settings.
    pub fn category(c: &str, category: CategoryId) => "/administration/{c}/categories/{category}";
    /// Which mails are sent.
    pub fn mails(c: &str) => "/administration/{c}/mails";
    /// The questions of the registration form.
    pub fn questions(c: &str) => "/administration/{c}/questions";
    /// A new question.
    pub fn new_question(c: &str) => "/administration/{c}/questions/new";
    /// One question.
    pub fn question(c: &str, question: QuestionId) => "/administration/{c}/questions/{question}";
    /// The page that removes a question.
    pub fn remove_question(c: &str, question: QuestionId) => "/administration/{c}/questions/{question}/remove";
    /// The codes of the registration form.
    pub fn codes(c: &str) => "/administration/{c}/codes";
    /// New codes.
    pub fn new_code(c: &str) => "/administration/{c}/codes/new";
    /// One code.
    pub fn code(c: &str, code: CodeId) => "/administration/{c}/codes/{code}";
    /// The page that ends a code.
    pub fn end_code(c: &str, code: CodeId) => "/administration/{c}/codes/{code}/end";
    /// The page that removes a code.
    pub fn remove_code(c: &str, code: CodeId) => "/administration/{c}/codes/{code}/remove";
    /// The page that removes a category.
    pub fn remove_category(c: &str, category: CategoryId) => "/administration/{c}/categories/{category}/remove";
}

/// The entries of the audit log that this query selects, as a file of this kind.
pub fn audit_file_where(extension: &str, fields: &[(&'static str, String)]) -> String {
    let file = if extension == "xlsx" { audit_xlsx() } else { audit_csv() };
    with_query(file, fields)
}

/// The entries of the audit log that this query selects.
pub fn audit_where(fields: &[(&'static str, String)]) -> String {
    with_query(audit(), fields)
}

/// Opens another conference as a copy of this one.
pub fn copy_of(c: &str) -> String {
    format!("{}?from={c}", new_conference())
}

/// One account with the notice that it was saved.
pub fn account_saved(id: AccountId) -> String {
    format!("{}?done=saved", account(id))
}

/// Which mails are sent, with the notice that it was saved.
pub fn mails_saved(c: &str) -> String {
    format!("{}?done=saved", mails(c))
}

/// The questions with the notice that one was saved (`saved`) or removed (`removed`).
pub fn questions_done(c: &str, done: &str) -> String {
    format!("{}?done={done}", questions(c))
}

/// The codes with the notice that some were saved (`saved`), or that one was ended (`ended`) or removed (`removed`).
pub fn codes_done(c: &str, done: &str) -> String {
    format!("{}?done={done}", codes(c))
}

/// A conference's settings with the notice that they were saved.
pub fn settings_saved(c: &str) -> String {
    settings_after(c, "saved")
}

/// A conference's settings with a notice of what was done.
pub fn settings_after(c: &str, done: &str) -> String {
    format!("{}?done={done}", settings(c))
}

/// The settings of fees and payments with the notice that they were saved.
pub fn payments_saved(c: &str) -> String {
    format!("{}?done=saved", payments(c))
}
