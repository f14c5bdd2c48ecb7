//! `/staff/{c}/attendees/{attendee}/cancel`: explains the consequences, asks for the reason and cancels one attendee or
//! all of a registration.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::attendee_of;
use crate::{
    access::{Person, ResumedForm},
    domain::{AttendeeId, CancelReason, SignedIn},
    store::{
        audit::Actor,
        registrations::{self, Cancelling, attendees::Detail},
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
    let mut again = CancelPage::of(&person, &site, detail, Submitted::default());
    if again.is_active() {
        again.form = resumed.shown_in(&mut again.desk).unwrap_or_default();
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
    let mut again = CancelPage::of(&person, &site, detail, form);
    let validated = CancelReason::parse(again.form.get("reason"));
    let Some(reason) = again.errors.check_required("reason", validated, Missing::Reason) else {
        return unprocessable(&again);
    };
    let mut tx = app.store.begin().await?;
    let cancelling = Cancelling {
        conference: site.conference.id,
        registration,
        attendee: (again.form.get("who") != "all").then_some(id),
        actor: Actor::Account(person.account),
        by: None,
        reason: Some(&reason),
        at: app.clock.now(),
        operations: &app.settings.operations_address,
    };
    registrations::cancel(&mut tx, cancelling).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, id, "cancelled")))
}

impl CancelPage {
    fn of(person: &SignedIn, site: &Arc<Site>, detail: Detail, form: Submitted) -> Self {
        let desk = Desk::new(DeskNav::Attendees, Some(site), person);
        Self { desk, site: site.clone(), detail, form, errors: Errors::default() }
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
