//! `/staff/{c}/attendees/{attendee}/resend`: sends the confirmation again, to an attendee or to the contact.

use axum::extract::State;
use time::Duration;

use super::{attendee::AttendeePage, attendee_of};
use crate::{
    access::Person,
    domain::{AttendeeId, AuditKind, OfferId, email},
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, ConfirmationData, Kind, NewMessage, OfferData},
        rate_limits::{self, Attempt, Rule},
        registrations::{attendees::Detail, offers},
    },
    urls,
    web::{App, AppError, Current, Named, Result, Submitted, reply, see_other},
};

/// Three at once, then one every ten minutes. This is enough for a telephone call and does not flood a mailbox.
pub(super) const RESEND: Rule = Rule { name: "resend_confirmation", burst: 3, refill: Duration::minutes(10) };

/// `POST /staff/{c}/attendees/{attendee}/resend`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    form: Submitted,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    let offer = match form.get("to") {
        "attendee" => offers::find_open(&mut *app.store.read().await?, detail.attendee.id).await?,
        _ => None,
    };
    let Some(message) = message(&detail, form.get("to"), offer) else {
        return Err(AppError::BadRequest("nobody to send the confirmation to".into()));
    };
    // Before the transaction, so that the attempt counts even if the transaction fails.
    let attempt = rate_limits::take(&mut *app.store.read().await?, RESEND, &email::mailbox(message.recipient)).await?;
    if let Attempt::TooMany { retry_after } = attempt {
        let mut again = AttendeePage::of(&app, &person, &site, detail).await?;
        again.wait = Some(retry_after.div_ceil(60));
        return reply::too_many(&again, retry_after);
    }
    let mut tx = app.store.begin().await?;
    let entry = Entry {
        conference: message.conference,
        registration: message.registration,
        attendee: message.attendee,
        ..Entry::of(AuditKind::ConfirmationResent, Actor::Account(person.account))
    };
    outbox::enqueue(&mut tx, message).await?;
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, detail.attendee.id, "sent")))
}

/// Returns the mail for the chosen recipient. An attendee who is also the contact gets the contact's confirmation, which covers
/// everything. An attendee who has been offered a place gets the offer, and one who is cancelled gets none.
fn message<'a>(detail: &'a Detail, to: &str, offer: Option<OfferId>) -> Option<NewMessage<'a>> {
    let (registration, attendee) = (&detail.registration, &detail.attendee);
    let about_contact = match to {
        "attendee" if attendee.is_active() => detail.is_contact(),
        "contact" => true,
        _ => return None,
    };
    let (kind, recipient, whom) = if about_contact {
        (Kind("contact_confirmation"), &registration.contact_email, None)
    } else {
        (Kind("attendee_confirmation"), &attendee.email, Some(attendee.id))
    };
    let about = (registration.conference, registration.id);
    if let Some(offer) = offer {
        return Some(NewMessage::about(about, whom, Kind("offer"), recipient, OfferData { offer }));
    }
    // Somebody who waits gets the mail about that.
    let waits = match whom {
        Some(_) => !attendee.is_coming(),
        None => registration.coming().next().is_none() && registration.waiting().next().is_some(),
    };
    let kind = if waits { Kind("waiting") } else { kind };
    let data = ConfirmationData { attendees: whom.into_iter().collect(), ..ConfirmationData::default() };
    Some(NewMessage::about(about, whom, kind, recipient, data))
}
