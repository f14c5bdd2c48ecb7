//! Background jobs: sending the mails of the outbox, publishing at the times that organisers have set, watching for
//! publications, sending mailings, reminding people of a conference, offering places to those who wait, filling in the list of
//! attendees, and deleting pictures and files that nobody saved, and registrations that were not completed in time.
//!
//! The work is recorded in a table. Any instance claims it with `FOR UPDATE SKIP LOCKED` and a lease that is committed before
//! the work starts (`claim` in `store::outbox`, `store::mailings` and `store::programme::scheduled`,
//! `claim_lapsing` in `store::registrations::offers`), so that no work is lost when an instance is
//! killed. A job does not end when the database or the mail server is unavailable: it tries again.

mod backoff;
mod context;
mod delete_unused;
mod fill_in_listing;
mod offer_places;
mod publish_scheduled;
mod remind;
mod rounds;
mod send_mail;
mod send_mailings;
mod watch_publication;

use tokio_util::sync::CancellationToken;

pub use self::context::JobContext;
use crate::mail::Transport;

/// Runs all jobs until `stop`, then finishes the work in progress.
pub async fn run(context: JobContext, stop: CancellationToken) {
    let spawned = [
        ("watches for publications", tokio::spawn(watch_publication::run(context.clone(), stop.clone()))),
        ("publishes at a set time", tokio::spawn(publish_scheduled::run(context.clone(), stop.clone()))),
        ("offers places", tokio::spawn(offer_places::run(context.clone(), stop.clone()))),
        ("deletes what nobody needs", tokio::spawn(delete_unused::run(context.clone(), stop.clone()))),
        ("fills in the list of attendees", tokio::spawn(fill_in_listing::run(context.clone(), stop.clone()))),
        ("sends mailings", tokio::spawn(send_mailings::run(context.clone(), stop.clone()))),
        ("reminds people", tokio::spawn(remind::run(context.clone(), stop.clone()))),
    ];
    match Transport::new(&context.mail.settings) {
        Ok(transport) => send_mail::run(context, transport, stop).await,
        // The settings were validated at the start. Mails stay in the outbox until they are corrected.
        Err(error) => tracing::error!(%error, "no mail can be sent"),
    }
    for (what, job) in spawned {
        if let Err(error) = job.await {
            tracing::error!(%error, "the job that {what} has failed");
        }
    }
}
