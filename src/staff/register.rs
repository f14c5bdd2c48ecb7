//! `/staff/{c}/attendees/new`: registers somebody for a caller, by the rules for delegates. If a rule stands against it, the page
//! says which and asks for a reason; if somebody like them is registered, it shows them first.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use sqlx::PgConnection;

use super::{
    alike::Alike,
    rules::{self, Decision, Doing, Rules},
};
use crate::{
    access::{Person, ResumedForm},
    domain::{
        AttendeeId, AttendeeState, QuestionKind, Reference, Registration, RegistrationId, SignedIn, Stored,
        SubmissionId,
    },
    registering::{
        code, fees, field,
        people::{self, Person as Block},
        questions,
        validate::{self, ErrorMessage},
    },
    store::registrations::{
        self, Another, NewRegistration, RegisterError, Submission, Waiting,
        categories::{self, Offer},
    },
    urls,
    web::{
        App, AppError, AskedQuestion, Current, Desk, DeskNav, Errors, Result, Site, Submitted, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/register.html")]
struct RegisterPage {
    desk: Desk,
    site: Arc<Site>,
    person: Block,
    /// The questions about the registration.
    questions: Vec<AskedQuestion>,
    /// What is offered to staff, and what to delegates.
    offer: Offer,
    public: Offer,
    /// The fees that the form showed when it was opened, for the hidden field.
    fees: String,
    alike: Alike,
    rules: Rules,
    /// Whether the form was sent, and not just opened.
    sent: bool,
    /// Whether a question has changed since the form was opened.
    questions_changed: bool,
    /// Whom the same form has registered before, with other content.
    before: Option<(Reference, AttendeeId)>,
    form: Submitted,
    errors: Errors,
    /// The number of this form. It stays the same when the form is shown again, so that a double click registers once.
    submission: SubmissionId,
}

/// `GET /staff/{c}/attendees/new?country=…&city=…`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    resumed: ResumedForm,
    uri: Uri,
) -> Result {
    let query = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    let given = ["country", "city"].map(|name| (name, query.line(name)));
    let opened = Submitted::of(given.into_iter().chain([("mail", "on".to_owned())]));
    let mut conn = app.store.read().await?;
    let mut again = RegisterPage::of(&app, &mut conn, (&person, &site), opened).await?;
    if let Some(form) = resumed.shown_in(&mut again.desk) {
        let desk = again.desk;
        again = RegisterPage { desk, ..RegisterPage::of(&app, &mut conn, (&person, &site), form).await? };
    }
    // If registration is closed, the page asks for the reason from the start.
    again.rules = Rules::read(&app, &mut conn, &site, (Doing::Registering, None), &again.public).await?;
    page(&again)
}

/// `POST /staff/{c}/attendees/new`.
pub async fn post(State(app): State<App>, Person(person): Person, Current(site): Current, form: Submitted) -> Result {
    let (_permit, mut conn) = app.store.register().await?;
    let mut again = RegisterPage::of(&app, &mut conn, (&person, &site), form).await?;
    let Some((registration, decision)) = again.examine(&app, &mut conn).await? else {
        return again.refused();
    };
    let network = again.submission.to_string();
    let submission = again.submission(&app, &registration, &network);
    match again.keep(&app, &mut conn, &person, (submission, &decision)).await {
        Ok(kept) => {
            app.outbox.notify_one();
            done(&mut conn, &site, kept).await
        }
        Err(RegisterError::SentBefore) => again.sent_before(&mut conn, submission).await,
        Err(RegisterError::Database(error)) => Err(error.into()),
        // Somebody else took the last place, registered the same person or changed the category at the same moment.
        Err(_) => {
            let mut again = RegisterPage::of(&app, &mut conn, (&person, &site), again.form).await?;
            if again.examine(&app, &mut conn).await?.is_some() {
                again.errors.add("people", &ErrorMessage::PlacesChanged);
            }
            again.refused()
        }
    }
}

/// Leads to the page of the person who was registered.
async fn done(conn: &mut PgConnection, site: &Site, registration: RegistrationId) -> Result {
    let registered = registrations::get(conn, registration).await?;
    let attendee = registered.attendees.first().ok_or(AppError::NotFound)?.id;
    Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, attendee, "registered")))
}

impl RegisterPage {
    async fn of(
        app: &App,
        conn: &mut PgConnection,
        (person, site): (&SignedIn, &Arc<Site>),
        form: Submitted,
    ) -> Result<Self> {
        let form = people::with_only(&people::in_order(&form), 1);
        let public = categories::offer(conn, site.conference.id, app.clock.now()).await?;
        let public = code::apply(app, conn, site, None, &form, public).await?;
        let offer = public.clone().for_staff();
        let errors = Errors::default();
        Ok(Self {
            desk: Desk::new(DeskNav::Attendees, Some(site), person),
            site: site.clone(),
            person: rules::block(&form, &errors, &public, &offer),
            questions: questions::of_registration(&offer),
            fees: fees::carried(&form, &offer),
            alike: Alike::default(),
            rules: Rules::default(),
            sent: false,
            questions_changed: false,
            before: None,
            submission: form.get("submission").parse().unwrap_or_else(|_| SubmissionId::new()),
            public,
            offer,
            form,
            errors,
        })
    }

    /// Validates the form. `None` if the page has to say or ask something first.
    async fn examine(&mut self, app: &App, conn: &mut PgConnection) -> Result<Option<(Registration, Decision)>> {
        self.sent = true;
        self.rules = Rules::read(app, conn, &self.site, (Doing::Registering, None), &self.public).await?;
        self.questions_changed = questions::have_changed(&self.form, &self.offer);
        let registration = match validate::one(&self.form, &self.offer, people::said_consent()) {
            Ok(registration) => registration,
            Err(errors) => {
                self.person = rules::block(&self.form, &errors, &self.public, &self.offer);
                self.errors = errors;
                return Ok(None);
            }
        };
        let Some(attendee) = registration.attendees.iter().next() else { return Ok(None) };
        if let Some(change) = fees::changed(&self.form, &self.offer).first() {
            self.errors.add(field(1, "category"), &ErrorMessage::FeeChanged(change.clone()));
            self.fees = fees::shown(&self.offer);
        }
        if self.offer.privacy.is_none() {
            self.errors.add("people", &ErrorMessage::NoNotice);
        }
        if !self.errors.is_empty() || self.questions_changed {
            return Ok(None);
        }
        let network = self.submission.to_string();
        if registrations::find_earlier(conn, self.submission(app, &registration, &network)).await?.is_some() {
            // A double click: nothing is asked about whom this form has registered.
            return Ok(Some((registration, Decision::default())));
        }
        self.alike = Alike::find(conn, self.site.conference.id, &attendee.details, &self.form).await?;
        if !self.alike.open.is_empty() {
            return Ok(None);
        }
        let doing = (Doing::Registering, Some(attendee.category));
        self.rules = Rules::read(app, conn, &self.site, doing, &self.public).await?;
        let decision = self.rules.decide(&self.form, &mut self.errors);
        Ok(decision.map(|decision| (registration, decision)))
    }

    /// Returns the form that was sent. It is recognised by its number alone, which stands for the network too, because two people may
    /// well give the same details.
    fn submission<'a>(&self, app: &App, registration: &'a Registration, network: &'a str) -> Submission<'a> {
        let (conference, id) = (self.site.conference.id, self.submission);
        Submission { conference, registration, id, network, at: app.clock.now() }
    }

    async fn keep(
        &self,
        app: &App,
        conn: &mut PgConnection,
        person: &SignedIn,
        (submission, decision): (Submission<'_>, &Decision),
    ) -> Result<RegistrationId, RegisterError> {
        let waiting: Vec<_> = submission.registration.attendees.iter().map(|one| one.category).collect();
        let new = NewRegistration {
            submission,
            known: &[],
            another: self.alike.is_another.then_some(Another { number: 0, pending: None }),
            offer: &self.offer,
            privacy: self.offer.privacy.ok_or(sqlx::Error::RowNotFound)?,
            operations: &app.settings.operations_address,
            limits: &[],
            waiting: Waiting { is_open: decision.waits, categories: &waiting },
            authority: decision.authority(person, self.form.has("mail")),
        };
        let kept = registrations::keep(conn, new).await?;
        // Somebody is registered, because nobody on the form is held back.
        Ok(kept.ok_or(sqlx::Error::RowNotFound)?.id)
    }

    /// Leads to whom the same form has registered before. With other content, the page says so, and the next form is a new one.
    async fn sent_before(mut self, conn: &mut PgConnection, submission: Submission<'_>) -> Result {
        let Some(earlier) = registrations::find_earlier(conn, submission).await? else {
            self.errors.add("people", &ErrorMessage::PlacesChanged);
            return self.refused();
        };
        if earlier.fingerprint == submission.registration.fingerprint() {
            return done(conn, &self.site, earlier.registration).await;
        }
        let registered = registrations::get(conn, earlier.registration).await?;
        self.before = registered.attendees.first().map(|one| (earlier.reference, one.id));
        self.submission = SubmissionId::new();
        reply::conflict(&self)
    }

    /// Shows the page because nobody was registered.
    fn refused(&self) -> Result {
        if self.alike.open.is_empty() { unprocessable(self) } else { reply::conflict(self) }
    }

    /// Whether the fields that are seldom needed are shown open: if one has a value or an error.
    fn more_open(&self) -> bool {
        let names = ["attendee-1-job-title", "telephone", "name", "email", "purchase-order", "invoice-address", "code"];
        let is_open = |name: &str| !self.form.get(name).is_empty() || self.errors.of(name).is_some();
        self.person.needs_open
            || names.iter().any(|name| is_open(name))
            || self.optional().any(|one| is_open(&one.field))
    }

    /// Returns the questions that have to be answered.
    fn required(&self) -> impl Iterator<Item = &AskedQuestion> {
        self.person.questions.iter().chain(&self.questions).filter(|asked| !asked.is_optional())
    }

    /// Returns the questions that need no answer.
    fn optional(&self) -> impl Iterator<Item = &AskedQuestion> {
        self.person.questions.iter().chain(&self.questions).filter(|asked| asked.is_optional())
    }

    /// Whether the field with the reason has the focus.
    fn asks_reason(&self) -> bool {
        self.sent && self.errors.is_empty() && self.alike.open.is_empty()
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }
}
