//! The outbox job: takes mails that are due, composes them, hands them to the server, and notes what it said.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    task::{Id, JoinSet},
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
/// How many mails are under way at once.
const IN_HAND: usize = 8;
/// One mail in this time: three thousand a minute. Mail servers put off whoever comes faster, and in a rush those who
/// register come first.
const PACE: Duration = Duration::from_millis(20);
/// How often the outbox is looked at when nobody rings: for retries, and for mails of instances that died.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long the end waits for the mails in hand.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Sends what is due until `stop`, then finishes the mails in hand.
pub async fn run(workshop: Workshop, transport: Transport, stop: CancellationToken) {
    let transport = Arc::new(transport);
    let mut in_hand = JoinSet::new();
    // What became of a mail may be noted only after its lease is over, when the database was away: it is not taken again.
    let mut ids: HashMap<Id, MessageId> = HashMap::new();
    let mut away = false;
    // Whether something may be due, and from when on it may be taken.
    let (mut wanted, mut free_at) = (true, Instant::now());
    while !stop.is_cancelled() {
        // Taken by half-loads, so that busy times cost few commits.
        if wanted && in_hand.len() <= IN_HAND / 2 && free_at <= Instant::now() {
            let free = IN_HAND - in_hand.len();
            let held: Vec<_> = ids.values().copied().collect();
            match claim(&workshop, free, &held).await {
                Ok(claimed) => {
                    wanted = claimed.len() == free;
                    free_at = Instant::now();
                    away = false;
                    for claimed in claimed {
                        let id = claimed.id;
                        let sent = send(workshop.clone(), Arc::clone(&transport), claimed);
                        let task = in_hand.spawn(async move {
                            // One after the other: eight at once would take both cores from those who register.
                            sleep_until(free_at).await;
                            sent.await;
                        });
                        free_at += PACE;
                        ids.insert(task.id(), id);
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
            Some(ended) = in_hand.join_next_with_id() => {
                ids.remove(&ended.map_or_else(|fault| fault.id(), |(task, ())| task));
            }
            () = workshop.outbox.notified() => wanted = true,
            () = sleep_until(free_at), if wanted && Instant::now() < free_at => {}
            () = sleep(LOOK_EVERY) => wanted = true,
        }
    }
    if timeout(LAST_WORDS, async { while in_hand.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!(mails = in_hand.len(), "the mail server takes too long; these mails are sent again later");
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
}

/// One mail, from the claim to the note of what became of it. Nothing that goes wrong here reaches another mail.
async fn send(workshop: Workshop, transport: Arc<Transport>, claimed: Claimed) {
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
    }
    // A mail that went and is not noted would go twice: the database may be away for a while.
    while let Err(error) = note(&workshop, &claimed, &outcome).await {
        tracing::warn!(%id, %error, "what became of a mail cannot be noted; trying again");
        sleep(Duration::from_secs(1)).await;
    }
}

async fn attempt(workshop: Workshop, transport: Arc<Transport>, claimed: Claimed) -> Outcome {
    // Only an instance that died at every try leaves a mail like this.
    if claimed.attempt > backoff::TRIES {
        return Outcome::Never("The program ended at every try of this mail".to_owned());
    }
    let mail = match timeout(COMPOSED, compose::compose(&workshop, &claimed)).await {
        Ok(Ok(mail)) => mail,
        Err(_) => return Outcome::Later("The mail could not be written: the database does not answer".to_owned()),
        Ok(Err(error)) => return Outcome::Later(format!("The mail could not be written: {error}")),
    };
    match transport.send(claimed.id, &mail).await {
        Ok(words) => Outcome::Sent(words),
        Err(SendError::Later(words)) => Outcome::Later(words),
        Err(SendError::Never(words)) => Outcome::Never(words),
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
        }
    })
    .await
}
