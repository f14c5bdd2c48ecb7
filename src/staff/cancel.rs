//! `/staff/{c}/attendees/{attendee}/cancel`: explains the consequences, asks for the reason and cancels one attendee or
//! all of a registration. A message to them is shown once more before it is sent.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::{attendee_of, remaining::remains};
use crate::{
    access::{Person, ResumedForm},
    domain::{AttendeeId, CancelMessage, CancelReason, Cents, SignedIn, email},
    store::{
        audit::Actor,
        registrations::{
            self, Cancelling, SamePerson, Tells,
            amounts::{self, Amounts},
            attendees::Detail,
        },
    },
    urls,
    web::{
        App, Current, Desk, DeskNav, Errors, Missing, Named, Result, Site, Submitted, page, see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/cancel.html")]
struct CancelPage {
    desk: Desk,
    site: Arc<Site>,
    detail: Detail,
    /// What the registration owes and has paid; `None` if nothing was ever owed or paid.
    amounts: Option<Amounts>,
    /// Other registrations on which the same person has a place or may get one.
    same: Vec<SamePerson>,
    /// The message to show before it is sent.
    shown_message: Option<CancelMessage>,
    form: Submitted,
    errors: Errors,
}

/// `GET /staff/{c}/attendees/{attendee}/cancel`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    resumed: ResumedForm,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    let mut again = CancelPage::of(&app, &person, &site, detail, Submitted::default()).await?;
    if again.is_active() {
        // Somebody who is registered twice does not need a mail when one of the two registrations ends.
        let tells =
            if again.same.is_empty() { Submitted::of([(TELLS, "on".to_owned())]) } else { Submitted::default() };
        again.form = resumed.shown_in(&mut again.desk).unwrap_or(tells);
    }
    page(&again)
}

/// `POST /staff/{c}/attendees/{attendee}/cancel`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    form: Submitted,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    let (id, registration) = (detail.attendee.id, detail.registration.id);
    let mut again = CancelPage::of(&app, &person, &site, detail, form).await?;
    let validated = CancelReason::parse(again.form.get("reason"));
    let reason = again.errors.check_required("reason", validated, Missing::Reason);
    let fee = again.highest_fee(again.is_all());
    let remains =
        if fee.is_positive() { remains(&again.form, again.amounts.as_ref(), fee, &mut again.errors) } else { None };
    let message = again.errors.check("message", CancelMessage::parse(again.form.get("message")));
    let (Some(reason), Some(message)) = (reason, message) else { return unprocessable(&again) };
    if !again.errors.is_empty() {
        return unprocessable(&again);
    }
    if must_be_shown(&message, &again.form) {
        again.shown_message = Some(message);
        return page(&again);
    }
    let mut tx = app.store.begin().await?;
    let cancelling = Cancelling {
        conference: site.conference.id,
        registration,
        attendees: (again.form.get("who") != "all").then_some(std::slice::from_ref(&id)),
        actor: Actor::Account(person.account),
        by: None,
        reason: Some(&reason),
        tells: if again.form.has(TELLS) { Tells::Message(&message) } else { Tells::Nothing },
        remains,
        at: app.clock.now(),
        operations: &app.settings.operations_address,
    };
    let cancelled = registrations::cancel(&mut tx, cancelling).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    let done = if cancelled.is_empty() { "cancelled-before" } else { "cancelled" };
    Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, id, done)))
}

/// The checkbox that sends mails to the attendee and the contact.
const TELLS: &str = "tells";
/// The hidden field with the message that was shown before it is sent.
const SHOWN: &str = "shown";

/// Whether the message, if there is one, was not shown yet as it is now.
pub fn must_be_shown(message: &CancelMessage, form: &Submitted) -> bool {
    !message.as_str().is_empty() && form.has(TELLS) && form.get(SHOWN) != message.as_str()
}

impl CancelPage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, detail: Detail, form: Submitted) -> Result<Self> {
        let desk = Desk::new(DeskNav::Attendees, Some(site), person);
        let mut conn = app.store.read().await?;
        let amounts = amounts::find(&mut conn, site.conference.id, detail.registration.id).await?;
        let same = registrations::list_registered_again(&mut conn, site.conference.id, detail.attendee.id).await?;
        let errors = Errors::default();
        Ok(Self { desk, site: site.clone(), detail, amounts, same, shown_message: None, form, errors })
    }

    /// Returns the highest fee of those who would be cancelled: this attendee, or all who are coming.
    fn highest_fee(&self, all: bool) -> Cents {
        let Some(amounts) = &self.amounts else { return Cents::ZERO };
        let coming = self.detail.registration.coming().filter(|one| all || one.id == self.detail.attendee.id);
        coming.map(|one| amounts.owed_for(one.id)).max().unwrap_or_default()
    }

    /// Returns the hint about what may remain owed; `None` if nobody owes a fee.
    fn remains_hint(&self) -> Option<String> {
        let fee = self.highest_fee(true);
        let amounts = self.amounts.as_ref().filter(|_| fee.is_positive())?;
        let each = if self.active() > 1 {
            " for each person who is cancelled, but for nobody more than their own fee"
        } else {
            ""
        };
        Some(format!("From 0 to the fee, {}{each}. The contact is told.", amounts.say(fee)))
    }

    /// Returns the addresses to which a message goes.
    fn recipients(&self) -> Vec<&str> {
        let mut addresses = vec![self.detail.registration.contact_email.as_str()];
        let all = self.is_all();
        for one in self.detail.registration.active().filter(|one| all || one.id == self.detail.attendee.id) {
            if !addresses.iter().any(|known| email::is_same(known, &one.email)) {
                addresses.push(&one.email);
            }
        }
        addresses
    }

    fn is_active(&self) -> bool {
        self.detail.attendee.is_active()
    }

    fn active(&self) -> usize {
        self.detail.registration.active().count()
    }

    fn is_all(&self) -> bool {
        self.form.get("who") == "all"
    }

    fn back(&self) -> String {
        urls::staff::attendee(&self.site.conference.slug, self.detail.attendee.id)
    }
}
