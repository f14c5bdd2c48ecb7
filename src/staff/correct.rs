//! `/staff/{c}/attendees/{attendee}/correct`: what callers ask for most. Two people who correct the same attendee at
//! once see both versions, and the second decides.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};

use super::attendee_of;
use crate::{
    access::{Person, ResumedForm},
    domain::{Contact, EmailAddress, JobTitle, Organisation, PersonName, SignedIn, Telephone},
    store::attendees::{self, Correction, CorrectionError, Detail},
    urls,
    web::{App, Current, Desk, DeskNav, Errors, Result, Site, Submitted, Words, page, reply, see_other, unprocessable},
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
    /// Somebody else saved meanwhile: what is kept now, field by field.
    theirs: Option<Vec<Theirs>>,
}

/// A field as it is kept now, beside what was typed.
struct Theirs {
    label: &'static str,
    value: String,
    differs: bool,
}

/// What is wrong with a correction alone.
#[derive(Template)]
#[template(path = "staff/correct_words.txt")]
enum CorrectWords {
    /// Another attendee of the registration has this name and address.
    Twice,
}

/// The fields, and their labels.
const FIELDS: [(&str, &str); 7] = [
    ("name", "Name"),
    ("email", "E-mail"),
    ("job_title", "Job title"),
    ("organisation", "Organisation"),
    ("contact_name", "Contact"),
    ("contact_email", "Contact’s e-mail"),
    ("contact_telephone", "Contact’s telephone"),
];

/// `GET /staff/{c}/attendees/{attendee}/correct`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Path((_, attendee)): Path<(String, String)>,
    resumed: ResumedForm,
) -> Result {
    let detail = attendee_of(&app, &site, &attendee).await?;
    let form = kept(&detail);
    let mut again = CorrectPage::of(&person, &site, detail, form);
    again.form = resumed.shown_in(&mut again.desk).unwrap_or(again.form);
    page(&again)
}

/// `POST /staff/{c}/attendees/{attendee}/correct`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Path((_, attendee)): Path<(String, String)>,
    form: Submitted,
) -> Result {
    let detail = attendee_of(&app, &site, &attendee).await?;
    let id = detail.attendee.id;
    let mut again = CorrectPage::of(&person, &site, detail, form);
    let Some(correction) = validate(&again.form, &mut again.errors) else { return unprocessable(&again) };
    let mut tx = app.store.begin().await?;
    let corrected = match attendees::correct(&mut tx, site.conference.id, id, &correction, person.account).await {
        Ok(corrected) => corrected,
        Err(CorrectionError::Changed) => {
            drop(tx);
            again.detail = attendee_of(&app, &site, &attendee).await?;
            return again.conflict();
        }
        Err(CorrectionError::Twice) => {
            again.errors.add("name", &CorrectWords::Twice);
            return unprocessable(&again);
        }
        Err(CorrectionError::Database(error)) => return Err(error.into()),
    };
    tx.commit().await?;
    let done = if corrected.attendee_moved || corrected.contact_moved { "moved" } else { "corrected" };
    Ok(see_other(&urls::attendee_done(&site.conference.slug, id, done)))
}

/// Every error at once, or the correction.
fn validate(form: &Submitted, errors: &mut Errors) -> Option<Correction> {
    let name = errors.keep("name", PersonName::parse(form.get("name")), Words::text("the name"));
    let email = errors.keep("email", EmailAddress::parse(form.get("email")), Words::email("the e-mail address"));
    let job_title = errors.keep("job_title", JobTitle::parse(form.get("job_title")), Words::text("the job title"));
    let organisation =
        errors.keep("organisation", Organisation::parse(form.get("organisation")), Words::text("the organisation"));
    let contact_name =
        errors.keep("contact_name", PersonName::parse(form.get("contact_name")), Words::text("the contact’s name"));
    let contact_email = errors.keep(
        "contact_email",
        EmailAddress::parse(form.get("contact_email")),
        Words::email("the contact’s e-mail address"),
    );
    let telephone = errors.keep(
        "contact_telephone",
        Telephone::parse(form.get("contact_telephone")),
        Words::text("the telephone number"),
    );
    Some(Correction {
        name: name?,
        email: email?,
        job_title: job_title?,
        organisation: organisation?,
        contact: Contact { name: contact_name?, email: contact_email?, telephone: telephone? },
        // A form without its number was based on nothing that is known: it is shown beside what is kept.
        revision: form.get("revision").parse().unwrap_or(0),
        registration_revision: form.get("registration_revision").parse().unwrap_or(0),
    })
}

/// The form as it is first shown: what is kept.
fn kept(detail: &Detail) -> Submitted {
    let (attendee, registration) = (&detail.attendee, &detail.registration);
    let revisions = [detail.revision.to_string(), detail.registration_revision.to_string()];
    let fields = [
        ("name", &attendee.name),
        ("email", &attendee.email),
        ("job_title", &attendee.job_title),
        ("organisation", &registration.organisation),
        ("contact_name", &registration.contact_name),
        ("contact_email", &registration.contact_email),
        ("contact_telephone", &registration.contact_telephone),
        ("revision", &revisions[0]),
        ("registration_revision", &revisions[1]),
    ];
    Submitted::new(fields.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect())
}

impl CorrectPage {
    fn of(person: &SignedIn, site: &Arc<Site>, detail: Detail, form: Submitted) -> Self {
        let title = format!("Correct {}", detail.attendee.name);
        let desk = Desk::new(title, DeskNav::Attendees, Some(site), person);
        Self { desk, site: site.clone(), detail, form, errors: Errors::default(), theirs: None }
    }

    /// Both versions. The form goes on from what is kept now, so that sending it again means it.
    fn conflict(mut self) -> Result {
        let kept = kept(&self.detail);
        let theirs = FIELDS.map(|(field, label)| Theirs {
            label,
            value: kept.get(field).to_owned(),
            differs: kept.get(field) != self.form.line(field),
        });
        self.theirs = Some(theirs.into());
        let revision = |(name, value): &(String, String)| {
            let newer = name.ends_with("revision").then(|| kept.get(name).to_owned());
            (name.clone(), newer.unwrap_or_else(|| value.clone()))
        };
        self.form = Submitted::new(self.form.fields().iter().map(revision).collect());
        reply::conflict(&self)
    }

    fn others(&self) -> usize {
        self.detail.registration.attendees.len() - 1
    }

    fn back(&self) -> String {
        urls::attendee(&self.site.conference.slug, self.detail.attendee.id)
    }
}
