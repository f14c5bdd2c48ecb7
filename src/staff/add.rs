//! `/staff/{c}/registrations/{registration}/add`: adds a person to a registration for a caller, by the rules for delegates. If a
//! rule stands against it, the page says which and asks for a reason.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use sqlx::PgConnection;

use super::{
    alike::Alike,
    rules::{self, Decision, Doing, Rules},
};
use crate::{
    access::{Person, ResumedForm},
    domain::{
        AttendeeId, AttendeeState, MOST_ATTENDEES, NewAttendee, QuestionKind, RegistrationId, SignedIn, Stored, email,
        text::folded,
    },
    registering::{
        fees, field,
        people::{self, Person as Block},
        validate::{self, ErrorMessage},
    },
    store::registrations::{
        self, AddError, Adding, Registered,
        categories::{self, Offer},
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, Named, Result, Site, Submitted, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/add.html")]
struct AddPage {
    desk: Desk,
    site: Arc<Site>,
    registered: Registered,
    person: Block,
    /// What is offered to staff, and what to delegates.
    offer: Offer,
    public: Offer,
    /// The fees that the form showed when it was opened, for the hidden field.
    fees: String,
    alike: Alike,
    rules: Rules,
    /// Whether the form was sent, and not just opened.
    sent: bool,
    form: Submitted,
    errors: Errors,
}

/// `GET /staff/{c}/registrations/{registration}/add`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(registration): Named<RegistrationId>,
    resumed: ResumedForm,
) -> Result {
    let mut conn = app.store.read().await?;
    let opened = Submitted::of([("mail", "on".to_owned())]);
    let mut again = AddPage::of(&app, &mut conn, (&person, &site), registration, opened).await?;
    if let Some(form) = resumed.shown_in(&mut again.desk) {
        let desk = again.desk;
        again = AddPage { desk, ..AddPage::of(&app, &mut conn, (&person, &site), registration, form).await? };
    }
    again.rules = Rules::read(&app, &mut conn, &site, (Doing::Adding, None), &again.public).await?;
    page(&again)
}

/// `POST /staff/{c}/registrations/{registration}/add`. A second click leads to the person whom the first one added.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(registration): Named<RegistrationId>,
    form: Submitted,
) -> Result {
    let mut tx = app.store.begin().await?;
    let mut again = AddPage::of(&app, &mut tx, (&person, &site), registration, form).await?;
    let Some((added, decision)) = again.examine(&app, &mut tx).await? else { return again.refused() };
    if let Some(twin) = again.twin(&added) {
        return Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, twin, "on-it")));
    }
    let adding = Adding {
        conference: site.conference.id,
        registration,
        people: std::slice::from_ref(&added),
        at: app.clock.now(),
        operations: &app.settings.operations_address,
        limits: &[],
        waits: decision.waits,
        authority: decision.authority(&person, again.form.has("mail")),
    };
    match registrations::add(&mut tx, adding).await {
        Ok(ids) => {
            tx.commit().await?;
            app.outbox.notify_one();
            let id = ids.first().copied().ok_or(AppError::NotFound)?;
            return Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, id, "added")));
        }
        Err(AddError::Database(error)) => return Err(error.into()),
        Err(AddError::TooMany) => {
            again.errors.add("people", &ErrorMessage::TooMany);
            return again.refused();
        }
        Err(AddError::Twice | AddError::Full | AddError::Limited(_)) => drop(tx),
    }
    // Somebody else added the same person, took the last place or changed the category at the same moment.
    let mut conn = app.store.read().await?;
    let mut again = AddPage::of(&app, &mut conn, (&person, &site), registration, again.form).await?;
    if let Some((added, _)) = again.examine(&app, &mut conn).await? {
        if let Some(twin) = again.twin(&added) {
            return Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, twin, "on-it")));
        }
        again.errors.add("people", &ErrorMessage::PlacesChanged);
    }
    again.refused()
}

impl AddPage {
    async fn of(
        app: &App,
        conn: &mut PgConnection,
        (person, site): (&SignedIn, &Arc<Site>),
        registration: RegistrationId,
        form: Submitted,
    ) -> Result<Self> {
        let registered = registrations::find(conn, site.conference.id, registration).await?;
        let form = people::with_only(&people::in_order(&form), 1);
        let public = categories::offer(conn, site.conference.id, app.clock.now()).await?;
        let offer = public.clone().for_staff();
        let errors = Errors::default();
        Ok(Self {
            desk: Desk::new(DeskNav::Attendees, Some(site), person),
            site: site.clone(),
            registered: registered.ok_or(AppError::NotFound)?,
            person: rules::block(&form, &errors, &public, &offer),
            fees: fees::carried(&form, &offer),
            alike: Alike::default(),
            rules: Rules::default(),
            sent: false,
            public,
            offer,
            form,
            errors,
        })
    }

    /// Validates the form. `None` if the page has to say or ask something first.
    async fn examine(&mut self, app: &App, conn: &mut PgConnection) -> Result<Option<(NewAttendee, Decision)>> {
        self.sent = true;
        self.rules = Rules::read(app, conn, &self.site, (Doing::Adding, None), &self.public).await?;
        let added = validate::person(&self.form, &self.offer, people::said_consent(), &mut self.errors);
        if let Some(change) = fees::changed(&self.form, &self.offer).first() {
            self.errors.add(field(1, "category"), &ErrorMessage::FeeChanged(change.clone()));
            self.fees = fees::shown(&self.offer);
        }
        let Some(added) = added.filter(|_| self.errors.is_empty()) else {
            self.person = rules::block(&self.form, &self.errors, &self.public, &self.offer);
            return Ok(None);
        };
        if self.twin(&added).is_some() {
            return Ok(Some((added, Decision::default())));
        }
        self.alike = Alike::find(conn, self.site.conference.id, &added.details, &self.form).await?;
        if !self.alike.open.is_empty() {
            return Ok(None);
        }
        let doing = (Doing::Adding, Some(added.category));
        self.rules = Rules::read(app, conn, &self.site, doing, &self.public).await?;
        let decision = self.rules.decide(&self.form, &mut self.errors);
        Ok(decision.map(|decision| (added, decision)))
    }

    /// Returns who is on the registration already with exactly this name and address.
    fn twin(&self, added: &NewAttendee) -> Option<AttendeeId> {
        let (name, address) = (folded(added.details.name.as_str()), added.details.email.as_str());
        let mut active = self.registered.active();
        active.find(|one| folded(&one.name) == name && email::is_same(&one.email, address)).map(|one| one.id)
    }

    /// Shows the page because nobody was added.
    fn refused(&self) -> Result {
        if self.alike.open.is_empty() { unprocessable(self) } else { reply::conflict(self) }
    }

    /// Whether the registration has as many people as it can have.
    fn is_too_long(&self) -> bool {
        self.registered.active().count() >= MOST_ATTENDEES
    }

    /// Whether the field with the reason has the focus.
    fn asks_reason(&self) -> bool {
        self.sent && self.errors.is_empty() && self.alike.open.is_empty()
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    /// Returns the address of the page from which people come.
    fn back(&self) -> String {
        let first = self.registered.attendees.first();
        first.map_or_else(|| urls::staff::attendees(self.slug()), |one| urls::staff::attendee(self.slug(), one.id))
    }
}
