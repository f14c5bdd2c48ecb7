//! Logins. The browser has a secret, and the table its hash. A login can be ended at any time.

use sqlx::{PgConnection, PgTransaction};
use time::{Duration, OffsetDateTime};

use crate::domain::{AccountId, ConferenceId, LoginId, Role, Secret, SecretHash, SignedIn};
use crate::store::rate_limits;

/// A login ends after this time without a request: a working day and the evening.
pub const IDLE: Duration = Duration::hours(12);

/// A login ends after this time at the latest: a week, so that nobody signs in twice during a conference.
pub const LONGEST: Duration = Duration::days(7);

/// How long a browser counts as known after its last login. Logins are stored at least this long.
pub const KNOWN: Duration = Duration::days(90);

/// The precision of the time of the last request, so that not every request writes to the database.
const SEEN: Duration = Duration::minutes(1);

/// Finds the person whose login has this secret, if it is valid and the account is active. Records the time of the request.
pub async fn find(
    conn: &mut PgConnection,
    hash: SecretHash,
    now: OffsetDateTime,
) -> Result<Option<SignedIn>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select login.id as "login: LoginId", login.seen_at, account.id as "account: AccountId",
               account.email, account.name, membership.conference_id as "conference: ConferenceId",
               membership.role as "role?"
           from login
           join account on account.id = login.account_id and account.active
           left join membership on membership.account_id = account.id
           where login.hash = $1 and login.revoked_at is null and login.expires_at > $2 and login.seen_at > $3"#,
        hash.as_bytes(),
        now,
        now - IDLE,
    )
    .fetch_all(&mut *conn)
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    if first.seen_at < now - SEEN {
        sqlx::query!("update login set seen_at = $2 where id = $1", first.login.0, now).execute(conn).await?;
    }
    let mut signed_in = SignedIn {
        login: first.login,
        account: first.account,
        email: first.email.clone(),
        name: first.name.clone(),
        roles: Vec::new(),
        page: None,
        failed_mails: 0,
    };
    for row in &rows {
        // A role that only a newer version knows allows nothing here.
        let role = row.role.as_deref().and_then(Role::parse);
        signed_in.roles.extend(role.map(|role| (row.conference, role)));
    }
    Ok(Some(signed_in))
}

/// A new login.
#[derive(Clone, Copy, Debug)]
pub struct NewLogin<'a> {
    /// The account.
    pub account: AccountId,
    /// The name that the browser gives itself.
    pub browser: &'a str,
    /// The visitor's network.
    pub network: &'a str,
    /// The hash of the secret by which the browser is recognised later.
    pub known_by: SecretHash,
}

/// Begins a login and returns the secret for the browser's cookie, which is not stored. Also deletes logins that ended long
/// ago.
pub async fn begin(
    tx: &mut PgTransaction<'_>,
    login: NewLogin<'_>,
    now: OffsetDateTime,
) -> Result<Secret, sqlx::Error> {
    let secret = Secret::random();
    let hash = secret.hash();
    sqlx::query!(
        "insert into login (id, account_id, hash, created_at, seen_at, expires_at, browser, network, browser_hash)
         values ($1, $2, $3, $4, $4, $5, left($6, 200), $7, $8)",
        LoginId::new().0,
        login.account.0,
        hash.as_bytes(),
        now,
        now + LONGEST,
        login.browser,
        login.network,
        login.known_by.as_bytes(),
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("delete from login where expires_at < $1", now - KNOWN).execute(&mut **tx).await?;
    rate_limits::sweep(tx).await?;
    Ok(secret)
}

/// Returns whether somebody has signed in to this account with the browser that has this secret.
pub async fn is_known_to(
    conn: &mut PgConnection,
    account: AccountId,
    browser: SecretHash,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from login where browser_hash = $2 and account_id = $1) as "known!""#,
        account.0,
        browser.as_bytes(),
    )
    .fetch_one(conn)
    .await
}

/// Returns whether somebody has signed in to any account with the browser that has this secret.
pub async fn is_known_browser(conn: &mut PgConnection, browser: SecretHash) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select exists (select from login where browser_hash = $1) as "known!""#, browser.as_bytes(),)
        .fetch_one(conn)
        .await
}

/// A login as its owner sees it.
#[derive(Clone, Debug)]
pub struct Login {
    /// Its key.
    pub id: LoginId,
    /// The name that the browser gives itself.
    pub browser: String,
    /// The network.
    pub network: String,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When the last request was, to the minute.
    pub seen_at: OffsetDateTime,
}

/// Lists the valid logins of an account, latest first.
pub async fn list(conn: &mut PgConnection, account: AccountId, now: OffsetDateTime) -> Result<Vec<Login>, sqlx::Error> {
    sqlx::query_as!(
        Login,
        r#"select id as "id: LoginId", browser, network, created_at, seen_at from login
           where account_id = $1 and revoked_at is null and expires_at > $2 and seen_at > $3
           order by seen_at desc, id desc limit 100"#,
        account.0,
        now,
        now - IDLE,
    )
    .fetch_all(conn)
    .await
}

/// Ends the login with this secret, if there is one.
pub async fn end(conn: &mut PgConnection, hash: SecretHash, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!("update login set revoked_at = $2 where hash = $1 and revoked_at is null", hash.as_bytes(), now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a login, if it is one of this account.
pub async fn revoke(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    login: LoginId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update login set revoked_at = $3 where id = $1 and account_id = $2 and revoked_at is null",
        login.0,
        account.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends all logins of an account, except one.
pub async fn revoke_all(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    except: Option<LoginId>,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update login set revoked_at = $3
         where account_id = $1 and id is distinct from $2 and revoked_at is null",
        account.0,
        except.map(|id| id.0),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
