//! `/manage/{token}/transfer`: transfers a place to a colleague.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use super::{
    manage::{self, AttendeeQuery, ErrorMessage, Managed},
    register::limits,
};
use crate::{
    domain::{AttendeeDetails, email, text::folded},
    registering::{field, validate},
    store::{
        rate_limits,
        registrations::{self, RegisteredAttendee, Transferring, attendees::CorrectionError},
    },
    urls,
    web::{
        App, Errors, Frame, Named, Nav, Result, Site, Submitted, Token, Visitor, page, reply, see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "delegates/transfer.html")]
struct TransferPage {
    frame: Frame,
    token: String,
    attendee: RegisteredAttendee,
    /// Whether the reader gives their own place away.
    is_own: bool,
    /// Whether the one who gives the place away is the contact, and stays it.
    is_contact: bool,
    form: Submitted,
    errors: Errors,
}

/// `GET /manage/{token}/transfer?attendee=…`.
pub async fn get(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<AttendeeQuery>,
) -> Result {
    let managed = manage::find(&mut *app.store.read().await?, &token).await?;
    let attendee = managed.one(query)?;
    if managed.is_frozen(app.clock.now()) || !attendee.is_coming() {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    page(&TransferPage::of(&app, &site, &managed, attendee, token, Submitted::default()))
}

/// `POST /manage/{token}/transfer?attendee=…`.
pub async fn post(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<AttendeeQuery>,
    visitor: Visitor,
    form: Submitted,
) -> Result {
    let now = app.clock.now();
    let (mut tx, managed) = manage::begin(&app, visitor, &token).await?;
    let attendee = managed.one(query)?;
    if managed.is_frozen(now) {
        return Ok(manage::frozen(&token));
    }
    if !attendee.is_coming() {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    let mut again = TransferPage::of(&app, &site, &managed, attendee, token, form);
    let Some(to) = validate::details(&again.form, &mut again.errors) else { return unprocessable(&again) };
    if is_same(attendee, &to) {
        again.errors.add(field(1, "name"), &ErrorMessage::SamePerson);
        return unprocessable(&again);
    }
    if let Some(refused) = rate_limits::take_each(&mut tx, &[limits::mail_to(&to.email)]).await? {
        let hours = refused.retry_after.div_ceil(3600);
        again.errors.add(field(1, "email"), &validate::ErrorMessage::TooManyMails(hours));
        return reply::too_many(&again, refused.retry_after);
    }
    let transferring = Transferring {
        conference: managed.registered.conference,
        registration: managed.registered.id,
        attendee: attendee.id,
        // The revision that the form was opened with, so that a second click transfers nothing on.
        revision: again.form.get("revision").parse().unwrap_or(attendee.revision),
        to: &to,
        by: managed.link.subject.attendee,
        at: now,
        operations: &app.settings.operations_address,
    };
    match registrations::transfer(&mut tx, transferring).await {
        Ok(()) => {
            tx.commit().await?;
            app.outbox.notify_one();
        }
        // Somebody was faster: the page shows who has the place now.
        Err(CorrectionError::Changed) => {
            return Ok(see_other(&urls::public::manage_done(&again.token, "changed", None)));
        }
        Err(CorrectionError::Twice) => {
            again.errors.add(field(1, "name"), &ErrorMessage::Twice);
            return unprocessable(&again);
        }
        Err(CorrectionError::Database(error)) => return Err(error.into()),
    }
    if managed.is_contact() {
        return Ok(see_other(&urls::public::manage_done(&again.token, "transferred", Some(attendee.id))));
    }
    // The attendee's link no longer works, so the answer is a page of its own.
    page(&TransferredPage { frame: again.frame.titled("Your place was transferred"), to: to.name.to_string() })
}

/// The page for somebody who has given their own place away.
#[derive(Template)]
#[template(path = "delegates/transferred.html")]
struct TransferredPage {
    frame: Frame,
    to: String,
}

/// Returns whether the place would stay with the same person.
fn is_same(attendee: &RegisteredAttendee, to: &AttendeeDetails) -> bool {
    folded(&attendee.name) == folded(to.name.as_str()) && email::is_same(&attendee.email, to.email.as_str())
}

impl TransferPage {
    fn of(
        app: &App,
        site: &Arc<Site>,
        managed: &Managed,
        attendee: &RegisteredAttendee,
        token: String,
        form: Submitted,
    ) -> Self {
        let is_own = managed.is_own(attendee.id);
        let title =
            if is_own { "Transfer your place".to_owned() } else { format!("Transfer the place of {}", attendee.name) };
        Self {
            frame: Frame::of(app, site, Nav::None).titled(title),
            token,
            attendee: attendee.clone(),
            is_own,
            is_contact: managed.registered.contact_attendee == Some(attendee.id),
            form,
            errors: Errors::default(),
        }
    }

    /// Returns the revision of the attendee that the form was opened with.
    fn revision(&self) -> String {
        let sent = self.form.get("revision");
        if sent.is_empty() { self.attendee.revision.to_string() } else { sent.to_owned() }
    }
}
