//! `/staff/{c}/messages/now` and `…/dealt-with`: sends waiting mails at once, and marks failed ones as dealt with.

use axum::extract::State;

use super::messages::desk_filter;
use crate::{
    access::Person,
    domain::AuditKind,
    store::{
        audit::{self, Actor, Change, Entry},
        outbox::{self, MessageState},
    },
    urls,
    web::{App, AppError, Current, Result, Submitted, see_other},
};

/// `POST /staff/{c}/messages/now`: makes all mails due that wait for another attempt.
pub async fn now(State(app): State<App>, Person(person): Person, Current(site): Current) -> Result {
    let filter = desk_filter(&person, &site, Some(MessageState::Waiting));
    let mut tx = app.store.begin().await?;
    let hurried = outbox::send_waiting_now(&mut tx, filter).await?;
    if hurried > 0 {
        let changes = Change::list([("mails", "", hurried.to_string().as_str())]);
        let entry = Entry::of(AuditKind::MessagesSentNow, Actor::Account(person.account));
        audit::note(&mut tx, Entry { conference: Some(site.conference.id), changes: &changes, ..entry }).await?;
    }
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::messages_after(&site.conference.slug, Some(MessageState::Waiting.as_str()), "hurried")))
}

/// `POST /staff/{c}/messages/dealt-with`: marks one failed mail, or all of them if none is named.
pub async fn dealt_with(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    form: Submitted,
) -> Result {
    let only = match form.get("message") {
        "" => None,
        id => Some(id.parse().map_err(|_| AppError::NotFound)?),
    };
    let filter = desk_filter(&person, &site, Some(MessageState::Failed));
    let mut tx = app.store.begin().await?;
    for mail in outbox::deal_with(&mut tx, filter, only).await? {
        let entry = Entry {
            conference: mail.conference,
            registration: mail.registration,
            attendee: mail.attendee,
            subject: Some(mail.id.0),
            ..Entry::of(AuditKind::MessageDealtWith, Actor::Account(person.account))
        };
        audit::note(&mut tx, entry).await?;
    }
    tx.commit().await?;
    Ok(see_other(&urls::staff::messages_after(
        &site.conference.slug,
        Some(MessageState::Failed.as_str()),
        "dealt-with",
    )))
}
