//! `/manage/{token}/details`: corrects an attendee's name, job title and needs. Of two people who correct the same attendee at
//! once, the second sees both versions put together, and decides.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use super::{
    limits,
    manage::{self, AttendeeQuery, ErrorMessage, Managed},
};
use crate::{
    domain::{AttendeeDetails, EmailAddress},
    editing::{
        compare::Field,
        conflict::Conflict,
        shared_form::{self, Merged},
    },
    registering::{
        people::{self, Person},
        validate,
    },
    store::{
        audit::Actor,
        outbox::{self, ChangeData, ChangeOf},
        registrations::{
            RegisteredAttendee,
            attendees::{self, AttendeeCorrection, Correction, CorrectionError},
        },
    },
    urls,
    web::{
        App, AppError, Errors, Frame, Named, Nav, Result, Site, Submitted, Token, Visitor, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "delegates/correct_attendee.html")]
struct CorrectAttendeePage {
    frame: Frame,
    token: String,
    attendee: RegisteredAttendee,
    /// Whether it is the reader's own name.
    is_own: bool,
    has_needs: bool,
    person: Person,
    form: Submitted,
    errors: Errors,
    /// Somebody else has saved since the form was opened, and this person decides.
    conflict: Option<Conflict>,
    /// Whether the form is still as both versions were merged.
    is_fresh: bool,
}

const NAME: Field = Field::value("attendee-1-name", "Name");
const JOB_TITLE: Field = Field::value("attendee-1-job-title", "Job title");

/// The fields that are merged. Needs are not: they are never shown, and what is written replaces all of them.
const FIELDS: [Field; 2] = [NAME, JOB_TITLE];

/// `GET /manage/{token}/details?attendee=…`.
pub async fn get(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<AttendeeQuery>,
) -> Result {
    let mut conn = app.store.read().await?;
    let managed = manage::find(&mut conn, &token).await?;
    let attendee = managed.one(query)?;
    if managed.is_frozen(app.clock.now()) || !attendee.is_active() {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let has_needs = attendees::list_with_needs(&mut conn, managed.registered.id).await?.contains(&attendee.id);
    drop(conn);
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    let form = shared_form::opened(&FIELDS, &saved(attendee));
    page(&CorrectAttendeePage::of(&app, &site, &managed, attendee, token, form, has_needs))
}

/// `POST /manage/{token}/details?attendee=…`.
pub async fn post(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<AttendeeQuery>,
    visitor: Visitor,
    form: Submitted,
) -> Result {
    limits::change_with(&mut *app.store.read().await?, visitor, &token).await?;
    let now = app.clock.now();
    // Somebody may save between our reading and our saving; then we read again.
    loop {
        let mut tx = app.store.begin().await?;
        let managed = manage::find(&mut tx, &token).await?;
        let attendee = managed.one(query)?;
        if managed.is_frozen(now) {
            return Ok(manage::frozen(&token));
        }
        if !attendee.is_active() {
            return Ok(see_other(&urls::public::manage(&token)));
        }
        let registration = managed.registered.id;
        let has_needs = attendees::list_with_needs(&mut tx, registration).await?.contains(&attendee.id);
        let site = app.sites.named(&app.store, &managed.link.slug).await?;
        let Merged { form, conflict, is_fresh } = Merged::of(&FIELDS, &saved(attendee), form.clone());
        let page = CorrectAttendeePage::of(&app, &site, &managed, attendee, token.clone(), form, has_needs);
        let mut again = CorrectAttendeePage { conflict, is_fresh, ..page };
        let Some(corrected) = again.validate()? else {
            again.person.needs_open = true;
            return unprocessable(&again);
        };
        if is_fresh {
            return reply::conflict(&again);
        }
        let about = (managed.registered.conference, registration);
        let correction = Correction { registration, attendee: Some(corrected), shared: None };
        match attendees::correct(&mut tx, about.0, &correction, Actor::Delegate, now).await {
            Ok(done) if done.is_nothing() => return Ok(see_other(&urls::public::manage(&token))),
            Ok(done) => {
                let changes = done.changes.iter().map(Into::into).collect();
                let by = managed.link.subject.attendee;
                let attendee = Some(attendee.id);
                let data = ChangeData {
                    of: ChangeOf::Details,
                    attendee,
                    changes,
                    needs: done.needs,
                    by,
                    ..ChangeData::default()
                };
                outbox::tell_of_change(&mut tx, about, &data, (&app.settings.operations_address, true)).await?;
                tx.commit().await?;
                app.outbox.notify_one();
                return Ok(see_other(&urls::public::manage_done(&token, "corrected", attendee)));
            }
            Err(CorrectionError::Changed) => {}
            Err(CorrectionError::Twice) => {
                again.errors.add(NAME.name, &ErrorMessage::Twice);
                return unprocessable(&again);
            }
            Err(CorrectionError::Database(error)) => return Err(error.into()),
        }
    }
}

/// Returns the saved values as the form has them.
fn saved(attendee: &RegisteredAttendee) -> Submitted {
    Submitted::of([(NAME.name, attendee.name.clone()), (JOB_TITLE.name, attendee.job_title.clone())])
}

impl CorrectAttendeePage {
    fn of(
        app: &App,
        site: &Arc<Site>,
        managed: &Managed,
        attendee: &RegisteredAttendee,
        token: String,
        form: Submitted,
        has_needs: bool,
    ) -> Self {
        let is_own = managed.is_own(attendee.id);
        let errors = Errors::default();
        let title = if is_own { "Your details".to_owned() } else { format!("Details of {}", attendee.name) };
        Self {
            frame: Frame::of(app, site, Nav::None).titled(title),
            token,
            attendee: attendee.clone(),
            is_own,
            has_needs,
            person: people::only(&form, &errors, None, consent(is_own)),
            form,
            errors,
            conflict: None,
            is_fresh: false,
        }
    }

    /// Returns what is corrected, or `None` after adding the errors of all fields.
    fn validate(&mut self) -> Result<Option<AttendeeCorrection>> {
        let named = validate::name_and_job_title(&self.form, &mut self.errors);
        let needs = validate::needs(&self.form, 1, 1, &mut self.errors, consent(self.is_own));
        let (Some((name, job_title)), Ok(needs)) = (named, needs) else { return Ok(None) };
        // A new address is given on another page, because it has to be confirmed.
        let email = EmailAddress::parse(&self.attendee.email).map_err(AppError::internal)?;
        let details = AttendeeDetails { name, email, job_title };
        Ok(Some(AttendeeCorrection {
            id: self.attendee.id,
            revision: self.attendee.revision,
            details,
            sort_name: None,
            needs,
        }))
    }

    /// Whether both changed the same field, so that this person's value replaces somebody's.
    fn is_contested(&self) -> bool {
        self.conflict.as_ref().is_some_and(|conflict| conflict.compared.is_apart())
    }

    /// Returns what browsers fill a field with: something only about the reader.
    fn autocomplete(&self, own: &'static str) -> &'static str {
        if self.is_own { own } else { "off" }
    }

    fn here(&self) -> String {
        urls::public::correct_attendee(&self.token, self.attendee.id)
    }
}

fn consent(is_own: bool) -> String {
    if is_own { people::own_consent() } else { people::consent(2) }
}
