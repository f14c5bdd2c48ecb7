//! Sends the mails of the outbox: claims those that are due, composes them, passes them to the mail server and records the
//! outcome.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    task::{Id, JoinError, JoinSet},
    time::{Instant, interval_at, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{JobContext, backoff};
use crate::{
    domain::MessageId,
    mail::{ComposeError, Composed, SendError, Transport, compose, kind_names},
    store::{
        outbox::{self, Claimed, SentText},
        promptly,
    },
};

/// How often a lease is renewed while the mail server is slow.
const RENEW_INTERVAL: Duration = Duration::from_secs(10);
/// The time limit for composing one mail.
const COMPOSE_TIMEOUT: Duration = Duration::from_secs(20);
/// How many mails are sent at once, not counting the slow ones.
const MAX_QUICK: usize = 8;
/// A mail that takes longer is slow: its server hangs, and the other mails do not wait for it.
const SLOW: Duration = Duration::from_secs(5);
/// How many mails are sent at once at most, including the slow ones.
const MAX_IN_FLIGHT: usize = 40;
/// The time between two mails: three thousand a minute. Mail servers defer faster senders, and at busy times registrations
/// come first.
const PACE: Duration = Duration::from_millis(20);
/// How often the outbox is read without a notification: for retries, and for mails of instances that died.
const READ_INTERVAL: Duration = Duration::from_secs(2);
/// While the mail server or the database is unavailable, one mail is tried after this time, which then doubles up to
/// `PROBE_LONGEST`. As soon as one succeeds, the others follow at the usual pace.
const PROBE_FIRST: Duration = Duration::from_secs(5);
const PROBE_LONGEST: Duration = Duration::from_mins(1);
/// How long a stop waits for the mails in progress.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// The mails in progress, and what they show about the mail server.
#[derive(Default)]
struct InFlight {
    tasks: JoinSet<Reachability>,
    /// The mails of the tasks, each with when it was claimed. If the database was unavailable, the lease of a mail may end before
    /// its outcome is recorded; these mails are not claimed again.
    claimed: HashMap<Id, (MessageId, Instant)>,
    /// How many attempts in a row found the mail server or the database unavailable.
    failures: u32,
    /// When the last of these attempts ended.
    failed_at: Option<Instant>,
    /// When the next mail may be tried, while the mail server or the database is unavailable.
    probe_at: Option<Instant>,
}

/// What the outcome of one mail shows about the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reachability {
    /// The mail server answered, whatever it said about this mail.
    Reached,
    /// The mail server or the database is unavailable.
    Unavailable,
    /// The mail did not reach the server.
    Unknown,
}

impl InFlight {
    /// Returns how many mails may be claimed now.
    fn capacity(&self) -> usize {
        let now = Instant::now();
        let quick = self.claimed.values().filter(|(_, since)| now.duration_since(*since) < SLOW).count();
        let room = MAX_IN_FLIGHT.saturating_sub(self.claimed.len());
        match self.probe_at {
            Some(probe_at) if now < probe_at || quick > 0 => 0,
            Some(_) => room.min(1),
            // Claims at least half of the limit at once, so that busy times need few commits.
            None if quick <= MAX_QUICK / 2 => room.min(MAX_QUICK - quick),
            None => 0,
        }
    }

    /// Records a claimed mail. While the mail server is unavailable, it is the only one, however long it takes.
    fn add(&mut self, task: Id, id: MessageId) {
        let now = Instant::now();
        self.claimed.insert(task, (id, now));
        self.probe_at = self.probe_at.map(|_| now + PROBE_LONGEST);
    }

    /// Records the end of one mail.
    fn remove(&mut self, ended: Result<(Id, Reachability), JoinError>) {
        let (task, reachability) = ended.unwrap_or_else(|fault| (fault.id(), Reachability::Unknown));
        let claimed_at = self.claimed.remove(&task).map(|(_, at)| at);
        match reachability {
            Reachability::Reached => (self.failures, self.probe_at) = (0, None),
            // It shows nothing about the server, so the next mail is tried at once.
            Reachability::Unknown => self.probe_at = self.probe_at.map(|_| Instant::now()),
            // Mails that were in progress at the same time show the same failure.
            Reachability::Unavailable if self.failed_at > claimed_at => {}
            Reachability::Unavailable => {
                self.failed_at = Some(Instant::now());
                let wait = PROBE_FIRST.saturating_mul(1 << self.failures.min(10)).min(PROBE_LONGEST);
                (self.failures, self.probe_at) = (self.failures + 1, Some(Instant::now() + wait));
            }
        }
    }
}

/// Sends the mails that are due until `stop`, then finishes those in progress.
pub async fn run(context: JobContext, transport: Transport, stop: CancellationToken) {
    let transport = Arc::new(transport);
    let mut in_flight = InFlight::default();
    let mut is_unreadable = false;
    // Whether a mail may be due, and when the next one may be sent.
    let (mut wanted, mut free_at) = (true, Instant::now());
    while !stop.is_cancelled() {
        let free = in_flight.capacity();
        if wanted && free > 0 && free_at <= Instant::now() {
            let in_progress: Vec<_> = in_flight.claimed.values().map(|(id, _)| *id).collect();
            match claim(&context, free, &in_progress).await {
                Ok(claimed) => {
                    wanted = claimed.len() == free;
                    free_at = Instant::now();
                    is_unreadable = false;
                    for claimed in claimed {
                        let id = claimed.id;
                        let sent = send(context.clone(), Arc::clone(&transport), claimed);
                        let task = in_flight.tasks.spawn(async move {
                            // Not all at once: eight mails together would take both cores from registrations.
                            sleep_until(free_at).await;
                            sent.await
                        });
                        in_flight.add(task.id(), id);
                        free_at += PACE;
                    }
                }
                Err(error) => {
                    if !is_unreadable {
                        tracing::warn!(%error, "the outbox cannot be read; trying again");
                    }
                    (is_unreadable, wanted) = (true, false);
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(ended) = in_flight.tasks.join_next_with_id() => {
                let was_unavailable = in_flight.probe_at.is_some();
                in_flight.remove(ended);
                // The mails that waited for the server are due now.
                wanted |= was_unavailable && in_flight.probe_at.is_none();
            }
            () = context.outbox.notified() => wanted = true,
            () = sleep_until(free_at), if wanted && Instant::now() < free_at => {}
            () = sleep(READ_INTERVAL) => wanted = true,
        }
    }
    if timeout(STOP_TIMEOUT, async { while in_flight.tasks.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!(mails = in_flight.tasks.len(), "the mail server is too slow; these mails are sent again later");
    }
    let _ = timeout(Duration::from_millis(500), transport.close()).await;
}

async fn claim(context: &JobContext, limit: usize, in_progress: &[MessageId]) -> Result<Vec<Claimed>, sqlx::Error> {
    promptly(async {
        let mut conn = context.mail.store.read().await?;
        outbox::claim(&mut conn, i64::try_from(limit).unwrap_or(1), &kind_names(), in_progress).await
    })
    .await
}

/// The outcome of one attempt.
enum Outcome {
    /// Sent, with the server's reply and the text.
    Sent(String, SentText),
    Later(String),
    Never(String),
    /// Its reader should not get it any more, for this reason.
    Unwanted(String),
    /// The mail server or the database is unavailable. It does not count as an attempt.
    Unavailable(String),
}

/// Sends one claimed mail and records the outcome. A failure does not affect other mails.
async fn send(context: JobContext, transport: Arc<Transport>, claimed: Claimed) -> Reachability {
    let id = claimed.id;
    let renewals = tokio::spawn(renew(context.clone(), claimed.clone()));
    let trying = tokio::spawn(attempt(context.clone(), transport, claimed.clone()));
    let (outcome, reachability) = trying.await.unwrap_or_else(|fault| {
        tracing::error!(%id, %fault, "composing or sending a mail panicked");
        let words = "The program failed on this mail. Its log has the details".to_owned();
        (Outcome::Later(words), Reachability::Unknown)
    });
    renewals.abort();
    let outcome = match outcome {
        Outcome::Later(words) if claimed.attempt >= backoff::ATTEMPTS => Outcome::Never(words),
        outcome => outcome,
    };
    let attempt = claimed.attempt;
    match &outcome {
        Outcome::Sent(..) => tracing::info!(%id, kind = claimed.kind, "mail sent"),
        Outcome::Later(words) => tracing::warn!(%id, attempt, words = loggable(words), "mail deferred"),
        Outcome::Never(words) => tracing::error!(%id, attempt, words = loggable(words), "mail failed"),
        Outcome::Unwanted(words) => tracing::info!(%id, words = loggable(words), "mail discarded"),
        Outcome::Unavailable(words) => {
            tracing::warn!(%id, words = loggable(words), "mail waits: the mail server or the database is unavailable");
        }
    }
    // If a sent mail is not recorded, it is sent twice. The database may be unavailable for a while.
    while let Err(error) = record(&context, &claimed, &outcome).await {
        tracing::warn!(%id, %error, "the outcome of a mail cannot be recorded; trying again");
        sleep(Duration::from_secs(1)).await;
    }
    reachability
}

/// Returns what may be logged of an outcome, without e-mail addresses: the two codes of a server's reply, or our own words
/// without an `@`. Staff read all of it on the page of the mail.
fn loggable(words: &str) -> String {
    let mut parts = words.split_whitespace();
    let code = parts.next().unwrap_or_default();
    if code.len() != 3 || code.parse::<u16>().is_err() {
        return words.split_whitespace().filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" ");
    }
    let is_enhanced =
        |part: &&str| part.split('.').count() == 3 && part.split('.').all(|one| one.parse::<u16>().is_ok());
    match parts.next().filter(is_enhanced) {
        Some(enhanced) => format!("{code} {enhanced}"),
        None => code.to_owned(),
    }
}

async fn attempt(context: JobContext, transport: Arc<Transport>, claimed: Claimed) -> (Outcome, Reachability) {
    // This happens only if the instance died during every attempt.
    if claimed.attempt > backoff::ATTEMPTS {
        let words = "The program ended during every attempt to send this mail".to_owned();
        return (Outcome::Never(words), Reachability::Unknown);
    }
    let unwritten = |cause: &str| format!("The mail could not be written: {cause}");
    let Composed { mail, sent } = match timeout(COMPOSE_TIMEOUT, compose(&context.mail, &claimed)).await {
        Ok(Ok(composed)) => composed,
        Err(_) => return (Outcome::Unavailable(unwritten("the database does not answer")), Reachability::Unavailable),
        Ok(Err(error)) if error.is_outage() => {
            return (Outcome::Unavailable(unwritten(&error.to_string())), Reachability::Unavailable);
        }
        Ok(Err(error @ ComposeError::Unwanted(_))) => {
            return (Outcome::Unwanted(error.to_string()), Reachability::Unknown);
        }
        Ok(Err(error)) => return (Outcome::Later(unwritten(&error.to_string())), Reachability::Unknown),
    };
    match transport.send(claimed.id, &mail).await {
        Ok(words) => (Outcome::Sent(words, sent), Reachability::Reached),
        Err(SendError::Later(words)) => (Outcome::Later(words), Reachability::Reached),
        Err(SendError::Never(words)) => (Outcome::Never(words), Reachability::Reached),
        Err(SendError::Unavailable(words)) => (Outcome::Unavailable(words), Reachability::Unavailable),
    }
}

/// Renews the lease while the mail is in progress.
async fn renew(context: JobContext, claimed: Claimed) {
    let mut ticks = interval_at(Instant::now() + RENEW_INTERVAL, RENEW_INTERVAL);
    loop {
        ticks.tick().await;
        let renewed = promptly(async {
            let mut conn = context.mail.store.read().await?;
            outbox::hold(&mut conn, &claimed).await
        });
        // If it fails, the next renewal still comes well before the lease ends.
        let _ = renewed.await;
    }
}

async fn record(context: &JobContext, claimed: &Claimed, outcome: &Outcome) -> Result<(), sqlx::Error> {
    promptly(async {
        let mut conn = context.mail.store.read().await?;
        match outcome {
            Outcome::Sent(words, sent) => outbox::sent(&mut conn, claimed.id, words, sent).await,
            Outcome::Later(words) => outbox::put_off(&mut conn, claimed, words, backoff::delay(claimed.attempt)).await,
            Outcome::Never(words) => outbox::failed(&mut conn, claimed, words).await,
            Outcome::Unwanted(words) => outbox::discard(&mut conn, claimed, words).await,
            Outcome::Unavailable(words) => outbox::give_back(&mut conn, claimed, words).await,
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_contains_no_address_from_a_servers_reply() {
        for (words, logged) in [
            ("550 5.1.1 <anna@city.example>: no such user", "550 5.1.1"),
            ("550 anna@city.example is unknown", "550"),
            ("451 4.7.1", "451 4.7.1"),
            ("The mail server did not answer in time", "The mail server did not answer in time"),
            ("The mail could not be written: anna@city is no address", "The mail could not be written: is no address"),
        ] {
            assert_eq!(loggable(words), logged);
        }
    }
}
