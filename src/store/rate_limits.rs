//! Rate limits: how often something may be tried, counted across all instances.

use sqlx::{PgConnection, postgres::types::PgInterval};
use time::Duration;

/// A limit: `burst` tries at once, then one more after each `refill`.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name in the table.
    pub name: &'static str,
    /// The number of tries allowed at once.
    pub burst: u32,
    /// The time after which one more try is allowed.
    pub refill: Duration,
}

/// The result of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Attempt {
    /// The try is allowed and was counted.
    Allowed,
    /// The limit is reached; the try was not counted.
    TooMany {
        /// After how many seconds there is another try.
        retry_after: u32,
    },
}

/// Counts one try for this key. This is the generic cell rate algorithm: a row holds the instant at which all tries are
/// available again.
pub async fn take(conn: &mut PgConnection, rule: Rule, key: &str) -> Result<Attempt, sqlx::Error> {
    take_many(conn, rule, key, 1).await
}

/// Counts several tries for this key, or none if they exceed the limit.
pub async fn take_many(conn: &mut PgConnection, rule: Rule, key: &str, tries: u32) -> Result<Attempt, sqlx::Error> {
    let cost = interval(rule.refill * tries);
    let room = interval(rule.refill * rule.burst);
    let taken = sqlx::query_scalar!(
        "insert into rate_limit as kept (rule, key, whole_at) values ($1, $2, now() + $3)
         on conflict (rule, key) do update set whole_at = greatest(kept.whole_at, now()) + $3
             where greatest(kept.whole_at, now()) + $3 <= now() + $4
         returning whole_at",
        rule.name,
        key,
        cost,
        room,
    )
    .fetch_optional(&mut *conn)
    .await?;
    if taken.is_some() {
        return Ok(Attempt::Allowed);
    }
    let seconds = sqlx::query_scalar!(
        r#"select ceil(extract(epoch from whole_at + $3 - now() - $4))::int as "seconds!"
           from rate_limit where rule = $1 and key = $2"#,
        rule.name,
        key,
        cost,
        room,
    )
    .fetch_one(conn)
    .await?;
    Ok(Attempt::TooMany { retry_after: u32::try_from(seconds).unwrap_or(1).max(1) })
}

/// Gives back a try that was counted and turned out not to count.
pub async fn give_back(conn: &mut PgConnection, rule: Rule, key: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update rate_limit set whole_at = whole_at - $3::interval where rule = $1 and key = $2",
        rule.name,
        key,
        interval(rule.refill),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A try that is counted together with others.
#[derive(Clone, Debug)]
pub struct Try {
    /// The limit.
    pub rule: Rule,
    /// The key that is counted.
    pub key: String,
    /// The number of tries.
    pub count: u32,
}

/// The try that exceeded its limit.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// Its index among the tries, from 0.
    pub which: usize,
    /// After how many seconds there is another try.
    pub retry_after: u32,
}

/// Counts all these tries. If one exceeds its limit, counts none and returns that one. Tries with the same rule and key are
/// added up. If somebody else takes the last try at the same instant, the other tries may be counted although one is refused;
/// a caller who must not lose them rolls back the transaction.
pub async fn take_each(conn: &mut PgConnection, tries: &[Try]) -> Result<Option<Refused>, sqlx::Error> {
    let rules: Vec<_> = tries.iter().map(|one| one.rule.name).collect();
    let keys: Vec<_> = tries.iter().map(|one| one.key.as_str()).collect();
    let costs: Vec<_> = tries.iter().map(|one| interval(one.rule.refill * one.count)).collect();
    let rooms: Vec<_> = tries.iter().map(|one| interval(one.rule.refill * one.rule.burst)).collect();
    // The tries that have to wait are selected first, so that nothing is counted in vain. Two transactions at the same
    // instant can both pass this check; the insert then refuses the second. Keys are locked in order, which prevents
    // deadlocks.
    let waits = sqlx::query!(
        r#"with asked as (
               select rule, key, sum(cost) as cost, max(room) as room, min(number) as number
               from unnest($1::text[], $2::text[], $3::interval[], $4::interval[]) with ordinality
                   as asked (rule, key, cost, room, number)
               group by rule, key
           ), waiting as (
               select asked.number, whole_at + cost - now() - room as wait
               from asked join rate_limit using (rule, key) where greatest(whole_at, now()) + cost > now() + room
           ), taken as (
               insert into rate_limit as kept (rule, key, whole_at)
               select rule, key, now() + cost from asked where not exists (select from waiting) order by rule, key
               on conflict (rule, key) do update
                   set whole_at = greatest(kept.whole_at, now()) + (excluded.whole_at - now())
                   where greatest(kept.whole_at, now()) + (excluded.whole_at - now())
                       <= now() + (select room from asked where asked.rule = kept.rule and asked.key = kept.key)
               returning rule, key
           )
           select number as "number!", ceil(extract(epoch from wait))::int as "seconds!" from waiting
           union all
           select number, 1 from asked
           where not exists (select from waiting) and not exists (select from taken where taken.rule = asked.rule and taken.key = asked.key)
           order by 1 limit 1"#,
        &rules as &[&str],
        &keys as &[&str],
        &costs,
        &rooms,
    )
    .fetch_optional(conn)
    .await?;
    Ok(waits.map(|wait| Refused {
        which: usize::try_from(wait.number - 1).unwrap_or_default(),
        retry_after: u32::try_from(wait.seconds).unwrap_or(1).max(1),
    }))
}

/// Deletes the rows of keys whose tries have all been available again for an hour.
pub async fn sweep(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from rate_limit where (rule, key) in (
             select rule, key from rate_limit where whole_at < now() - interval '1 hour' for update skip locked)"
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn interval(duration: Duration) -> PgInterval {
    let microseconds = i64::try_from(duration.whole_microseconds()).unwrap_or(i64::MAX);
    PgInterval { months: 0, days: 0, microseconds }
}
