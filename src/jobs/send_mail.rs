//! The outbox job: takes mails that are due, composes them, hands them to the server, and notes what it said.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    task::{Id, JoinError, JoinSet},
    time::{Instant, interval_at, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Workshop, backoff, compose};
use crate::{
    domain::MessageId,
    mail::{SendError, Transport},
    store::{
        messages::{self, Claimed},
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
const MOST: usize = 40;
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
struct Hands {
    tasks: JoinSet<Verdict>,
    /// What became of a mail may be noted only after its lease is over, when the database was away: it is not taken again.
    taken: HashMap<Id, (MessageId, Instant)>,
    /// How many times in a row the server or the database was found away.
    away: u32,
    /// Before this instant, none is tried while it is away.
    probe_at: Option<Instant>,
}

/// What the end of one mail says about the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The way is open, whatever became of this mail.
    Open,
    /// The mail server or the database is away.
    Away,
}

impl Hands {
    /// How many mails may be taken now.
    fn free(&self) -> usize {
        let now = Instant::now();
        let quick = self.taken.values().filter(|(_, since)| now.duration_since(*since) < SLOW).count();
        let room = MOST.saturating_sub(self.taken.len());
        match self.probe_at {
            Some(probe_at) if now < probe_at || quick > 0 => 0,
            Some(_) => room.min(1),
            // Taken by half-loads, so that busy times cost few commits.
            None if quick <= IN_HAND / 2 => room.min(IN_HAND - quick),
            None => 0,
        }
    }

    /// Takes note of the end of one mail.
    fn ended(&mut self, ended: Result<(Id, Verdict), JoinError>) {
        let (task, verdict) = ended.unwrap_or_else(|fault| (fault.id(), Verdict::Open));
        self.taken.remove(&task);
        match verdict {
            Verdict::Open => (self.away, self.probe_at) = (0, None),
            // Others that were under way with it say the same.
            Verdict::Away if self.probe_at.is_some_and(|probe_at| Instant::now() < probe_at) => {}
            Verdict::Away => {
                let wait = PROBE_FIRST.saturating_mul(1 << self.away.min(10)).min(PROBE_LONGEST);
                (self.away, self.probe_at) = (self.away + 1, Some(Instant::now() + wait));
            }
        }
    }
}

/// Sends what is due until `stop`, then finishes the mails in hand.
pub async fn run(workshop: Workshop, transport: Transport, stop: CancellationToken) {
    let transport = Arc::new(transport);
    let mut hands = Hands::default();
    let mut away = false;
    // Whether something may be due, and from when on it may be taken.
    let (mut wanted, mut free_at) = (true, Instant::now());
    while !stop.is_cancelled() {
        let free = hands.free();
        if wanted && free > 0 && free_at <= Instant::now() {
            let held: Vec<_> = hands.taken.values().map(|(id, _)| *id).collect();
            match claim(&workshop, free, &held).await {
                Ok(claimed) => {
                    wanted = claimed.len() == free;
                    free_at = Instant::now();
                    away = false;
                    for claimed in claimed {
                        let id = claimed.id;
                        let sent = send(workshop.clone(), Arc::clone(&transport), claimed);
                        let task = hands.tasks.spawn(async move {
                            // One after the other: eight at once would take both cores from those who register.
                            sleep_until(free_at).await;
                            sent.await
                        });
                        hands.taken.insert(task.id(), (id, free_at));
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
            Some(ended) = hands.tasks.join_next_with_id() => {
                let was_away = hands.probe_at.is_some();
                hands.ended(ended);
                // What waited for the server is due.
                wanted |= was_away && hands.probe_at.is_none();
            }
            () = workshop.outbox.notified() => wanted = true,
            () = sleep_until(free_at), if wanted && Instant::now() < free_at => {}
            () = sleep(LOOK_EVERY) => wanted = true,
        }
    }
    if timeout(LAST_WORDS, async { while hands.tasks.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!(mails = hands.tasks.len(), "the mail server takes too long; these mails are sent again later");
    }
    let _ = timeout(Duration::from_millis(500), transport.close()).await;
}

async fn claim(workshop: &Workshop, limit: usize, held: &[MessageId]) -> Result<Vec<Claimed>, sqlx::Error> {
    promptly(async {
        let mut conn = workshop.store.read().await?;
        messages::claim(&mut conn, i64::try_from(limit).unwrap_or(1), held).await
    })
    .await
}

/// What became of one try.
enum Outcome {
    Sent(String),
    Later(String),
    Never(String),
    /// It was no try: the mail server or the database is away.
    Away(String),
}

/// One mail, from the claim to the note of what became of it. Nothing that goes wrong here reaches another mail.
async fn send(workshop: Workshop, transport: Arc<Transport>, claimed: Claimed) -> Verdict {
    let id = claimed.id;
    let held = tokio::spawn(hold(workshop.clone(), claimed.clone()));
    let trying = tokio::spawn(attempt(workshop.clone(), transport, claimed.clone()));
    let outcome = trying.await.unwrap_or_else(|fault| {
        tracing::error!(%id, %fault, "a mail could not be made");
        Outcome::Later("The program failed at this mail; its log says more".to_owned())
    });
    held.abort();
    let outcome = match outcome {
        Outcome::Later(words) if claimed.attempt >= backoff::TRIES => Outcome::Never(words),
        outcome => outcome,
    };
    match &outcome {
        Outcome::Sent(_) => tracing::info!(%id, kind = claimed.kind.as_str(), "mail sent"),
        Outcome::Later(words) => tracing::warn!(%id, attempt = claimed.attempt, words, "mail put off"),
        Outcome::Never(words) => tracing::error!(%id, attempt = claimed.attempt, words, "mail failed"),
        Outcome::Away(words) => tracing::warn!(%id, words, "mail waits: the mail server or the database is away"),
    }
    // A mail that went and is not noted would go twice: the database may be away for a while.
    while let Err(error) = note(&workshop, &claimed, &outcome).await {
        tracing::warn!(%id, %error, "what became of a mail cannot be noted; trying again");
        sleep(Duration::from_secs(1)).await;
    }
    if matches!(outcome, Outcome::Away(_)) { Verdict::Away } else { Verdict::Open }
}

async fn attempt(workshop: Workshop, transport: Arc<Transport>, claimed: Claimed) -> Outcome {
    // Only an instance that died at every try leaves a mail like this.
    if claimed.attempt > backoff::TRIES {
        return Outcome::Never("The program ended at every try of this mail".to_owned());
    }
    let mail = match timeout(COMPOSED, compose::compose(&workshop, &claimed)).await {
        Ok(Ok(mail)) => mail,
        Err(_) => return Outcome::Away("The mail could not be written: the database does not answer".to_owned()),
        Ok(Err(error)) if error.is_outage() => return Outcome::Away(format!("The mail could not be written: {error}")),
        Ok(Err(error)) => return Outcome::Later(format!("The mail could not be written: {error}")),
    };
    match transport.send(claimed.id, &mail).await {
        Ok(words) => Outcome::Sent(words),
        Err(SendError::Later(words)) => Outcome::Later(words),
        Err(SendError::Never(words)) => Outcome::Never(words),
        Err(SendError::Away(words)) => Outcome::Away(words),
    }
}

/// Renews the lease for as long as the mail is under way.
async fn hold(workshop: Workshop, claimed: Claimed) {
    let mut renewals = interval_at(Instant::now() + RENEW, RENEW);
    loop {
        renewals.tick().await;
        let held = promptly(async {
            let mut conn = workshop.store.read().await?;
            messages::hold(&mut conn, &claimed).await
        });
        // The next renewal comes well before the lease is over.
        let _ = held.await;
    }
}

async fn note(workshop: &Workshop, claimed: &Claimed, outcome: &Outcome) -> Result<(), sqlx::Error> {
    promptly(async {
        let mut conn = workshop.store.read().await?;
        match outcome {
            Outcome::Sent(words) => messages::sent(&mut conn, claimed.id, words).await,
            Outcome::Later(words) => {
                messages::put_off(&mut conn, claimed, words, backoff::delay(claimed.attempt)).await
            }
            Outcome::Never(words) => messages::failed(&mut conn, claimed, words).await,
            Outcome::Away(words) => messages::give_back(&mut conn, claimed, words).await,
        }
    })
    .await
}
