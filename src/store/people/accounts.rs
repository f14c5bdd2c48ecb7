//! Accounts, their roles, and the one-time links that set a password.

use sqlx::{PgConnection, PgTransaction};
use time::{Duration, OffsetDateTime};

use crate::domain::{
    AccountId, AccountLinkId, ConferenceId, EmailAddress, LoginId, MembershipId, PersonName, Role, Secret, SecretHash,
};
use crate::store::violated;

/// The purpose of a link to set a password, as the outbox stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum LinkPurpose {
    /// Somebody has been given an account.
    Invitation,
    /// Somebody asked for a new password.
    Forgotten,
}

impl LinkPurpose {
    /// Returns how long the link is valid.
    pub fn valid_for(self) -> Duration {
        match self {
            Self::Invitation => Duration::days(7),
            Self::Forgotten => Duration::days(1),
        }
    }

    /// Returns the data of the mail if the person asked for the link.
    pub fn as_data(self) -> serde_json::Value {
        LinkData { purpose: self, by: None }.into()
    }
}

/// The `data` of a mail with a link to set a password.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct LinkData {
    /// The purpose of the link.
    #[serde(flatten)]
    pub purpose: LinkPurpose,
    /// The name of the administrator who created it; `None` if the person asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl From<LinkData> for serde_json::Value {
    fn from(data: LinkData) -> Self {
        serde_json::to_value(data).expect("words are JSON")
    }
}

/// Why an account was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// There is an account with this address.
    #[error("there is an account with this e-mail address")]
    Taken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Adds an account without a password, which is set with a link.
pub async fn add(
    tx: &mut PgTransaction<'_>,
    email: &EmailAddress,
    name: &PersonName,
    roles: &[(Option<ConferenceId>, Role)],
) -> Result<AccountId, AddError> {
    let id = AccountId::new();
    let added = sqlx::query!(
        "insert into account (id, email, email_normalised, name) values ($1, $2, $3, $4)",
        id.0,
        email.as_str(),
        email.normalised(),
        name.as_str(),
    )
    .execute(&mut **tx)
    .await;
    match added {
        Ok(_) => {}
        Err(error) if violated(&error) == Some("account_email_unique") => return Err(AddError::Taken),
        Err(error) => return Err(error.into()),
    }
    for (conference, role) in roles {
        give_role(tx, id, *conference, *role).await?;
    }
    Ok(id)
}

/// Gives an account a role, if it does not have it yet.
pub async fn give_role(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    conference: Option<ConferenceId>,
    role: Role,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into membership (id, account_id, conference_id, role) values ($1, $2, $3, $4)
         on conflict on constraint membership_unique do nothing",
        MembershipId::new().0,
        account.0,
        conference.map(|id| id.0),
        role.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Returns whether there is an active administrator with a password, who can add accounts.
pub async fn any_administrator(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
               select from membership join account on account.id = membership.account_id
               where membership.role = 'administrator' and account.active and account.password_hash is not null
           ) as "any!""#,
    )
    .fetch_one(conn)
    .await
}

/// An account as signing in needs it.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The account.
    pub account: AccountId,
    /// Its address. Mail goes only to this address, whatever spelling was typed.
    pub email: String,
    /// The password hash in PHC string format; `None` before the person has set a password.
    pub password_hash: Option<String>,
}

/// Finds the active account with this address.
pub async fn find_by_email(conn: &mut PgConnection, email: &EmailAddress) -> Result<Option<Credentials>, sqlx::Error> {
    sqlx::query_as!(
        Credentials,
        r#"select id as "account: AccountId", email, password_hash from account
           where email_normalised = $1 and active"#,
        email.normalised(),
    )
    .fetch_optional(conn)
    .await
}

/// Returns the password hash of an account.
pub async fn get_password(conn: &mut PgConnection, account: AccountId) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!("select password_hash from account where id = $1", account.0).fetch_one(conn).await
}

/// Creates a one-time link with which the person sets a password. The secret is not stored. Also deletes links that ended
/// long ago.
pub async fn mint_link(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    now: OffsetDateTime,
    purpose: LinkPurpose,
) -> Result<Secret, sqlx::Error> {
    sqlx::query!("delete from account_link where expires_at < $1", now - Duration::days(90)).execute(&mut **tx).await?;
    let secret = Secret::random();
    let hash = secret.hash();
    sqlx::query!(
        "insert into account_link (id, account_id, hash, created_at, expires_at) values ($1, $2, $3, $4, $5)",
        AccountLinkId::new().0,
        account.0,
        hash.as_bytes(),
        now,
        now + purpose.valid_for(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(secret)
}

/// The person whose password a link sets.
#[derive(Clone, Debug)]
pub struct LinkOwner {
    /// Their e-mail address.
    pub email: String,
    /// Their name.
    pub name: String,
}

/// Finds the person whose password this link sets, if it is still valid.
pub async fn find_link(
    conn: &mut PgConnection,
    hash: SecretHash,
    now: OffsetDateTime,
) -> Result<Option<LinkOwner>, sqlx::Error> {
    sqlx::query_as!(
        LinkOwner,
        r#"select account.email, account.name
           from account_link link join account on account.id = link.account_id
           where link.hash = $1 and link.used_at is null and link.expires_at > $2 and account.active"#,
        hash.as_bytes(),
        now,
    )
    .fetch_optional(conn)
    .await
}

/// Uses a link and returns the account whose password it sets. If it is used twice at once, the second use gets `None`. The
/// account is locked first, as in every transaction that ends its links, which prevents deadlocks.
pub async fn use_link(
    tx: &mut PgTransaction<'_>,
    hash: SecretHash,
    now: OffsetDateTime,
) -> Result<Option<AccountId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with owner as materialized (
               select account.id from account join account_link link on link.account_id = account.id
               where link.hash = $1 and account.active for no key update of account
           )
           update account_link link set used_at = $2
           from owner
           where link.hash = $1 and link.used_at is null and link.expires_at > $2 and link.account_id = owner.id
           returning owner.id as "id: AccountId""#,
        hash.as_bytes(),
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Saves a new password. Ends all logins, except the one that changed it, and all links that could set another password.
pub async fn keep_password(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    password_hash: &str,
    except: Option<LoginId>,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update account set password_hash = $2 where id = $1", account.0, password_hash)
        .execute(&mut **tx)
        .await?;
    sqlx::query!("update account_link set used_at = $2 where account_id = $1 and used_at is null", account.0, now)
        .execute(&mut **tx)
        .await?;
    super::logins::revoke_all(tx, account, except, now).await?;
    Ok(())
}
