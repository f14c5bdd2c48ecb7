//! `/staff/{c}/attendees/{attendee}/correct`: what callers ask for most. Of two people who
//! correct the same attendee at once, the second sees both versions put together, and decides.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::{
    attendee_of,
    fields::{self, FIELDS, saved, validate},
};
use crate::{
    access::{Person, ResumedForm},
    domain::{AttendeeId, Country, SignedIn},
    editing::{
        conflict::Conflict,
        shared_form::{self, Merged},
    },
    registering::people,
    store::{
        audit::Actor,
        registrations::attendees::{self, CorrectionError, Detail},
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, Named, Result, Site, Submitted, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/correct.html")]
struct CorrectPage {
    desk: Desk,
    site: Arc<Site>,
    detail: Detail,
    form: Submitted,
    errors: Errors,
    /// Somebody else has saved since the form was opened, and this person decides.
    conflict: Option<Conflict>,
    /// Whether the form is still as both versions were merged.
    is_fresh: bool,
    /// Whether needs are kept, which the page does not show.
    has_needs: bool,
    /// The fields of the needs.
    person: people::Person,
}

/// What is wrong with a correction alone.
#[derive(Template)]
#[template(path = "staff/correct_errors.txt")]
enum ErrorMessage {
    /// Another attendee of the registration has this name and address.
    Twice,
}

/// `GET /staff/{c}/attendees/{attendee}/correct`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    resumed: ResumedForm,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    let form = shared_form::opened(&FIELDS, &saved(&detail));
    let mut again = CorrectPage::of(&app, &person, &site, detail, form).await?;
    if let Some(form) = resumed.shown_in(&mut again.desk) {
        (again.person, again.form) = (needs_of(&form, &again.errors), form);
    }
    page(&again)
}

/// `POST /staff/{c}/attendees/{attendee}/correct`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    form: Submitted,
) -> Result {
    // Somebody may save between our reading and our saving; then we read again.
    loop {
        let detail = attendee_of(&app, &site, attendee).await?;
        let id = detail.attendee.id;
        let merged = Merged::of(&FIELDS, &saved(&detail), form.clone());
        let (is_fresh, conflict) = (merged.is_fresh, merged.conflict);
        let page = CorrectPage::of(&app, &person, &site, detail, merged.form).await?;
        let mut again = CorrectPage { conflict, is_fresh, ..page };
        let Some(correction) = validate(&again.form, &again.detail, &mut again.errors) else {
            again.person = needs_of(&again.form, &again.errors);
            return unprocessable(&again);
        };
        if is_fresh {
            return reply::conflict(&again);
        }
        let mut tx = app.store.begin().await?;
        let by = Actor::Account(person.account);
        match attendees::correct(&mut tx, site.conference.id, &correction, by, app.clock.now()).await {
            Ok(corrected) => {
                tx.commit().await?;
                let done = if corrected.attendee_moved || corrected.contact_moved { "moved" } else { "corrected" };
                return Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, id, done)));
            }
            Err(CorrectionError::Changed) => {}
            Err(CorrectionError::Twice) => {
                again.errors.add("name", &ErrorMessage::Twice);
                return unprocessable(&again);
            }
            Err(CorrectionError::Database(error)) => return Err(error.into()),
        }
    }
}

/// Returns the fields of the needs.
fn needs_of(form: &Submitted, errors: &Errors) -> people::Person {
    people::only(form, errors, None, people::said_consent())
}

impl CorrectPage {
    async fn of(
        app: &App,
        person: &SignedIn,
        site: &Arc<Site>,
        detail: Detail,
        form: Submitted,
    ) -> Result<Self, AppError> {
        let mut conn = app.store.read().await?;
        let with_needs = attendees::list_with_needs(&mut conn, detail.registration.id).await?;
        let errors = Errors::default();
        Ok(Self {
            desk: Desk::new(DeskNav::Attendees, Some(site), person),
            site: site.clone(),
            has_needs: with_needs.contains(&detail.attendee.id),
            person: needs_of(&form, &errors),
            detail,
            form,
            errors,
            conflict: None,
            is_fresh: false,
        })
    }

    /// Whether both changed the same field, so that this person's value replaces somebody's.
    fn is_contested(&self) -> bool {
        self.conflict.as_ref().is_some_and(|conflict| conflict.compared.is_apart())
    }

    fn others(&self) -> usize {
        self.detail.registration.attendees.len() - 1
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn countries(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        Country::all().iter().map(|country| (country.code(), country.name()))
    }

    fn back(&self) -> String {
        urls::staff::attendee(&self.site.conference.slug, self.detail.attendee.id)
    }
}
