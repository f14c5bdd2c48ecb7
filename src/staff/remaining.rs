//! `/staff/{c}/attendees/{attendee}/remaining`: sets what remains owed for somebody who is cancelled.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::{amounts::ErrorMessage, attendee_of};
use crate::{
    access::{Person, ResumedForm},
    domain::{AttendeeId, CancelReason, Cents, SignedIn},
    store::registrations::{
        amounts::{self, Amounts},
        attendees::Detail,
        remaining::{self, Remains},
    },
    urls,
    web::{
        App, Current, Desk, DeskNav, Errors, Missing, Named, Result, Site, Submitted, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/remaining.html")]
struct RemainingPage {
    desk: Desk,
    slug: String,
    detail: Detail,
    /// `None` if nothing was ever owed or paid.
    amounts: Option<Amounts>,
    form: Submitted,
    errors: Errors,
}

/// `GET /staff/{c}/attendees/{attendee}/remaining`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    resumed: ResumedForm,
) -> Result {
    let mut again = RemainingPage::of(&app, &person, &site, attendee).await?;
    if again.can_settle() {
        again.form = resumed.shown_in(&mut again.desk).unwrap_or_default();
    }
    page(&again)
}

/// `POST /staff/{c}/attendees/{attendee}/remaining`. If that much is owed already, nothing changes and no mail is sent.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    form: Submitted,
) -> Result {
    let mut again = RemainingPage { form, ..RemainingPage::of(&app, &person, &site, attendee).await? };
    if !again.can_settle() {
        return reply::conflict(&again);
    }
    let amount = remains(&again.form, again.amounts.as_ref(), again.fee(), &mut again.errors);
    let reason = CancelReason::parse(again.form.get("reason"));
    let reason = again.errors.check_required("reason", reason, Missing::Reason);
    let (Some(amount), Some(reason)) = (amount, reason) else { return unprocessable(&again) };
    let registration = again.detail.registration.id;
    let mut tx = app.store.begin().await?;
    let what = Remains {
        conference: site.conference.id,
        registration,
        attendee,
        amount,
        reason: &reason,
        by: person.account,
        at: app.clock.now(),
    };
    remaining::set_afterwards(&mut tx, what).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::amounts_done(&site.conference.slug, registration, "set")))
}

/// Reads what remains owed: from 0 to the fee.
pub fn remains(form: &Submitted, amounts: Option<&Amounts>, fee: Cents, errors: &mut Errors) -> Option<Cents> {
    let Ok(amount) = Cents::parse(form.get("remains")) else {
        errors.add("remains", &ErrorMessage::NoRemaining);
        return None;
    };
    if amount > fee {
        let fee = amounts.map_or_else(|| fee.to_string(), |amounts| amounts.say(fee));
        errors.add("remains", &ErrorMessage::AboveFee(fee));
        return None;
    }
    Some(amount)
}

impl RemainingPage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, attendee: AttendeeId) -> Result<Self> {
        let detail = attendee_of(app, site, attendee).await?;
        let mut conn = app.store.read().await?;
        Ok(Self {
            desk: Desk::new(DeskNav::Attendees, Some(site), person),
            slug: site.conference.slug.clone(),
            amounts: amounts::find(&mut conn, site.conference.id, detail.registration.id).await?,
            detail,
            form: Submitted::default(),
            errors: Errors::default(),
        })
    }

    /// Returns the fee that was agreed.
    fn fee(&self) -> Cents {
        self.amounts.as_ref().map(|amounts| amounts.agreed(self.detail.attendee.id)).unwrap_or_default()
    }

    fn can_settle(&self) -> bool {
        self.detail.attendee.is_cancelled() && self.fee().is_positive()
    }

    fn back(&self) -> String {
        urls::staff::attendee(&self.slug, self.detail.attendee.id)
    }
}
