//! Background jobs: sending the mails of the outbox, publishing at the times that organisers have set, watching for
//! publications, sending mailings, reminding people of a conference, offering places to those who wait, filling in the list of attendees, and deleting pictures and files that nobody
//! saved, and registrations that were not completed in time.
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
mod send_mail;
mod send_mailings;
mod watch_publication;

use tokio_util::sync::CancellationToken;

pub use self::context::JobContext;
use crate::mail::Transport;

/// Runs all jobs until `stop`, then finishes the work in progress.
pub async fn run(context: JobContext, stop: CancellationToken) {
    let watch = tokio::spawn(watch_publication::run(context.clone(), stop.clone()));
    let publish = tokio::spawn(publish_scheduled::run(context.clone(), stop.clone()));
    let offer = tokio::spawn(offer_places::run(context.clone(), stop.clone()));
    let delete = tokio::spawn(delete_unused::run(context.clone(), stop.clone()));
    let fill_in = tokio::spawn(fill_in_listing::run(context.clone(), stop.clone()));
    let mailings = tokio::spawn(send_mailings::run(context.clone(), stop.clone()));
    let remind = tokio::spawn(remind::run(context.clone(), stop.clone()));
    match Transport::new(&context.mail.settings) {
        Ok(transport) => send_mail::run(context, transport, stop).await,
        // The settings were validated at the start. Mails stay in the outbox until they are corrected.
        Err(error) => tracing::error!(%error, "no mail can be sent"),
    }
    if let Err(error) = watch.await {
        tracing::error!(%error, "the watch for publications has failed");
    }
    if let Err(error) = publish.await {
        tracing::error!(%error, "the job that publishes at a set time has failed");
    }
    if let Err(error) = remind.await {
        tracing::error!(%error, "the job that reminds people has failed");
    }
    if let Err(error) = mailings.await {
        tracing::error!(%error, "the job that sends mailings has failed");
    }
    if let Err(error) = offer.await {
        tracing::error!(%error, "the job that offers places has failed");
    }
    if let Err(error) = fill_in.await {
        tracing::error!(%error, "the job that fills in the list of attendees has failed");
    }
    if let Err(error) = delete.await {
        tracing::error!(%error, "the job that deletes what nobody needs has failed");
    }
}
