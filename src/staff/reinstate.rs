//! `/staff/{c}/attendees/{attendee}/reinstate`: explains the consequences and undoes a cancellation. If no place is free, staff raise
//! the number of places with a reason, or put the attendee on the waiting list.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use sqlx::PgConnection;

use super::{
    attendee_of,
    rules::{Doing, Rules},
};
use crate::{
    access::{Person, ResumedForm},
    domain::{AttendeeId, Code, SignedIn},
    store::registrations::{
        self, RegisteredAttendee, ReinstateError, Reinstating, SamePerson,
        attendees::{self, Detail},
        categories, choosing, codes,
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, Named, Result, Site, Submitted, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/reinstate.html")]
struct ReinstatePage {
    desk: Desk,
    slug: String,
    detail: Detail,
    /// The same person with a place on the same registration, if any. Then the cancellation cannot be undone.
    twin: Option<AttendeeId>,
    /// Other registrations on which the same person has a place now.
    elsewhere: Vec<SamePerson>,
    /// The attendee's code, if as many people as can use it do.
    used_up: Option<Code>,
    rules: Rules,
    /// Whether the person has just tried to undo the cancellation.
    sent: bool,
    form: Submitted,
    errors: Errors,
}

/// `GET /staff/{c}/attendees/{attendee}/reinstate`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    resumed: ResumedForm,
) -> Result {
    let form = Submitted::of([("mail", "on".to_owned())]);
    let mut conn = app.store.read().await?;
    let mut again = ReinstatePage::of(&app, &mut conn, (&person, &site), attendee, form).await?;
    again.form = resumed.shown_in(&mut again.desk).unwrap_or(again.form);
    page(&again)
}

/// `POST /staff/{c}/attendees/{attendee}/reinstate`. If the attendee is not cancelled, nothing changes and no mail is
/// sent.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    form: Submitted,
) -> Result {
    let registration = attendee_of(&app, &site, attendee).await?.registration.id;
    let mut tx = app.store.begin().await?;
    // The page says what it costs to undo it, so nothing of that may change from here on.
    choosing::lock(&mut tx, (site.conference.id, registration)).await?;
    let mut again = ReinstatePage::of(&app, &mut tx, (&person, &site), attendee, form).await?;
    again.sent = true;
    let back = |done| Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, attendee, done)));
    if !again.is_cancelled() {
        return Ok(see_other(&urls::staff::attendee(&site.conference.slug, attendee)));
    }
    if again.twin.is_some() {
        return reply::conflict(&again);
    }
    let Some(decision) = again.rules.decide(&again.form, &mut again.errors) else {
        return if again.errors.is_empty() { reply::conflict(&again) } else { unprocessable(&again) };
    };
    let reinstating = Reinstating {
        conference: site.conference.id,
        registration,
        attendee,
        authority: decision.authority(&person, again.form.has("mail")),
        at: app.clock.now(),
        operations: &app.settings.operations_address,
    };
    if decision.waits {
        registrations::join_queue(&mut tx, reinstating).await?;
        tx.commit().await?;
        app.outbox.notify_one();
        return back("queued");
    }
    match registrations::reinstate(&mut tx, reinstating).await {
        Ok(_) => {}
        Err(ReinstateError::Full | ReinstateError::Awaited | ReinstateError::CodeUsedUp | ReinstateError::Twice) => {
            drop(tx);
            let mut conn = app.store.read().await?;
            let again = ReinstatePage::of(&app, &mut conn, (&person, &site), attendee, again.form).await?;
            return reply::conflict(&ReinstatePage { sent: true, ..again });
        }
        Err(ReinstateError::Database(error)) => return Err(error.into()),
    }
    tx.commit().await?;
    app.outbox.notify_one();
    back("reinstated")
}

impl ReinstatePage {
    async fn of(
        app: &App,
        conn: &mut PgConnection,
        (person, site): (&SignedIn, &Arc<Site>),
        attendee: AttendeeId,
        form: Submitted,
    ) -> Result<Self> {
        let conference = site.conference.id;
        let detail = attendees::find(conn, conference, attendee).await?.ok_or(AppError::NotFound)?;
        let (same, elsewhere): (Vec<_>, Vec<_>) = registrations::list_registered_again(conn, conference, attendee)
            .await?
            .into_iter()
            .partition(|other| other.reference == detail.registration.reference);
        let code = codes::find_of_attendee(conn, attendee).await?;
        let mut offer = categories::offer(conn, conference, app.clock.now()).await?;
        if let Some(category) = offer.categories.iter_mut().find(|one| one.id == detail.attendee.category) {
            category.is_kept = code.as_ref().is_some_and(|code| code.kept > 0);
        }
        let doing = (Doing::Reinstating, Some(detail.attendee.category));
        Ok(Self {
            desk: Desk::new(DeskNav::Attendees, Some(site), person),
            slug: site.conference.slug.clone(),
            twin: same.first().map(|other| other.attendee),
            elsewhere,
            used_up: code.filter(|code| code.left.is_some_and(|left| left <= 0)).map(|code| code.code),
            rules: Rules::read(app, conn, site, doing, &offer).await?,
            detail,
            sent: false,
            form,
            errors: Errors::default(),
        })
    }

    fn is_cancelled(&self) -> bool {
        self.detail.attendee.is_cancelled()
    }

    /// Whether the field with the reason has the focus, if a rule stands against it.
    fn asks_reason(&self) -> bool {
        self.errors.is_empty()
    }

    /// Returns the others on the registration who stay cancelled.
    fn colleagues(&self) -> Vec<&RegisteredAttendee> {
        self.detail.registration.cancelled().filter(|other| other.id != self.detail.attendee.id).collect()
    }

    fn attendee(&self, id: &AttendeeId) -> String {
        urls::staff::attendee(&self.slug, *id)
    }
}
