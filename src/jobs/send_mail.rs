//! The outbox job: takes mails that are due, composes them, hands them to the server, and notes what it said.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    task::{Id, JoinError, JoinSet},
    time::{Instant, interval_at, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Workshop, backoff};
use crate::{
    domain::MessageId,
    mail::{Composed, SendError, Transport, compose, kind_names},
    store::{
        outbox::{self, Claimed, SentText},
        promptly,
    },
};

/// How often a lease is renewed while the server takes its time.
const RENEW: Duration = Duration::from_secs(10);
/// How long the database may take over what stands in one mail.
const COMPOSED: Duration = Duration::from_secs(20);
/// How many mails are under way at once, not counting the slow ones.
const IN_HAND: usize = 8;
/// A mail that is under way for longer is a slow one: its receiver hangs, and the others do not wait for it.
const SLOW: Duration = Duration::from_secs(5);
/// How many mails are under way at most, the slow ones included.
const MAX_IN_FLIGHT: usize = 40;
/// One mail in this time: three thousand a minute. Mail servers put off whoever comes faster, and in a rush those who
/// register come first.
const PACE: Duration = Duration::from_millis(20);
/// How often the outbox is looked at when nobody rings: for retries, and for mails of instances that died.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// While the mail server or the database is away, one mail is tried after this time, and then after twice as long each
/// time, up to the longest. As soon as one goes through, the others follow at the usual pace.
const PROBE_FIRST: Duration = Duration::from_secs(5);
const PROBE_LONGEST: Duration = Duration::from_mins(1);
/// How long the end waits for the mails in hand.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The mails under way, and what they tell of the server.
#[derive(Default)]
struct InFlight {
    tasks: JoinSet<Reachability>,
    /// What became of a mail may be noted only after its lease is over, when the database was away: it is not taken again.
    taken: HashMap<Id, (MessageId, Instant)>,
    /// How many times in a row the server or the database was found away.
    away: u32,
    /// When that was last.
    away_since: Option<Instant>,
    /// Before this instant, none is tried while it is away.
    probe_at: Option<Instant>,
}

/// What the end of one mail says about the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reachability {
    /// The mail server has answered, whatever it said of this mail.
    Reached,
    /// The mail server or the database is away.
    Away,
    /// The mail did not come as far as the server.
    Unknown,
}

impl InFlight {
    /// How many mails may be taken now.
    fn capacity(&self) -> usize {
        let now = Instant::now();
        let quick = self.taken.values().filter(|(_, since)| now.duration_since(*since) < SLOW).count();
        let room = MAX_IN_FLIGHT.saturating_sub(self.taken.len());
        match self.probe_at {
            Some(probe_at) if now < probe_at || quick > 0 => 0,
            Some(_) => room.min(1),
            // Taken by half-loads, so that busy times cost few commits.
            None if quick <= IN_HAND / 2 => room.min(IN_HAND - quick),
            None => 0,
        }
    }

    /// Takes note of a mail that was taken. While the server is away it is the only one, however long it hangs.
    fn took(&mut self, task: Id, id: MessageId) {
        let now = Instant::now();
        self.taken.insert(task, (id, now));
        self.probe_at = self.probe_at.map(|_| now + PROBE_LONGEST);
    }

    /// Takes note of the end of one mail.
    fn ended(&mut self, ended: Result<(Id, Reachability), JoinError>) {
        let (task, reachability) = ended.unwrap_or_else(|fault| (fault.id(), Reachability::Unknown));
        let taken_at = self.taken.remove(&task).map(|(_, at)| at);
        match reachability {
            Reachability::Reached => (self.away, self.probe_at) = (0, None),
            Reachability::Unknown => {}
            // Others that were under way with it say the same.
            Reachability::Away if self.away_since > taken_at => {}
            Reachability::Away => {
                self.away_since = Some(Instant::now());
                let wait = PROBE_FIRST.saturating_mul(1 << self.away.min(10)).min(PROBE_LONGEST);
                (self.away, self.probe_at) = (self.away + 1, Some(Instant::now() + wait));
            }
        }
    }
}

/// Sends what is due until `stop`, then finishes the mails in hand.
pub async fn run(workshop: Workshop, transport: Transport, stop: CancellationToken) {
    let transport = Arc::new(transport);
    let mut in_flight = InFlight::default();
    let mut away = false;
    // Whether something may be due, and from when on it may be taken.
    let (mut wanted, mut free_at) = (true, Instant::now());
    while !stop.is_cancelled() {
        let free = in_flight.capacity();
        if wanted && free > 0 && free_at <= Instant::now() {
            let held: Vec<_> = in_flight.taken.values().map(|(id, _)| *id).collect();
            match claim(&workshop, free, &held).await {
                Ok(claimed) => {
                    wanted = claimed.len() == free;
                    free_at = Instant::now();
                    away = false;
                    for claimed in claimed {
                        let id = claimed.id;
                        let sent = send(workshop.clone(), Arc::clone(&transport), claimed);
                        let task = in_flight.tasks.spawn(async move {
                            // One after the other: eight at once would take both cores from those who register.
                            sleep_until(free_at).await;
                            sent.await
                        });
                        in_flight.took(task.id(), id);
                        free_at += PACE;
                    }
                }
                Err(error) => {
                    if !away {
                        tracing::warn!(%error, "the outbox cannot be read; trying again");
                    }
                    (away, wanted) = (true, false);
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(ended) = in_flight.tasks.join_next_with_id() => {
                let was_away = in_flight.probe_at.is_some();
                in_flight.ended(ended);
                // What waited for the server is due.
                wanted |= was_away && in_flight.probe_at.is_none();
            }
            () = workshop.outbox.notified() => wanted = true,
            () = sleep_until(free_at), if wanted && Instant::now() < free_at => {}
            () = sleep(LOOK_EVERY) => wanted = true,
        }
    }
    if timeout(LAST_WORDS, async { while in_flight.tasks.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!(
            mails = in_flight.tasks.len(),
            "the mail server takes too long; these mails are sent again later"
        );
    }
    let _ = timeout(Duration::from_millis(500), transport.close()).await;
}

async fn claim(workshop: &Workshop, limit: usize, held: &[MessageId]) -> Result<Vec<Claimed>, sqlx::Error> {
    promptly(async {
        let mut conn = workshop.store.read().await?;
        outbox::claim(&mut conn, i64::try_from(limit).unwrap_or(1), &kind_names(), held).await
    })
    .await
}

/// What became of one try.
enum Outcome {
    /// With the server's words, and what was sent.
    Sent(String, SentText),
    Later(String),
    Never(String),
    /// It was no try: the mail server or the database is away.
    Away(String),
}

/// One mail, from the claim to the note of what became of it. Nothing that goes wrong here reaches another mail.
async fn send(workshop: Workshop, transport: Arc<Transport>, claimed: Claimed) -> Reachability {
    let id = claimed.id;
    let held = tokio::spawn(hold(workshop.clone(), claimed.clone()));
    let trying = tokio::spawn(attempt(workshop.clone(), transport, claimed.clone()));
    let (outcome, reachability) = trying.await.unwrap_or_else(|fault| {
        tracing::error!(%id, %fault, "a mail could not be made");
        let words = "The program failed at this mail; its log says more".to_owned();
        (Outcome::Later(words), Reachability::Unknown)
    });
    held.abort();
    let outcome = match outcome {
        Outcome::Later(words) if claimed.attempt >= backoff::TRIES => Outcome::Never(words),
        outcome => outcome,
    };
    let attempt = claimed.attempt;
    match &outcome {
        Outcome::Sent(..) => tracing::info!(%id, kind = claimed.kind, "mail sent"),
        Outcome::Later(words) => tracing::warn!(%id, attempt, words = loggable(words), "mail put off"),
        Outcome::Never(words) => tracing::error!(%id, attempt, words = loggable(words), "mail failed"),
        Outcome::Away(words) => {
            tracing::warn!(%id, words = loggable(words), "mail waits: the mail server or the database is away");
        }
    }
    // A mail that went and is not noted would go twice: the database may be away for a while.
    while let Err(error) = note(&workshop, &claimed, &outcome).await {
        tracing::warn!(%id, %error, "what became of a mail cannot be noted; trying again");
        sleep(Duration::from_secs(1)).await;
    }
    reachability
}

/// What the log may say of an outcome, without anybody's address: of a server's reply the two codes, of our own words
/// those without an `@`. Staff read the whole on the mail page.
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

async fn attempt(workshop: Workshop, transport: Arc<Transport>, claimed: Claimed) -> (Outcome, Reachability) {
    // Only an instance that died at every try leaves a mail like this.
    if claimed.attempt > backoff::TRIES {
        let words = "The program ended at every try of this mail".to_owned();
        return (Outcome::Never(words), Reachability::Unknown);
    }
    let unwritten = |cause: &str| format!("The mail could not be written: {cause}");
    let Composed { mail, sent } = match timeout(COMPOSED, compose(&workshop.mailing(), &claimed)).await {
        Ok(Ok(composed)) => composed,
        Err(_) => return (Outcome::Away(unwritten("the database does not answer")), Reachability::Away),
        Ok(Err(error)) if error.is_outage() => {
            return (Outcome::Away(unwritten(&error.to_string())), Reachability::Away);
        }
        Ok(Err(error)) => return (Outcome::Later(unwritten(&error.to_string())), Reachability::Unknown),
    };
    match transport.send(claimed.id, &mail).await {
        Ok(words) => (Outcome::Sent(words, sent), Reachability::Reached),
        Err(SendError::Later(words)) => (Outcome::Later(words), Reachability::Reached),
        Err(SendError::Never(words)) => (Outcome::Never(words), Reachability::Reached),
        Err(SendError::Away(words)) => (Outcome::Away(words), Reachability::Away),
    }
}

/// Renews the lease for as long as the mail is under way.
async fn hold(workshop: Workshop, claimed: Claimed) {
    let mut renewals = interval_at(Instant::now() + RENEW, RENEW);
    loop {
        renewals.tick().await;
        let held = promptly(async {
            let mut conn = workshop.store.read().await?;
            outbox::hold(&mut conn, &claimed).await
        });
        // The next renewal comes well before the lease is over.
        let _ = held.await;
    }
}

async fn note(workshop: &Workshop, claimed: &Claimed, outcome: &Outcome) -> Result<(), sqlx::Error> {
    promptly(async {
        let mut conn = workshop.store.read().await?;
        match outcome {
            Outcome::Sent(words, sent) => outbox::sent(&mut conn, claimed.id, words, sent).await,
            Outcome::Later(words) => outbox::put_off(&mut conn, claimed, words, backoff::delay(claimed.attempt)).await,
            Outcome::Never(words) => outbox::failed(&mut conn, claimed, words).await,
            Outcome::Away(words) => outbox::give_back(&mut conn, claimed, words).await,
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_holds_no_address_from_a_servers_reply() {
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
