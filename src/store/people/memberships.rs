//! Accounts and their roles, as administrators manage them. There is always an administrator left.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::domain::{AccountId, ConferenceId, PersonName, Role, Roles};
use crate::store::people::{accounts::give_role, logins};

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its key.
    pub id: AccountId,
    /// The address the person signs in with.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// Whether the person can sign in.
    pub active: bool,
    /// Whether the person has set a password.
    pub has_password: bool,
    /// When the person made the last request, as far as logins are stored.
    pub seen_at: Option<OffsetDateTime>,
    /// The roles, each with its conference; `None` for all conferences.
    pub roles: Roles,
}

/// Lists all accounts by name, active ones first.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<Account>, sqlx::Error> {
    select(conn, None).await
}

/// Finds the account with this key.
pub async fn find(conn: &mut PgConnection, account: AccountId) -> Result<Option<Account>, sqlx::Error> {
    Ok(select(conn, Some(account)).await?.pop())
}

async fn select(conn: &mut PgConnection, only: Option<AccountId>) -> Result<Vec<Account>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select account.id as "id: AccountId", account.email, account.name, account.active,
               account.password_hash is not null as "has_password!",
               (select max(seen_at) from login where login.account_id = account.id) as seen_at,
               membership.conference_id as "conference: ConferenceId", membership.role as "role?: Role"
           from account left join membership on membership.account_id = account.id
           where $1::uuid is null or account.id = $1
           order by account.active desc, lower(account.name), account.id, membership.role"#,
        only.map(|id| id.0),
    )
    .fetch_all(conn)
    .await?;
    let mut accounts: Vec<Account> = Vec::new();
    for row in rows {
        if accounts.last().is_none_or(|last| last.id != row.id) {
            accounts.push(Account {
                id: row.id,
                email: row.email,
                name: row.name,
                active: row.active,
                has_password: row.has_password,
                seen_at: row.seen_at,
                roles: Vec::new(),
            });
        }
        if let (Some(last), Some(role)) = (accounts.last_mut(), row.role) {
            last.roles.push((row.conference, role));
        }
    }
    Ok(accounts)
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// No administrator would be left.
    #[error("this is the last administrator")]
    LastAdministrator,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Gives an account this name and exactly these roles.
pub async fn change(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    name: &PersonName,
    roles: &[(Option<ConferenceId>, Role)],
) -> Result<(), ChangeError> {
    let before = lock_administrators(tx).await?;
    sqlx::query!("update account set name = $2 where id = $1", account.0, name.as_str()).execute(&mut **tx).await?;
    sqlx::query!("delete from membership where account_id = $1", account.0).execute(&mut **tx).await?;
    for (conference, role) in roles {
        give_role(tx, account, *conference, *role).await?;
    }
    check_administrators(tx, before).await
}

/// Deactivates an account and ends its logins and links. What the person did is kept. Returns whether the account was active.
pub async fn deactivate(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<bool, ChangeError> {
    let before = lock_administrators(tx).await?;
    let ended = sqlx::query!("update account set active = false where id = $1 and active", account.0)
        .execute(&mut **tx)
        .await?;
    if ended.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!("update account_link set used_at = $2 where account_id = $1 and used_at is null", account.0, now)
        .execute(&mut **tx)
        .await?;
    logins::revoke_all(tx, account, None, now).await?;
    check_administrators(tx, before).await?;
    Ok(true)
}

/// Lets the person sign in again, with the same roles and password as before. Returns whether the account was deactivated.
pub async fn reactivate(tx: &mut PgTransaction<'_>, account: AccountId) -> Result<bool, sqlx::Error> {
    let begun = sqlx::query!("update account set active = true where id = $1 and not active", account.0)
        .execute(&mut **tx)
        .await?;
    Ok(begun.rows_affected() == 1)
}

/// Returns the number of administrators, and locks it until this transaction ends, so that two administrators cannot remove
/// each other's role at the same instant.
async fn lock_administrators(tx: &mut PgTransaction<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('administrators'))").execute(&mut **tx).await?;
    count_administrators(tx).await
}

/// Fails if no administrator is left but there was one before.
async fn check_administrators(tx: &mut PgTransaction<'_>, before: i64) -> Result<(), ChangeError> {
    if before > 0 && count_administrators(tx).await? == 0 {
        return Err(ChangeError::LastAdministrator);
    }
    Ok(())
}

async fn count_administrators(tx: &mut PgTransaction<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from membership join account on account.id = membership.account_id
           where membership.role = 'administrator' and account.active and account.password_hash is not null"#,
    )
    .fetch_one(&mut **tx)
    .await
}
