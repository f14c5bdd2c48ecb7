//! `/staff/{c}/messages/held`: releases or discards mails that have been held since a backup was restored.

use axum::extract::State;

use super::messages::desk_filter;
use crate::{
    access::Person,
    domain::AuditKind,
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, HeldDecision, MessageState},
    },
    urls,
    web::{App, AppError, Current, Result, Submitted, see_other},
};

/// `POST /staff/{c}/messages/held`: decides about one mail, or about all held mails if none is named.
pub async fn post(State(app): State<App>, Person(person): Person, Current(site): Current, form: Submitted) -> Result {
    let (decision, event, done) = match form.get("decision") {
        "release" => (HeldDecision::Release, AuditKind::MessageReleased, "released"),
        "discard" => (HeldDecision::Discard, AuditKind::MessageDiscarded, "discarded"),
        _ => return Err(AppError::BadRequest("neither release nor discard".into())),
    };
    let only = match form.get("message") {
        "" => None,
        id => Some(id.parse().map_err(|_| AppError::NotFound)?),
    };
    let filter = desk_filter(&person, &site, Some(MessageState::Held));
    let mut tx = app.store.begin().await?;
    for decided in outbox::decide_held(&mut tx, filter, only, decision).await? {
        let entry = Entry {
            conference: decided.conference,
            registration: decided.registration,
            attendee: decided.attendee,
            subject: Some(decided.id.0),
            ..Entry::of(event, Actor::Account(person.account))
        };
        audit::note(&mut tx, entry).await?;
    }
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::messages_after(&site.conference.slug, Some(MessageState::Held.as_str()), done)))
}
