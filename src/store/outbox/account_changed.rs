//! The mail that notifies the owner of an account of a change.

use sqlx::PgTransaction;
use time::OffsetDateTime;

use crate::domain::{AccountChange, AccountId};
use crate::store::outbox::{Kind, NewMessage, enqueue};

/// The `data` of the mail.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct AccountChangedData {
    /// When the account was changed.
    #[serde(with = "time::serde::timestamp")]
    pub at: OffsetDateTime,
    /// What was changed.
    #[serde(flatten)]
    pub change: AccountChange,
}

/// Queues the mail in the transaction of the change.
pub async fn tell_owner(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    at: OffsetDateTime,
    change: AccountChange,
) -> Result<(), sqlx::Error> {
    let recipient =
        sqlx::query_scalar!("select email from account where id = $1", account.0).fetch_one(&mut **tx).await?;
    let message = NewMessage {
        kind: Kind("account_changed"),
        recipient: &recipient,
        conference: None,
        registration: None,
        attendee: None,
        account: Some(account),
        data: serde_json::to_value(AccountChangedData { at, change }).expect("words and a number are JSON"),
    };
    enqueue(tx, message).await?;
    Ok(())
}
