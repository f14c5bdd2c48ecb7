//! `/staff/{c}/attendees/{attendee}/correct`: what callers ask for most. Of two people who
//! correct the same attendee at once, the second sees both versions put together, and decides.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::attendee_of;
use crate::{
    access::{Person, ResumedForm},
    domain::{AttendeeId, Contact, EmailAddress, JobTitle, Organisation, PersonName, SignedIn, Telephone},
    editing::{
        compare::Field,
        conflict::Conflict,
        shared_form::{self, Merged},
    },
    store::registrations::attendees::{self, Correction, CorrectionError, Detail},
    urls,
    web::{
        App, Current, Desk, DeskNav, Errors, Missing, Named, Result, Site, Submitted, page, reply, see_other,
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
}

/// What is wrong with a correction alone.
#[derive(Template)]
#[template(path = "staff/correct_errors.txt")]
enum ErrorMessage {
    /// Another attendee of the registration has this name and address.
    Twice,
}

/// The fields, in the order of the form.
const FIELDS: [Field; 7] = [
    Field::value("name", "Name"),
    Field::value("email", "E-mail"),
    Field::value("job_title", "Job title"),
    Field::value("organisation", "Organisation"),
    Field::value("contact_name", "Contact"),
    Field::value("contact_email", "Contact’s e-mail"),
    Field::value("contact_telephone", "Contact’s telephone"),
];

/// `GET /staff/{c}/attendees/{attendee}/correct`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    resumed: ResumedForm,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    let form = shared_form::opened(&FIELDS, &kept(&detail));
    let mut again = CorrectPage::of(&person, &site, detail, form);
    again.form = resumed.shown_in(&mut again.desk).unwrap_or(again.form);
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
        let merged = Merged::of(&FIELDS, &kept(&detail), form.clone());
        let (is_fresh, conflict) = (merged.is_fresh, merged.conflict);
        let page = CorrectPage::of(&person, &site, detail, merged.form);
        let mut again = CorrectPage { conflict, is_fresh, ..page };
        let Some(correction) = validate(&again.form, &again.detail, &mut again.errors) else {
            return unprocessable(&again);
        };
        if is_fresh {
            return reply::conflict(&again);
        }
        let mut tx = app.store.begin().await?;
        match attendees::correct(&mut tx, site.conference.id, id, &correction, person.account).await {
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

/// Every error at once, or the correction.
fn validate(form: &Submitted, detail: &Detail, errors: &mut Errors) -> Option<Correction> {
    let name = errors.check_required("name", PersonName::parse(form.get("name")), Missing::Name);
    let email = errors.check_required("email", EmailAddress::parse(form.get("email")), Missing::Email);
    let job_title = errors.check("job_title", JobTitle::parse(form.get("job_title")));
    let organisation =
        errors.check_required("organisation", Organisation::parse(form.get("organisation")), Missing::Organisation);
    let contact_name =
        errors.check_required("contact_name", PersonName::parse(form.get("contact_name")), Missing::ContactName);
    let contact_email =
        errors.check_required("contact_email", EmailAddress::parse(form.get("contact_email")), Missing::ContactEmail);
    let telephone = errors.check("contact_telephone", Telephone::parse(form.get("contact_telephone")));
    Some(Correction {
        name: name?,
        email: email?,
        job_title: job_title?,
        organisation: organisation?,
        contact: Contact { name: contact_name?, email: contact_email?, telephone: telephone? },
        revision: detail.revision,
        registration_revision: detail.registration_revision,
    })
}

/// What is kept, as the form has it.
fn kept(detail: &Detail) -> Submitted {
    let (attendee, registration) = (&detail.attendee, &detail.registration);
    Submitted::of([
        ("name", attendee.name.clone()),
        ("email", attendee.email.clone()),
        ("job_title", attendee.job_title.clone()),
        ("organisation", registration.organisation.clone()),
        ("contact_name", registration.contact_name.clone()),
        ("contact_email", registration.contact_email.clone()),
        ("contact_telephone", registration.contact_telephone.clone()),
    ])
}

impl CorrectPage {
    fn of(person: &SignedIn, site: &Arc<Site>, detail: Detail, form: Submitted) -> Self {
        let title = format!("Correct {}", detail.attendee.name);
        let desk = Desk::new(title, DeskNav::Attendees, Some(site), person);
        Self { desk, site: site.clone(), detail, form, errors: Errors::default(), conflict: None, is_fresh: false }
    }

    /// Whether both changed the same field, so that this person's value replaces somebody's.
    fn is_contested(&self) -> bool {
        self.conflict.as_ref().is_some_and(|conflict| conflict.compared.is_apart())
    }

    fn others(&self) -> usize {
        self.detail.registration.attendees.len() - 1
    }

    fn back(&self) -> String {
        urls::staff::attendee(&self.site.conference.slug, self.detail.attendee.id)
    }
}
